"""Shares in the database: how they stand by the clock, who may change them, and that views are counted exactly."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.deleting import delete
from tests.history.conftest import Clock
from webapp.errors import Conflict, LimitReached, NotFound
from webapp.history import sharing
from webapp.history.sharing import StoredShare
from webapp.history.store import History
from webapp.messages import Turn

Ask = Callable[..., Turn]


@pytest.fixture
def place(ask: Ask) -> str:
    return ask().conversation.id


def add(history: History, place: str, id_: str = "s1", visitor: str = "ann", **values: Any) -> StoredShare:
    """A share with a token that is its id."""
    columns = {"kind": "snapshot", "scope": "whole", "title": "T", "content": "{}", "chosen": ["m"], **values}
    columns["token_hash"] = hashlib.sha256(id_.encode()).hexdigest()
    return history.shares.add(visitor, id_, place, columns)


def by_token(history: History, id_: str) -> StoredShare | None:
    return history.shares.by_token(hashlib.sha256(id_.encode()).hexdigest())


def test_a_share_as_it_was_stored(history: History, clock: Clock, place: str) -> None:
    share = add(history, place, masked=["email"], author="Ann", most_views=3)
    assert history.shares.find("ann", "s1") == history.shares.get("s1") == by_token(history, "s1") == share
    assert (share.state, share.chosen, share.masked, share.views) == ("open", ("m",), ("email",), 0)
    assert (share.conversation_title, share.created_at_ms) == ("Hello", clock.now_ms)
    assert history.shares.content("s1") == "{}"
    assert by_token(history, "another") is None


def test_somebody_elses_share_is_not_there(history: History, place: str) -> None:
    add(history, place)
    shares = history.shares
    for attempt in (
        lambda: shares.find("bob", "s1"),
        lambda: shares.change("bob", "s1", {"title": "x"}),
        lambda: shares.remove("bob", "s1"),
        lambda: add(history, place, "s2", "bob"),
        lambda: shares.tree("bob", place),
        lambda: shares.find("ann", "missing"),
        lambda: shares.get("missing"),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert shares.of_visitor("bob") == []


def test_it_expires_at_its_time_and_not_before(history: History, clock: Clock, place: str) -> None:
    add(history, place, expires_at_ms=clock.now_ms + 10)
    clock.now_ms += 9
    assert history.shares.get("s1").state == "open"
    assert history.shares.count_view("s1")
    clock.now_ms += 1
    expired = history.shares.get("s1")
    assert (expired.state, expired.ended) == ("expired", True)
    assert not history.shares.count_view("s1")
    assert history.shares.all_open(None, 10) == []
    assert history.shares.change("ann", "s1", {"expires_at_ms": None}).state == "open"


def test_views_are_counted_exactly_when_many_come_at_once(history: History, clock: Clock, place: str) -> None:
    add(history, place, most_views=7)
    with ThreadPoolExecutor(8) as threads:
        counted = list(threads.map(lambda _: history.shares.count_view("s1"), range(40)))
    assert sum(counted) == 7
    used_up = history.shares.get("s1")
    assert (used_up.views, used_up.viewed_at_ms, used_up.state, used_up.ended) == (7, clock.now_ms, "used_up", False)
    assert history.shares.change("ann", "s1", {"most_views": 8}).state == "open"


def test_revoked_is_for_good_and_forgets_what_was_shared(history: History, place: str) -> None:
    add(history, place)
    assert history.shares.revoke("s1").state == "revoked"
    assert history.shares.content("s1") is None
    assert not history.shares.count_view("s1")
    with pytest.raises(Conflict):
        history.shares.change("ann", "s1", {"title": "x"})
    history.shares.remove("ann", "s1")
    assert history.shares.of_visitor("ann") == []


def test_only_a_revoked_one_can_be_removed(history: History, place: str) -> None:
    add(history, place)
    with pytest.raises(Conflict):
        history.shares.remove("ann", "s1")


def test_it_goes_with_its_conversation_and_comes_back_with_it(history: History, place: str) -> None:
    add(history, place)
    history.deletions.hide("ann", [place])
    assert by_token(history, "s1") is None
    assert history.shares.of_visitor("ann") == []
    assert not history.shares.count_view("s1")
    with pytest.raises(NotFound):
        history.shares.get("s1")
    history.deletions.restore("ann", [place])
    assert by_token(history, "s1") is not None
    delete(history, "ann", place)
    assert history.shares.content("s1") is None  # for good


def test_a_branch_whose_end_is_deleted_ends_where_that_began(history: History, ask: Ask) -> None:
    first = ask()
    place = first.conversation.id
    second = ask(conversation=place, parent=first.answer.id)
    add(history, place, scope="branch", leaf=second.answer.id)
    add(history, place, "s2", scope="branch", leaf=first.answer.id)
    history.deletions.prune("ann", second.message.id)
    assert history.shares.get("s1").leaf == history.shares.get("s2").leaf == first.answer.id


def test_nobody_has_more_open_ones_than_the_limit(
    history: History, clock: Clock, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "MOST_OPEN", 2)
    add(history, place)
    add(history, place, "s2", expires_at_ms=clock.now_ms + 1)
    with pytest.raises(LimitReached, match="2 open links"):
        add(history, place, "s3")
    clock.now_ms += 1  # one has expired
    add(history, place, "s3")
    history.shares.revoke("s1")
    add(history, place, "s4")


def test_only_the_newest_of_those_that_are_over_are_kept(
    history: History, clock: Clock, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "MOST_OVER", 2)
    for number in range(4):
        add(history, place, f"s{number}", expires_at_ms=clock.now_ms + 5)
        clock.now_ms += 1
    add(history, place, "open")
    clock.now_ms += 5
    add(history, place, "newest")
    assert [share.id for share in history.shares.of_visitor("ann")] == ["newest", "open", "s3", "s2"]


def test_all_open_ones_page_by_page_and_all_ended(history: History, clock: Clock, ask: Ask) -> None:
    places = {visitor: ask(visitor=visitor).conversation.id for visitor in ("ann", "bob")}
    for number, visitor in enumerate(("ann", "bob", "ann", "bob")):
        add(history, places[visitor], f"s{number}", visitor)
        clock.now_ms += number % 2  # two in the same millisecond
    history.shares.revoke("s1")
    first = history.shares.all_open(None, 2)
    rest = history.shares.all_open((first[-1].created_at_ms, first[-1].id), 2)
    assert [share.id for share in first + rest] == ["s3", "s2", "s0"]
    assert {share.id for share in history.shares.revoke_all()} == {"s0", "s2", "s3"}
    assert history.shares.all_open(None, 2) == []
    assert history.shares.content("s0") is None
