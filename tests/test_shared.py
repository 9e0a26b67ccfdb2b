"""What of a conversation's tree is shared, and what readers are told of each message."""

from __future__ import annotations

import pytest

from webapp.messages import Answer, Attachment, Message, Status, Usage
from webapp.redaction import Redactor
from webapp.shared import FAILED, Node, Scope, Selection, for_readers, node, picked

# q1 has two answers. The first goes on with two questions, of which the older one has an answer that was continued.
TREE = [
    Node("q1", None, None, False),
    Node("a1", "q1", None, True),
    Node("q2", "a1", None, False),
    Node("a2", "q2", None, True),
    Node("b1", "q1", None, True),
    Node("q3", "a1", None, False),
    Node("a3", "q3", None, True),
    Node("a2+", "q2", "a2", True),
    Node("q4", "a2+", None, False),
]


def ids(selection: Selection, shown: str | None = "a3", nodes: list[Node] = TREE) -> list[str]:
    return list(picked(nodes, selection, shown).parents)


def branch(leaf: str | None, *, grows: bool = False) -> Selection:
    return Selection(scope=Scope.BRANCH, leaf=leaf, grows=grows)


def test_the_whole_has_all_versions_and_shows_what_the_conversation_shows() -> None:
    found = picked(TREE, Selection(scope=Scope.WHOLE), "a3")
    assert found.parents == {one.id: one.parent for one in TREE}
    assert found.leaf == "a3"
    assert picked(TREE, Selection(scope=Scope.WHOLE), "a2").leaf == "a2+"  # the answer that goes on with it
    assert picked(TREE, Selection(scope=Scope.WHOLE), None).leaf == "q4"


@pytest.mark.parametrize(
    ("leaf", "grows", "expected"),
    [
        ("a3", False, ["q1", "a1", "q3", "a3"]),
        ("a1", False, ["q1", "a1"]),
        ("a1", True, ["q1", "a1", "q3", "a3"]),  # the newest of what follows
        ("q2", True, ["q1", "a1", "q2", "a2+", "q4"]),
        ("a2", False, ["q1", "a1", "q2", "a2+"]),  # it stands in the place of what it goes on with
        ("a2", True, ["q1", "a1", "q2", "a2+", "q4"]),
        ("b1", True, ["q1", "b1"]),
        ("gone", True, []),
        (None, False, []),
    ],
)
def test_a_branch(leaf: str | None, grows: bool, expected: list[str]) -> None:
    assert ids(branch(leaf, grows=grows)) == expected
    assert picked(TREE, branch(leaf, grows=grows), "q4").leaf == (expected[-1] if expected else None)


def test_chosen_messages_follow_their_nearest_shared_ancestor() -> None:
    found = picked(TREE, Selection(scope=Scope.CHOSEN, chosen=("q4", "a1", "b1", "elsewhere")), "a3")
    assert found.parents == {"a1": None, "b1": None, "q4": "a1"}
    assert found.leaf == "a1"  # the nearest to what the conversation shows
    assert picked(TREE, Selection(scope=Scope.CHOSEN, chosen=("q4", "b1")), "a3").leaf == "q4"


def answer(**fields: object) -> Answer:
    values: dict[str, object] = {
        "id": "a",
        "conversation": "secret-place",
        "parent": "q",
        "role": "assistant",
        "text": "a@b.org",
        "created_at_ms": 1,
        "status": Status.DONE,
        "next": 7,
        "model": "guide",
    }
    return Answer(**values | fields)  # type: ignore[arg-type]


def as_read(one: Message | Answer, masks: Redactor | None = None, others: tuple[str, ...] = ()) -> Message | Answer:
    nodes = [Node(id_, None, None, True) for id_ in others] + [node(one)]
    which = picked(nodes, Selection(scope=Scope.WHOLE), None)
    (given,) = for_readers([one], which, "share", masks or Redactor(()))
    return given


def test_readers_are_told_nothing_of_how_an_answer_was_made() -> None:
    usage = Usage(duration_ms=5, upstream="host-7", model="m", finish_reason="stop", prompt_tokens=9, history_from="q0")
    error = {"code": "upstream_refused", "message": "host-7 says no", "advice": "set HOST_KEY"}
    given = as_read(answer(usage=usage, error=error, status=Status.FAILED, continues="not-shared"))
    assert isinstance(given, Answer)
    assert given.usage == Usage(finish_reason="stop")
    assert given.error == {"code": "upstream_refused", "message": FAILED}
    assert (given.conversation, given.parent, given.continues) == ("share", None, None)
    assert as_read(answer(continues="old"), others=("old",)).continues == "old"  # type: ignore[union-attr]


def test_masks_and_the_offsets_of_what_is_shown() -> None:
    masks = Redactor(["email"])
    given = as_read(answer(text="é a@b.org", reasoning="a@b.org?"), masks)
    assert isinstance(given, Answer)
    assert (given.text, given.reasoning) == ("é [e-mail address]", "[e-mail address]?")
    assert (given.next, given.reasoning_next) == (len(given.text.encode()), len(given.reasoning.encode()))
    running = as_read(answer(text="a@b.org\nunfinis", reasoning="hm", status=Status.RUNNING), masks)
    assert isinstance(running, Answer)
    assert (running.text, running.next, running.reasoning) == ("[e-mail address]\n", 17, "")


def test_names_of_files_are_masked_as_well() -> None:
    file = Attachment(id="f", name="cv of a@b.org.txt", media_type="text/plain", size_bytes=3)
    question = Message(
        id="q", conversation="c", parent=None, role="user", text="", created_at_ms=1, attachments=(file,)
    )
    assert as_read(question, Redactor(["email"])).attachments[0].name == "cv of [e-mail address]"
    assert as_read(question).attachments == (file,)
