"""The settings table and its parsing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from webapp import environment
from webapp.settings import NOT_IN_THIS_VERSION, InvalidSettings, Settings, table

ROOT = Path(__file__).resolve().parent.parent


def test_nothing_set_gives_the_defaults() -> None:
    assert Settings.from_mapping({}) == Settings()
    assert Settings.from_mapping({"PORT": " ", "HOST": ""}) == Settings()


def test_every_problem_is_reported_by_name() -> None:
    wrong = {
        "PORT": "many",
        "PUBLIC_URL": "https://chat.example.org/path",
        "WEB_CONCURRENCY": "2",
        "DATABASE_URL": "mysql://x",
        "GPROCHAT_DIALECT": "latin",
        "GPROCHAT_SECRET": "orphan",
        "OPENAI_MODELS": "a,b",
        "OPENAI_PROXY": "http://proxy.example",
        "FIND_LOCAL_UPSTREAMS": "perhaps",
        "MAX_ANSWER_MB": "51",
        "REDIS_URL": "redis://secret",
    }
    with pytest.raises(InvalidSettings) as caught:
        Settings.from_mapping(wrong)
    assert sorted(problem.split(":")[0] for problem in caught.value.problems) == sorted(wrong)


def test_secrets_do_not_appear_in_a_problem() -> None:
    with pytest.raises(InvalidSettings) as caught:
        Settings.from_mapping({"REDIS_URL": "redis://hunter2", "GPROCHAT_SECRET": "hunter2"})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("address", ["ftp://me:hunter2@proxy", "http://me:hunter2@pro xy", "http://me:hunter2@proxy:0"])
def test_a_password_inside_an_address_is_not_quoted(address: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        Settings.from_mapping({"GPROCHAT_URL": "http://up.example", "GPROCHAT_PROXY": address})
    assert caught.value.problems[0].startswith("GPROCHAT_PROXY: ")
    assert "hunter2" not in str(caught.value)


def test_a_key_alone_makes_the_other_openai_settings_right() -> None:
    settings = Settings.from_mapping({"OPENAI_API_KEY": "k", "OPENAI_MODELS": "a,b"})
    assert (settings.openai_api_key, settings.openai_models) == ("k", ("a", "b"))


@pytest.mark.parametrize(
    ("given", "is_owner", "finds"),
    [
        ({}, True, True),
        ({"HOST": "localhost"}, True, True),
        ({"HOST": "::1"}, True, True),
        ({"HOST": "0.0.0.0"}, False, False),
        ({"HOST": "192.0.2.7"}, False, False),
        ({"PUBLIC_URL": "https://chat.example.org"}, False, False),
        ({"TRUSTED_PROXIES": "1"}, False, False),  # whoever the proxy lets through is a visitor
        ({"HOST": "0.0.0.0", "FIND_LOCAL_UPSTREAMS": "yes"}, False, True),
        ({"FIND_LOCAL_UPSTREAMS": "no"}, True, False),
    ],
    ids=str,
)
def test_who_the_visitor_is_and_whether_local_servers_are_for_them(
    given: dict[str, str], is_owner: bool, finds: bool
) -> None:
    settings = Settings.from_mapping(given)
    assert (settings.visitor_is_owner, settings.finds_local_upstreams) == (is_owner, finds)


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("PORT", "8123", "port", 8123),
        ("GPROCHAT_URL", "https://up.example/", "gprochat_url", "https://up.example"),
        ("GATEWAY_PASSWORDS", "a, b,,c", "gateway_passwords", ("a", "b", "c")),
        ("PUBLIC_URL", "HTTPS://Chat.Example.org", "public_url", "https://chat.example.org"),
    ],
)
def test_values_are_parsed(name: str, value: str, field: str, expected: object) -> None:
    assert getattr(Settings.from_mapping({name: value}), field) == expected


def test_the_environment_wins_over_the_dotenv_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("PORT=8123\nHOST=0.0.0.0\n")
    monkeypatch.setenv("PORT", "8124")
    monkeypatch.delenv("HOST", raising=False)
    settings = environment.load(dotenv)
    assert (settings.port, settings.host) == (8124, "0.0.0.0")


def test_nobody_else_reads_the_environment() -> None:
    reads = re.compile(r"\bos\.(environ|getenv)\b|from os import .*\b(environ|getenv)")  # not WSGI's `environ`
    readers = [path.name for path in (ROOT / "webapp").rglob("*.py") if reads.search(path.read_text())]
    assert readers == ["environment.py"]


def test_names_of_the_table_and_of_what_is_missing_are_apart() -> None:
    assert not {row.name for row in table()} & set(NOT_IN_THIS_VERSION)
