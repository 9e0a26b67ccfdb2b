"""Which language the page comes in, and its catalogue."""

from __future__ import annotations

import json
import re

import pytest

from tests.parley_server import ROOT, ParleyServer
from tests.views.http import call
from webapp.views.languages import ENGLISH, Language, chosen, read

LANGUAGES = {tag: Language(tag) for tag in ("en", "de", "pt-BR", "zh-Hans")}


@pytest.mark.parametrize(
    ("cookie", "accepted", "tag"),
    [
        (None, [], "en"),
        (None, ["de"], "de"),
        (None, ["de-AT", "en"], "de"),
        (None, ["en-GB", "de"], "en"),
        (None, ["nl", "DE", "en"], "de"),
        (None, ["pt-br"], "pt-BR"),
        (None, ["pt-PT"], "pt-BR"),
        (None, ["zh-CN", "zh"], "zh-Hans"),
        (None, ["tlh", "*"], "en"),
        ("en", ["de"], "en"),
        ("de", ["en"], "de"),
        ("../../secret", ["de"], "de"),
    ],
)
def test_the_chosen_language_or_the_first_of_the_browsers(cookie: str | None, accepted: list[str], tag: str) -> None:
    assert chosen(LANGUAGES, cookie, accepted).tag == tag


def test_a_sentence_without_translation_is_said_in_english() -> None:
    german = Language("de", sentences={"{title} needs JavaScript": "{title} braucht JavaScript"})
    assert german.say("{title} needs JavaScript", title="A {b}") == "A {b} braucht JavaScript"
    assert german.say("Open") == ENGLISH.say("Open") == "Open"


def test_the_page_says_its_language_and_for_whom_it_is(server: ParleyServer) -> None:
    plain = call(server, "GET", "/")
    assert b'<html lang="en" dir="ltr"' in plain.body
    assert b"/languages/" not in plain.body
    german = call(server, "GET", "/", headers={"Accept-Language": "de-DE,de;q=0.9,en;q=0.8"})
    assert b'<html lang="de" dir="ltr"' in german.body
    assert "Parley braucht JavaScript" in german.body.decode()
    arabic = call(server, "GET", "/", cookie="parley_language=ar", headers={"Accept-Language": "de"})
    assert b'<html lang="ar" dir="rtl"' in arabic.body
    for reply in (plain, german, arabic):
        assert {"Accept-Language", "Cookie"} <= {name.strip() for name in reply.headers["Vary"].split(",")}


def test_the_catalogue_is_asked_for_before_the_pages_own_scripts_and_kept_for_ever(server: ParleyServer) -> None:
    page = call(server, "GET", "/", headers={"Accept-Language": "de"}).body.decode()
    scripts = re.findall(r'<script type="module" src="([^"]+)"', page)
    assert len(scripts) == 2
    assert scripts[0].endswith("/vendor/languages/de.js")
    script = call(server, "GET", scripts[0], headers={"Accept-Encoding": "gzip"})
    assert (script.status, script.headers["Content-Encoding"]) == (200, "gzip")
    assert "immutable" in script.headers["Cache-Control"]


def test_every_catalogue_can_be_chosen() -> None:
    folder = ROOT / "static" / "languages"
    languages = read(folder)
    assert next(iter(languages)) == "en"
    assert set(languages) == {"en", *(path.stem for path in folder.glob("*.json"))}
    for tag, language in languages.items():
        assert language.direction in {"ltr", "rtl"}
        assert tag == "en" or language.sentences == json.loads((folder / f"{tag}.json").read_text())["sentences"]
