"""A conversation with a long past, put into the server's database: a thousand turns would take too long to ask for."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

ANSWER = """## Part {number}

Some *plain* words about `part {number}`, and a [link](https://example.org/{number}) in a line that is a little longer
than the page is wide, so that it has to be broken somewhere.

- one
- two **strong**

```python
def part_{number}() -> int:
    return {number}
```
"""


def lengthen(data_dir: Path, conversation: str, messages: int) -> str:
    """Put so many messages below the newest one, question and answer by turns; returns the last id."""
    with closing(sqlite3.connect(data_dir / "parley.db", timeout=10)) as connection, connection:
        found = (
            "SELECT id, position, created_at_ms FROM messages WHERE conversation_id = ? ORDER BY position DESC LIMIT 1"
        )
        parent, position, created_at_ms = connection.execute(found, (conversation,)).fetchone()
        insert = (
            "INSERT INTO messages (id, conversation_id, position, parent, role, text, created_at_ms, status, model)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
        for number in range(1, messages + 1):
            one, asks = f"{conversation[:8]}-{number:04}", number % 2 == 1
            text = f"Question {number}: what comes then?" if asks else ANSWER.format(number=number)
            what = ("user", text) if asks else ("assistant", text)
            made_by = (None, None) if asks else ("done", "plain")
            row = (one, conversation, position + number, parent, *what, created_at_ms + number, *made_by)
            connection.execute(insert, row)
            parent = one
        connection.execute("UPDATE conversations SET leaf = ? WHERE id = ?", (parent, conversation))
    return str(parent)
