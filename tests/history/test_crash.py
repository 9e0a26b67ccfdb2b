"""A server that is killed in the midst of writing leaves a sound database without half turns."""

from __future__ import annotations

import itertools
import sqlite3
import subprocess
import sys
from pathlib import Path

from webapp.history.store import History

WRITER = """
import itertools, sys
from webapp.history.store import History
from webapp.messages import Status, Written
history, run = History(sys.argv[1]), sys.argv[2]
history.migrate()
place, parent = None, None
for n in itertools.count():
    turn, _ = history.begin_turn(
        "ann", f"{run}-{n}", conversation=place, parent=parent, text="question " * 50, model="guide")
    place, parent = turn.conversation.id, turn.answer.id
    print(turn.id, flush=True)
    for size in range(0, 20000, 4000):
        history.save_running({turn.answer.id: Written("word " * size, "thought " * size)})
    history.end_answer(turn.answer.id, Written("word " * 20000, "thought " * 20000), Status.DONE)
"""


def write_until_killed(url: str, run: str, lines: int) -> list[str]:
    """Ids of the turns that the killed process had reported as stored."""
    process = subprocess.Popen([sys.executable, "-c", WRITER, url, run], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout:
        told = [line.strip() for line in itertools.islice(process.stdout, lines)]
        process.kill()
        told += [line.strip() for line in process.stdout if line.endswith("\n")]
    process.wait(timeout=30)
    return told


def test_killed_in_the_midst_of_writing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'parley.db'}"
    for run in ("a", "b", "c"):
        told = write_until_killed(url, run, lines=15)
        assert len(told) >= 15
        history = History(url)
        history.migrate()
        assert history.interrupt_running() <= 1
        for turn_id in told:
            turn, new = history.begin_turn("ann", turn_id, conversation=None, parent=None, text="again", model="guide")
            assert not new
            assert history.path(turn.answer.id)[0].text == "question " * 50
        history.close()
    connection = sqlite3.connect(tmp_path / "parley.db")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    unanswered = "SELECT count(*) FROM messages q WHERE role = 'user' AND NOT EXISTS"
    unanswered += " (SELECT 1 FROM messages a WHERE a.parent = q.id AND a.status IS NOT NULL)"
    assert connection.execute(unanswered).fetchone() == (0,)
    connection.close()
