"""Random sequences of operations, compared with the same done to plain dictionaries."""

from __future__ import annotations

import itertools
import tempfile

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from tests.deleting import delete
from webapp.history.rows import PathMessage
from webapp.history.store import History
from webapp.messages import Answer, Message, Status, Written

TEXTS = st.sampled_from(["a", "Ω mega", "😀" * 3])
VISITORS = st.sampled_from(["ann", "bob"])
ENDINGS = st.sampled_from([Status.DONE, Status.STOPPED, Status.FAILED, Status.INTERRUPTED])


class Conversations(RuleBasedStateMachine):
    """Keeps, beside a history, its visitors' trees: visitor → conversation → the messages in order."""

    answers = Bundle("answers")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.now_ms = itertools.count(1)
        self.turns = itertools.count()
        self.history = History(f"sqlite:///{self.folder.name}/parley.db", clock_ms=lambda: next(self.now_ms))
        self.history.migrate()
        self.trees: dict[tuple[str, str], dict[str, Message]] = {}

    def teardown(self) -> None:
        self.history.close()
        self.folder.cleanup()

    def find(self, answer_id: str) -> tuple[str, str, Answer] | None:
        for (visitor, place), tree in self.trees.items():
            answer = tree.get(answer_id)
            if isinstance(answer, Answer):
                return visitor, place, answer
        return None

    @rule(target=answers, visitor=VISITORS, text=TEXTS)
    def begin(self, visitor: str, text: str) -> str:
        turn, _ = self.history.begin_turn(
            visitor, str(next(self.turns)), conversation=None, parent=None, text=text, model="m"
        )
        self.trees[visitor, turn.conversation.id] = {one.id: one for one in (turn.message, turn.answer)}
        return turn.answer.id

    @rule(target=answers, parent=answers, text=TEXTS)
    def follow_up(self, parent: str, text: str) -> str:
        found = self.find(parent)
        if found is None:
            return parent
        visitor, place, _ = found
        turn, _ = self.history.begin_turn(
            visitor, str(next(self.turns)), conversation=place, parent=parent, text=text, model="m"
        )
        self.trees[visitor, place] |= {one.id: one for one in (turn.message, turn.answer)}
        return turn.answer.id

    @rule(target=answers, answer=answers)
    def again_or_continue(self, answer: str) -> str:
        found = self.find(answer)
        if found is None:
            return answer
        visitor, place, old = found
        turn_id = str(next(self.turns))
        if old.status in (Status.RUNNING, Status.DONE):
            turn, _ = self.history.begin_again(visitor, turn_id, answer, model=None)
        else:
            turn, _ = self.history.begin_continue(visitor, turn_id, answer)
            assert (turn.answer.text, turn.answer.reasoning) == (old.text, old.reasoning)
        self.trees[visitor, place][turn.answer.id] = turn.answer
        return turn.answer.id

    @rule(answer=answers, text=TEXTS, status=ENDINGS)
    def end(self, answer: str, text: str, status: Status) -> None:
        found = self.find(answer)
        expected = found is not None and found[2].status is Status.RUNNING
        assert self.history.end_answer(answer, Written(text, text * 2), status) == expected
        if found is not None and expected:
            self.trees[found[0], found[1]][answer] = self.history.answer(found[0], answer)

    @rule(answer=consumes(answers))
    def delete(self, answer: str) -> None:
        found = self.find(answer)
        if found is not None:
            tree = self.trees.pop(found[:2])
            running = {one.id for one in tree.values() if isinstance(one, Answer) and one.status is Status.RUNNING}
            assert set(delete(self.history, found[0], found[1]).running) == running

    @invariant()
    def same_as_the_model(self) -> None:
        for visitor in ("ann", "bob"):
            listed = {conversation.id for conversation in self.history.conversations(visitor)[0]}
            assert listed == {place for owner, place in self.trees if owner == visitor}
        for (visitor, place), tree in self.trees.items():
            conversation, stored = self.history.conversation(visitor, place)
            assert stored == list(tree.values())
            assert conversation.leaf == stored[-1].id
            path, here = [], tree.get(stored[-1].id)
            while here is not None:
                path.append(PathMessage(here.id, here.role, here.text))
                here = tree.get(here.parent or "")
            assert self.history.path(stored[-1].id) == [one for one in reversed(path) if one.text]


TestConversations = Conversations.TestCase
TestConversations.settings = settings(max_examples=20, stateful_step_count=15, deadline=None)
