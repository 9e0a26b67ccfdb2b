"""Doors that the owner shuts, and crowds that come from one place: what embeds do about both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embed_site import ADDRESS, NEVER_ENDS, EmbedSite, embed_site, new_id
from tests.waiting import until
from webapp import frames
from webapp.embed_crowd import MOST_RUNNING, Crowd
from webapp.embed_sessions import EmbedAccess
from webapp.errors import Conflict, EmbedUnavailable, LimitReached, NotFound, NotSignedIn
from webapp.history.embed_sessions import ROWS_AT_ONCE, Session
from webapp.history.embeds import MOST_BLOCKED
from webapp.limits import EMBED_TURNED_AWAY_PER_MINUTE_AND_ADDRESS


@pytest.fixture
def site(tmp_path: Path) -> Iterator[EmbedSite]:
    with embed_site(tmp_path) as made:
        yield made


def wide(site: EmbedSite, embed_id: str = "acme", **fields: object) -> None:
    site.embed(embed_id, **{"per_visitor_minute": 1000, "per_address_hour": 1000, **fields})


def stopped(site: EmbedSite, ann: EmbedAccess, **fields: object) -> str:
    """An answer that did not come to its end."""
    site.upstream.play(NEVER_ENDS)
    turn = site.ask(ann, **fields)
    site.parts.turns.stop(ann.visitor_id, turn.answer.id)
    site.wait_for_end(ann, turn)
    return turn.answer.id


# --- doors -----------------------------------------------------------------------------------------------------------


def test_who_is_inside_when_the_site_is_shut_asks_no_more(site: EmbedSite) -> None:
    ann, shown_out = site.visitor(), []
    turn = site.asked(ann)
    site.parts.embeds.stay(ann, lambda: shown_out.append("ann"))
    site.parts.access.set_invitation_only(True)
    again, go_on = frames.Again(id=new_id(), answer=turn.answer.id), frames.Continue(id=new_id(), answer=turn.answer.id)
    for ask in (
        lambda: site.ask(ann),
        lambda: site.parts.embeds.again(ann, again),
        lambda: site.parts.embeds.go_on(ann, go_on),
    ):
        with pytest.raises(NotSignedIn):
            ask()
    site.parts.embeds.check_doors()
    assert shown_out == ["ann"]
    wide(site, sites=("https://shop.test",))
    assert site.ask(ann)  # that was given to a site, and its token holds


def test_who_is_inside_when_the_last_site_goes_is_shown_out(site: EmbedSite) -> None:
    wide(site, sites=("https://shop.test",))
    site.parts.access.set_invitation_only(True)
    ann, shown_out = site.visitor(), []
    site.parts.embeds.stay(ann, lambda: shown_out.append("ann"))
    wide(site, sites=("https://shop.test", "https://blog.test"))
    assert not shown_out
    wide(site)
    assert shown_out == ["ann"]


def test_tests_on_one_s_own_machine_open_no_shut_site(tmp_path: Path) -> None:
    with embed_site(tmp_path, site_password=("open sesame",)) as site:
        wide(site, localhost=True)
        with pytest.raises(EmbedUnavailable):
            site.session()


# --- crowds ----------------------------------------------------------------------------------------------------------


def test_one_address_leaves_others_their_share_of_the_day(site: EmbedSite) -> None:
    wide(site, per_visitor_minute=1, per_day=120)
    wide(site, "other")
    visitors = [site.visitor() for _ in range(13)]
    for ann in visitors[:12]:
        site.asked(ann)
    with pytest.raises(LimitReached, match="network"):
        site.ask(visitors[12])
    assert site.parts.embeds.ask(visitors[12], frames.Ask(id=new_id(), text="Hello"), address="192.0.2.2")
    assert site.ask(site.visitor("other"))


def test_one_address_has_so_many_answers_running(site: EmbedSite) -> None:
    site.upstream.play(NEVER_ENDS)
    turns = [(ann, site.ask(ann)) for ann in (site.visitor() for _ in range(MOST_RUNNING))]
    ann = site.visitor()
    with pytest.raises(LimitReached, match="running"):
        site.ask(ann)
    assert site.parts.embeds.ask(ann, frames.Ask(id=new_id(), text="Hello"), address="192.0.2.2")
    assert site.ask(site.visitor("other"))
    first, turn = turns[0]
    site.parts.turns.stop(first.visitor_id, turn.answer.id)
    until(lambda: not site.parts.turns.is_running(turn.answer.id))
    assert site.ask(ann)
    with pytest.raises(LimitReached):
        site.ask(ann)


def test_what_is_said_twice_passes_the_limits_of_its_network(site: EmbedSite) -> None:
    wide(site, per_visitor_minute=1, per_day=30)
    visitors = [site.visitor() for _ in range(11)]
    turns = [site.asked(ann) for ann in visitors[:10]]
    counted = site.parts.embeds.asked_today("acme")
    for _ in range(2):
        with pytest.raises(LimitReached, match="network"):
            site.ask(visitors[10])
        for ann, turn in zip(visitors, turns, strict=False):  # each once more, as after a connection that was lost
            assert site.ask(ann, id=turn.id).answer.id == turn.answer.id
    assert (site.calls, site.parts.embeds.asked_today("acme")) == (10, counted)


def test_what_is_said_twice_takes_one_place(site: EmbedSite) -> None:
    site.upstream.play(NEVER_ENDS)
    ann = site.visitor()
    turns = [site.ask(ann) for _ in range(MOST_RUNNING)]
    with pytest.raises(LimitReached, match="running"):
        site.ask(ann)
    assert site.ask(ann, id=turns[0].id).answer.id == turns[0].answer.id
    again = frames.Again(id=new_id(), answer=turns[0].answer.id)
    with pytest.raises(LimitReached, match="running"):
        site.parts.embeds.again(ann, again, address=ADDRESS)
    site.parts.turns.stop(ann.visitor_id, turns[0].answer.id)
    until(lambda: not site.parts.turns.is_running(turns[0].answer.id))
    known = site.parts.embeds.again(ann, again, address=ADDRESS)
    assert site.parts.embeds.again(ann, again, address=ADDRESS).answer.id == known.answer.id


def test_one_answer_that_is_begun_twice_at_once_has_one_place(site: EmbedSite) -> None:
    site.upstream.play(NEVER_ENDS)
    embed, turn = site.parts.embeds.find("acme"), site.ask(site.visitor())
    crowd = Crowd(site.parts.limits, lambda answer_id: True)
    for _ in range(2 * MOST_RUNNING):
        assert crowd.begin(embed, ADDRESS, lambda: turn) is turn


def test_what_is_said_twice_is_known_when_its_model_is_gone(site: EmbedSite) -> None:
    wide(site, model="large")
    ann = site.visitor()
    turn = site.asked(ann)
    again = site.parts.embeds.again(ann, frames.Again(id=new_id(), answer=turn.answer.id), address=ADDRESS)
    site.wait_for_end(ann, again)
    wide(site, model="gone")
    with pytest.raises(EmbedUnavailable):
        site.ask(ann)
    assert site.ask(ann, id=turn.id).answer.id == turn.answer.id
    told = frames.Again(id=again.id, answer=turn.answer.id)
    assert site.parts.embeds.again(ann, told, address=ADDRESS).answer.id == again.answer.id


def test_a_question_that_fails_takes_no_place(site: EmbedSite) -> None:
    ann = site.visitor()
    for _ in range(MOST_RUNNING + 1):
        with pytest.raises(NotFound):
            site.ask(ann, conversation="AAAAAAAAAAAAAAAAAAAAAA")
    assert site.ask(ann)


def test_old_sessions_go_in_steps(site: EmbedSite) -> None:
    store = site.parts.history.embed_sessions
    for number in range(ROWS_AT_ONCE + 1):
        store.add(Session(f"s{number}", f"embed.acme.{number}", 0), "acme", f"hash {number}")
    now_ms = store._clock_ms()
    store._clock_ms = lambda: now_ms + 10**9
    assert not store.forget_old()
    assert store.forget_old()


# --- models and links ------------------------------------------------------------------------------------------------


def test_a_model_that_was_taken_off_the_list_is_in_use_no_more(site: EmbedSite) -> None:
    wide(site, models=("large",))
    ann = site.visitor()
    answer = stopped(site, ann, model="large")
    assert site.parts.embeds.go_on(ann, frames.Continue(id=new_id(), answer=answer)).answer.model == "large"
    for model in (None, "small"):
        wide(site, model=model)
        again = site.parts.embeds.again(ann, frames.Again(id=new_id(), answer=answer), address=ADDRESS)
        assert again.answer.model == "small"
        with pytest.raises(Conflict):
            site.parts.embeds.go_on(ann, frames.Continue(id=new_id(), answer=answer))


def test_another_secret_ends_the_links_of_whom_the_old_one_named(site: EmbedSite) -> None:
    known = site.parts.embeds.sessions._start(site.parts.embeds.open("acme"), "u-known", in_host=False)
    ann, bob = site.parts.embeds.sessions.check(known.access), site.visitor()
    links = [site.parts.embeds.hand_over(one, site.asked(one).conversation.id) for one in (ann, bob)]
    site.parts.embeds.new_secret("acme")
    assert [site.parts.embeds.peek(link) for link in links] == [False, True]


def test_an_embed_without_its_model_has_a_line_a_minute_in_the_log(
    site: EmbedSite, caplog: pytest.LogCaptureFixture
) -> None:
    site.embed(model="gone", per_visitor_minute=3)
    ann = site.visitor()
    for _ in range(3):
        with pytest.raises(EmbedUnavailable):
            site.ask(ann)
    with pytest.raises(LimitReached):
        site.ask(ann)
    assert caplog.text.count("is not on offer") == 1


def test_one_address_does_not_push_out_the_sites_that_tried(site: EmbedSite) -> None:
    embeds, acme = site.parts.embeds, site.parts.embeds.find("acme")
    for address in ("192.0.2.1", "192.0.2.2"):
        embeds.saw_blocked(acme, "https://real.test", address)
    for number in range(20):
        embeds.saw_blocked(acme, f"https://made-up-{number}.test", "192.0.2.9")
    assert len(embeds.blocked("acme")) == 1 + EMBED_TURNED_AWAY_PER_MINUTE_AND_ADDRESS
    for number in range(MOST_BLOCKED + 20):
        site.parts.history.embeds.saw_blocked("acme", f"https://many-{number}.test")
    kept = {blocked.origin for blocked in embeds.blocked("acme")}
    assert {"https://real.test", f"https://many-{MOST_BLOCKED + 19}.test"} <= kept
    assert len(kept) == MOST_BLOCKED


def test_what_a_page_said_of_itself_stays_behind(site: EmbedSite) -> None:
    ann = site.visitor()
    turn = site.asked(ann, context={"basket": "ctx-4711"})
    assert "ctx-4711" in str(site.sent())
    place = site.parts.embeds.take_over(site.parts.embeds.hand_over(ann, turn.conversation.id), "bob")
    asked = frames.Ask(id=new_id(), text="go on", conversation=place, parent=turn.answer.id)
    own = site.parts.turns.ask("bob", asked)
    until(lambda: not site.parts.turns.is_running(own.answer.id))
    assert "go on" in str(site.sent())
    assert "ctx-4711" not in str(site.sent())


def test_what_nobody_can_come_back_to_goes(site: EmbedSite) -> None:
    history, visitors = site.parts.history, [site.visitor() for _ in range(2)]
    known = site.parts.embeds.sessions._start(site.parts.embeds.open("acme"), "u-known", in_host=False)
    everybody = [*visitors, site.parts.embeds.sessions.check(known.access)]
    places = [site.asked(one).conversation.id for one in everybody]
    site.parts.turns.ask("bob", frames.Ask(id=new_id(), text="Hello"))
    for gone in everybody[1:]:
        history.embed_sessions.end(gone.session_id)
    later_ms = history.embed_sessions._clock_ms() + 10**6
    assert not history.retention.hide_forsaken(0)
    hidden = history.retention.hide_forsaken(later_ms)
    assert {visitor: deleted.conversations for visitor, deleted in hidden.items()} == {
        visitors[1].visitor_id: [places[1]]
    }
    assert not history.retention.hide_forsaken(later_ms)


def test_ids_that_look_like_those_of_named_visitors_are_told_apart(site: EmbedSite) -> None:
    """Upper and lower case are two letters, and an embed may have a name that begins as such an id does."""
    history = site.parts.history
    site.embed("u-shop")
    owns = ["embed.acme.U-abcdefghijklmnopqrst", "embed.u-shop.abcdefghijklmnopqrstuv", "embed.u-shop.u-known"]
    for own in owns:
        site.parts.turns.ask(own, frames.Ask(id=new_id(), text="Hello"), entry=own)
    hidden = history.retention.hide_forsaken(history.embed_sessions._clock_ms() + 10**6)
    assert sorted(hidden) == owns[:2]


def test_housekeeping_looks_for_what_nobody_can_come_back_to(site: EmbedSite, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = site.visitor()
    place = site.asked(ann).conversation.id
    site.parts.history.embed_sessions.end(ann.session_id)
    now_ms = site.parts.housekeeping._clock_ms()
    site.parts.housekeeping.tidy()
    assert site.parts.history.conversation(ann.visitor_id, place)
    monkeypatch.setattr(site.parts.housekeeping, "_clock_ms", lambda: now_ms + 2 * 24 * 3600 * 1000)
    site.parts.housekeeping.tidy()
    with pytest.raises(NotFound):
        site.parts.history.conversation(ann.visitor_id, place)
