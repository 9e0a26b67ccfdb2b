"""Embeds as they are kept: profiles, questions of a day, sites that were turned away, sessions, hand-overs."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.history.conftest import Clock
from webapp.embed_profiles import Embed
from webapp.embed_tokens import hash_of
from webapp.errors import Conflict, LimitReached, NotFound
from webapp.history import visitors
from webapp.history.embed_sessions import GRACE_MS, HANDOVER_MS, KEPT_MS, Handover, Session
from webapp.history.embeds import BLOCKED_MS, DAY_MS, DAYS_KEPT, MOST_BLOCKED, BlockedSite
from webapp.history.store import History
from webapp.messages import ModelOptions, Turn

ANN = "embed.acme.ann"


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    """What the database says, read past all of our own code."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return connection.execute(statement).fetchall()


# --- profiles --------------------------------------------------------------------------------------------------------


def test_the_default_is_there_without_a_row(history: History, url: str) -> None:
    assert history.embeds.all() == [Embed(id="default")]
    assert history.embeds.find("default") == (Embed(id="default"), "")
    with pytest.raises(NotFound):
        history.embeds.find("acme")
    assert rows(url, "SELECT * FROM embeds") == []


def test_what_is_saved_is_read_again_by_another_process(history: History, url: str, clock: Clock) -> None:
    given = Embed(id="acme", sites=("https://shop.test",), open_ms=0, options=ModelOptions(system="Be brief."))
    saved = history.embeds.save(given)
    assert saved.created_at_ms == saved.updated_at_ms == clock.now_ms
    other = History(url, clock_ms=clock)
    assert other.embeds.find("acme").embed == saved
    assert [embed.id for embed in other.embeds.all()] == ["default", "acme"]
    other.close()


def test_saving_leaves_alone_what_is_not_the_form_s_to_say(history: History, clock: Clock) -> None:
    first = history.embeds.save(Embed(id="acme"))
    history.embeds.set_paused("acme", True)
    clock.now_ms += 5
    again = history.embeds.save(Embed(id="acme", name="Shop", paused=False, generation=99, created_at_ms=7))
    assert (again.paused, again.generation) == (True, first.generation + 1)
    assert (again.created_at_ms, again.updated_at_ms) == (clock.now_ms - 5, clock.now_ms)


def test_pausing_the_default_before_it_was_ever_saved(history: History) -> None:
    history.embeds.set_paused("default", True)
    assert history.embeds.find("default").embed.paused
    history.embeds.set_paused("default", False)
    assert history.embeds.find("default").embed.generation == 2
    assert len(history.embeds.all()) == 1


@pytest.mark.parametrize("change", ["set_paused", "renew_secret"])
def test_what_is_not_there_is_not_changed(history: History, url: str, change: str) -> None:
    arguments: tuple[object, ...] = (True,) if change == "set_paused" else ()
    with pytest.raises(NotFound):
        getattr(history.embeds, change)("acme", *arguments)
    assert rows(url, "SELECT * FROM embeds") == []


def test_one_that_has_the_id_of_a_removed_one_is_another(history: History, clock: Clock) -> None:
    first = history.embeds.save(Embed(id="acme"))
    before = history.embeds.find("acme")
    history.embeds.remove("acme")
    clock.now_ms += 1
    again = history.embeds.save(Embed(id="acme"))
    assert again.generation > first.generation
    assert history.embeds.find("acme").salt != before.salt


def test_a_field_of_a_newer_version_is_passed_over(history: History, url: str) -> None:
    history.embeds.save(Embed(id="acme", name="Shop"))
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("UPDATE embeds SET profile = json_set(profile, '$.newer', 1)")
    assert history.embeds.find("acme").embed.name == "Shop"


# --- questions of a day ----------------------------------------------------------------------------------------------


def test_the_questions_of_a_day_are_counted_apart_and_over_restarts(history: History, url: str, clock: Clock) -> None:
    for _ in range(3):
        history.embeds.take_question("acme", 3)
    history.embeds.take_question("other", 3)
    again = History(url, clock_ms=clock)
    assert (again.embeds.asked_today("acme"), again.embeds.asked_today("other")) == (3, 1)
    with pytest.raises(LimitReached) as caught:
        again.embeds.take_question("acme", 3)
    assert caught.value.retry_after is not None
    assert 0 < caught.value.retry_after <= 86_400
    clock.now_ms += round(caught.value.retry_after * 1000)
    again.embeds.take_question("acme", 3)
    assert again.embeds.asked_today("acme") == 1
    again.close()


def test_a_question_that_came_to_nothing_is_given_back_once(history: History) -> None:
    history.embeds.take_question("acme", 1)
    history.embeds.give_back_question("acme")
    history.embeds.give_back_question("acme")
    assert history.embeds.asked_today("acme") == 0
    history.embeds.take_question("acme", 1)
    with pytest.raises(LimitReached):
        history.embeds.take_question("acme", 1)
    with pytest.raises(LimitReached):
        history.embeds.take_question("none", 0)


def test_a_crowd_gets_no_question_more(history: History) -> None:
    barrier = threading.Barrier(8)
    taken: list[int] = []

    def run() -> None:
        barrier.wait()
        with suppress(LimitReached):
            while True:
                history.embeds.take_question("acme", 20)
                taken.append(1)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == history.embeds.asked_today("acme") == 20


# --- sites that were turned away -------------------------------------------------------------------------------------


def test_sites_that_were_turned_away_are_shown_for_seven_days(history: History, clock: Clock) -> None:
    history.embeds.saw_blocked("acme", "https://a.test")
    history.embeds.saw_blocked("other", "https://a.test")
    clock.now_ms += 1
    history.embeds.saw_blocked("acme", "https://b.test")
    clock.now_ms += 1
    history.embeds.saw_blocked("acme", "https://a.test")
    now_ms = clock.now_ms
    a, b = BlockedSite("https://a.test", 2, now_ms), BlockedSite("https://b.test", 1, now_ms - 1)
    assert history.embeds.blocked("acme") == [a, b]
    clock.now_ms += BLOCKED_MS - 1
    assert history.embeds.blocked("acme") == [a]
    history.embeds.forget_blocked("acme", "https://a.test")
    assert history.embeds.blocked("acme") == []


def test_made_up_sites_fill_nothing(history: History, url: str, clock: Clock) -> None:
    for number in range(MOST_BLOCKED + 20):
        clock.now_ms += 1
        history.embeds.saw_blocked("acme", f"https://{number}.test")
    history.embeds.saw_blocked("other", "https://a.test")
    assert len(history.embeds.blocked("acme")) == MOST_BLOCKED
    assert history.embeds.blocked("acme")[0].origin == f"https://{MOST_BLOCKED + 19}.test"
    assert rows(url, "SELECT count(*) FROM embed_blocked") == [(MOST_BLOCKED + 1,)]


def test_what_is_over_is_forgotten(history: History, url: str, clock: Clock) -> None:
    history.embeds.saw_blocked("acme", "https://a.test")
    history.embeds.take_question("acme", 5)
    history.embed_sessions.add(Session("s", ANN, 0), "acme", "hash")
    clock.now_ms += (DAYS_KEPT + 1) * DAY_MS
    history.embeds.take_question("acme", 5)
    history.embeds.forget_old()
    history.embed_sessions.forget_old()
    assert rows(url, "SELECT count(*) FROM embed_blocked") == [(0,)]
    assert rows(url, "SELECT count(*) FROM embed_sessions") == [(0,)]
    assert rows(url, "SELECT count(*) FROM embed_days") == [(1,)]


# --- sessions --------------------------------------------------------------------------------------------------------


def after(session: Session) -> str:
    return hash_of(f"token {session.renewals}")


def begun(history: History) -> None:
    history.embed_sessions.add(Session("s", ANN, 0), "acme", hash_of("token 0"))


def test_a_renewal_takes_the_place_of_the_token_and_the_old_one_has_a_moment(history: History, clock: Clock) -> None:
    begun(history)
    first = history.embed_sessions.renew("acme", hash_of("token 0"), after)
    assert first == Session("s", ANN, 1)
    clock.now_ms += GRACE_MS - 1
    # A tab that was a moment slower is told the same: both go on with one token.
    assert history.embed_sessions.renew("acme", hash_of("token 0"), after) == first
    assert history.embed_sessions.find("acme", hash_of("token 0")) == first
    clock.now_ms += 1
    assert history.embed_sessions.renew("acme", hash_of("token 0"), after) is None
    assert history.embed_sessions.find("acme", hash_of("token 0")) is None
    assert history.embed_sessions.renew("acme", hash_of("token 1"), after) == Session("s", ANN, 2)
    assert history.embed_sessions.renew("acme", hash_of("token 0"), after) is None


def test_a_token_is_of_its_embed(history: History) -> None:
    begun(history)
    assert history.embed_sessions.find("other", hash_of("token 0")) is None
    assert history.embed_sessions.renew("other", hash_of("token 0"), after) is None
    assert history.embed_sessions.find("acme", hash_of("token 0")) is not None


def test_a_session_ends_thirty_days_after_its_last_use(
    history: History, clock: Clock, ask: Callable[..., Turn]
) -> None:
    begun(history)
    ask(visitor=ANN)
    history.embed_sessions.keep("s")
    for _ in range(4):
        clock.now_ms += KEPT_MS - 1
        assert history.embed_sessions.find("acme", hash_of("token 0")) is not None
        history.embed_sessions.forget_old()
    clock.now_ms += KEPT_MS
    assert history.embed_sessions.find("acme", hash_of("token 0")) is None
    assert history.embed_sessions.renew("acme", hash_of("token 0"), after) is None


def test_a_crowd_that_comes_back_at_once_is_one_visitor(history: History) -> None:
    begun(history)
    barrier = threading.Barrier(6)
    found: list[Session | None] = []

    def run() -> None:
        barrier.wait()
        found.append(history.embed_sessions.renew("acme", hash_of("token 0"), after))

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [Session("s", ANN, 1)] * 6


def test_no_token_is_in_the_database_and_nobody_is_a_visitor_yet(history: History, url: str) -> None:
    begun(history)
    history.embed_sessions.renew("acme", hash_of("token 0"), after)
    for path in Path(url.removeprefix("sqlite:///")).parent.iterdir():
        assert b"token 0" not in path.read_bytes()
        assert b"token 1" not in path.read_bytes()
    assert rows(url, "SELECT count(*) FROM visitors") == [(0,)]


def test_another_secret_ends_the_sessions_of_those_who_came_by_the_old_one(history: History) -> None:
    for embed_id in ("acme", "ac-me"):
        history.embeds.save(Embed(id=embed_id))
        for own in ("u-known", "U-nknown", "somebody"):
            session = Session(f"{embed_id} {own}", f"embed.{embed_id}.{own}", 0)
            history.embed_sessions.add(session, embed_id, hash_of(f"{embed_id} {own}"))
    before = history.embeds.find("acme")
    history.embeds.renew_secret("acme")
    later = history.embeds.find("acme")
    assert later.salt != before.salt
    assert later.embed.generation == before.embed.generation + 1
    left = {
        (embed_id, own)
        for embed_id in ("acme", "ac-me")
        for own in ("u-known", "U-nknown", "somebody")
        if history.embed_sessions.find(embed_id, hash_of(f"{embed_id} {own}")) is not None
    }
    others = {("ac-me", own) for own in ("u-known", "U-nknown", "somebody")}
    assert left == {("acme", "U-nknown"), ("acme", "somebody")} | others


def test_erasing_a_visitor_ends_their_sessions_and_links(history: History, url: str, ask: Callable[..., Turn]) -> None:
    begun(history)
    history.embed_sessions.add(Session("other", "embed.acme.bob", 0), "acme", "b")
    place = ask(visitor=ANN).conversation.id
    history.embed_sessions.add_handover("h", Handover(ANN, place))
    history.visitors.erase(ANN)
    assert history.embed_sessions.find("acme", hash_of("token 0")) is None
    assert history.embed_sessions.find("acme", "b") is not None
    assert rows(url, "SELECT count(*) FROM embed_handovers") == [(0,)]


# --- hand-overs ------------------------------------------------------------------------------------------------------


def test_a_conversation_is_handed_over_once_and_soon(history: History, clock: Clock, ask: Callable[..., Turn]) -> None:
    turn, kept = ask("Where is my parcel?", visitor=ANN), ask(visitor=ANN)
    place = turn.conversation.id
    history.embed_sessions.add_handover("h", Handover(ANN, place))
    assert history.embed_sessions.handover("h") == (ANN, place)
    clock.now_ms += HANDOVER_MS - 1
    assert history.embed_sessions.take_handover("h", "bob")
    assert history.conversation("bob", place)[0].id == place
    assert history.conversations("bob", query="parcel").conversations[0].id == place
    assert history.turn("bob", turn.id) is not None
    with pytest.raises(NotFound):
        history.conversation(ANN, place)
    assert history.conversation(ANN, kept.conversation.id)
    for late in (
        lambda: history.embed_sessions.take_handover("h", "eve"),
        lambda: history.embed_sessions.handover("h"),
    ):
        with pytest.raises(NotFound, match="used already"):
            late()


def test_a_long_conversation_is_handed_over_in_steps(
    history: History, ask: Callable[..., Turn], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = ask("Where is my parcel?", visitor=ANN).conversation.id
    ask("It was marzipan", visitor=ANN, conversation=place)
    history.embed_sessions.add_handover("h", Handover(ANN, place))
    monkeypatch.setattr(visitors, "CHARS_A_STEP", 1)
    steps = 1
    while not history.embed_sessions.take_handover("h", "bob"):
        steps += 1
        assert history.conversation(ANN, place)[0].id == place  # until the last step nothing has changed
    assert steps == 3
    assert history.conversations("bob", query="marzipan").conversations[0].id == place


def test_a_link_is_over_after_ten_minutes_and_when_the_conversation_is_gone(
    history: History, clock: Clock, ask: Callable[..., Turn]
) -> None:
    places = [ask(visitor=ANN).conversation.id for _ in range(2)]
    for place in places:
        history.embed_sessions.add_handover(place, Handover(ANN, place))
    history.deletions.hide(ANN, [places[0]])
    with pytest.raises(NotFound):
        history.embed_sessions.take_handover(places[0], "bob")
    clock.now_ms += HANDOVER_MS
    with pytest.raises(NotFound):
        history.embed_sessions.take_handover(places[1], "bob")


def test_a_newer_link_takes_the_place_of_the_older_and_nobody_gives_away_what_is_another_s(
    history: History, ask: Callable[..., Turn]
) -> None:
    place = ask(visitor=ANN).conversation.id
    history.embed_sessions.add_handover("one", Handover(ANN, place))
    history.embed_sessions.add_handover("two", Handover(ANN, place))
    with pytest.raises(NotFound):
        history.embed_sessions.handover("one")
    with pytest.raises(NotFound):
        history.embed_sessions.add_handover("three", Handover("embed.acme.eve", place))
    assert history.embed_sessions.handover("two") == (ANN, place)


# --- removing --------------------------------------------------------------------------------------------------------


def test_removing_an_embed_hides_what_was_asked_by_way_of_it_and_nothing_else(
    history: History, url: str, ask: Callable[..., Turn]
) -> None:
    for embed_id in ("acme", "acme-2", "acm"):
        history.embeds.save(Embed(id=embed_id))
        history.embeds.saw_blocked(embed_id, "https://a.test")
        history.embeds.take_question(embed_id, 5)
    everybody = [ANN, "embed.acme.u-bob", "embed.acme-2.ann", "embed.acm.ann", "ann"]
    places = {visitor: ask(visitor=visitor).conversation.id for visitor in everybody}
    begun(history)
    history.embeds.remove("acme")
    assert not history.embeds.hide_removed()
    assert history.embeds.hide_removed()
    left = {visitor for visitor in everybody if history.conversations(visitor).conversations}
    assert left == {"embed.acme-2.ann", "embed.acm.ann", "ann"}
    while history.deletions.purge() is not None:
        pass
    history.retention.remove_visitors()
    assert {row[0] for row in rows(url, "SELECT id FROM visitors")} == left
    assert {row[0] for row in rows(url, "SELECT id FROM conversations")} == {places[visitor] for visitor in left}
    assert rows(url, "SELECT count(*) FROM embed_sessions") == [(0,)]
    assert {row[0] for row in rows(url, "SELECT embed_id FROM embed_days")} == {"acme-2", "acm"}
    assert history.embeds.blocked("acme") == []


def test_what_was_asked_by_way_of_removed_embeds_is_hidden_in_steps(
    history: History, url: str, ask: Callable[..., Turn], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.history.embeds.AT_A_TIME", 2)
    for embed_id in ("acme", "acme-2", "z"):
        history.embeds.save(Embed(id=embed_id))
    for visitor in (ANN, ANN, ANN, "embed.z.ann", "embed.acme-2.ann", "embed.default.ann", "ann", "embed"):
        ask(visitor=visitor)
    for embed_id in ("acme", "z"):
        history.embeds.remove(embed_id)
        with pytest.raises(Conflict):
            history.embeds.save(Embed(id=embed_id))
    hidden = []
    while not history.embeds.hide_removed():
        hidden.append(rows(url, "SELECT count(*) FROM conversations WHERE deleted_at_ms = 0")[0][0])
    assert hidden == [2, 3, 4]
    assert {row[0] for row in rows(url, "SELECT id FROM visitors WHERE created_at_ms = 0")} == {ANN, "embed.z.ann"}
    assert history.embeds.save(Embed(id="acme")).id == "acme"
    history.embeds.set_paused("default", True)  # whose first row is no other embed


def test_what_is_asked_at_an_embed_that_was_made_anew_stays(history: History, ask: Callable[..., Turn]) -> None:
    history.embeds.save(Embed(id="acme"))
    ask(visitor=ANN)
    assert not history.embeds._hide_some("acme")  # as when it was made after it was looked for
    assert len(history.conversations(ANN).conversations) == 1
