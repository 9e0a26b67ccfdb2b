"""Conversations that come in whole: stored as they were, under new ids, for one visitor only."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.history.conftest import Clock
from webapp.errors import NotFound
from webapp.history.listing import View
from webapp.history.store import History
from webapp.messages import Answer, Conversation, ModelOptions, Status, Turn, Usage
from webapp.transcripts.transcript import CarriedFile, CarriedMessage, Transcript

THEN_MS = 1_600_000_000_000


def question(id: str, parent: str | None, text: str, *, files: tuple[int, ...] = ()) -> CarriedMessage:
    return CarriedMessage(id=id, parent=parent, role="user", text=text, created_at_ms=THEN_MS + int(id), files=files)


def answer(
    id: str, parent: str, text: str, *, status: Status = Status.DONE, continues: str | None = None, reasoning: str = ""
) -> CarriedMessage:
    return CarriedMessage(
        id=id,
        parent=parent,
        role="assistant",
        text=text,
        created_at_ms=THEN_MS + int(id),
        status=status,
        model="gpt-4o",
        reasoning=reasoning,
        continues=continues,
        usage=Usage(duration_ms=5, history_from="1"),
    )


def transcript(*messages: CarriedMessage, title: str = "Boats", **fields: object) -> Transcript:
    given = {"created_at_ms": THEN_MS, "updated_at_ms": THEN_MS + 99, **fields}
    return Transcript(title=title, messages=messages, **given)  # type: ignore[arg-type]


def bring_in(
    history: History, carried: Transcript, uploads: dict[int, str] | None = None, *, visitor: str = "ann"
) -> Conversation:
    """An import of one conversation."""
    import_id = history.carried.begin()
    stored = history.carried.store(visitor, carried, uploads or {}, import_id)
    history.carried.show(import_id)
    return stored


@pytest.fixture
def boats() -> Transcript:
    return transcript(
        question("1", None, "A name?"),
        answer("2", "1", "Alba", status=Status.RUNNING, reasoning="A bird"),
        answer("3", "1", "Albatross", continues="2"),
        question("4", "3", "Another?"),
        question("5", None, "Something else"),
        leaf="3",
        options=ModelOptions(system="Be brief."),
        pinned=True,
        archived=True,
    )


def test_all_of_it_is_kept(history: History, boats: Transcript) -> None:
    stored = bring_in(history, boats)
    found, messages = history.conversation("ann", stored.id)
    assert found == stored
    assert (found.title, found.pinned, found.archived) == ("Boats", True, True)
    assert (found.created_at_ms, found.updated_at_ms) == (THEN_MS, THEN_MS + 99)
    assert found.options == ModelOptions(system="Be brief.")
    assert [message.text for message in messages] == ["A name?", "Alba", "Albatross", "Another?", "Something else"]
    assert [message.role for message in messages] == ["user", "assistant", "assistant", "user", "user"]
    assert [message.created_at_ms - THEN_MS for message in messages] == [1, 2, 3, 4, 5]
    first, cut, whole = messages[:3]
    assert [message.parent for message in messages] == [None, first.id, first.id, whole.id, None]
    assert isinstance(cut, Answer)
    assert isinstance(whole, Answer)
    assert (cut.status, cut.reasoning, cut.next) == (Status.INTERRUPTED, "A bird", 4)  # nobody writes it here
    assert (whole.status, whole.model, whole.continues) == (Status.DONE, "gpt-4o", cut.id)
    assert whole.usage == Usage(duration_ms=5, history_from=first.id)
    assert found.leaf == whole.id
    assert not {message.id for message in messages} & {"1", "2", "3", "4", "5"}
    with pytest.raises(NotFound):
        history.conversation("ben", stored.id)


def test_one_can_go_on_in_it(history: History, boats: Transcript, ask: Callable[..., Turn]) -> None:
    stored = bring_in(history, boats)
    turn = ask("And for a dinghy?", conversation=stored.id, parent=stored.leaf)
    assert [step.text for step in history.path(turn.message.id)] == ["A name?", "Albatross", "And for a dinghy?"]


def test_it_is_found_by_a_search(history: History, boats: Transcript) -> None:
    stored = bring_in(history, boats)
    for query in ("boats", "albatross", "another"):
        assert [one.id for one in history.conversations("ann", query=query).conversations] == [stored.id], query
    assert history.conversations("ben", query="albatross").conversations == []


def test_many_messages_are_found_too(history: History) -> None:
    texts = [f"word{number} " + "x" * 900 for number in range(1200)]
    messages = [question(str(number + 1), str(number) if number else None, text) for number, text in enumerate(texts)]
    stored = bring_in(history, transcript(*messages))
    assert len(history.conversation("ann", stored.id)[1]) == 1200
    for number in (0, 700, 1199):
        assert len(history.conversations("ann", query=f"word{number} x").conversations) == 1


def test_files_come_with_their_messages(history: History) -> None:
    upload = history.attachments.add(
        "ann", name="a.txt", media_type="text/plain", size_bytes=3, sha256="0" * 64, most_bytes=1000
    )
    files = tuple(CarriedFile(name=name, media_type="text/plain", read=lambda: b"abc") for name in ("a.txt", "b.txt"))
    both = transcript(question("1", None, "Hi", files=(0, 1)), question("2", None, "Ho", files=(0,)), files=files)
    stored = bring_in(history, both, {0: upload.id})
    _, messages = history.conversation("ann", stored.id)
    assert [[file.name for file in message.attachments] for message in messages] == [["a.txt"], ["a.txt"]]
    with pytest.raises(NotFound):
        bring_in(history, both, {0: upload.id}, visitor="ben")
    assert history.carried.ids("ben") == []


@pytest.mark.parametrize(
    ("title", "stored"),
    [
        ("  Two\n words ", "Two words"),
        ("", "A name?"),
        ("x" * 300, "x" * 200),
        ("a\0b", "a\ufffdb"),
    ],
)
def test_titles(history: History, title: str, stored: str) -> None:
    assert bring_in(history, transcript(question("1", None, "A name?"), title=title)).title == stored


def test_times_that_are_unknown_or_to_come_are_now(history: History, clock: Clock) -> None:
    late = transcript(question("1", None, "Hi"), created_at_ms=0, updated_at_ms=clock.now_ms + 1)
    stored = bring_in(history, late)
    assert (stored.created_at_ms, stored.updated_at_ms) == (clock.now_ms, clock.now_ms)


def test_all_ids_those_that_changed_last_first(history: History, clock: Clock, ask: Callable[..., Turn]) -> None:
    old = ask().conversation.id
    clock.now_ms += 1
    new, other = ask().conversation.id, ask(visitor="ben").conversation.id
    gone = ask().conversation.id
    history.deletions.hide("ann", [gone])
    assert history.carried.ids("ann") == [new, old]
    assert history.carried.ids("ben") == [other]


def test_nothing_of_an_import_is_there_before_all_of_it_is(
    history: History, boats: Transcript, ask: Callable[..., Turn]
) -> None:
    import_id, other = history.carried.begin(), history.carried.begin()
    first = history.carried.store("ann", boats, {}, import_id)
    second = history.carried.store("ann", boats, {}, import_id)
    foreign = history.carried.store("ann", boats, {}, other)
    for view in View:
        assert history.conversations("ann", view=view).conversations == []
    assert history.conversations("ann", query="albatross").conversations == []
    assert history.carried.ids("ann") == []
    assert history.deletions.hide("ann", [first.id]).conversations == []
    with pytest.raises(NotFound):
        history.conversation("ann", first.id)
    with pytest.raises(NotFound):
        ask("Early", conversation=first.id, parent=first.leaf)
    history.carried.show(import_id)
    assert set(history.carried.ids("ann")) == {first.id, second.id}
    with pytest.raises(NotFound):
        history.conversation("ann", foreign.id)


def test_an_import_that_was_given_up_goes_and_cannot_be_brought_back(history: History, boats: Transcript) -> None:
    kept, lost = bring_in(history, boats), history.carried.begin()
    gone = history.carried.store("ann", boats, {}, lost)
    assert not history.carried.give_up("another")
    assert history.carried.give_up()  # as at a start
    assert not history.carried.give_up()
    history.carried.show(lost)
    with pytest.raises(NotFound):
        history.deletions.restore("ann", [gone.id])
    assert history.deletions.next_due_s() == 0
    assert history.deletions.purge() == []
    assert history.deletions.purge() is None
    assert history.carried.ids("ann") == [kept.id]
