"""Conversations beside the talking: read, rename, look at a branch, delete; each told to all tabs."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.scripted_server import ScriptedServer, Step, chunk, reply_head
from tests.waiting import until
from webapp import frames
from webapp.errors import InvalidInput, NotFound
from webapp.history.preferences import PreferencesChange
from webapp.messages import Answer, Message, ModelOptions, Preferences, Snippet, Status, Turn
from webapp.services import Services, build
from webapp.settings import Settings

NEVER_ENDS: list[Step] = [reply_head("Transfer-Encoding: chunked"), chunk("so far é".encode()), "hang"]


class Tab:
    """One open connection of ann's."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def announce(self, frame: bytes) -> None:
        self.heard.append(json.loads(frame))

    def go_away(self) -> None:
        pass

    def of(self, what: str) -> list[Any]:
        return [frame for frame in self.heard if frame["what"] == what]


@pytest.fixture
def upstream() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        running.play(NEVER_ENDS)
        yield running


@pytest.fixture
def parts(tmp_path: Path, upstream: ScriptedServer) -> Iterator[Services]:
    with closing(build(Settings(data_dir=str(tmp_path), gprochat_url=upstream.url))) as parts:
        yield parts


@pytest.fixture
def tab(parts: Services) -> Tab:
    tab = Tab()
    parts.announcements.listen("ann", tab)
    return tab


def ask(parts: Services, text: str = "Hello", **fields: Any) -> Turn:
    """Ask, and return when the answer has begun."""
    turn = parts.turns.ask("ann", frames.Ask(id=str(uuid.uuid4()), text=text, **fields))
    follower = parts.turns.follow("ann", turn.answer.id, 0, lambda: None)
    while not follower.take().text:
        pass
    return turn


def test_a_running_answer_is_read_with_the_text_it_has_now(parts: Services) -> None:
    turn = ask(parts)
    conversation, messages = parts.conversations.read("ann", turn.conversation.id)
    assert conversation.leaf == turn.answer.id
    question, answer = messages
    assert isinstance(question, Message)
    assert isinstance(answer, Answer)
    assert (question.text, answer.text) == ("Hello", "so far é")
    assert (answer.next, answer.status) == (len("so far é".encode()), Status.RUNNING)


def test_rename_is_told_to_all_tabs(parts: Services, tab: Tab) -> None:
    turn = ask(parts)
    renamed = parts.conversations.rename("ann", turn.conversation.id, "  A better\n title ")
    assert renamed.title == "A better title"
    (frame,) = tab.of("renamed")
    assert (frame["conversation"], frame["title"]) == (turn.conversation.id, "A better title")
    assert frame["updated_at_ms"] == renamed.updated_at_ms
    assert parts.conversations.page("ann")[0] == [renamed]


def test_a_turn_and_a_new_name_in_the_archive_say_that_they_are_there(parts: Services, tab: Tab) -> None:
    """A tab that does not know the conversation would put it among the others."""
    turn = ask(parts)
    parts.conversations.place("ann", turn.conversation.id, pinned=True, archived=True)
    parts.conversations.rename("ann", turn.conversation.id, "Put away")
    ask(parts, conversation=turn.conversation.id, parent=turn.answer.id)
    for frame in (tab.of("renamed")[-1], tab.of("turn")[-1]):
        assert (frame["pinned"], frame["archived"]) == (True, True)


def test_options_are_told_to_all_tabs(parts: Services, tab: Tab) -> None:
    turn = ask(parts)
    changed = parts.conversations.set_options("ann", turn.conversation.id, ModelOptions(temperature=0.5))
    assert changed.options == ModelOptions(temperature=0.5)
    assert parts.history.conversation("ann", turn.conversation.id)[0].options == changed.options
    (frame,) = tab.of("options")
    assert (frame["conversation"], frame["options"]) == (turn.conversation.id, {"temperature": 0.5})
    with pytest.raises(InvalidInput):
        parts.conversations.set_options("ann", turn.conversation.id, ModelOptions(temperature=-1))
    assert len(tab.of("options")) == 1


@pytest.mark.parametrize("title", ["", " \n ", "x" * 201])
def test_a_title_that_is_none_changes_nothing(parts: Services, tab: Tab, title: str) -> None:
    turn = ask(parts)
    with pytest.raises(InvalidInput, match="title"):
        parts.conversations.rename("ann", turn.conversation.id, title)
    assert tab.of("renamed") == []
    assert parts.conversations.read("ann", turn.conversation.id)[0].title == "Hello"


def test_the_branch_that_is_looked_at(parts: Services, tab: Tab) -> None:
    first = ask(parts)
    other = ask(parts, "Hello again", conversation=first.conversation.id)
    assert parts.conversations.read("ann", first.conversation.id)[0].leaf == other.answer.id
    parts.conversations.look_at("ann", first.conversation.id, first.answer.id)
    (frame,) = tab.of("leaf")
    assert (frame["conversation"], frame["leaf"]) == (first.conversation.id, first.answer.id)
    assert parts.conversations.read("ann", first.conversation.id)[0].leaf == first.answer.id
    elsewhere = ask(parts, "another conversation")
    with pytest.raises(NotFound):
        parts.conversations.look_at("ann", first.conversation.id, elsewhere.answer.id)


def test_delete_stops_what_runs_there_and_nothing_else(parts: Services, tab: Tab, upstream: ScriptedServer) -> None:
    doomed = ask(parts)
    also = ask(parts, "another branch", conversation=doomed.conversation.id)
    other = ask(parts, "another conversation")
    parts.conversations.delete("ann", [doomed.conversation.id])
    assert upstream.requests[0].closed.wait(2)
    assert upstream.requests[1].closed.wait(2)
    deadline_s = time.monotonic() + 5
    while len(tab.of("ended")) < 2:  # its producer may be quicker than the stop that woke it, and tells it then
        assert time.monotonic() < deadline_s
        time.sleep(0.01)
    assert [one.answer for one in parts.turns.running("ann")] == [other.answer.id]
    assert {frame["answer_id"] for frame in tab.of("ended")} == {doomed.answer.id, also.answer.id}
    assert [frame["conversations"] for frame in tab.of("deleted")] == [[doomed.conversation.id]]
    for answer_id in (doomed.answer.id, also.answer.id):
        with pytest.raises(NotFound):
            parts.turns.follow("ann", answer_id, 0, lambda: None)
    with pytest.raises(NotFound):
        parts.conversations.read("ann", doomed.conversation.id)


def test_deleted_and_brought_back(parts: Services, tab: Tab) -> None:
    turn = ask(parts)
    file = parts.attachments.upload("ann", "notes.txt", b"some notes")
    other = ask(parts, "another", attachments=(file.id,))
    places = [turn.conversation.id, other.conversation.id]
    parts.conversations.place("ann", places[0], pinned=True)
    assert parts.conversations.delete("ann", [*places, "missing"]) == places
    assert parts.conversations.delete("ann", places) == []
    assert parts.conversations.page("ann").conversations == []
    # A producer may be quicker than the stop that woke it, and stores the end itself.
    until(lambda: not parts.turns.running("ann"))
    with pytest.raises(NotFound):
        parts.attachments.open("ann", file.id)
    with pytest.raises(NotFound):
        parts.turns.ask("ann", frames.Ask(id=str(uuid.uuid4()), text="late", conversation=places[0]))
    restored = parts.conversations.restore("ann", ["missing", *places])
    assert [conversation.id for conversation in restored] == places[::-1]
    assert [frame["conversations"] for frame in tab.of("deleted")] == [places]
    heard = tab.of("restored")
    (frame,) = heard  # one for all of them
    assert frame["conversation"] == ""
    assert frame["conversations"] == [
        {
            "id": one.id,
            "title": one.title,
            "updated_at_ms": one.updated_at_ms,
            "pinned": pinned,
            "archived": False,
            "tags": [],
        }
        for one, pinned in zip(restored, (False, True), strict=True)
    ]
    answer = parts.conversations.read("ann", places[0])[1][1]
    assert isinstance(answer, Answer)
    assert (answer.status, answer.text) == (Status.STOPPED, "so far é")  # what it had is kept
    parts.attachments.open("ann", file.id)[1].close()
    with pytest.raises(NotFound):
        parts.conversations.restore("ann", places)
    with pytest.raises(NotFound):
        parts.conversations.restore("bob", places)


def test_nobody_else_can_delete_or_bring_back(parts: Services, tab: Tab) -> None:
    turn = ask(parts)
    assert parts.conversations.delete("bob", [turn.conversation.id]) == []
    assert [one.answer for one in parts.turns.running("ann")] == [turn.answer.id]
    parts.conversations.delete("ann", [turn.conversation.id])
    with pytest.raises(NotFound):
        parts.conversations.restore("bob", [turn.conversation.id])
    with pytest.raises(NotFound):
        parts.conversations.prune("bob", turn.answer.id)
    assert tab.of("restored") == tab.of("pruned") == []


def test_where_it_stands_is_told_to_all_tabs(parts: Services, tab: Tab) -> None:
    turn = ask(parts)
    placed = parts.conversations.place("ann", turn.conversation.id, pinned=True)
    assert (placed.pinned, placed.archived) == (True, False)
    placed = parts.conversations.place("ann", turn.conversation.id, archived=True)
    assert (placed.pinned, placed.archived) == (True, True)
    assert [(frame["pinned"], frame["archived"]) for frame in tab.of("placed")] == [(True, False), (True, True)]
    frame = tab.of("placed")[1]
    assert (frame["title"], frame["updated_at_ms"]) == ("Hello", placed.updated_at_ms)
    assert parts.conversations.read("ann", turn.conversation.id)[0] == placed
    with pytest.raises(NotFound):
        parts.conversations.place("bob", turn.conversation.id, pinned=False)


def test_a_deleted_message_stops_what_runs_below_it(parts: Services, tab: Tab, upstream: ScriptedServer) -> None:
    first = ask(parts)
    other = ask(parts, "another branch", conversation=first.conversation.id)
    left, gone = parts.conversations.prune("ann", other.message.id)
    assert left.leaf == first.answer.id
    assert upstream.requests[1].closed.wait(2)
    until(lambda: [one.answer for one in parts.turns.running("ann")] == [first.answer.id])
    (frame,) = tab.of("pruned")
    assert (frame["message_id"], frame["leaf"]) == (other.message.id, first.answer.id)
    assert frame["message_ids"] == gone == [other.message.id, other.answer.id]
    assert frame["updated_at_ms"] == left.updated_at_ms
    messages = parts.conversations.read("ann", first.conversation.id)[1]
    assert [message.id for message in messages] == [first.message.id, first.answer.id]


def test_a_deleted_message_takes_its_files_along(parts: Services, tmp_path: Path) -> None:
    file = parts.attachments.upload("ann", "notes.txt", b"some notes")
    first = ask(parts)
    other = ask(parts, conversation=first.conversation.id, attachments=(file.id,))
    parts.conversations.prune("ann", other.message.id)
    with pytest.raises(NotFound):
        parts.attachments.open("ann", file.id)
    until(lambda: not any(path.is_file() for path in (tmp_path / "files").rglob("*")))


def test_preferences_are_told_to_all_tabs(parts: Services, tab: Tab) -> None:
    kept = parts.conversations.settle("ann", PreferencesChange(snippets=(Snippet("mail", "Dear …"),)))
    assert kept == parts.history.preferences("ann") == Preferences(snippets=(Snippet("mail", "Dear …"),))
    parts.conversations.settle("ann", PreferencesChange(default_model="large"))
    assert [(frame["conversation"], frame["preferences"]) for frame in tab.of("preferences")] == [
        ("", {"default_model": None, "snippets": [{"name": "mail", "text": "Dear …"}]}),
        ("", {"default_model": "large", "snippets": [{"name": "mail", "text": "Dear …"}]}),
    ]


def test_somebody_elses_conversation_is_not_there(parts: Services, tab: Tab) -> None:
    turn = ask(parts)
    for attempt in (
        lambda: parts.conversations.read("bob", turn.conversation.id),
        lambda: parts.conversations.rename("bob", turn.conversation.id, "mine"),
        lambda: parts.conversations.set_options("bob", turn.conversation.id, ModelOptions()),
        lambda: parts.conversations.look_at("bob", turn.conversation.id, turn.answer.id),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert parts.conversations.page("bob") == ([], {}, None)
    assert [one.answer for one in parts.turns.running("ann")] == [turn.answer.id]
    assert tab.of("renamed") == tab.of("deleted") == []
