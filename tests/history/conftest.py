"""A history in a real SQLite file, with a clock that the test moves."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from webapp.history.store import History
from webapp.messages import Turn


class Clock:
    """Milliseconds since 1970 UTC, standing still until the test moves it."""

    def __init__(self) -> None:
        self.now_ms = 1_700_000_000_000

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'parley.db'}"


@pytest.fixture
def history(url: str, clock: Clock) -> Iterator[History]:
    history = History(url, clock_ms=clock)
    history.migrate()
    yield history
    history.close()


@pytest.fixture
def ask(history: History) -> Callable[..., Turn]:
    """Ask as "ann" unless told otherwise, each time under a new turn id."""
    numbers = itertools.count()

    def ask(
        text: str = "Hello",
        *,
        visitor: str = "ann",
        conversation: str | None = None,
        parent: str | None = None,
        model: str = "guide",
    ) -> Turn:
        turn, new = history.begin_turn(
            visitor, f"turn-{next(numbers)}", conversation=conversation, parent=parent, text=text, model=model
        )
        assert new
        return turn

    return ask
