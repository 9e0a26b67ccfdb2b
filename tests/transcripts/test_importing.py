"""Files that are wrong, cut off or hostile: told in a sentence, in bounded time and memory."""

from __future__ import annotations

import io
import json
import time
import tracemalloc
import zipfile
from typing import Any

import pytest

from webapp.errors import InvalidInput
from webapp.transcripts import as_html, as_json, transcript
from webapp.transcripts.importing import conversations
from webapp.transcripts.reading import date_ms, time_ms
from webapp.transcripts.transcript import CarriedMessage, Transcript, Unreadable

MOST_BYTES = 5_000_000


def found(data: bytes, most_bytes: int = MOST_BYTES) -> list[Transcript | Unreadable]:
    return list(conversations(data, most_bytes))


def ours(**changes: Any) -> dict[str, Any]:
    message = {"id": 1, "parent": None, "role": "user", "created_at_ms": 5, "text": "Hi"}
    return {
        "format": "parley-transcript",
        "version": 1,
        "title": "T",
        "created_at_ms": 5,
        "updated_at_ms": 6,
        "messages": [message],
        **changes,
    }


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"hello", "not valid JSON"),
        (b'{"a": ', "not valid JSON"),
        (b'"\xff"', "not valid JSON"),
        (b"5", "no export that can be read"),
        (b"null", "no export that can be read"),
        (b"[]", "no conversations"),
        (b"[1, 2]", "no export that can be read"),
        (b'{"messages": []}', "no export that can be read"),
        (b"[" * 3000 + b"]" * 3000, "nested too deeply"),
        (b"<!doctype html><p>Hello", "no conversation saved from Parley"),
        (b'<script type="application/json" id="parley-transcript">{"format"', "was cut off"),
        (b"PK\x03\x04 and no more", "damaged or not complete"),
        (zipped({"a.txt": b"x"}), "no JSON in this zip file"),
        (zipped({"conversations.json": b"{"}), "not valid JSON"),
        (zipped({"conversations.json": b"[]"}, zipfile.ZIP_BZIP2), "packed in an unusual way"),
        (zipped({"conversations.json": b"[]" * 500})[:-40], "damaged or not complete"),
        (b"[" + b"{}," * 300_000 + b"{}]", "too many small parts"),
        (b"[" + b"0," * 600_000 + b"0]", "too many small values"),
    ],
)
def test_what_is_wrong_with_a_file(data: bytes, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        found(data)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"version": 2}, "version 2 of this format, and this server reads version 1"),
        ({"title": 5}, r"Expected `str`, got `int` - at `\$.title`"),
        ({"created_at_ms": -1}, r"\$.created_at_ms"),
        ({"updated_at_ms": 10**15}, r"\$.updated_at_ms"),
        ({"options": {"temperature": 9}}, r"\$.options.temperature"),
        ({"messages": [ours()["messages"][0] | {"role": "root"}]}, "'root' is not a role"),
        ({"messages": [ours()["messages"][0] | {"parent": 7}]}, "follows a message that is not there"),
        ({"messages": [ours()["messages"][0] | {"parent": 1}]}, "in a circle"),
        ({"messages": ours()["messages"] * 2}, "the same id"),
        ({"messages": [ours()["messages"][0] | {"files": [0]}]}, "a file that is not there"),
        ({"files": [{"name": "a", "media_type": "b", "data": "*"}]}, "not base64"),
    ],
)
def test_what_is_wrong_with_a_transcript(changes: dict[str, Any], words: str) -> None:
    (problem,) = found(json.dumps(ours(**changes)).encode())
    assert isinstance(problem, Unreadable)
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(problem.problem)


def test_one_bad_conversation_does_not_spoil_the_others() -> None:
    good, bad = ours(), ours(title="Bad", version=9)
    one, two, three = found(json.dumps([good, bad, good]).encode())
    assert isinstance(one, Transcript)
    assert isinstance(two, Unreadable)
    assert two.title == "Bad"
    assert isinstance(three, Transcript)


def test_messages_may_stand_before_those_they_follow() -> None:
    message = ours()["messages"][0]
    (found_one,) = found(json.dumps(ours(messages=[message | {"id": 2, "parent": 1}, message])).encode())
    assert isinstance(found_one, Transcript)
    assert [one.id for one in found_one.messages] == ["1", "2"]


def test_a_very_deep_conversation_is_no_trouble() -> None:
    message = ours()["messages"][0]
    deep = [message | {"id": n, "parent": n - 1 or None} for n in range(1, transcript.MOST_MESSAGES + 1)][::-1]
    (found_one,) = found(json.dumps(ours(messages=deep)).encode())
    assert isinstance(found_one, Transcript)
    assert len(transcript.shown_branch(found_one)) == transcript.MOST_MESSAGES
    mapping = {
        str(n): {
            "parent": str(n - 1),
            "message": {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["x"]}},
        }
        for n in range(transcript.MOST_MESSAGES - 1)
    }
    (other,) = found(json.dumps([{"mapping": dict(reversed(mapping.items()))}]).encode())
    assert isinstance(other, Transcript)
    assert len(other.messages) == transcript.MOST_MESSAGES


def test_too_many_messages_and_conversations() -> None:
    message = ours()["messages"][0]
    mapping = {str(n): {"message": None} for n in range(60_001)}
    (hidden,) = found(json.dumps([{"mapping": mapping}]).encode())
    assert hidden == Unreadable("", "It has more than 60,000 messages, the hidden ones included.")
    many = [message | {"id": n} for n in range(transcript.MOST_MESSAGES + 1)]
    (problem,) = found(json.dumps(ours(messages=many)).encode())
    assert problem == Unreadable("T", "It has 20,001 messages; at most 20,000 can be taken in.")
    with pytest.raises(InvalidInput, match="more than 10,000 conversations"):
        found(json.dumps([{"mapping": {}}] * (transcript.MOST_CONVERSATIONS + 1)).encode())


def test_a_bomb_does_not_go_off() -> None:
    bomb = zipped({"conversations.json": b"[" + b" " * 20_000_000 + b"]"})
    many = zipped({f"{n}.json": b"[" + b"\t \n " * 20_000 + b"]" for n in range(40)}, zipfile.ZIP_STORED)
    tracemalloc.start()
    try:
        for data in (bomb, many):
            with pytest.raises(InvalidInput, match="unpacks to more than this site takes"):
                found(data, 1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 6_000_000
    finally:
        tracemalloc.stop()


def test_a_zip_file_with_far_too_many_entries() -> None:
    with pytest.raises(InvalidInput, match="too many files"):
        found(b"PK\x03\x04" + b"PK\x01\x02" * 30_000)


def test_an_encrypted_zip_file() -> None:
    data = bytearray(zipped({"conversations.json": b"[]"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InvalidInput, match="encrypted"):
        found(bytes(data))


def test_hostile_details_are_read_in_time() -> None:
    text = '<details type="reasoning">' * 40_000
    chat = {"chat": {"history": {"messages": {"a": {"role": "assistant", "content": text}}}}}
    before_s = time.process_time()
    (one,) = found(json.dumps([chat]).encode())
    assert time.process_time() - before_s < 2
    assert isinstance(one, Transcript)
    assert one.messages[0].text == text


@pytest.mark.parametrize(
    ("written", "ms"),
    [
        ("2024-05-20T15:04:05Z", 1_716_217_445_000),
        ("2024-05-20T17:04:05.250+02:00", 1_716_217_445_250),
        ("2024-05-20 15:04:05", 1_716_217_445_000),
        ("5/20/2024, 3:04:05 PM", 1_716_217_445_000),
        ("5/2/2024, 12:04:05 AM", 1_714_608_245_000),
        ("20/05/2024, 15:04:05", 1_716_217_445_000),
        ("20.5.2024, 15:04:05", 1_716_217_445_000),
        ("2024/5/20 15:04:05", 1_716_217_445_000),
        ("31/31/2024, 15:04:05", None),
        ("yesterday", None),
        ("", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_dates(written: str, ms: int | None) -> None:
    assert date_ms(written) == ms


def test_times_are_seconds_or_milliseconds() -> None:
    assert time_ms({"t": 1_716_217_445.25}, "t") == 1_716_217_445_250
    assert time_ms({"t": 1_716_217_445_250}, "t") == 1_716_217_445_250
    for wrong in (0, -1, True, None, 1e300, 10**20, "", [], {}):
        assert time_ms({"t": wrong}, "t") is None


def page(text: str, **fields: Any) -> bytes:
    message = CarriedMessage(id="x", parent=None, role="user", text=text, created_at_ms=5)
    carried = Transcript(title=text, created_at_ms=5, updated_at_ms=5, messages=(message,), **fields)
    return b"".join(as_html.pieces(carried))


@pytest.mark.parametrize(
    "text", ["</script>", '<script id="parley-transcript">{}</script>', "<!--<script>", "a&b", "]]>"]
)
def test_no_text_ends_the_page_s_data(text: str) -> None:
    (again,) = found(page(text))
    assert isinstance(again, Transcript)
    assert (again.title, again.messages[0].text) == (text, text)
    assert b"".join(as_json.pieces(again)) == b"".join(as_json.pieces(again))


def test_a_page_that_a_browser_saved_anew_is_still_read() -> None:
    written = page("Hi").replace(
        b'<script type="application/json" id="parley-transcript">', b"<SCRIPT x=1 id=parley-transcript>"
    )
    assert len(found(written.replace(b"SCRIPT", b"script"))) == 1
