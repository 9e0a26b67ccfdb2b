"""Text and events from bytes that were cut anywhere."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.providers.decoding import EventDecoder, StreamTooLong, TextDecoder


def decode(data: bytes, cuts: list[int]) -> str:
    decoder, edges = TextDecoder(), [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [decoder.feed(data[a:b]) for a, b in pairwise(edges)]
    return "".join(pieces) + decoder.flush()


@given(text=st.text(), cuts=st.lists(st.integers(0, 200)))
def test_text_survives_any_cuts(text: str, cuts: list[int]) -> None:
    assert decode(text.encode(), cuts) == text


@given(data=st.binary(), cuts=st.lists(st.integers(0, 200)))
def test_any_bytes_become_the_same_text_however_they_are_cut(data: bytes, cuts: list[int]) -> None:
    assert decode(data, cuts) == data.decode("utf-8", "replace")


def test_never_hands_out_part_of_a_character() -> None:
    decoder = TextDecoder()
    assert [decoder.feed(bytes([byte])) for byte in "é\n世".encode()] == ["", "é", "\n", "", "", "世"]


def test_an_unfinished_character_is_told_at_the_end() -> None:
    decoder = TextDecoder()
    assert decoder.feed("世".encode()[:2]) == ""
    assert decoder.flush() == "\ufffd"
    assert decoder.flush() == ""


# Everything the standard allows at once: all three line ends, comments, names, ids, a byte order mark, several lines
# of data, data without a space, an empty one; and the two lines it does not know, which servers send when they fail.
STREAM = (
    '\ufeffdata: {"a":"é"}\n\n: keep-alive\n\nevent: x\r\nid: 7\r\nretry: 10\r\ndata: one\r\ndata:two\r\n\r\n'
    'data:  three \r\rdata\n\ndata:\n\nno field\n:\ndata: 世\n\r\nerror: {"code":500}\n\n{"error":"gone"}\n\n'
    "data: [DONE]\n\n"
).encode()
EVENTS = ['{"a":"é"}', "one\ntwo", " three ", "", "世", ' {"code":500}', '{"error":"gone"}', "[DONE]"]


def events_of(parts: list[bytes]) -> list[str]:
    decoder = EventDecoder()
    events = [event for part in parts for event in decoder.feed(part)]
    return [event.decode() for event in events + decoder.end()]


def test_events_survive_a_cut_at_every_byte() -> None:
    assert events_of([STREAM]) == EVENTS
    for cut in range(len(STREAM) + 1):
        assert events_of([STREAM[:cut], STREAM[cut:]]) == EVENTS, cut
    assert events_of([bytes([byte]) for byte in STREAM]) == EVENTS


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_each_kind_of_line_end_at_every_byte(end: str) -> None:
    stream = f": hi{end}data: a{end}data: b{end}{end}{end}data: c{end}{end}".encode()
    for cut in range(len(stream) + 1):
        for second in range(cut, len(stream) + 1):
            assert events_of([stream[:cut], stream[cut:second], stream[second:]]) == ["a\nb", "c"]


@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_events_survive_any_cuts(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    assert events_of([STREAM[a:b] for a, b in pairwise(edges)]) == EVENTS


def test_an_event_comes_with_its_blank_line_and_not_before() -> None:
    decoder = EventDecoder()
    assert decoder.feed(b"data: a\n") == []
    assert decoder.feed(b"\n") == [b"a"]
    assert decoder.feed(b"data: b\r") == []
    assert decoder.feed(b"\r") == [b"b"]
    assert decoder.feed(b"\n") == []


@pytest.mark.parametrize("rest", [b"data: [DONE]", b"data: [DONE]\n", b"data: [DONE]\r"])
def test_the_last_event_may_lack_its_end(rest: bytes) -> None:
    assert events_of([b"data: a\n\n" + rest]) == ["a", "[DONE]"]


@given(data=st.binary(), cuts=st.lists(st.integers(0, 200)))
def test_any_bytes_are_the_same_events_however_they_are_cut(data: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    decoders = EventDecoder(), EventDecoder()
    whole = decoders[0].feed(data) + decoders[0].end()
    parts = [event for a, b in pairwise(edges) for event in decoders[1].feed(data[a:b])] + decoders[1].end()
    assert parts == whole


@pytest.mark.parametrize("endless", [b"data: xxxxxxxx", b"data: xxxxxxxx\n", b"x", b"x: y\ndata: xxxxxxxxxxxxx\n"])
def test_an_event_without_end_is_given_up(endless: bytes) -> None:
    decoder = EventDecoder(most_bytes=1_000)

    def feed() -> None:
        for _ in range(2_000):
            decoder.feed(endless)

    with pytest.raises(StreamTooLong):
        feed()


def test_a_long_line_that_comes_byte_by_byte_takes_linear_time() -> None:
    decoder = EventDecoder()
    begun_s = time.process_time()
    for _ in range(400_000):
        decoder.feed(b"x")
    assert time.process_time() - begun_s < 2
