"""A running answer as a share shows it: masked by finished lines, with offsets that stay what they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.answers.base import Ending
from webapp.answers.in_memory import InMemoryAnswerLog
from webapp.errors import InvalidInput
from webapp.followers import Follower
from webapp.masked_texts import MaskedTexts
from webapp.messages import Status, Usage
from webapp.redaction import Redactor
from webapp.shared import FAILED
from webapp.shared_answers import SharedSource

ADDRESS = "ann@example.org"
ENDING = Ending(
    Status.FAILED,
    Usage(duration_ms=7, upstream="inner-host", finish_reason="stop"),
    {"code": "upstream_cut", "message": "inner-host went away"},
)
PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj\n-----END PRIVATE KEY-----\n"


def follower(source: SharedSource, offset: int = 0, reasoning_offset: int = 0) -> Follower:
    def stored() -> None:
        raise AssertionError("the log is there")

    return Follower("a", offset, reasoning_offset, source, lambda: None, stored)  # type: ignore[arg-type]


@pytest.fixture
def log() -> InMemoryAnswerLog:
    """With an answer that has just begun."""
    log = InMemoryAnswerLog()
    log.open("a")
    return log


def test_a_text_is_masked_once_while_there_is_room() -> None:
    texts = MaskedTexts(most_chars=100)
    redactor = texts.redactor(["email"])

    def is_remembered(text: str) -> bool:
        return redactor.text(text) is redactor.text(text)  # the very same string, not an equal one

    once = redactor.text(ADDRESS)
    assert once == Redactor(["email"]).text(ADDRESS) == "[e-mail address]"
    assert texts.redactor(["email"]).text(ADDRESS) is once
    assert texts.redactor(["ip"]).text(ADDRESS) == ADDRESS  # another kind, another text
    assert texts.redactor([]).text(ADDRESS) == ADDRESS
    for n in range(10):
        redactor.text(f"{n}{ADDRESS}")
    assert redactor.text(ADDRESS) is not once
    long = f"{ADDRESS}\n" * 5_000
    assert redactor.text(long) == Redactor(["email"]).text(long)
    assert is_remembered(ADDRESS)
    assert not is_remembered(long)


def test_an_unfinished_line_waits_for_its_end(log: InMemoryAnswerLog) -> None:
    source = SharedSource(log, Redactor(["email"]))
    reader = follower(source)
    log.append("a", "write to ann@exam")
    assert (reader.take().text, reader.offset) == ("", 0)
    log.append("a", "ple.org\nand then ")
    piece = reader.take()
    assert (piece.text, piece.ending) == ("write to [e-mail address]\n", None)
    assert reader.offset == len("write to [e-mail address]\n")
    log.append("a", ADDRESS)
    assert reader.take().text == ""
    log.finish("a", ENDING)
    piece = reader.take()
    assert piece.text == "and then [e-mail address]"
    assert piece.ending == Ending(
        Status.FAILED, Usage(finish_reason="stop"), {"code": "upstream_cut", "message": FAILED}
    )


def test_without_masks_readers_get_every_word_at_once_and_no_more_of_the_ending(log: InMemoryAnswerLog) -> None:
    reader = follower(SharedSource(log, Redactor([])))
    log.append("a", f"write to {ADDRESS}")
    assert reader.take().text == f"write to {ADDRESS}"
    log.finish("a", ENDING)
    ending = reader.take().ending
    assert ending is not None
    assert "inner-host" not in repr(ending)


def test_the_reasoning_is_masked_as_well(log: InMemoryAnswerLog) -> None:
    source = SharedSource(log, Redactor(["email"]))
    reader = follower(source)
    log.append_reasoning("a", f"who is {ADDRESS}?\nperhaps {ADDRESS}")
    log.append("a", "Hm.\n")
    piece = reader.take()
    assert piece.reasoning is not None
    assert (piece.reasoning.text, piece.text) == ("who is [e-mail address]?\n", "Hm.\n")
    log.finish("a", ENDING)
    piece = reader.take()
    assert piece.reasoning is not None
    assert piece.reasoning.text == "perhaps [e-mail address]"
    assert source.read("a", 0).reasoning_next == len("who is [e-mail address]?\nperhaps [e-mail address]")


def test_a_key_of_several_lines_is_not_shown_in_parts(log: InMemoryAnswerLog) -> None:
    reader, shown = follower(SharedSource(log, Redactor(["key"]))), ""
    for line in f"the key:\n{PEM}that was it\n".splitlines(keepends=True):
        log.append("a", line)
        shown += reader.take().text
    assert "MII" not in shown
    assert "that was it" in shown


def test_an_offset_that_was_not_shown_yet_is_beyond_the_end(log: InMemoryAnswerLog) -> None:
    log.append("a", "a line that goes on and on")
    with pytest.raises(InvalidInput):
        follower(SharedSource(log, Redactor(["email"])), 5)


_lines = st.lists(
    st.sampled_from([ADDRESS, " ", "\n", "é", "漢字", "10.0.0.1", "sk-" + "a1B2" * 12, PEM, "-----BEGIN", "\\n", "x"])
)


@given(_lines, st.data())
def test_however_it_grows_the_offsets_belong_to_the_masked_whole(pieces: list[str], data: st.DataObject) -> None:
    log = InMemoryAnswerLog()
    log.open("a")
    masks = Redactor(["email", "phone", "key", "ip", "path"])
    whole = masks.text("".join(pieces))
    reader, shown, given_out = follower(SharedSource(log, masks)), "", [0]
    for piece in pieces:
        log.append("a", piece)
        if data.draw(st.booleans()):
            shown += reader.take().text
            assert whole.encode().startswith(shown.encode())
            given_out.append(reader.offset)
    offset = data.draw(st.sampled_from(given_out))
    log.finish("a", ENDING)
    assert shown + reader.take().text == whole
    assert follower(SharedSource(log, masks), offset).take().text.encode() == whole.encode()[offset:]
