"""Who an embed's visitor is: over time, by rotation, by the word of the embed's site. With clocks that stand still."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.test_embed_jwt import jwt
from webapp.embed_profiles import Embed
from webapp.embed_register import EmbedRegister
from webapp.embed_sessions import EmbedAccess, EmbedSession, EmbedSessions
from webapp.embed_tokens import ACCESS_S, TICKET_S
from webapp.errors import EmbedUnavailable, LimitReached, NotSignedIn
from webapp.history.attaching import add_visitor
from webapp.history.database import Database
from webapp.history.embed_sessions import GRACE_MS, KEPT_MS, LONGEST_MS, UNUSED_MS
from webapp.history.store import History
from webapp.limits import (
    EMBED_IDENTIFIED_PER_MINUTE,
    EMBED_RENEWED_PER_MINUTE,
    EMBED_VISITORS_PER_TICKET,
    Limits,
)

ADDRESS = "192.0.2.1"


class Door:
    """The sessions of two embeds, with one clock for all."""

    def __init__(self, folder: Path, secret_key: str = "a-secret-of-the-site-that-is-long-enough") -> None:
        self.now_s = 1_800_000_000.0
        self.history = History(f"sqlite:///{folder / 'parley.db'}", clock_ms=lambda: round(self.now_s * 1000))
        self.history.migrate()
        limits = Limits(asks_per_minute=1000)
        self.register = EmbedRegister(self.history.embeds, limits, clock_s=lambda: self.now_s)
        self.sessions = EmbedSessions(
            self.register, self.history.embed_sessions, limits, secret_key, clock_s=lambda: self.now_s
        )
        for embed_id in ("acme", "other"):
            self.register.save(Embed(id=embed_id, per_address_hour=1000))

    def begin(self, embed_id: str = "acme", refresh: str | None = None) -> EmbedSession:
        ticket = self.sessions.ticket(self.register.find(embed_id))
        return self.sessions.begin(embed_id, ticket, refresh, ADDRESS)

    def asked(self, session: EmbedSession) -> None:
        """A question was asked in this session."""
        with self.history._database.writing() as connection:
            add_visitor(connection, session.visitor_id, round(self.now_s * 1000))
        self.sessions.asked(self.sessions.check(session.access))

    def visitor(self, embed_id: str = "acme") -> EmbedAccess:
        return self.sessions.check(self.begin(embed_id).access)

    def jwt(self, embed_id: str = "acme", **changes: Any) -> str:
        claims = {"sub": "ann", "aud": embed_id, "exp": self.now_s + 600, **changes}
        return jwt(claims, secret=self.sessions.secret(embed_id))


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    door = Door(tmp_path)
    yield door
    door.history.close()


def test_an_access_token_is_over_after_a_quarter_of_an_hour(door: Door) -> None:
    session = door.begin()
    assert session.expires_in_s == ACCESS_S
    door.now_s += ACCESS_S - 1
    assert door.sessions.check(session.access).visitor_id == session.visitor_id
    door.now_s += 1
    with pytest.raises(NotSignedIn):
        door.sessions.check(session.access)


def test_who_is_new_needs_a_page_of_this_embed_loaded_a_moment_ago(door: Door) -> None:
    ticket = door.sessions.ticket(door.register.find("acme"))
    with pytest.raises(NotSignedIn):
        door.sessions.begin("other", ticket, None, ADDRESS)
    for wrong in ("", "x", ticket[:-3], door.begin().access):
        with pytest.raises(NotSignedIn):
            door.sessions.begin("acme", wrong, None, ADDRESS)
    door.now_s += TICKET_S - 1
    assert door.sessions.begin("acme", ticket, None, ADDRESS)
    door.now_s += 1
    with pytest.raises(NotSignedIn):
        door.sessions.begin("acme", ticket, None, ADDRESS)


def test_everybody_who_begins_is_somebody_else(door: Door) -> None:
    sessions = [door.begin() for _ in range(20)]
    assert len({session.visitor_id for session in sessions}) == 20
    assert len({session.refresh for session in sessions}) == 20
    for session in sessions:
        assert session.visitor_id.startswith("embed.acme.")
        assert len(session.visitor_id) == len("embed.acme.") + 22


def test_nobody_who_is_new_has_the_id_of_somebody_named(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = iter(["u-one", "U-two", "three"])
    monkeypatch.setattr("webapp.embed_sessions.new_id", lambda: next(ids))
    assert door.begin().visitor_id == "embed.acme.three"


def test_a_refresh_token_is_renewed_at_every_use_and_the_old_one_has_a_moment(door: Door) -> None:
    first = door.begin()
    second = door.begin(refresh=first.refresh)
    assert second.visitor_id == first.visitor_id
    assert second.refresh != first.refresh
    door.now_s += GRACE_MS / 1000 - 1
    assert door.begin(refresh=first.refresh).refresh == second.refresh  # two tabs go on with one
    door.now_s += 1
    access = door.sessions.check(second.access)
    # Two have had it by now, and who of them is the visitor nobody knows: both are out.
    with pytest.raises(NotSignedIn):
        door.begin(refresh=first.refresh)
    with pytest.raises(NotSignedIn):
        door.begin(refresh=second.refresh)
    with pytest.raises(NotSignedIn):
        door.sessions.standing(access)


def test_a_page_view_by_cookie_renews_nothing(door: Door) -> None:
    session, acme = door.begin(), door.register.find("acme")
    for _ in range(3):
        restored = door.sessions.restore(acme, session.refresh)
        assert restored is not None
        assert (restored.refresh, restored.visitor_id) == (session.refresh, session.visitor_id)
    door.now_s += KEPT_MS / 1000
    assert door.sessions.restore(acme, session.refresh) is None
    assert door.sessions.restore(acme, "nonsense") is None


def test_what_the_host_page_keeps_stays_for_all_its_tabs_where_the_profile_lets_it(door: Door) -> None:
    session = door.begin()
    door.register.save(Embed(id="acme", host_storage=True))
    ticket = door.sessions.ticket(door.register.find("acme"))
    born = door.sessions.begin("acme", ticket, None, ADDRESS, in_host=True)
    for _ in range(3):
        door.now_s += GRACE_MS / 1000 + 1
        assert door.sessions.begin("acme", "", session.refresh, ADDRESS, in_host=True).refresh == session.refresh
    with pytest.raises(NotSignedIn):
        door.sessions.begin("acme", "", "made up", ADDRESS, in_host=True)
    other = door.begin()
    door.register.save(Embed(id="acme"))
    for lost in (session, born):
        with pytest.raises(NotSignedIn):
            door.sessions.begin("acme", "", lost.refresh, ADDRESS, in_host=True)
        with pytest.raises(NotSignedIn):
            door.sessions.check(lost.access)
    assert door.begin(refresh=other.refresh).visitor_id == other.visitor_id  # which no host page has seen


def test_who_never_asked_is_remembered_for_a_day(door: Door) -> None:
    session = door.begin()
    for _ in range(3):
        door.now_s += UNUSED_MS / 1000 - 60
        session = door.begin(refresh=session.refresh)
    door.now_s += UNUSED_MS / 1000
    with pytest.raises(NotSignedIn):
        door.begin(refresh=session.refresh)


def test_nobody_is_remembered_for_ever(door: Door) -> None:
    session = door.begin()
    door.asked(session)
    begun_s = door.now_s
    while door.now_s < begun_s + LONGEST_MS / 1000 - KEPT_MS / 1000:
        door.now_s += KEPT_MS / 1000 - 60
        session = door.begin(refresh=session.refresh)
    door.now_s = begun_s + LONGEST_MS / 1000
    with pytest.raises(NotSignedIn):
        door.begin(refresh=session.refresh)


def test_a_page_s_ticket_makes_a_few_visitors(door: Door) -> None:
    ticket = door.sessions.ticket(door.register.find("acme"))
    for _ in range(EMBED_VISITORS_PER_TICKET):
        door.sessions.begin("acme", ticket, None, ADDRESS)
    with pytest.raises(NotSignedIn):
        door.sessions.begin("acme", ticket, None, ADDRESS)
    assert door.begin()


def test_new_visitors_of_an_embed_are_bounded_wherever_they_come_from(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.embed_sessions.LEAST_VISITORS_PER_HOUR", 4)
    door.register.save(Embed(id="acme", per_day=3))
    tickets = [door.sessions.ticket(door.register.find("acme")) for _ in range(5)]
    for number in range(4):
        door.sessions.begin("acme", tickets[number], None, f"2001:db8:{number}::1")
    with pytest.raises(LimitReached):
        door.sessions.begin("acme", tickets[4], None, "2001:db8:4::1")
    assert door.begin("other")


def test_an_access_that_is_over_stands_no_more(door: Door) -> None:
    access = door.visitor()
    door.now_s += ACCESS_S - 1
    assert door.sessions.standing(access).id == "acme"
    door.now_s += 1
    with pytest.raises(NotSignedIn):
        door.sessions.standing(access)


def test_thirty_days_slide(door: Door) -> None:
    session = door.begin()
    door.asked(session)
    for _ in range(3):
        door.now_s += KEPT_MS / 1000 - 60
        session = door.begin(refresh=session.refresh)
    door.now_s += KEPT_MS / 1000
    with pytest.raises(NotSignedIn):
        door.begin(refresh=session.refresh)


def test_another_secret_of_the_site_ends_everything(door: Door, tmp_path: Path) -> None:
    session, secret = door.begin(), door.sessions.secret("acme")
    other = Door(tmp_path, "another-secret-of-the-site-that-is-long")
    assert other.sessions.secret("acme") != secret
    with pytest.raises(NotSignedIn):
        other.sessions.check(session.access)
    other.history.close()


# --- the word of the embed's site ------------------------------------------------------------------------------------


def test_whom_the_site_names_is_the_same_on_every_device(door: Door) -> None:
    phone, laptop = door.visitor(), door.visitor()
    first = door.sessions.identify(phone, door.jwt(), ADDRESS)
    second = door.sessions.identify(laptop, door.jwt(), ADDRESS)
    assert first.visitor_id == second.visitor_id
    assert first.visitor_id.startswith("embed.acme.u-")
    assert "ann" not in first.visitor_id
    assert first.refresh != second.refresh
    assert door.sessions.check(first.access).visitor_id == first.visitor_id
    assert door.begin(refresh=first.refresh).visitor_id == first.visitor_id
    assert door.sessions.identify(phone, door.jwt(sub="bob"), ADDRESS).visitor_id != first.visitor_id


def test_the_same_name_is_somebody_else_in_another_embed(door: Door) -> None:
    acme = door.sessions.identify(door.visitor(), door.jwt(), ADDRESS)
    other = door.sessions.identify(door.visitor("other"), door.jwt("other"), ADDRESS)
    assert acme.visitor_id.rpartition(".")[2] != other.visitor_id.rpartition(".")[2]


def test_logging_out_makes_somebody_new(door: Door) -> None:
    known = door.sessions.identify(door.visitor(), door.jwt(), ADDRESS)
    access = door.sessions.check(known.access)
    elsewhere = door.sessions.identify(door.visitor(), door.jwt(), ADDRESS)
    nobody = door.sessions.identify(access, None, ADDRESS)
    with pytest.raises(NotSignedIn):
        door.begin(refresh=known.refresh)
    with pytest.raises(NotSignedIn):
        door.sessions.check(known.access)
    with pytest.raises(NotSignedIn):
        door.sessions.standing(access)
    assert door.sessions.check(elsewhere.access).visitor_id == known.visitor_id  # another device stays
    assert nobody.visitor_id != known.visitor_id
    assert ".u-" not in nobody.visitor_id


def test_the_word_of_another_embed_counts_nothing(door: Door) -> None:
    ann = door.visitor()
    for wrong in (
        door.jwt("other"),
        door.jwt("other", aud="acme"),
        door.jwt(aud="other"),
        door.jwt(exp=door.now_s + 7200),
        door.jwt(exp=door.now_s - 100),
    ):
        with pytest.raises(NotSignedIn, match="jwt"):
            door.sessions.identify(ann, wrong, ADDRESS)


def test_another_secret_ends_what_the_old_one_said(door: Door) -> None:
    word = door.jwt()
    anonymous = door.begin()
    known = door.sessions.identify(door.visitor(), word, ADDRESS)
    door.register.renew_secret("acme")
    with pytest.raises(NotSignedIn):
        door.sessions.check(known.access)
    with pytest.raises(NotSignedIn):
        door.begin(refresh=known.refresh)
    with pytest.raises(NotSignedIn, match="signature"):
        door.sessions.identify(door.visitor(), word, ADDRESS)
    assert door.begin(refresh=anonymous.refresh).visitor_id == anonymous.visitor_id
    again = door.sessions.identify(door.visitor(), door.jwt(), ADDRESS)
    assert again.visitor_id == known.visitor_id  # the person is the same, whatever the secret is


def test_another_secret_while_somebody_comes_in_by_the_old_one_counts(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, word, add = door.visitor(), door.jwt(), door.history.embed_sessions.add

    def late(*args: Any, **fields: Any) -> bool:
        door.register.renew_secret("acme")
        return add(*args, **fields)

    monkeypatch.setattr(door.history.embed_sessions, "add", late)
    with pytest.raises(NotSignedIn):
        door.sessions.identify(ann, word, ADDRESS)


def test_coming_back_has_a_bound(door: Door) -> None:
    session = door.begin()
    for _ in range(EMBED_RENEWED_PER_MINUTE):
        session = door.begin(refresh=session.refresh)
    with pytest.raises(LimitReached):
        door.begin(refresh=session.refresh)


def test_made_up_tokens_write_nothing(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    acme = door.register.find("acme")
    with monkeypatch.context() as patch:
        patch.setattr(Database, "writing", None)
        assert door.sessions.restore(acme, "made up") is None
        with pytest.raises(NotSignedIn):
            door.begin(refresh="made up")


def test_signing_in_has_a_bound(door: Door) -> None:
    ann, word = door.visitor(), door.jwt()
    for _ in range(EMBED_IDENTIFIED_PER_MINUTE):
        door.sessions.identify(ann, word, ADDRESS)
    with pytest.raises(LimitReached):
        door.sessions.identify(ann, word, ADDRESS)


def test_a_removed_embed_ends_all_of_its_own(door: Door) -> None:
    session = door.begin()
    door.register.remove("acme")
    with pytest.raises(NotSignedIn):
        door.sessions.check(session.access)
    with pytest.raises(EmbedUnavailable):
        door.sessions.begin("acme", "", session.refresh, ADDRESS)
