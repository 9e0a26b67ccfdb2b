"""Tags of conversations: bounds, spelling, many at once, the list of a tag, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from webapp.errors import InvalidInput, NotFound
from webapp.history.listing import View
from webapp.history.store import History
from webapp.history.titles import fitting_tags
from webapp.messages import TagCount, Turn

Ask = Callable[..., Turn]


def listed(history: History, tag: str, *, visitor: str = "ann", view: View = View.ALL, query: str = "") -> list[str]:
    return [one.id for one in history.conversations(visitor, tag=tag, view=view, query=query).conversations]


def test_set_and_listed(history: History, ask: Ask) -> None:
    first, second = ask("one").conversation.id, ask("two").conversation.id
    assert history.conversation("ann", first)[0].tags == ()
    assert history.tags.set("ann", first, [" To  read ", "#work", "WORK"]).tags == ("To read", "work")
    assert history.tags.set("ann", second, ["Work"]).tags == ("work",)  # as the visitor has it already
    assert history.conversation("ann", first)[0].tags == ("To read", "work")
    assert {one.id: one.tags for one in history.conversations("ann").conversations}[second] == ("work",)
    assert history.tags.of("ann") == [TagCount("work", 2), TagCount("To read", 1)]
    assert set(listed(history, "WoRK")) == {first, second}
    assert listed(history, "to read") == [first]
    assert listed(history, "work", query="two") == [second]
    assert listed(history, "work", visitor="bob") == []
    assert history.tags.of("bob") == []
    assert history.tags.set("ann", first, []).tags == ()
    assert history.tags.of("ann") == [TagCount("work", 1)]


def test_letters_of_any_alphabet_are_compared_without_case(history: History, ask: Ask) -> None:
    place = ask().conversation.id
    assert history.tags.set("ann", place, ["Übung", "ÜBUNG", "Łódź"]).tags == ("Übung", "Łódź")
    assert listed(history, "übung") == [place]


def test_pages_of_a_tag(history: History, ask: Ask) -> None:
    ids = [ask(str(number)).conversation.id for number in range(5)]
    history.tags.change("ann", ids[:4], add=["work"], remove=[])
    page = history.conversations("ann", tag="work", limit=3)
    rest = history.conversations("ann", tag="work", limit=3, cursor=page.next_cursor)
    assert {one.id for one in (*page.conversations, *rest.conversations)} == set(ids[:4])
    assert rest.next_cursor is None


def test_the_archive(history: History, ask: Ask) -> None:
    here, away = ask().conversation.id, ask().conversation.id
    history.tags.change("ann", [here, away], add=["work"], remove=[])
    history.place("ann", away, archived=True)
    assert set(listed(history, "work")) == {here, away}  # as with a search
    assert listed(history, "work", view=View.ARCHIVED) == [away]


@pytest.mark.parametrize("tag", ["", "  ", "#", "x" * 31, "a, b"])
def test_out_of_bounds(history: History, ask: Ask, tag: str) -> None:
    place = ask().conversation.id
    with pytest.raises(InvalidInput):
        history.tags.set("ann", place, [tag])
    with pytest.raises(InvalidInput):
        history.conversations("ann", tag=tag)
    assert fitting_tags([tag, "fits"]) == ("fits",)


def test_eight_at_most_and_all_or_nothing(history: History, ask: Ask) -> None:
    full, other = ask().conversation.id, ask().conversation.id
    eight = [f"tag {number}" for number in range(8)]
    assert history.tags.set("ann", full, [*eight, "TAG 1"]).tags == tuple(eight)
    with pytest.raises(InvalidInput):
        history.tags.set("ann", full, [*eight, "ninth"])
    with pytest.raises(InvalidInput):
        history.tags.change("ann", [full, other], add=["ninth"], remove=[])
    assert history.conversation("ann", other)[0].tags == ()
    changed = history.tags.change("ann", [full, other], add=["ninth"], remove=["Tag 0"])
    assert {one.id: len(one.tags) for one in changed} == {full: 8, other: 1}


def test_only_ones_own(history: History, ask: Ask) -> None:
    place = ask().conversation.id
    with pytest.raises(NotFound):
        history.tags.set("bob", place, ["mine"])
    assert history.tags.change("bob", [place], add=["mine"], remove=[]) == []
    assert history.conversation("ann", place)[0].tags == ()


def test_they_go_with_their_conversation(history: History, ask: Ask) -> None:
    place = ask().conversation.id
    history.tags.set("ann", place, ["work"])
    history.deletions.hide("ann", [place])
    assert history.tags.of("ann") == []
    assert history.deletions.restore("ann", [place])[0].tags == ("work",)
    while history.visitors.join("ann", "bob"):
        pass
    assert history.tags.of("bob") == [TagCount("work", 1)]
    history.deletions.hide("bob", [place])
    while history.deletions.purge(older_than_s=0) is not None:
        pass
    with history._database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM conversation_tags").scalar() == 0
