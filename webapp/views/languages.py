"""The languages of the interface: read from `static/languages`, and for each request the one that its reader wants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

import msgspec
from flask import Flask, Response, current_app, request

COOKIE = "parley_language"


class Language(msgspec.Struct, frozen=True):
    """One language: its BCP 47 tag, `ltr` or `rtl`, and what it says for the English sentences."""

    language: str
    direction: str = "ltr"
    sentences: Mapping[str, str | Mapping[str, str]] = {}

    @property
    def tag(self) -> str:
        """For `lang`, and for the name of its script."""
        return self.language

    def say(self, sentence: str, **values: str) -> str:
        """The sentence in this language, its places filled; in English when the catalogue has it not."""
        known = self.sentences.get(sentence)
        return (known if isinstance(known, str) else sentence).format_map(values)


ENGLISH = Language("en")


def read(folder: Path) -> dict[str, Language]:
    """The catalogues of a folder by tag, English first: it needs none."""
    found = [msgspec.json.decode(path.read_bytes(), type=Language) for path in sorted(folder.glob("*.json"))]
    return {language.tag: language for language in (ENGLISH, *found)}


def chosen(languages: Mapping[str, Language], cookie: str | None, accepted: Iterable[str]) -> Language:
    """The chosen one, else the first of the browser's that there is, by its beginning if need be; else English."""
    if cookie is not None and cookie in languages:
        return languages[cookie]
    for wanted in accepted:
        tags = [tag for tag in languages if tag.lower() == wanted.lower()]
        tags += [tag for tag in languages if tag.split("-")[0] == wanted.lower().split("-")[0]]
        if tags:
            return languages[tags[0]]
    return ENGLISH


def language() -> Language:
    """The language of the page that is being made."""
    languages = cast(dict[str, Language], current_app.extensions["parley_languages"])
    return chosen(languages, request.cookies.get(COOKIE), request.accept_languages.values())


def wanted(tag: str | None) -> Language:
    """The language of a page whose address names one, else of the browser's; no cookie is looked at."""
    languages = cast(dict[str, Language], current_app.extensions["parley_languages"])
    return chosen(languages, None, [*([] if tag is None else [tag]), *request.accept_languages.values()])


def depends(response: Response) -> Response:
    """Marks a page that another reader may get in another language."""
    response.vary.update(["Accept-Language", "Cookie"])
    return response


def register(app: Flask, folder: Path) -> None:
    """Read the catalogues; templates get `language`, `languages` (their tags) and `say`."""
    languages = read(folder)
    app.extensions["parley_languages"] = languages

    @app.context_processor
    def values() -> dict[str, object]:
        mine = language()
        return {"language": mine, "say": mine.say, "languages": " ".join(languages)}
