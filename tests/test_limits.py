"""Rates: how often, for whom, and when again."""

from __future__ import annotations

import pytest

from webapp.errors import LimitReached
from webapp.limits import ADMIN_GUESSES_PER_MINUTE, Limits


def test_so_many_asks_in_a_minute_for_each_visitor() -> None:
    limits = Limits(asks_per_minute=3)
    for _ in range(3):
        limits.ask("ann")
    with pytest.raises(LimitReached) as caught:
        limits.ask("ann")
    assert caught.value.status == 429
    assert isinstance(caught.value.retry_after, int)
    assert 1 <= caught.value.retry_after <= 60
    assert str(caught.value.retry_after) in caught.value.message
    limits.ask("bob")


def test_an_attempt_in_vain_does_not_push_the_end_further_away() -> None:
    limits = Limits(asks_per_minute=1)
    limits.ask("ann")
    waits = []
    for _ in range(3):
        with pytest.raises(LimitReached) as caught:
            limits.ask("ann")
        waits.append(caught.value.retry_after)
    assert waits == sorted(waits, key=lambda wait: -(wait or 0))


def test_guesses_are_counted_by_address_and_apart_from_asks() -> None:
    limits = Limits(asks_per_minute=1)
    for _ in range(ADMIN_GUESSES_PER_MINUTE):
        limits.guess("192.0.2.1")
    with pytest.raises(LimitReached):
        limits.guess("192.0.2.1")
    limits.guess("192.0.2.2")
    limits.ask("192.0.2.1")
