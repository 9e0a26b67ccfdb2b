"""Which messages of a shared conversation are shown, and where its other versions are."""

from __future__ import annotations

from typing import Any

from webapp.messages import Answer, Message, Status
from webapp.views.shared_branch import Placed, shown


def asked(id_: str, parent: str | None, at_ms: int) -> Message:
    return Message(id=id_, conversation="c", parent=parent, role="user", text=id_, created_at_ms=at_ms)


def answered(id_: str, parent: str, at_ms: int, **fields: Any) -> Answer:
    given = {"status": Status.DONE, "next": 0, "model": "m"} | fields
    return Answer(id=id_, conversation="c", parent=parent, role="assistant", text=id_, created_at_ms=at_ms, **given)


TREE = [
    asked("q1", None, 1),
    answered("a1", "q1", 2),
    answered("a1b", "q1", 3),
    asked("q2", "a1", 4),
    answered("a2", "q2", 5),
    asked("q2b", "a1", 6),
    answered("a2b", "q2b", 7, status=Status.STOPPED),
    answered("a2c", "q2b", 8, continues="a2b"),
]


def ids(placed: list[Placed]) -> list[str]:
    return [message.id for message, _ in placed]


def test_the_branch_to_the_leaf_is_shown_and_a_reader_may_switch() -> None:
    placed = shown(TREE, "whole", "a2")
    assert ids(placed) == ["q1", "a1", "q2", "a2"]
    versions = [versions for _, versions in placed]
    assert versions[0] is None
    assert versions[1] == (1, 2, None, "a1b")
    assert versions[2] == (1, 2, None, "q2b")
    assert versions[3] is None
    assert ids(shown(TREE, "whole", "a2", through="q2b")) == ["q1", "a1", "q2b", "a2c"]
    assert ids(shown(TREE, "whole", "a2", through="a1b")) == ["q1", "a1b"]
    assert ids(shown(TREE, "whole", "a2", through="q1")) == ["q1", "a1b"]  # the newest child each time
    assert ids(shown(TREE, "whole", "a2", through="elsewhere")) == ["q1", "a1", "q2", "a2"]


def test_an_answer_that_goes_on_stands_in_the_place_of_the_one_before() -> None:
    assert ids(shown(TREE, "whole", "a2b")) == ["q1", "a1", "q2b", "a2c"]
    assert shown(TREE, "whole", "a2b")[-1].versions is None


def test_a_branch_has_no_other_versions_and_chosen_messages_are_all_shown() -> None:
    placed = shown(TREE[:2] + TREE[3:5], "branch", "a2", through="q1")
    assert ids(placed) == ["q1", "a1", "q2", "a2"]
    assert [versions for _, versions in placed] == [None] * 4
    assert ids(shown(TREE, "chosen", "a2")) == ["q1", "a1", "a1b", "q2", "a2", "q2b", "a2c"]


def test_where_nothing_is_named_the_newest_is_shown() -> None:
    assert ids(shown(TREE, "whole", None)) == ["q1", "a1", "q2b", "a2c"]
    assert ids(shown(TREE, "whole", "gone")) == ["q1", "a1", "q2b", "a2c"]
    assert shown([], "whole", None) == []
    assert ids(shown([asked("q9", "gone", 1)], "branch", "q9")) == ["q9"]
