"""`kill -9` at random moments: no question is lost, an answer loses its last second at most, Continue goes on."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults.crowd import Asked, Person
from tests.faults.processes import wait_until
from tests.faults.words import speak, words
from tests.parley_server import ROOT, ParleyServer, Visitor
from tests.scripted_server import ScriptedServer
from webapp.prompts import CONTINUE_PROMPT

LAST_SECOND_MS = 1000
WORDS = 110  # at about 50 a second: some answers are done before the kill, most are not
SHORT = 8
PEOPLE = 3


@dataclass
class Figures:
    """What happened in all rounds."""

    kills: int = 0
    questions: int = 0
    acknowledged: int = 0
    lost_messages: int = 0
    interrupted_answers: int = 0
    finished_answers: int = 0
    continued_answers: int = 0
    max_text_lost_ms: float = 0
    max_restart_s: float = 0


class Rounds:
    """One server that is killed again and again, and everything that was ever asked of it."""

    def __init__(self, server: ParleyServer, upstream: ScriptedServer, seed: int) -> None:
        self.server, self.upstream, self.dice = server, upstream, random.Random(seed)
        self.figures = Figures()
        self.everything: list[tuple[Visitor, Asked]] = []

    def run(self, *, only_worker: bool = False) -> None:
        """Let people ask, kill, start again, and compare."""
        self.upstream.play(speak(WORDS))
        number = self.figures.kills
        people = [
            Person(Visitor(self.server), f"round {number} person {place}", self.dice.getrandbits(32), 0.5)
            for place in range(PEOPLE)
        ]
        time.sleep(self.dice.uniform(0.3, 3.5))
        for person in people:
            person.pause_s = 0.01  # so that the kill finds questions in every state
        time.sleep(self.dice.uniform(0.01, 0.05))
        died_at_s = self._kill_worker() if only_worker else self._kill()
        for person in people:
            person.join()
        self.upstream.play(speak(SHORT, 0.01))
        begun_s = time.monotonic()
        if not only_worker:
            self.server.start()
        figures = self.figures
        figures.kills += 1
        figures.max_restart_s = max(figures.max_restart_s, time.monotonic() - begun_s)
        self._check_integrity()
        for person in people:
            for asked in person.asked:
                self._check(person.visitor, asked, died_at_s)
                self.everything.append((person.visitor, asked))
            assert self._questions(person.visitor) == sorted(asked.text for asked in person.asked)

    def _kill(self) -> float:
        at_s = time.monotonic()
        self.server.kill()
        return at_s

    def _kill_worker(self) -> float:
        old, at_s = self.server.worker_pid(), time.monotonic()
        os.kill(old, signal.SIGKILL)
        assert wait_until(lambda: self._new_worker(old)), "gunicorn did not start another worker"
        return at_s

    def _new_worker(self, old: int) -> bool:
        try:
            return self.server.worker_pid() != old and Visitor(self.server).get("/api/visitor") is not None
        except (subprocess.CalledProcessError, OSError, IndexError):  # between two workers there is none
            return False

    def _check_integrity(self) -> None:
        with closing(sqlite3.connect(self.server.data_dir / "parley.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert database.execute("PRAGMA foreign_key_check").fetchall() == []

    def _questions(self, visitor: Visitor) -> list[str]:
        """The texts of all of a visitor's questions, each as often as it is in the history."""
        found, cursor = [], ""
        while cursor is not None:
            page = visitor.get(f"/api/conversations?limit=200&cursor={cursor}" if cursor else "/api/conversations")
            for conversation in page["conversations"]:
                messages = visitor.get(f"/api/conversations/{conversation['id']}")["messages"]
                found += [message["text"] for message in messages if message["role"] == "user"]
            cursor = page["next_cursor"]
        return sorted(found)

    def _check(self, visitor: Visitor, asked: Asked, died_at_s: float) -> None:
        figures = self.figures
        figures.questions += 1
        if asked.turn is None:  # nobody promised anything, so the client sends it again
            assert visitor.ask(asked.text, id=asked.id)["message"]["text"] == asked.text
            return
        figures.acknowledged += 1
        answer_id = asked.turn["answer"]["id"]
        status, reply = visitor.request("GET", f"/api/answers/{answer_id}")
        if status != 200 or visitor.ask(asked.text, id=asked.id)["message"] != asked.turn["message"]:
            figures.lost_messages += 1
            return
        stored = reply["answer"]
        assert words(asked.text, WORDS).startswith(stored["text"])
        assert stored["next"] == len(stored["text"].encode())
        if asked.ended is not None or stored["status"] == "done":
            assert (stored["status"], stored["text"]) == ("done", words(asked.text, WORDS))
            figures.finished_answers += 1
            return
        assert stored["status"] == "interrupted"
        figures.interrupted_answers += 1
        lost_ms = asked.lost_ms(stored["text"], died_at_s)
        figures.max_text_lost_ms = max(figures.max_text_lost_ms, round(lost_ms, 1))
        assert stored["text"].startswith(asked.text_at(died_at_s - LAST_SECOND_MS / 1000)), f"{lost_ms:.0f} ms lost"
        if self.dice.random() < 0.3:
            self._continue(visitor, asked.text, stored)

    def _continue(self, visitor: Visitor, question: str, old: Any) -> None:
        with visitor.socket() as tab:
            tab.send({"type": "continue", "id": Asked("").id, "answer": old["id"]})
            answer = tab.receive_until("started")["answer"]
            assert (answer["text"][: len(old["text"])], answer["continues"]) == (old["text"], old["id"])
            text, ended = tab.read_answer(answer["id"], answer["text"], answer["next"])
        # An answer that has no text yet begins anew, from the question.
        said = CONTINUE_PROMPT if old["text"] else question
        assert (text, ended["status"]) == (old["text"] + words(said, SHORT), "done")
        self.figures.continued_answers += 1

    def check_everything(self) -> None:
        """After the last round: whatever was asked in any of them is still there."""
        for visitor, asked in self.everything:
            turn = visitor.ask(asked.text, id=asked.id)
            if turn["message"]["text"] != asked.text or (asked.turn and turn["message"] != asked.turn["message"]):
                self.figures.lost_messages += 1
        assert self.figures.lost_messages == 0


@pytest.fixture
def rounds(server: ParleyServer, upstream: ScriptedServer) -> Rounds:
    return Rounds(server, upstream, seed=20)


def test_kills_of_the_whole_server(rounds: Rounds) -> None:
    for _ in range(3):
        rounds.run()
    rounds.check_everything()
    assert rounds.figures.interrupted_answers > 3


def test_kill_of_the_worker_alone(rounds: Rounds) -> None:
    rounds.run(only_worker=True)
    rounds.check_everything()
    assert rounds.figures.interrupted_answers > 0


@pytest.mark.proof
def test_fifty_kills(rounds: Rounds, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(50):
        rounds.run()
    rounds.check_everything()
    report = json.dumps(asdict(rounds.figures), indent=2)
    path = Path(ROOT / "build" / "proofs" / "kills.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(report + "\n")
    with capsys.disabled():
        print(f"\n{report}")
