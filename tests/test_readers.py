"""Who reads which share, how many may, how they are sent away; and what they are told when what is shared changes."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from webapp import frames, readers
from webapp.announcements import Announcements
from webapp.errors import LimitReached, ShuttingDown
from webapp.messages import Answer, Message, Status
from webapp.readers import Readers
from webapp.shared import SharedConversation
from webapp.shared_changes import Told, differences

CHANGE = frames.Changed(what="leaf", conversation="s", leaf="m")


class Connection:
    """A reader's connection."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.last = ""
        self.was_cut = self.gone = False

    def announce(self, frame: bytes) -> None:
        self.heard.append(json.loads(frame)["what"])

    def go_away(self) -> None:
        self.gone = True

    def dismiss(self, frame: bytes) -> None:
        self.last = json.loads(frame)["code"]

    def cut(self) -> None:
        assert self.last, "it was not told why"
        self.was_cut = True


@pytest.fixture(autouse=True)
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is sent away is cut off at once."""
    monkeypatch.setattr(readers, "FAREWELL_S", 0)


def registry(most: int, announcements: Announcements | None = None) -> Readers:
    def at_once(run: Callable[[], None]) -> None:
        run()

    if announcements is None:
        announcements = Announcements(most=most, most_per_visitor=2)
    return Readers(announcements, most=most, spawn=at_once)


def test_the_readers_of_a_share_hear_what_changes_in_it_until_they_leave() -> None:
    found = registry(100)
    first, second, elsewhere = Connection(), Connection(), Connection()
    leave = found.join("a", first)
    found.join("a", second)
    found.join("b", elsewhere)
    found.publish("a", CHANGE)
    assert (found.count("a"), sorted(found.shares())) == (2, ["a", "b"])
    leave()
    found.publish("a", CHANGE)
    assert (first.heard, second.heard, elsewhere.heard) == (["leaf"], ["leaf", "leaf"], [])
    assert found.count("a") == 1


def test_a_share_that_has_no_readers_left_is_forgotten() -> None:
    found = registry(100)
    found.join("a", Connection())()
    assert (found.count("a"), found.shares()) == (0, [])
    found.publish("a", CHANGE)
    found.close("a")


def test_a_share_that_ends_or_changes_closes_its_own_readers() -> None:
    found = registry(100)
    first, slow, elsewhere = Connection(), Connection(), Connection()
    leave = found.join("a", first)
    found.join("a", slow)
    found.join("b", elsewhere)
    found.close("a")
    leave()
    assert (first.last, slow.last, elsewhere.last) == ("share_ended", "share_ended", "")
    assert slow.was_cut
    found.reload("b")
    assert elsewhere.last == "share_changed"


def test_readers_of_one_share_and_of_all_leave_places_for_others() -> None:
    announcements = Announcements(most=8, most_per_visitor=2)
    found = registry(8, announcements)
    leaves = [found.join("a", Connection()) for _ in range(4)]
    with pytest.raises(LimitReached, match="This conversation"):
        found.join("a", Connection())
    found.join("b", Connection())
    found.join("c", Connection())
    with pytest.raises(LimitReached, match="This site"):
        found.join("d", Connection())
    assert len(announcements) == 6
    announcements.listen("ann", Connection())
    leaves[0]()
    found.join("d", Connection())
    announcements.listen("bob", Connection())
    assert len(announcements) == 8
    leaves[1]()
    announcements.listen("cleo", Connection())
    with pytest.raises(LimitReached):  # the site is full, though the readers are not too many
        found.join("e", Connection())


@pytest.mark.parametrize("address", ["8.8.8.8", "::ffff:8.8.8.8", "2606:4700::{}"])
def test_readers_of_one_network_leave_places_for_others(address: str) -> None:
    found = registry(1000)
    leaves = [found.join(f"{n % 5}", Connection(), address.format(n)) for n in range(readers.MOST_OF_AN_ADDRESS)]
    with pytest.raises(LimitReached, match="Your network"):
        found.join("a", Connection(), address.format("a"))
    found.join("a", Connection(), "9.9.9.9")
    leaves[0]()
    found.join("a", Connection(), address.format("a"))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "192.168.1.2", "fe80::1%eth0", ""])
def test_behind_a_proxy_of_ones_own_everybody_may_have_its_address(address: str) -> None:
    found = registry(1000)
    for _ in range(readers.MOST_OF_AN_ADDRESS + 1):
        found.join("a", Connection(), address)


def test_readers_are_sent_away_before_a_restart() -> None:
    announcements = Announcements(most=8, most_per_visitor=2)
    found, reader = registry(8, announcements), Connection()
    found.join("a", reader)
    announcements.send_away()
    assert reader.gone
    with pytest.raises(ShuttingDown):
        found.join("a", Connection())


def test_what_all_visitors_are_told_is_not_for_readers() -> None:
    announcements = Announcements(most=8, most_per_visitor=2)
    found, reader = registry(8, announcements), Connection()
    found.join("a", reader)
    announcements.publish_to_all(CHANGE)
    announcements.publish("a", CHANGE)
    assert reader.heard == []


# --- what they are told ----------------------------------------------------------------------------------------


def message(id_: str, parent: str | None = None) -> Message:
    return Message(id=id_, conversation="s", parent=parent, role="user", text=id_, created_at_ms=1)


def answer(id_: str, parent: str | None, status: Status = Status.DONE) -> Answer:
    return Answer(
        id=id_, conversation="s", parent=parent, role="assistant", text=id_, created_at_ms=1, status=status, next=2,
        model="m",
    )  # fmt: skip


def content(*messages: Message | Answer, leaf: str | None = None) -> SharedConversation:
    return SharedConversation(
        title="",
        author=None,
        live=True,
        may_continue=False,
        leaf=leaf or (messages[-1].id if messages else None),
        messages=list(messages),
        created_at_ms=1,
        updated_at_ms=1,
    )


def told(before: SharedConversation, after: SharedConversation) -> list[tuple[object, ...]]:
    """The changes in short: what, and the ids that belong to it."""
    short: list[tuple[object, ...]] = []
    for change in differences(Told.of(before, live=True), after, "s"):
        assert change.conversation == "s"
        match change.what:
            case "turn":
                short.append(("turn", change.message and change.message.id, change.answer and change.answer.id))
            case "pruned":
                short.append(("pruned", change.message_ids, change.leaf))
            case "ended":
                short.append(("ended", change.answer_id, change.status))
            case _:
                short.append((change.what, change.leaf))
    return short


FIRST = (message("q1"), answer("a1", "q1"))


def test_nothing_new_is_not_told() -> None:
    assert told(content(*FIRST), content(*FIRST)) == []


def test_a_turn_comes_with_its_question_and_its_answer() -> None:
    running = answer("a2", "q2", Status.RUNNING)
    after = content(*FIRST, message("q2", "a1"), running)
    assert told(content(*FIRST), after) == [("turn", "q2", "a2"), ("leaf", "a2")]
    ended = content(*FIRST, message("q2", "a1"), answer("a2", "q2"))
    assert told(after, ended) == [("ended", "a2", "done")]


def test_another_answer_comes_with_the_question_that_is_known() -> None:
    assert told(content(*FIRST), content(*FIRST, answer("b1", "q1"))) == [("turn", "q1", "b1"), ("leaf", "b1")]


def test_an_answer_whose_question_is_not_shared_comes_alone_and_so_does_a_question_without_one() -> None:
    after = content(answer("a1", None), message("q2", "a1"))
    assert told(content(), after) == [("turn", None, "a1"), ("turn", "q2", None), ("leaf", "q2")]


def test_a_branch_that_turns_elsewhere_takes_away_and_gives() -> None:
    after = content(FIRST[0], answer("b1", "q1"))
    assert told(content(*FIRST), after) == [("pruned", ["a1"], "b1"), ("turn", "q1", "b1")]


def test_another_branch_that_is_shown() -> None:
    both = (*FIRST, answer("b1", "q1"))
    assert told(content(*both), content(*both, leaf="a1")) == [("leaf", "a1")]


def test_nothing_is_being_written_in_a_snapshot() -> None:
    running = content(message("q1"), answer("a1", "q1", Status.RUNNING))
    assert Told.of(running, live=True).running == {"a1"}
    assert Told.of(running, live=False).running == frozenset()
