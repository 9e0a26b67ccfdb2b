"""A transcript as Markdown for people: the shown branch, who said what, the reasoning folded away. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator

from webapp.transcripts.transcript import CarriedMessage, Transcript, shown_branch
from webapp.transcripts.wording import ending, moment, speaker

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~&!])")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")


def pieces(transcript: Transcript) -> Iterator[bytes]:
    """The shown branch as UTF-8 Markdown, message by message."""
    yield f"# {_escaped(transcript.title)}\n\n{moment(transcript.created_at_ms)}\n".encode()
    if transcript.options.system:
        yield f"\n{_folded('System prompt', transcript.options.system)}".encode()
    for message in shown_branch(transcript):
        yield "".join(_message(transcript, message)).encode()


def _message(transcript: Transcript, message: CarriedMessage) -> Iterator[str]:
    yield f"\n---\n\n## {_escaped(speaker(message))}\n"
    if message.reasoning:
        yield f"\n{_folded('Reasoning', message.reasoning)}"
    if message.text.strip():
        yield f"\n{_closed(message.text)}\n"
    for index in message.files:
        file = transcript.files[index]
        yield f"\nAttached: {_escaped(file.name)} ({file.media_type})\n"
    if how := ending(message):
        yield f"\n*{_escaped(how)}*\n"


def _escaped(line: str) -> str:
    return _MARKS.sub(r"\\\1", " ".join(line.split()))


def _folded(summary: str, text: str) -> str:
    """A text as it is in a block that opens when it is clicked."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"<details>\n<summary>{summary}</summary>\n\n{fence}text\n{text.rstrip()}\n{fence}\n\n</details>\n"


def _closed(text: str) -> str:
    """The text with the fence closed that is open at its end, as after a stop: it would swallow all that follows."""
    text = text.strip("\n")
    fence = ""
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if found is None:
            continue
        if not fence:
            # The words behind an opening fence of backticks have no backticks in them, else it is code in a line.
            fence = "" if found[1][0] == "`" and "`" in found[2] else found[1]
        elif found[1][0] == fence[0] and len(found[1]) >= len(fence) and not found[2].strip():
            fence = ""
    return f"{text}\n{fence}" if fence else text
