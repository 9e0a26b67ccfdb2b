"""Writes running answers back to the history about once a second, and ended ones until it succeeded."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping

from webapp.answers.base import Ending
from webapp.errors import HistoryUnavailable
from webapp.history.store import History
from webapp.messages import Written

EVERY_S = 0.8  # with the write itself below a second: a crash costs an answer no more than its last second

log = logging.getLogger(__name__)


class WriteBack:
    """The history's copy of what is being written. Runs only while there is something to write."""

    def __init__(
        self,
        history: History,
        running_texts: Callable[[], Mapping[str, Written]],
        spawn: Callable[[Callable[[], None]], None],
    ) -> None:
        """`running_texts` gives what there is of every running answer, by id."""
        self._history, self._running_texts, self._spawn = history, running_texts, spawn
        self._unsaved_ends: dict[str, tuple[Written, Ending]] = {}
        self._saved_sizes: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()
        self._active = False

    def start(self) -> None:
        """An answer began: see to it that the loop runs."""
        with self._lock:
            if self._active:
                return
            self._active = True
        self._spawn(self._loop)

    def end(self, answer_id: str, written: Written, ending: Ending) -> None:
        """Commit an answer's end; when the database is out of order, keep it and try again every second."""
        try:
            self._store_end(answer_id, written, ending)
        except HistoryUnavailable as problem:
            log.error("answer %s cannot be stored yet: %s", answer_id, problem.message)
            self._unsaved_ends[answer_id] = (written, ending)
            self.start()

    def flush(self) -> None:
        """Try once more to commit the ends that could not be stored."""
        for answer_id, (written, ending) in tuple(self._unsaved_ends.items()):
            self._store_end(answer_id, written, ending)
            self._unsaved_ends.pop(answer_id, None)  # the loop and a drain may flush at once

    def _store_end(self, answer_id: str, written: Written, ending: Ending) -> None:
        self._history.end_answer(answer_id, written, ending.status, error=ending.error, usage=ending.usage)

    def _loop(self) -> None:
        orderly = False
        try:
            while self._write_once():
                pass
            orderly = True
        finally:
            if not orderly:  # an error that nobody thought of: the next answer starts the loop anew
                self._active = False

    def _write_once(self) -> bool:
        """Sleep and write; False when there is nothing left to write and the loop may end."""
        time.sleep(EVERY_S)
        texts = self._running_texts()
        try:
            self.flush()
            self._save(texts)
        except HistoryUnavailable as problem:
            log.error("running answers cannot be stored: %s", problem.message)
        with self._lock:
            if texts or self._unsaved_ends or self._running_texts():  # looked at again: one may have begun
                return True
            self._active = False
            return False

    def _save(self, texts: Mapping[str, Written]) -> None:
        sizes = {id_: (len(written.text), len(written.reasoning)) for id_, written in texts.items()}
        grown = {id_: written for id_, written in texts.items() if sizes[id_] != self._saved_sizes.get(id_)}
        if grown:
            self._history.save_running(grown)
        self._saved_sizes = sizes
