"""Rates: how often, for whom, and when again."""

from __future__ import annotations

import pytest

from webapp.errors import LimitReached
from webapp.limits import (
    GUESSES_PER_MINUTE,
    SEARCHES_PER_MINUTE,
    SETTLINGS_PER_MINUTE,
    UPLOADS_PER_MINUTE,
    Limits,
    network,
)


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


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:DB8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("", "unix:", False),
    ],
)
def test_what_counts_as_one_network_address(one: str, other: str, same: bool) -> None:
    assert (network(one) == network(other)) == same


def test_all_addresses_of_a_household_share_their_guesses_and_questions() -> None:
    limits = Limits(asks_per_minute=100, asks_per_minute_per_address=GUESSES_PER_MINUTE)
    for number in range(GUESSES_PER_MINUTE):
        limits.guessed_wrong("owner", f"2001:db8::{number:x}")
        limits.guessed_wrong("share password", f"2001:db8::{number:x} a-share")
        limits.ask("ann", f"2001:db8::{number:x}")
    with pytest.raises(LimitReached):
        limits.may_guess("owner", "2001:db8::ffff")
    with pytest.raises(LimitReached):
        limits.may_guess("share password", "2001:db8::ffff a-share")
    with pytest.raises(LimitReached):
        limits.ask("bob", "2001:db8::ffff")
    limits.may_guess("owner", "2001:db8:0:1::1")
    limits.may_guess("share password", "2001:db8::ffff another-share")


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
