"""Who may come in and ask: passwords, invitations and their bounds under a crowd, the closed sign, who is shown out."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from webapp import frames
from webapp.access import INVITATION, MOST_INVITATIONS, OWNER, Access
from webapp.announcements import Announcements
from webapp.errors import ChatError, Conflict, InvalidInput, LimitReached, NotFound, NotSignedIn, SiteClosed
from webapp.history.store import History
from webapp.messages import Turn

SECRET = "a-secret-of-the-site-that-is-long-enough"
DAY_MS = 24 * 3_600_000


class Site:
    """The door of a site over a real database, with a clock that stands still."""

    def __init__(self, folder: Path, *passwords: str, secret: str = SECRET) -> None:
        self.path = folder / "parley.db"
        self.now_ms = 1_000_000
        self.history = History(f"sqlite:///{self.path}", clock_ms=lambda: self.now_ms)
        self.history.migrate()
        self.announcements = Announcements(most=100, most_per_visitor=100)
        self.access = Access(self.history, self.announcements, passwords=passwords, secret_key=secret)

    def invite(self, **bounds: int | None) -> tuple[str, str]:
        """A new invitation's id and token."""
        given = {"valid_ms": None, "most_uses": None, "most_questions": None, **bounds}
        made = self.access.invite(label="Friends", **given)
        return made, self.access.token(made)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site for invited people only."""
    made = Site(tmp_path)
    made.access.set_invitation_only(True)
    yield made
    made.history.close()


def at_once(count: int, action: Callable[[], object]) -> list[type[BaseException] | None]:
    """What came of so many threads that begin together: None for each that succeeded."""
    outcomes: list[type[BaseException] | None] = []
    barrier = threading.Barrier(count)

    def run() -> None:
        barrier.wait()
        try:
            action()
        except ChatError as problem:
            outcomes.append(type(problem))
        else:
            outcomes.append(None)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def begun(created: bool = True) -> Callable[[], tuple[Turn, bool]]:
    turn: Any = object()
    return lambda: (turn, created)


# --- passwords -------------------------------------------------------------------------------------------------------


def test_any_of_the_passwords_lets_in_and_nothing_else_does(tmp_path: Path) -> None:
    access = Site(tmp_path, "open sesame", "hunter2", "café").access
    for right in ("open sesame", "hunter2", " hunter2 ", "café", "cafe\u0301"):
        assert access.admit([access.by_password(right)])
    for wrong in ("", "hunter", "hunter22", "Hunter2", "open", "open sesame, hunter2", "\ud800"):
        with pytest.raises(NotSignedIn):
            access.by_password(wrong)
    for entries in ([], ["password."], ["password.hunter2"], ["invitation.x"], ["everybody"]):
        with pytest.raises(NotSignedIn):
            access.admit(entries)


def test_who_came_in_by_a_password_that_was_removed_is_out_and_nobody_else(tmp_path: Path) -> None:
    before = Site(tmp_path, "first", "second").access
    first, second = before.by_password("first"), before.by_password("second")
    after = Site(tmp_path, "second", "third").access
    assert after.admit([second]) == second
    assert after.admit([first, second]) == second
    with pytest.raises(NotSignedIn):
        after.admit([first])


def test_an_entry_does_not_tell_the_password(tmp_path: Path) -> None:
    entry = Site(tmp_path, "hunter2").access.by_password("hunter2")
    assert "hunter2" not in entry
    other = Site(tmp_path, "hunter2", secret="another-secret-of-another-site-entirely").access
    assert other.by_password("hunter2") != entry


def test_without_a_password_everybody_may_come_in(tmp_path: Path) -> None:
    access = Site(tmp_path).access
    assert access.admit([]) is None
    access.set_invitation_only(True)
    with pytest.raises(NotSignedIn):
        access.admit([])
    assert access.admit([OWNER]) == OWNER


# --- invitations -----------------------------------------------------------------------------------------------------


def test_an_invitation_lets_in_as_often_as_it_says_whoever_comes_at_once(site: Site) -> None:
    made, token = site.invite(most_uses=3)
    outcomes = at_once(8, lambda: site.access.by_invitation(token, []))
    assert outcomes.count(None) == 3
    assert outcomes.count(NotFound) == 5
    assert site.access.admit([INVITATION + made])  # who is in stays
    assert [(found.uses, state) for found, state in site.access.invitations()] == [(3, "used_up")]


def test_the_same_browser_costs_one_use(site: Site) -> None:
    _, token = site.invite(most_uses=1)
    entry = site.access.by_invitation(token, [])
    for _ in range(3):
        assert site.access.by_invitation(token, [entry]) == entry
    assert site.access.invitations()[0][0].uses == 1


def test_looking_at_an_invitation_costs_nothing(site: Site) -> None:
    _, token = site.invite(most_uses=1)
    for _ in range(3):
        site.access.invitation(token, [])
    assert site.access.invitations()[0][0].uses == 0


def test_an_expired_invitation_lets_nobody_in_and_nobody_out(site: Site) -> None:
    _, token = site.invite(valid_ms=DAY_MS)
    site.now_ms += DAY_MS - 1
    entry = site.access.by_invitation(token, [])
    site.now_ms += 1
    with pytest.raises(NotFound):
        site.access.by_invitation(token, [])
    assert site.access.admit([entry]) == entry
    assert site.access.by_invitation(token, [entry]) == entry


@pytest.mark.parametrize("way", ["revoke", "remove"])
def test_a_revoked_invitation_lets_in_nobody_and_shows_out_who_came_by_it(site: Site, way: str) -> None:
    made, token = site.invite()
    _, other = site.invite()
    entry, stays = site.access.by_invitation(token, []), site.access.by_invitation(other, [])
    out: list[str] = []
    leave = [
        site.access.stay([entry], "ann", lambda: out.append("ann")),
        site.access.stay([stays], "bob", lambda: out.append("bob")),
        site.access.stay([entry, stays], "cas", lambda: out.append("cas")),
    ]
    getattr(site.access, way)(made)
    assert out == ["ann"]
    for entries in ([], [entry]):
        with pytest.raises(NotFound):
            site.access.by_invitation(token, entries)
    with pytest.raises(NotSignedIn):
        site.access.stay([entry], "ann", lambda: None)
    for one in leave:
        one()
    site.access.set_invitation_only(True)
    assert out == ["ann"]  # whoever left is not called any more


def test_the_database_does_not_hold_the_token(site: Site) -> None:
    _, token = site.invite()
    assert re.fullmatch(r"[\w-]{32}", token)  # 192 bits
    site.history.close()
    assert token.encode() not in site.path.read_bytes()
    with closing(sqlite3.connect(site.path)) as connection:
        (stored,) = connection.execute("SELECT token_hash FROM invitations").fetchone()
    assert re.fullmatch(r"[0-9a-f]{64}", stored)


def test_tokens_of_another_secret_open_nothing(site: Site, tmp_path: Path) -> None:
    made, token = site.invite()
    other = Site(tmp_path, secret="another-secret-of-another-site-entirely").access
    assert other.token(made) != token
    for wrong in ("", "x", made, token[:-1], token + "A", token.swapcase(), other.token(made), "\ud800"):
        with pytest.raises(NotFound):
            site.access.by_invitation(wrong, [])


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": " "},
        {"label": "x" * 101},
        {"most_uses": 0},
        {"most_questions": -1},
        {"valid_ms": 0},
    ],
)
def test_what_an_invitation_may_not_be(site: Site, wrong: dict[str, Any]) -> None:
    given = {"label": "Friends", "valid_ms": None, "most_uses": None, "most_questions": None, **wrong}
    with pytest.raises(InvalidInput):
        site.access.invite(**given)
    assert site.access.invitations() == []


def test_there_is_an_end_of_invitations(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_INVITATIONS >= 100
    monkeypatch.setattr("webapp.access.MOST_INVITATIONS", 2)
    for _ in range(2):
        site.invite()
    with pytest.raises(InvalidInput):
        site.invite()


# --- asking ----------------------------------------------------------------------------------------------------------


def test_the_questions_of_an_invitation_are_counted_exactly_in_a_crowd(site: Site) -> None:
    made, _ = site.invite(most_questions=5)
    outcomes = at_once(12, lambda: site.access.begin(INVITATION + made, begun()))
    assert outcomes.count(None) == 5
    assert outcomes.count(LimitReached) == 7
    assert site.access.invitations()[0][0].questions == 5


def test_a_question_that_was_not_asked_costs_nothing(site: Site) -> None:
    made, _ = site.invite(most_questions=1)

    def fail() -> tuple[Turn, bool]:
        raise Conflict("no")

    with pytest.raises(Conflict):
        site.access.begin(INVITATION + made, fail)
    site.access.begin(INVITATION + made, begun(created=False))  # the same turn again
    assert site.access.invitations()[0][0].questions == 0
    site.access.begin(INVITATION + made, begun())
    with pytest.raises(LimitReached) as caught:
        site.access.begin(INVITATION + made, begun())
    assert caught.value.retry_after is None
    assert "used up" in caught.value.message


def test_nothing_is_asked_by_an_invitation_that_was_taken_back(site: Site) -> None:
    """Also by whoever was let in a moment before."""
    for end in (site.access.revoke, site.access.remove):
        made, token = site.invite()
        entry = site.access.by_invitation(token, ())
        end(made)
        with pytest.raises(NotSignedIn, match="taken back"):
            site.access.begin(entry, lambda: pytest.fail("it was asked"))


def test_questions_are_counted_where_there_is_no_bound_too(site: Site) -> None:
    made, _ = site.invite()
    for _ in range(3):
        site.access.begin(INVITATION + made, begun())
    site.access.begin(OWNER, begun())
    site.access.begin(None, begun())
    assert site.access.invitations()[0][0].questions == 3


# --- the closed sign -------------------------------------------------------------------------------------------------


class Ear:
    """A connection that remembers what it was told."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def announce(self, frame: bytes) -> None:
        self.heard.append(frame)

    def go_away(self) -> None:
        raise AssertionError("nobody is sent away")


def test_the_closed_sign_is_told_to_everybody_and_stays_over_a_restart(site: Site, tmp_path: Path) -> None:
    ears = {visitor: Ear() for visitor in ("ann", "bob")}
    for visitor, ear in ears.items():
        site.announcements.listen(visitor, ear)
    site.access.close("  Back\nat noon. ")
    with pytest.raises(SiteClosed) as caught:
        site.access.begin(None, begun())
    assert caught.value.message == "Back at noon."
    site.access.begin(OWNER, begun())
    again = Site(tmp_path).access
    assert again.closed() == "Back at noon."
    again.open()
    assert site.access.closed() is None
    site.access.begin(None, begun())
    site.access.open()
    signs = [frames.Changed(what="site", conversation="", closed=text) for text in ("Back at noon.", None)]
    assert all(ear.heard == [frames.serialise(sign) for sign in signs] for ear in ears.values())


@pytest.mark.parametrize("text", ["", " \n", "x" * 501])
def test_what_the_closed_sign_may_not_say(site: Site, text: str) -> None:
    with pytest.raises(InvalidInput):
        site.access.close(text)
    assert site.access.closed() is None


def test_switching_to_invited_people_only_shows_out_the_others(tmp_path: Path) -> None:
    site = Site(tmp_path)
    made, token = site.invite()
    entry = site.access.by_invitation(token, [])
    out: list[str] = []
    site.access.stay([], "ann", lambda: out.append("ann"))
    site.access.stay([entry], "bob", lambda: out.append("bob"))
    site.access.stay([OWNER], "eve", lambda: out.append("eve"))
    site.access.revoke(made)
    assert out == []  # everybody may be there, invited or not
    site.access.set_invitation_only(True)
    assert sorted(out) == ["ann", "bob"]
    with suppress(NotSignedIn):
        site.access.stay([], "ann", lambda: out.append("late"))
    site.access.left("eve")
    assert sorted(out) == ["ann", "bob", "eve"]
