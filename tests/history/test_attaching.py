"""Attachments in the history: whose they are, which messages have them, and when a content may go."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, event

from tests.deleting import delete
from webapp.errors import Conflict, LimitReached, NotFound
from webapp.history.rows import PathMessage, StoredFile
from webapp.history.store import History
from webapp.messages import Attachment, Status, Turn, Written

DAY_MS = 24 * 3600 * 1000
Add = Callable[..., StoredFile]
AskWith = Callable[..., Turn]


def sha256(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


@pytest.fixture
def add(history: History) -> Add:
    def add(content: str = "x", *, visitor: str = "ann", most_bytes: int = 1000) -> StoredFile:
        return history.attachments.add(
            visitor,
            name=f"{content}.txt",
            media_type="text/plain",
            size_bytes=len(content),
            sha256=sha256(content),
            most_bytes=most_bytes,
        )

    return add


@pytest.fixture
def ask_with(history: History) -> AskWith:
    def ask_with(*attachments: str, visitor: str = "ann", turn: str = "t", **place: Any) -> Turn:
        return history.begin_turn(
            visitor,
            turn,
            text="Look",
            model="m",
            attachments=attachments,
            **{"conversation": None, "parent": None, **place},
        )[0]

    return ask_with


def seen(*files: StoredFile) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(id=one.id, name=one.name, media_type=one.media_type, size_bytes=one.size_bytes) for one in files
    )


def dropped(history: History, *contents: str) -> set[str]:
    gone: set[str] = set()
    assert history.attachments.drop(map(sha256, contents), gone.add) == len(gone)
    return gone


def test_a_message_has_its_files_in_order_wherever_it_is_read(history: History, add: Add, ask_with: AskWith) -> None:
    one, two = add("one"), add("two")
    turn = ask_with(two.id, one.id, two.id)
    assert turn.message.attachments == seen(two, one)
    place = turn.conversation.id
    plain, _ = history.begin_turn("ann", "u", conversation=place, parent=turn.answer.id, text="More", model="m")
    _, tree = history.conversation("ann", place)
    assert [message.attachments for message in tree] == [seen(two, one), (), (), ()]
    known = history.turn("ann", "t")
    assert known is not None
    assert known.message == turn.message
    again, _ = history.begin_again("ann", "v", turn.answer.id, model=None)
    assert again.message == turn.message
    assert history.path(plain.message.id) == [
        PathMessage(turn.message.id, "user", "Look", (two, one)),
        PathMessage(plain.message.id, "user", "More"),
    ]
    wire = json.loads(msgspec.json.encode(tree[0]))
    assert [file.keys() for file in wire["attachments"]] == [{"id", "name", "media_type", "size_bytes"}] * 2


def test_a_message_of_files_alone_is_on_the_path(history: History, add: Add, ask_with: AskWith, tmp_path: Path) -> None:
    turn = ask_with(add("one").id)
    with closing(sqlite3.connect(tmp_path / "parley.db")) as connection:  # as a later version may store it
        connection.execute("UPDATE messages SET text = '' WHERE role = 'user'")
        connection.commit()
    assert [step.id for step in history.path(turn.answer.id)] == [turn.message.id]


def test_files_are_read_with_one_query(history: History, add: Add, ask_with: AskWith) -> None:
    turn = ask_with(add("0").id)
    for number in range(1, 20):
        place = {"conversation": turn.conversation.id, "parent": turn.answer.id}
        turn = ask_with(add(str(number)).id, turn=f"t{number}", **place)
    statements: list[str] = []

    def count(*args: Any) -> None:
        statements.append(args[2])

    event.listen(Engine, "before_cursor_execute", count)
    tree = history.conversation("ann", turn.conversation.id)[1]
    event.remove(Engine, "before_cursor_execute", count)
    assert [len(message.attachments) for message in tree] == [1, 0] * 20
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 3


def test_only_ones_own_uploads_can_be_attached(history: History, add: Add, ask_with: AskWith) -> None:
    mine, foreign = add("mine"), add("foreign", visitor="bob")
    for wrong in (foreign.id, "missing"):
        with pytest.raises(NotFound, match="file"):
            ask_with(mine.id, wrong)
        with pytest.raises(NotFound):
            history.attachments.find("ann", wrong)
        with pytest.raises(NotFound):
            history.attachments.remove("ann", wrong)
    assert history.conversations("ann") == ([], {}, None)
    assert history.attachments.find("ann", mine.id) == mine


def test_the_visitors_bytes_are_bounded(history: History, add: Add) -> None:
    add("x" * 600)
    add("y" * 400)
    with pytest.raises(LimitReached, match="delete a conversation"):
        add("z")
    add("z" * 1000, visitor="bob")
    with pytest.raises(LimitReached):
        add("z" * 1001, visitor="cleo")


def test_removing_one_that_was_not_asked_with(history: History, add: Add, ask_with: AskWith) -> None:
    unused, used = add("unused"), add("used")
    turn = ask_with(used.id)
    assert history.attachments.remove("ann", unused.id) == unused
    with pytest.raises(NotFound):
        history.attachments.remove("ann", unused.id)
    with pytest.raises(Conflict, match="conversation"):
        history.attachments.remove("ann", used.id)
    assert history.conversation("ann", turn.conversation.id)[1][0].attachments == seen(used)


def test_deleting_a_conversation_takes_its_files_along(history: History, add: Add, ask_with: AskWith) -> None:
    alone, shared, waiting = add("alone"), add("shared"), add("waiting")
    doomed = ask_with(alone.id, shared.id)
    kept = ask_with(shared.id, turn="u")
    history.end_answer(doomed.answer.id, Written(""), Status.DONE)
    assert delete(history, "ann", doomed.conversation.id) == ([], [sha256("alone")])
    assert history.conversation("ann", kept.conversation.id)[1][0].attachments == seen(shared)
    with pytest.raises(NotFound):
        history.attachments.find("ann", alone.id)
    assert history.attachments.find("ann", waiting.id) == waiting
    assert delete(history, "ann", kept.conversation.id).contents == [sha256("shared")]


def test_files_of_deleted_conversations_take_no_room(history: History, add: Add, ask_with: AskWith) -> None:
    old, shared = add("x" * 600), add("s" * 300)
    doomed = ask_with(old.id, shared.id)
    ask_with(shared.id, turn="u")
    with pytest.raises(LimitReached):
        add("y" * 600)
    history.deletions.hide("ann", [doomed.conversation.id])  # it waits for a minute
    add("y" * 600)
    with pytest.raises(LimitReached):
        add("z" * 600)


def test_deleting_a_conversation_with_very_many_files(history: History, ask_with: AskWith, add: Add) -> None:
    ids = [add(str(number), most_bytes=10**6).id for number in range(1200)]
    turn = ask_with(*ids)
    assert len(history.path(turn.message.id)[0].attachments) == 1200
    assert len(set(delete(history, "ann", turn.conversation.id).contents)) == 1200


def test_a_content_is_dropped_when_nobody_has_it(history: History, add: Add) -> None:
    first, _ = add("same"), add("same", visitor="bob")
    history.attachments.remove("ann", first.id)
    assert dropped(history, "same", "never uploaded") == {sha256("never uploaded")}
    history.attachments.remove("bob", add("same", visitor="bob").id)
    assert dropped(history, "same") == set()
    assert len(dropped(history, *map(str, range(1100)))) == 1100


def test_nothing_is_uploaded_while_a_content_is_dropped(history: History, add: Add) -> None:
    order: list[str] = []

    def upload() -> None:
        add("same")
        order.append("uploaded")

    def unlink(_: str) -> None:
        uploading.start()
        uploading.join(0.3)
        order.append("unlinked")

    uploading = threading.Thread(target=upload)
    history.attachments.drop([sha256("same")], unlink)
    uploading.join()
    assert order == ["unlinked", "uploaded"]
    assert dropped(history, "same") == set()


def test_uploads_that_were_never_asked_with(history: History, add: Add, ask_with: AskWith, clock: Any) -> None:
    used, forgotten, again = add("used"), add("forgotten"), add("again")
    ask_with(used.id)
    clock.now_ms += DAY_MS
    fresh = add("again")
    assert history.attachments.remove_unused(DAY_MS) == []
    clock.now_ms += 1
    assert set(history.attachments.remove_unused(DAY_MS)) == {sha256("forgotten"), sha256("again")}
    for gone in (forgotten, again):
        with pytest.raises(NotFound):
            history.attachments.find("ann", gone.id)
    assert history.attachments.find("ann", used.id) == used
    assert history.attachments.find("ann", fresh.id) == fresh
    assert dropped(history, "forgotten", "again") == {sha256("forgotten")}
