"""Rates: how often, for whom, and when again."""

from __future__ import annotations

import pytest

from webapp.errors import LimitReached
from webapp.limits import GUESSES_PER_MINUTE, SEARCHES_PER_MINUTE, SETTLINGS_PER_MINUTE, UPLOADS_PER_MINUTE, Limits


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


def test_wrong_guesses_are_counted_by_address_and_apart_from_asks() -> None:
    limits = Limits(asks_per_minute=1)
    for _ in range(GUESSES_PER_MINUTE):
        limits.may_guess("owner", "192.0.2.1")
        limits.guessed_wrong("owner", "192.0.2.1")
    with pytest.raises(LimitReached):
        limits.may_guess("owner", "192.0.2.1")
    limits.may_guess("owner", "192.0.2.2")
    limits.may_guess("gateway", "192.0.2.1")
    limits.ask("192.0.2.1")


def test_right_guesses_do_not_lock_the_owner_out() -> None:
    limits = Limits(asks_per_minute=1)
    for _ in range(2 * GUESSES_PER_MINUTE):
        limits.may_guess("owner", "192.0.2.1")


def test_all_visitors_of_one_address_share_a_rate() -> None:
    limits = Limits(asks_per_minute=10, asks_per_minute_per_address=3)
    for visitor in ("ann", "bob", "cleo"):
        limits.ask(visitor, "192.0.2.1")
    with pytest.raises(LimitReached, match="Your network"):
        limits.ask("dan", "192.0.2.1")
    limits.ask("dan", "192.0.2.2")
    limits.ask("dan")


def test_searches_have_a_rate() -> None:
    limits = Limits(asks_per_minute=1)
    for _ in range(SEARCHES_PER_MINUTE):
        limits.search("192.0.2.1")
    with pytest.raises(LimitReached):
        limits.search("192.0.2.1")


def test_uploads_have_a_rate_for_each_address() -> None:
    limits = Limits(asks_per_minute=1)
    for _ in range(UPLOADS_PER_MINUTE):
        limits.upload("192.0.2.1")
    with pytest.raises(LimitReached, match="files"):
        limits.upload("192.0.2.1")
    limits.upload("192.0.2.2")


def test_one_import_at_a_time_from_one_address() -> None:
    limits = Limits(asks_per_minute=1)
    with (
        limits.importing("192.0.2.1"),
        limits.importing("192.0.2.2"),
        pytest.raises(LimitReached, match="another file"),
        limits.importing("192.0.2.1"),
    ):
        raise AssertionError("it was let in")
    with limits.importing("192.0.2.1"):
        pass


def test_preferences_have_a_rate_by_address() -> None:
    limits = Limits(asks_per_minute=1)
    for _ in range(SETTLINGS_PER_MINUTE):
        limits.settle("192.0.2.1")
    with pytest.raises(LimitReached, match="preferences"):
        limits.settle("192.0.2.1")
    limits.settle("192.0.2.2")
