"""Exports with anything in any place: read as far as they go or told in a sentence, never a fault of ours."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from webapp.errors import InvalidInput
from webapp.messages import Status
from webapp.transcripts import as_html, as_json, as_markdown
from webapp.transcripts.importing import conversations
from webapp.transcripts.transcript import CarriedFile, CarriedMessage, Transcript

SAMPLES = {path.stem: json.loads(path.read_text()) for path in (Path(__file__).parent / "samples").glob("*.json")}
SAMPLES["ours"] = {
    "format": "parley-transcript",
    "version": 1,
    "title": "T",
    "created_at_ms": 5,
    "updated_at_ms": 6,
    "leaf": 2,
    "options": {"system": "S", "temperature": 1},
    "messages": [
        {"id": 1, "parent": None, "role": "user", "created_at_ms": 5, "text": "Hi", "files": [0]},
        {
            "id": 2,
            "parent": 1,
            "role": "assistant",
            "created_at_ms": 5,
            "text": "Ho",
            "status": "failed",
            "model": "m",
            "error": {"code": "x", "message": "y"},
            "usage": {"duration_ms": 5, "history_from": "1"},
        },
    ],
    "files": [{"name": "a", "media_type": "text/plain", "data": "YQ=="}],
}
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**25), 10**25),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.just([]),
    st.just({}),
    st.lists(st.none() | st.integers() | st.text(max_size=3), max_size=3),
    st.dictionaries(
        st.sampled_from(["text", "role", "url", "id", "parent", "content_type", "value"]), st.text(max_size=5)
    ),
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every list and object in a value, with every place in it."""
    found, waiting = list[tuple[Any, Any]](), [value]
    while waiting:
        at = waiting.pop()
        keys = at.keys() if isinstance(at, dict) else range(len(at)) if isinstance(at, list) else ()
        for key in keys:
            found.append((at, key))
            waiting.append(at[key])
    return found


def use(found: Any) -> None:
    """Whatever was read can be written."""
    if isinstance(found, Transcript):
        written = b"".join(as_json.pieces(found))
        assert list(conversations(written, 10**7))
        for form in (as_html, as_markdown):
            b"".join(form.pieces(found))


@pytest.mark.parametrize("name", sorted(SAMPLES))
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_anything_in_any_place(name: str, data: st.DataObject) -> None:
    value = copy.deepcopy(SAMPLES[name])
    for _ in range(data.draw(st.integers(1, 3))):
        all_places = places(value)
        holder, key = all_places[data.draw(st.integers(0, len(all_places) - 1))] if all_places else ([None], 0)
        if isinstance(holder, dict) and data.draw(st.booleans()):
            del holder[key]
        else:
            holder[key] = data.draw(VALUES)
    with suppress(InvalidInput):
        for found in conversations(json.dumps(value).encode(errors="surrogatepass"), 10**7):
            use(found)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@settings(deadline=None, max_examples=150)
@given(texts=st.lists(TEXTS, min_size=3, max_size=3), content=st.binary(max_size=50), when_ms=st.integers(0, 10**14))
def test_every_text_goes_round(texts: list[str], content: bytes, when_ms: int) -> None:
    title, asked, answered = texts
    transcript = Transcript(
        title=title,
        created_at_ms=when_ms,
        updated_at_ms=when_ms,
        files=(CarriedFile(name=asked, media_type="text/plain", read=lambda: content),),
        messages=(
            CarriedMessage(id="a", parent=None, role="user", text=asked, created_at_ms=when_ms, files=(0,)),
            CarriedMessage(
                id="b",
                parent="a",
                role="assistant",
                text=answered,
                created_at_ms=when_ms,
                status=Status.DONE,
                model=title,
                reasoning=asked,
            ),
        ),
    )
    written = b"".join(as_json.pieces(transcript))
    for form in (as_json, as_html):
        (again,) = conversations(b"".join(form.pieces(transcript)), 10**7)
        assert isinstance(again, Transcript)
        assert b"".join(as_json.pieces(again)) == written
        assert (again.messages[0].text, again.messages[1].reasoning, again.files[0].read()) == (asked, asked, content)
