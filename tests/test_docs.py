"""Documentation under test: settings, frames, routes, errors and modules each match their page."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from webapp import cli, errors, frames
from webapp.app import create_app
from webapp.settings import NOT_IN_THIS_VERSION, Settings

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


def rows(text: str) -> list[list[str]]:
    """The cells of all table rows in a page, backquotes and heads left out."""
    cells = [re.split(r"(?<!\\)\|", line.strip().strip("|")) for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in cells if not set(row[0]) <= set("-: ")]


def test_the_settings_page_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["settings"]) == 0
    page = (DOCS / "settings.md").read_text()
    assert capsys.readouterr().out.strip() in page
    assert all(f"`{name}`" in page for name in NOT_IN_THIS_VERSION)


def test_the_frames_page_names_every_field() -> None:
    client, server = (DOCS / "frames.md").read_text().split("## From the server")
    for text, base in ((client, frames.ClientFrame), (server, frames.ServerFrame)):
        documented = {row[0].strip("`"): row[1] for row in rows(text)[1:]}
        kinds = {str(kind.__struct_config__.tag): kind for kind in base.__subclasses__()}
        assert documented.keys() == kinds.keys()
        for name, kind in kinds.items():
            fields = {field.name: field.required for field in msgspec.structs.fields(kind)}
            named = {found: not optional for found, optional in re.findall(r"`(\w+)`(\?)?", documented[name])}
            assert named == fields, name


def test_the_api_page_has_every_route(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=str(tmp_path)))
    routes = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or {"GET"}) - {"HEAD", "OPTIONS"}
    }
    app.extensions["parley"].close()
    page = (DOCS / "api.md").read_text()
    documented = {row[0].strip("`") for row in rows(page) if re.match(r"`(GET|POST|PATCH|DELETE) ", row[0])}
    assert documented == routes


def test_the_api_page_has_every_error_code() -> None:
    def tree(kind: type[errors.ChatError]) -> list[type[errors.ChatError]]:
        return [kind, *(below for child in kind.__subclasses__() for below in tree(child))]

    ours = {(kind.code, str(kind.status)) for kind in tree(errors.ChatError) if kind.__module__ == "webapp.errors"}
    of_flask = {("method_not_allowed", "405"), ("too_large", "413"), ("too_slow", "408"), ("refused", "other 4xx")}
    page = (DOCS / "api.md").read_text().split("## The codes")[1]
    assert {(row[0].strip("`"), row[1]) for row in rows(page)[1:]} == ours | of_flask


def test_the_architecture_page_has_every_module() -> None:
    modules = {
        path.relative_to(ROOT).as_posix()
        for folder, pattern in (("webapp", "*.py"), ("static/js", "*.js"))
        for path in (ROOT / folder).rglob(pattern)
        if path.name != "__init__.py" and "versions" not in path.parts
    }
    page = (DOCS / "architecture.md").read_text()
    documented = {row[0].strip("`") for row in rows(page)}
    assert {name for name in documented if name.endswith((".py", ".js"))} == modules


def test_every_page_of_the_docs_is_reached_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    assert all(f"docs/{page.name}" in readme for page in DOCS.glob("*.md"))
