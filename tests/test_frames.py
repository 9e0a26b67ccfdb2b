"""Frames: what is accepted, what is refused and how it is said. `vectors/frames.json` is shared with the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp import frames
from webapp.errors import InvalidInput

VECTORS = json.loads((Path(__file__).parent / "vectors" / "frames.json").read_text())


@pytest.mark.parametrize("case", VECTORS["client"], ids=lambda case: case["name"])
def test_client_frames_are_parsed(case: dict[str, Any]) -> None:
    frame = frames.parse(json.dumps(case["frame"]))
    for name, value in case["frame"].items():
        if name not in {"type", "unknown"}:
            assert json.loads(msgspec.json.encode(getattr(frame, name))) == value


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
def test_broken_frames_are_refused_with_the_field_named(case: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        frames.parse(case["text"])
    assert case["says"] in caught.value.message


@given(st.text())
def test_any_text_is_a_frame_or_a_clear_refusal(text: str) -> None:
    with pytest.raises(InvalidInput):
        frames.parse(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)
    )
)
def test_any_json_is_a_frame_or_a_clear_refusal(value: Any) -> None:
    with pytest.raises(InvalidInput):
        frames.parse(json.dumps(value))


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(InvalidInput):
        frames.parse("[" * 200_000)


@pytest.mark.parametrize("case", VECTORS["server"], ids=lambda case: case["name"])
def test_server_frames_serialise_as_the_page_expects(case: dict[str, Any]) -> None:
    kinds = {kind.__struct_config__.tag: kind for kind in frames.ServerFrame.__subclasses__()}
    fields = dict(case["frame"])
    kind = kinds[fields.pop("type")]
    frame = msgspec.convert({**fields, "type": kind.__struct_config__.tag}, kind)
    assert json.loads(frames.serialise(frame)) == case["frame"]


def test_the_id_of_a_frame_that_cannot_be_used() -> None:
    id_ = "123e4567-e89b-42d3-a456-426614174000"
    for wrong in ({"type": "ask", "text": 7}, {"type": "ask", "context": {"a": "x" * 3000}}, {"type": "never"}, {}):
        assert frames.id_of(json.dumps({**wrong, "id": id_})) == id_
    for unreadable in (
        '{"id": 7}',
        '{"id": "x"}',
        "{}",
        "[]",
        "7",
        "{",
        "",
        f'{{"id": "{id_}"',
        "\ud800",
        "[" * 100_000,
    ):
        assert frames.id_of(unreadable) is None
