"""The search: which words match what, where they were found, whose it is, and the index in step with the texts."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.deleting import delete
from webapp.errors import LimitReached
from webapp.history import listing, search_index, searching
from webapp.history.database import fold
from webapp.history.listing import View
from webapp.history.search_texts import MOST_CHARS
from webapp.history.store import History
from webapp.messages import Found, Status, Turn, Written

Ask = Callable[..., Turn]


def found(history: History, query: str, visitor: str = "ann", view: View = View.ALL) -> dict[str, Found]:
    page = history.conversations(visitor, query=query, view=view, limit=500)
    assert [conversation.id for conversation in page.conversations] == list(page.found)
    return page.found


def places(history: History, query: str) -> list[str | None]:
    return [place.message for place in found(history, query).values()]


@pytest.fixture(params=["index", "scan", "no index"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Through the index, past it because the words are common, and where there is none."""
    if request.param == "scan":
        monkeypatch.setattr(searching, "FEW_CANDIDATES", 0)
    if request.param == "no index":
        monkeypatch.setattr(search_index, "_is_possible", lambda connection: False)
    return str(request.param)


# --- which words match -----------------------------------------------------------------------------------------------


def test_all_words_in_the_title_or_in_one_message(way: str, history: History, ask: Ask) -> None:
    turn = ask("Whales sleep standing")
    history.end_answer(turn.answer.id, Written("They dream, too"), Status.DONE)
    history.rename("ann", turn.conversation.id, "Animals at night")
    question, answer = turn.message.id, turn.answer.id
    assert places(history, "whales standing") == places(history, "standing WHALE") == [question]
    assert places(history, "they dream") == [answer]
    assert places(history, "night animals") == [None]
    assert places(history, "whales dream") == places(history, "whales night") == []
    assert places(history, "xx whales") == places(history, "whales 7") == []


def test_words_between_quotation_marks_stand_together(way: str, history: History, ask: Ask) -> None:
    turn = ask("The sea is\n  deep and blue")
    assert places(history, '"sea is"') == places(history, '"is deep"') == [turn.message.id]
    assert places(history, '"is sea"') == places(history, '"deep blue"') == []
    assert places(history, '"sea is" blue') == [turn.message.id]
    assert history.conversations("ann", query='""') == history.conversations("ann")  # no words: the whole list
    assert places(history, '"sea') == []  # an open one is looked for


def test_parts_of_words_and_short_words(way: str, history: History, ask: Ask) -> None:
    turn = ask("Überraschung für 2 人")
    for query in ("rasch", "ÜBER", "für 2", "2", "人", "fü überr"):
        assert places(history, query) == [turn.message.id], query


def test_an_answer_is_found_when_it_has_ended(way: str, history: History, ask: Ask) -> None:
    turn = ask("question")
    history.save_running({turn.answer.id: Written("eventually")})
    assert places(history, "eventually") == []
    history.interrupt_running()
    assert places(history, "eventually") == [turn.answer.id]


def test_what_another_answer_goes_on_with_is_found_there(way: str, history: History, ask: Ask) -> None:
    turn = ask("question")
    history.end_answer(turn.answer.id, Written("once upon"), Status.STOPPED)
    more, _ = history.begin_continue("ann", "more", turn.answer.id)
    assert places(history, "upon") == [turn.answer.id]
    history.end_answer(more.answer.id, Written("once upon a time"), Status.DONE)
    assert places(history, "upon") == places(history, "time") == [more.answer.id]


def test_the_first_message_is_named(way: str, history: History, ask: Ask) -> None:
    first = ask("a whale")
    history.end_answer(first.answer.id, Written("yes, a whale"), Status.DONE)
    ask("the whale", conversation=first.conversation.id, parent=first.answer.id)
    assert found(history, "whale") == {first.conversation.id: Found(message=first.message.id, excerpt="a whale")}


def test_only_the_beginning_of_a_very_long_text_is_searched(history: History, ask: Ask) -> None:
    turn = ask("question")
    history.end_answer(turn.answer.id, Written("a" * (MOST_CHARS - 5) + "zebra" + "b" * 1000 + "yak"), Status.DONE)
    assert places(history, "zebra") == [turn.answer.id]
    assert places(history, "yak") == []


# --- whose it is, and what is put away -------------------------------------------------------------------------------


def test_others_with_the_same_mark_find_nothing(way: str, history: History, ask: Ask) -> None:
    ask("a secret of anna's", visitor="abc-anna")
    mine = ask("my own secret", visitor="abc-bert")
    assert list(found(history, "secret", "abc-bert")) == [mine.conversation.id]
    assert found(history, "anna", "abc-bert") == found(history, "secret", "abc") == found(history, "secret", "a") == {}


def test_a_search_looks_into_the_archive(way: str, history: History, ask: Ask) -> None:
    here, archived, pinned, deleted = (ask(f"whale {number}").conversation.id for number in range(4))
    history.place("ann", archived, archived=True)
    history.place("ann", pinned, pinned=True)
    history.deletions.hide("ann", [deleted])
    assert found(history, "whale").keys() == {here, archived, pinned}
    assert found(history, "whale", view=View.ARCHIVED).keys() == {archived}
    assert found(history, "whale", view=View.PINNED).keys() == {pinned}
    history.deletions.restore("ann", [deleted])
    assert deleted in found(history, "whale")


# --- the index -------------------------------------------------------------------------------------------------------


def index_of(tmp_path: Path, trigram: str) -> int:
    """How many texts the index has with this trigram; the index is also checked against the texts."""
    with closing(sqlite3.connect(tmp_path / "parley.db")) as connection:
        connection.execute("INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)")
        query = "SELECT count(*) FROM search_index WHERE search_index MATCH ?"
        return int(connection.execute(query, [f'"{trigram}"']).fetchone()[0])


def test_the_index_is_in_step(history: History, ask: Ask, tmp_path: Path) -> None:
    turn = ask("whale")
    assert index_of(tmp_path, "wha") == 2  # the title and the question
    history.end_answer(turn.answer.id, Written("whaling"), Status.DONE)
    assert index_of(tmp_path, "wha") == 3
    history.rename("ann", turn.conversation.id, "Animals")
    assert (index_of(tmp_path, "wha"), index_of(tmp_path, "ani")) == (2, 1)
    other = ask("whale", conversation=turn.conversation.id, parent=turn.answer.id)
    history.deletions.prune("ann", other.message.id)
    assert history.deletions.purge() == []
    assert index_of(tmp_path, "wha") == 2
    delete(history, "ann", turn.conversation.id)
    assert index_of(tmp_path, "wha") == index_of(tmp_path, "ani") == index_of(tmp_path, "ann") == 0


def test_without_trigrams_everything_goes_on_and_the_index_comes_back(
    history: History, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before = ask("whale before")
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(search_index, "_PROBE", "CREATE VIRTUAL TABLE temp.has_trigrams USING no_such_module(x)")
        history.migrate()
        assert "FTS5" in caplog.text
        caplog.clear()
        history.migrate()
        meanwhile = ask("whale meanwhile")
        delete(history, "ann", before.conversation.id)
        assert list(found(history, "whale")) == [meanwhile.conversation.id]
    history.migrate()
    assert index_of(tmp_path, "wha") == 2
    assert list(found(history, "whale")) == [meanwhile.conversation.id]


SOME = st.text(alphabet='abAB ß\u0130\u0131й"%_', max_size=9)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(SOME.filter(str.strip), max_size=4), query=SOME)
def test_the_index_and_the_scan_find_the_same(
    history: History, monkeypatch: pytest.MonkeyPatch, texts: list[str], query: str
) -> None:
    assume(searching.words(query))
    visitor = fold(repr((texts, query)))
    for number, text in enumerate(texts):
        history.begin_turn(visitor, str(number), conversation=None, parent=None, text=text, model="guide")
    with monkeypatch.context() as patiently:
        patiently.setattr(listing, "SEARCH_BUDGET_S", 30)  # what is found counts here, not when
        by_index = found(history, query, visitor)
        patiently.setattr(searching, "FEW_CANDIDATES", 0)
        assert found(history, query, visitor) == by_index


def test_a_common_word_is_found_page_by_page(history: History, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [ask(f"whale {number}").conversation.id for number in range(20)]
    monkeypatch.setattr(searching, "FEW_CANDIDATES", 10)
    first = history.conversations("ann", query="whale", limit=15)
    rest = history.conversations("ann", query="whale", limit=15, cursor=first.next_cursor)
    assert set(first.found) | set(rest.found) == set(made)
    assert (len(first.found), len(rest.found), rest.next_cursor) == (15, 5, None)


def test_a_search_that_takes_too_long_is_ended(history: History, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(60):
        ask(f"text {number}")
    monkeypatch.setattr(listing, "SEARCH_BUDGET_S", 0)
    with pytest.raises(LimitReached, match="took too long"):
        history.conversations("ann", query="zz")
    assert len(history.conversations("ann").conversations) == 50, "a list is no search"
    monkeypatch.undo()
    assert history.conversations("ann", query="zz").conversations == []
