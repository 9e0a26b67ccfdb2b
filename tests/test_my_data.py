"""Joining, handing over and erasing while answers are being written and tabs are open; the hourly housekeeping."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.scripted_server import ScriptedServer, Step, chunk, reply_head
from tests.waiting import until
from webapp import frames, my_data, recovery_codes, startup, turns
from webapp.errors import Conflict, LimitReached, NotFound
from webapp.history.handoffs import VALID_S
from webapp.history.private import KEPT_S
from webapp.housekeeping import COOKIE_DAYS, DAY_MS, LOOKED_AT, Housekeeping
from webapp.messages import Status, Turn
from webapp.services import Services, build
from webapp.settings import Settings
from webapp.transcripts import importing
from webapp.transcripts.transcript import Unreadable
from webapp.turns import spawn

NEVER_ENDS: list[Step] = [reply_head("Transfer-Encoding: chunked"), chunk("so far é".encode()), "hang"]


class Tab:
    """One open connection."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.gone = False

    def announce(self, frame: bytes) -> None:
        self.heard.append(json.loads(frame))

    def go_away(self) -> None:
        self.gone = True

    def whats(self) -> list[str]:
        return [frame["what"] for frame in self.heard]


@pytest.fixture
def upstream() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        running.play(NEVER_ENDS)
        yield running


@pytest.fixture
def parts(tmp_path: Path, upstream: ScriptedServer) -> Iterator[Services]:
    with closing(build(Settings(data_dir=str(tmp_path), gprochat_url=upstream.url, running_per_visitor=100))) as parts:
        yield parts


def tab(parts: Services, visitor: str) -> Tab:
    tab = Tab()
    parts.announcements.listen(visitor, tab)
    return tab


def ask(parts: Services, visitor: str = "ann", text: str = "x", **fields: Any) -> Turn:
    return parts.turns.ask(visitor, frames.Ask(id=str(uuid.uuid4()), text=text, **fields))


def wait_for(parts: Services, visitor: str, answer_id: str, text: str = "so far é") -> None:
    until(lambda: parts.turns.current(parts.history.answer(visitor, answer_id)).text == text)


def wait_for_end(parts: Services, visitor: str, answer_id: str) -> None:
    until(lambda: parts.history.answer(visitor, answer_id).status is not Status.RUNNING)


def is_gone(parts: Services, folder: Path, words: bytes) -> bool:
    """Whether the words leave all files below the folder within some seconds."""
    deadline = time.monotonic() + 10
    while any(words in path.read_bytes() for path in folder.rglob("*") if path.is_file()):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_a_code_is_shown_once_and_kept_hashed(parts: Services, tmp_path: Path) -> None:
    code = parts.my_data.make_code("ann")
    assert recovery_codes.read(code) == code
    assert parts.my_data.recover(code, None).visitor_id == "ann"
    assert parts.my_data.recover(code, None).visitor_id == "ann"
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or code.encode() not in path.read_bytes()
    newer = parts.my_data.make_code("ann")
    with pytest.raises(NotFound):
        parts.my_data.recover(code, None)
    parts.my_data.forget_code("ann")
    with pytest.raises(NotFound):
        parts.my_data.recover(newer, None)


def test_a_running_answer_goes_on_for_the_other_visitor(parts: Services) -> None:
    turn, hidden = ask(parts), ask(parts, private=True)
    own = ask(parts, "bob")
    anns, bobs = tab(parts, "ann"), tab(parts, "bob")
    joined = parts.my_data.join("ann", "bob")
    assert (joined.conversations, joined.moved) == (3, 2)
    assert {running.answer for running in parts.turns.running("bob")} == {
        turn.answer.id,
        hidden.answer.id,
        own.answer.id,
    }
    assert parts.turns.running("ann") == []
    assert (anns.whats(), bobs.whats()) == (["visitor"], ["visitor"])
    assert not anns.gone
    wait_for(parts, "bob", turn.answer.id)
    with pytest.raises(NotFound):
        parts.turns.stop("ann", turn.answer.id)
    for answer_id in (turn.answer.id, hidden.answer.id):
        parts.turns.stop("bob", answer_id)
        wait_for_end(parts, "bob", answer_id)
    assert parts.history.answer("bob", turn.answer.id).text == "so far é"
    assert turn.answer.id in {frame.get("answer_id") for frame in bobs.heard}
    assert parts.history.answer("bob", hidden.answer.id).status is Status.STOPPED


def test_what_a_tab_asks_before_it_has_the_new_cookie_comes_after(parts: Services) -> None:
    ask(parts)
    anns, bobs = tab(parts, "ann"), tab(parts, "bob")
    parts.my_data.join("ann", "bob")
    late = ask(parts)
    parts.my_data.leave("ann", "bob")
    assert (anns.gone, bobs.gone) == (True, False)
    assert parts.history.answer("bob", late.answer.id)
    assert late.answer.id in {running.answer for running in parts.turns.running("bob")}


def test_of_two_opposite_joins_at_once_the_second_finds_nobody(parts: Services) -> None:
    codes = {}
    for visitor in ("ann", "bob"):
        for _ in range(15):
            parts.history.begin_turn(
                visitor, str(uuid.uuid4()), conversation=None, parent=None, text="x" * 20_000, model="m"
            )
        codes[visitor] = parts.my_data.make_code(visitor)
    together = threading.Barrier(2)

    def recover(old: str, code: str) -> bool:
        together.wait()
        try:
            return parts.my_data.recover(code, old).joined == my_data.Joined(30, 15)
        except NotFound:
            return False

    with ThreadPoolExecutor(2) as threads:
        assert sum(threads.map(recover, codes, reversed(codes.values()))) == 1
    assert sorted(parts.my_data.count(visitor) for visitor in codes) == [0, 30]


def test_who_waits_too_long_for_the_joins_of_others_is_told(parts: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(my_data, "LONGEST_WAIT_S", 0.01)
    with parts.my_data._one_at_a_time(), pytest.raises(LimitReached):
        parts.my_data.join("ann", "bob")
    assert parts.my_data.join("ann", "bob").moved == 0


def test_questions_on_their_way_are_refused_while_all_goes_elsewhere(
    parts: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "REFUSED_S", 0.2)
    with parts.turns.refusing("ann"):
        with pytest.raises(LimitReached) as refused:
            ask(parts)
        assert refused.value.retry_after == 1
        ask(parts, "bob")
    with pytest.raises(LimitReached):
        ask(parts)
    assert not parts.turns.running("ann")
    time.sleep(0.3)
    ask(parts)


def transcript(*titles: str) -> bytes:
    message: dict[str, Any] = {
        "id": 1,
        "parent": None,
        "role": "user",
        "created_at_ms": 5,
        "text": "brought in",
        "files": [],
    }
    about = {"format": "parley-transcript", "version": 1, "created_at_ms": 5, "updated_at_ms": 6, "files": []}
    return json.dumps([{**about, "title": title, "messages": [message]} for title in titles]).encode()


@pytest.mark.parametrize("way", ["erase", "join", "leave"])
def test_what_is_coming_in_for_a_visitor_who_goes_does_not_come(parts: Services, tmp_path: Path, way: str) -> None:
    ask(parts)
    ways: dict[str, Callable[[], object]] = {
        "erase": lambda: parts.my_data.erase("ann"),
        "join": lambda: parts.my_data.join("ann", "bob"),
        "leave": lambda: parts.my_data.leave("ann", "bob"),
    }

    def bring_in() -> None:
        with parts.carrying.arriving("ann") as arrival, parts.carrying.arriving("cleo") as other:
            parts.carrying.bring_in(arrival, transcript("first part"))
            ways[way]()  # while the body is on its way, or its next conversation is being read
            parts.carrying.bring_in(other, transcript("somebody else's"))
            parts.carrying.bring_in(arrival, transcript("second part"))

    with pytest.raises(Conflict, match="deleted or joined"):
        bring_in()
    titles = {
        visitor: [one.title for one in parts.history.conversations(visitor).conversations]
        for visitor in ("ann", "bob", "cleo")
    }
    assert titles["ann"] == []
    assert titles["cleo"] == ["somebody else's"]
    assert "second part" not in titles["bob"]
    assert parts.history.visitors.stored("ann").first_seen_ms is None
    assert not parts.carrying._arrivals


def test_what_was_stored_of_an_import_goes_with_its_visitor(parts: Services) -> None:
    stored = parts.history.carried

    def bring_in() -> None:
        with parts.carrying.arriving("ann") as arrival:
            with arrival.step():
                (found,) = importing.conversations(transcript("half in"), 10_000)
                assert not isinstance(found, Unreadable)
                stored.store("ann", found, {}, arrival.import_id)
            parts.my_data.erase("ann")
            with arrival.step():
                stored.show(arrival.import_id)

    with pytest.raises(Conflict):
        bring_in()
    assert parts.history.conversations("ann").conversations == []


def test_a_visitor_is_not_joined_to_themselves(parts: Services) -> None:
    turn = ask(parts)
    anns = tab(parts, "ann")
    for old in ("ann", None):
        joined = parts.my_data.join(old, "ann")
        parts.my_data.leave(old, "ann")
        assert (joined.conversations, joined.moved) == (1, 0)
    assert parts.history.answer("ann", turn.answer.id)
    assert (anns.heard, anns.gone) == ([], False)


def test_a_hand_off_carries_the_conversation_and_the_entry_once(
    parts: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = ask(parts).conversation.id
    token, expires_at_ms = parts.my_data.hand_off("ann", place, "password.abc")
    assert len(token) * 6 >= 128
    assert 0 < expires_at_ms - time.time() * 1000 <= VALID_S * 1000
    assert parts.my_data.handed_off(token).conversation == place
    assert parts.my_data.take(token, None) == ("ann", place, "password.abc")
    with pytest.raises(NotFound):
        parts.my_data.take(token, None)
    with pytest.raises(NotFound):
        parts.my_data.hand_off("bob", place)
    private = ask(parts, private=True).conversation.id
    token, _ = parts.my_data.hand_off("ann", private)
    assert parts.my_data.take(token, None) == ("ann", private, None)


def test_the_name_of_a_private_conversation_is_on_no_disk(parts: Services, tmp_path: Path) -> None:
    private = ask(parts, private=True).conversation.id
    token, _ = parts.my_data.hand_off("ann", private)
    assert parts.my_data.handed_off(token).conversation == private
    assert not any(private.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_a_clock_that_is_set_back_makes_no_hand_off_valid_again(
    parts: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(my_data, "VALID_S", 0.1)  # by the clock that nobody can set
    token, _ = parts.my_data.hand_off("ann", None)
    assert parts.my_data.handed_off(token)
    time.sleep(0.15)
    with pytest.raises(NotFound):
        parts.my_data.handed_off(token)
    with pytest.raises(NotFound):
        parts.my_data.take(token, None)
    assert parts.my_data.was_handed_off(token)
    assert not parts.my_data.was_handed_off("never")


def test_of_two_who_take_a_hand_off_at_once_one_gets_it(parts: Services) -> None:
    token, _ = parts.my_data.hand_off("ann", None)

    def take(_: int) -> bool:
        try:
            return parts.my_data.take(token, None).visitor_id == "ann"
        except NotFound:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(take, range(8))) == 1


def test_erasing_stops_the_answers_tells_the_tabs_and_leaves_nothing(
    parts: Services, tmp_path: Path, upstream: ScriptedServer
) -> None:
    words = "nothing of this may stay"
    file = parts.attachments.upload("ann", "notes.txt", b"a file that goes too")
    turn, hidden = ask(parts, text=words, attachments=(file.id,)), ask(parts, text=words, private=True)
    parts.attachments.upload("ann", "unused.txt", b"a file nobody asked with")
    wait_for(parts, "ann", turn.answer.id)
    wait_for(parts, "ann", hidden.answer.id)
    code, (token, _) = parts.my_data.make_code("ann"), parts.my_data.hand_off("ann", None)
    bobs = ask(parts, "bob")
    anns, others = tab(parts, "ann"), tab(parts, "bob")
    parts.my_data.erase("ann")
    assert "visitor_deleted" in anns.whats()
    assert anns.gone
    assert (others.heard, others.gone) == ([], False)
    until(lambda: not parts.turns.running("ann"))
    assert [running.answer for running in parts.turns.running("bob")] == [bobs.answer.id]
    for answer in (turn.answer.id, hidden.answer.id):
        with pytest.raises(NotFound):
            parts.history.answer("ann", answer)
    with pytest.raises(NotFound):
        parts.my_data.recover(code, None)
    with pytest.raises(NotFound):
        parts.my_data.handed_off(token)
    assert is_gone(parts, tmp_path, words.encode())
    assert is_gone(parts, tmp_path, b"a file that goes too")
    assert is_gone(parts, tmp_path, b"a file nobody asked with")
    facts = parts.my_data.facts("ann")
    assert (facts.messages, facts.files.count, facts.first_seen_ms, facts.private) == (0, 0, None, [])
    assert parts.history.answer("bob", bobs.answer.id)


def test_a_process_that_died_while_erasing_has_it_finished_by_the_next(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path), find_local_upstreams="no")
    with closing(build(settings)) as parts:
        turn = ask(parts, text="half erased")
        parts.turns.stop("ann", turn.answer.id)
        parts.history.visitors.erase("ann")  # and no more
    with closing(build(settings)) as parts:
        parts.purge.start()
        assert is_gone(parts, tmp_path, b"half erased")


def test_facts_say_how_long_and_where(tmp_path: Path) -> None:
    with closing(build(Settings(data_dir=str(tmp_path), retention_days=30, find_local_upstreams="no"))) as parts:
        hidden = ask(parts, text="hush", private=True).conversation
        facts = parts.my_data.facts("ann")
        assert (facts.kept, facts.retention_days) == ("on this server", 30)
        assert [(one.id, one.title) for one in facts.private] == [(hidden.id, "hush")]
        assert facts.conversations.listed == 0


def test_a_private_conversation_is_deleted_like_others_and_makes_room(parts: Services) -> None:
    turn = ask(parts, text="hush", private=True)
    wait_for(parts, "ann", turn.answer.id)
    parts.turns.stop("ann", turn.answer.id)
    anns = tab(parts, "ann")
    assert parts.conversations.delete("ann", [turn.conversation.id]) == [turn.conversation.id]
    assert [frame["conversations"] for frame in anns.heard if frame["what"] == "deleted"] == [[turn.conversation.id]]
    with pytest.raises(NotFound):
        parts.conversations.read("ann", turn.conversation.id)
    for _ in range(5):
        ask(parts, private=True)
    with pytest.raises(LimitReached, match="private"):
        ask(parts, private=True)


def housekeeping(parts: Services, *, days: int, later_ms: int, looked: bool = True) -> Housekeeping:
    """Some time later; `looked` an hour before that."""
    if looked:
        parts.history.site.set(LOOKED_AT, {"ms": time.time_ns() // 1_000_000 + later_ms - 3_600_000})
    return Housekeeping(
        history=parts.history,
        turns=parts.turns,
        announcements=parts.announcements,
        purge=parts.purge,
        sweep=parts.attachments.sweep,
        retention_days=days,
        spawn=spawn,
        clock_ms=lambda: time.time_ns() // 1_000_000 + later_ms,
    )


def test_retention_deletes_stops_and_tells(parts: Services, tmp_path: Path) -> None:
    turn = ask(parts, text="too old one day")
    anns = tab(parts, "ann")
    housekeeping(parts, days=0, later_ms=10_000 * DAY_MS).tidy()
    housekeeping(parts, days=7, later_ms=7 * DAY_MS - 60_000).tidy()
    assert anns.heard == []
    housekeeping(parts, days=7, later_ms=7 * DAY_MS + 1000).tidy()
    assert [frame["conversations"] for frame in anns.heard if frame["what"] == "deleted"] == [[turn.conversation.id]]
    until(lambda: not parts.turns.running("ann"))
    assert is_gone(parts, tmp_path, b"too old one day")


def test_a_clock_that_jumps_takes_nothing_before_it_can_be_set_right(parts: Services) -> None:
    turn = ask(parts)
    parts.history.site.set(LOOKED_AT, {"ms": time.time_ns() // 1_000_000})
    housekeeping(parts, days=30, later_ms=3000 * DAY_MS, looked=False).tidy()  # the clock starts in the wrong year
    housekeeping(parts, days=30, later_ms=0, looked=False).tidy()  # and is set right
    housekeeping(parts, days=30, later_ms=3_600_000, looked=False).tidy()
    assert parts.history.answer("ann", turn.answer.id)
    housekeeping(parts, days=30, later_ms=31 * DAY_MS, looked=False).tidy()  # nobody looked for a month
    assert parts.history.answer("ann", turn.answer.id)
    housekeeping(parts, days=30, later_ms=31 * DAY_MS + 3_600_000, looked=False).tidy()
    with pytest.raises(NotFound):
        parts.history.answer("ann", turn.answer.id)


def test_the_first_look_of_all_deletes_nothing(parts: Services) -> None:
    turn = ask(parts)
    housekeeping(parts, days=30, later_ms=31 * DAY_MS, looked=False).tidy()
    assert parts.history.answer("ann", turn.answer.id)


def test_the_loop_runs_at_the_start_and_ends_when_it_is_closed(parts: Services) -> None:
    turn = ask(parts)
    house = housekeeping(parts, days=1, later_ms=2 * DAY_MS)
    loops: list[Any] = []
    house._spawn = loops.append
    house.start()
    house.close()
    loops[0]()  # returns at once
    assert parts.history.answer("ann", turn.answer.id)
    house = housekeeping(parts, days=1, later_ms=2 * DAY_MS)
    house.start()
    until(lambda: not parts.turns.running("ann"))
    house.close()


def test_a_start_deletes_what_became_too_old_meanwhile(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path), retention_days=30, find_local_upstreams="no")
    with closing(build(settings)) as parts:
        old, young = ask(parts, text="asked long ago"), ask(parts, text="asked just now")
        for turn in (old, young):
            parts.turns.stop("ann", turn.answer.id)
            wait_for_end(parts, "ann", turn.answer.id)
    with closing(sqlite3.connect(tmp_path / "parley.db")) as connection, connection:
        when = (time.time() - 31 * 86400) * 1000
        connection.execute("UPDATE conversations SET updated_at_ms = ? WHERE id = ?", [when, old.conversation.id])
    with closing(build(settings)) as parts:
        parts.history.site.set(LOOKED_AT, {"ms": time.time_ns() // 1_000_000 - DAY_MS + 60_000})
        startup.recover(parts)
        assert is_gone(parts, tmp_path, b"asked long ago")
        assert parts.history.conversation("ann", young.conversation.id)


def test_bounds_that_the_documentation_names() -> None:
    assert (VALID_S, KEPT_S, COOKIE_DAYS) == (120, 24 * 3600, 400)
