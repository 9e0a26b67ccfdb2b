"""Hand-offs: each used once, for two minutes, and nobody learns why one does not work."""

from __future__ import annotations

import pytest

from tests.history.conftest import Clock
from webapp.errors import NotFound
from webapp.history.handoffs import VALID_S, Handoff
from webapp.history.store import History


def test_a_hand_off_is_used_once(history: History, clock: Clock) -> None:
    assert history.handoffs.add("h", Handoff("ann", "place")) == clock.now_ms + 1000 * VALID_S
    assert history.handoffs.find("h") == Handoff("ann", "place")
    assert history.handoffs.find("h") == history.handoffs.take("h")
    refusals = []
    for attempt in (history.handoffs.take, history.handoffs.find):
        for token_hash in ("h", "never", ""):
            with pytest.raises(NotFound) as refused:
                attempt(token_hash)
            refusals.append(refused.value.message)
    assert len(set(refusals)) == 1


def test_after_two_minutes_it_is_over(history: History, clock: Clock) -> None:
    history.handoffs.add("h", Handoff("ann", None))
    clock.now_ms += 1000 * VALID_S - 1
    assert history.handoffs.find("h")
    clock.now_ms += 1
    for attempt in (history.handoffs.find, history.handoffs.take):
        with pytest.raises(NotFound):
            attempt("h")
    clock.now_ms -= 1
    assert history.handoffs.find("h")
    clock.now_ms += 1
    history.handoffs.remove_expired()
    clock.now_ms -= 1
    with pytest.raises(NotFound):
        history.handoffs.find("h")


def test_a_newer_one_takes_the_place_of_the_older_of_the_same_visitor(history: History) -> None:
    history.handoffs.add("bobs", Handoff("bob", None))
    history.handoffs.add("old", Handoff("ann", None))
    history.handoffs.add("new", Handoff("ann", None))
    assert history.handoffs.find("new")
    assert history.handoffs.find("bobs")
    with pytest.raises(NotFound):
        history.handoffs.find("old")
