"""The list of conversations: its order, its pages, its search."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from webapp.errors import InvalidInput
from webapp.history.listing import View
from webapp.history.search_texts import searchable
from webapp.history.searching import words
from webapp.history.store import History
from webapp.messages import Conversation, Status, Turn, Written

Ask = Callable[..., Turn]


def pages(history: History, visitor: str, limit: int, query: str | None = None) -> Iterator[list[Conversation]]:
    cursor = None
    while True:
        page, _, cursor = history.conversations(visitor, cursor=cursor, limit=limit, query=query)
        yield page
        if cursor is None:
            return


def titles(history: History, query: str) -> set[str]:
    found, _, _ = history.conversations("ann", limit=500, query=query)
    return {conversation.title for conversation in found}


def test_newest_first(history: History, ask: Ask, clock: Any) -> None:
    turns = []
    for name in "abc":
        clock.now_ms += 1
        turns.append(ask(name))
    clock.now_ms += 1
    history.end_answer(turns[0].answer.id, Written(""), Status.DONE)
    found, _, cursor = history.conversations("ann")
    assert [conversation.title for conversation in found] == ["a", "c", "b"]
    assert cursor is None
    assert history.conversations("bob") == ([], {}, None)


def test_pages_over_equal_timestamps(history: History, ask: Ask) -> None:
    made = {ask(str(number)).conversation.id for number in range(300)}
    ask("foreign", visitor="bob")
    all_pages = list(pages(history, "ann", 7))
    assert [len(page) for page in all_pages] == [7] * 42 + [6]
    ids = [conversation.id for page in all_pages for conversation in page]
    assert len(ids) == 300
    assert set(ids) == made
    assert ids == sorted(ids, reverse=True)


def test_a_full_last_page_has_no_cursor(history: History, ask: Ask) -> None:
    for number in range(4):
        ask(str(number))
    assert [len(page) for page in pages(history, "ann", 2)] == [2, 2]


def test_pages_of_a_search(history: History, ask: Ask) -> None:
    for number in range(30):
        ask(f"{'even' if number % 2 == 0 else 'odd'} {number}")
    found = [conversation for page in pages(history, "ann", 4, "EVEN") for conversation in page]
    assert len(found) == len({conversation.id for conversation in found}) == 15


def encoded(plain: str) -> str:
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        *("", "x", "%%%", "é", "a" * 5, encoded("1.a.b"), encoded("1"), encoded("x.y")),
        *(encoded("9" * 20 + ".a"), encoded("\u0661.a"), encoded("1.a\n"), encoded("1." + "a" * 1000)),
    ],
)
def test_bad_cursors(history: History, cursor: str) -> None:
    with pytest.raises(InvalidInput, match="cursor"):
        history.conversations("ann", cursor=cursor)


@pytest.mark.parametrize("limit", [0, -1, 501])
def test_bad_limits(history: History, limit: int) -> None:
    with pytest.raises(InvalidInput, match="limit"):
        history.conversations("ann", limit=limit)


def test_search_in_titles_and_texts(history: History, ask: Ask) -> None:
    turn = ask("First question")
    history.end_answer(turn.answer.id, Written("An answer about whales"), Status.DONE)
    history.rename("ann", turn.conversation.id, "Biology")
    ask("Second", visitor="bob")
    for query in ("biolog", "WHALE", " question ", "t q"):
        assert titles(history, query) == {"Biology"}
    assert titles(history, "second") == set()
    assert titles(history, " ") == {"Biology"}


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Привет, МИР", "мир"),
        ("привет", "ПРИВЕТ"),
        ("Große Straße", "STRASSE"),
        ("GROSSE", "große"),
        ("İstanbul'da", "istanbul"),
        ("istanbul", "İSTANBUL"),
        ("ISPARTA", "\u0131sparta"),
        ("Ёж и й", "ёж И Й".replace("Й", "И\u0306")),
        ("ΟΔΟΣ", "οδός".replace("ό", "\u03bf")),
        ("日本語のテスト", "本語"),
    ],
)
def test_search_ignores_case(history: History, ask: Ask, text: str, query: str) -> None:
    ask(text)
    assert titles(history, query) == {text}


def test_wildcards_are_literal(history: History, ask: Ask) -> None:
    texts = ["100% sure", "100 per cent", "snake_case", "snakeXcase", "a/b", "back\\slash"]
    for text in texts:
        ask(text)
    assert titles(history, "100%") == {"100% sure"}
    assert titles(history, "e_c") == {"snake_case"}
    assert titles(history, "%") == {"100% sure"}
    assert titles(history, "_") == {"snake_case"}
    assert titles(history, "/") == {"a/b"}
    assert titles(history, "\\") == {"back\\slash"}


def test_long_queries(history: History) -> None:
    assert history.conversations("ann", query="😀" * 200) == ([], {}, None)
    with pytest.raises(InvalidInput, match="query"):
        history.conversations("ann", query="x" * 201)


SMALL = st.text(alphabet="aAäÄßS%_/\\ İ\u0131IiйЙ\u0306", max_size=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(SMALL.filter(str.strip), max_size=4), query=SMALL)
def test_search_finds_what_contains_it(history: History, texts: list[str], query: str) -> None:
    visitor = base64.urlsafe_b64encode(repr((texts, query)).encode()).decode()
    expected = set()
    for number, text in enumerate(texts):
        turn, _ = history.begin_turn(visitor, str(number), conversation=None, parent=None, text=text, model="guide")
        # The title is the text, or its beginning.
        if all(word in searchable(text) for word in words(query)):
            expected.add(turn.conversation.id)
    found, _, _ = history.conversations(visitor, query=query)
    assert {conversation.id for conversation in found} == expected


def test_the_list_uses_its_index(history: History, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "parley.db")
    plan = connection.execute(
        "EXPLAIN QUERY PLAN SELECT id FROM conversations WHERE visitor_id = 'a'"
        " AND (updated_at_ms, id) < (1, 'x') ORDER BY updated_at_ms DESC, id DESC LIMIT 9"
    ).fetchall()
    connection.close()
    assert "USING COVERING INDEX ix_conversations_visitor_id_updated_at_ms_id" in str(plan)
    assert "TEMP B-TREE" not in str(plan)


def test_views(history: History, ask: Ask, clock: Any) -> None:
    def listed(view: View, visitor: str = "ann") -> list[str]:
        return [conversation.title for conversation in history.conversations(visitor, view=view).conversations]

    made = {}
    for name in ("plain", "pinned", "archived", "both", "deleted"):
        clock.now_ms += 1
        made[name] = ask(name).conversation.id
    history.place("ann", made["pinned"], pinned=True)
    history.place("ann", made["archived"], archived=True)
    history.place("ann", made["both"], pinned=True, archived=True)
    history.place("ann", made["deleted"], pinned=True)
    history.deletions.hide("ann", [made["deleted"]])
    assert listed(View.ALL) == ["pinned", "plain"]
    assert listed(View.PINNED) == ["pinned"]
    assert listed(View.ARCHIVED) == ["both", "archived"]
    assert [listed(view, "bob") for view in View] == [[], [], []]
    history.place("ann", made["both"], archived=False)
    assert listed(View.PINNED) == ["both", "pinned"]
    assert history.place("ann", made["both"]).pinned  # nothing changes


def test_pages_of_a_view(history: History, ask: Ask) -> None:
    places = [ask(str(number)).conversation.id for number in range(9)]
    for place in places[:5]:
        history.place("ann", place, pinned=True)
    first = history.conversations("ann", view=View.PINNED, limit=3)
    rest = history.conversations("ann", view=View.PINNED, limit=3, cursor=first.next_cursor)
    assert {one.id for one in first.conversations + rest.conversations} == set(places[:5])
    assert (len(rest.conversations), rest.next_cursor) == (2, None)


def test_the_pinned_ones_have_an_index(history: History, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "parley.db")
    plan = connection.execute(
        "EXPLAIN QUERY PLAN SELECT title FROM conversations WHERE visitor_id = 'a' AND deleted_at_ms IS NULL"
        " AND conversations.pinned AND archived = 0 ORDER BY updated_at_ms DESC, id DESC LIMIT 9"
    ).fetchall()
    connection.close()
    assert "USING INDEX ix_conversations_pinned" in str(plan)
