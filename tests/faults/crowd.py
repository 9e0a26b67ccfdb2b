"""People who ask while a server dies: each remembers what was promised and what arrived when."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import websocket

from tests.parley_server import Visitor


@dataclass
class Asked:
    """One question: whether it was acknowledged, and the text of its answer as it grew on our screen."""

    text: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    turn: Any = None
    arrived: list[tuple[float, str]] = field(default_factory=list)
    """When each delta came (monotonic seconds), and the whole text after it."""
    ended: str | None = None

    def text_at(self, moment_s: float) -> str:
        """What we had on the screen at a moment."""
        return next((text for at_s, text in reversed(self.arrived) if at_s <= moment_s), "")

    def lost_ms(self, stored: str, died_at_s: float) -> float:
        """How old the oldest text was that we had seen and the history has not; 0 when it has all."""
        first_lost = next((at_s for at_s, text in self.arrived if len(text) > len(stored)), died_at_s)
        return (died_at_s - first_lost) * 1000


class Person:
    """Asks over WebSocket and HTTP by turns, at random moments, until the server is gone."""

    def __init__(self, visitor: Visitor, name: str, seed: int, pause_s: float) -> None:
        self.visitor, self.name, self.pause_s = visitor, name, pause_s
        self.dice = random.Random(seed)
        self.asked: list[Asked] = []
        self.tab = visitor.socket()
        self._gone = threading.Event()
        self._threads = [threading.Thread(target=self._read), threading.Thread(target=self._ask)]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait until this person has noticed that the server is gone."""
        for thread in self._threads:
            thread.join(20)
            assert not thread.is_alive(), "a client did not notice that the server died"
        with self.tab:
            pass  # closes the socket

    def _ask(self) -> None:
        while not self._gone.wait(self.dice.uniform(0, 2 * self.pause_s)):
            asked = Asked(f"{self.name} asks number {len(self.asked)} \u2014 \u044f\u6f22 {self.dice.random()}")
            self.asked.append(asked)
            with suppress(OSError, websocket.WebSocketException):
                if self.dice.random() < 0.5:
                    self.tab.send({"type": "ask", "id": asked.id, "text": asked.text})
                else:
                    asked.turn = self.visitor.ask(asked.text, id=asked.id)
                    self.tab.send({"type": "follow", "answer": asked.turn["answer"]["id"], "offset": 0})

    def _read(self) -> None:
        by_answer: dict[str, Asked] = {}
        with suppress(OSError, websocket.WebSocketException, json.JSONDecodeError):
            while True:
                self._take(self.tab.receive(), by_answer)
        self._gone.set()

    def _take(self, frame: Any, by_answer: dict[str, Asked]) -> None:
        now_s = time.monotonic()
        if frame["type"] == "started":
            asked = next(asked for asked in self.asked if asked.id == frame["id"])
            asked.turn = frame
        elif frame["type"] in {"delta", "ended"}:
            answer_id = frame["answer"]
            if answer_id not in by_answer:
                by_answer[answer_id] = next(
                    asked for asked in self.asked if asked.turn and asked.turn["answer"]["id"] == answer_id
                )
            asked = by_answer[answer_id]
            before = asked.arrived[-1][1] if asked.arrived else ""
            if frame["type"] == "ended":
                asked.ended = frame["status"]
            else:
                assert frame["offset"] == len(before.encode())
                asked.arrived.append((now_s, before + frame["text"]))
