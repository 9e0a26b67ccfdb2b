"""What the page of a shared conversation shows: who said what, each text as HTML, and what stands around them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from markupsafe import Markup, escape

from webapp.messages import Answer, Attachment, Message
from webapp.shared import SharedConversation
from webapp.transcripts.chat_markup import ChatMarkup
from webapp.transcripts.effort import effort
from webapp.transcripts.rendered import RenderedTexts
from webapp.transcripts.wording import moment, moment_iso
from webapp.views.shared_branch import Placed, Versions

# About two seconds' work for a page of common texts, see `effort`; what is beyond it is shown as it was written.
# Scripts read all of it anew.
MOST_RENDERED_CHARS = 1_000_000
MOST_REMEMBERED_CHARS = 16_000_000
FEW_QUESTIONS = 4
LINE_CHARS, DESCRIPTION_CHARS = 90, 200

_texts = RenderedTexts(ChatMarkup(), most_chars=MOST_REMEMBERED_CHARS)


class Entry(NamedTuple):
    """One message as the template shows it. Answers have `html` and a `speaker`, everything else `text`.

    `size` says roughly how long it is, from 1 to 4; `sizes` how large each file is, by its id.
    """

    id: str
    role: str
    is_answer: bool
    moment: str
    iso: str
    text: str
    files: tuple[Attachment, ...]
    sizes: dict[str, str]
    size: int
    versions: Versions | None
    html: Markup = Markup()
    speaker: str = ""
    reasoning: str = ""
    status: str = ""
    next: int = 0
    reasoning_next: int = 0


class Question(NamedTuple):
    """A line of the table of questions."""

    id: str
    line: str


def values(conversation: SharedConversation, placed: Sequence[Placed]) -> dict[str, Any]:
    """What the template shows of a conversation. Its entries are rendered one by one while they are taken."""
    shown = [message for message, _ in placed]
    questions = [Question(message.id, _line(message)) for message in shown if message.role == "user"]
    asked = next((message.text for message in shown if message.role == "user"), "")
    return {
        "name": conversation.title,
        "author": conversation.author,
        "live": conversation.live,
        "may_continue": conversation.may_continue,
        "description": shortened(asked, DESCRIPTION_CHARS),
        "moment": moment(conversation.updated_at_ms),
        "iso": moment_iso(conversation.updated_at_ms),
        "count": len(shown),
        "leaf": shown[-1].id if shown else "",
        "questions": questions if len(questions) > FEW_QUESTIONS else [],
        "entries": _entries(conversation, placed),
    }


def report(report_address: str, address: str) -> str:
    """Where a conversation is reported to the site's owner; empty when the owner has named no address."""
    if not report_address:
        return ""
    subject, body = quote("Report of a shared conversation"), quote(f"The conversation: {address}\n\n")
    return f"mailto:{report_address}?subject={subject}&body={body}"


def shortened(text: str, most: int) -> str:
    """The beginning of a text in one line of at most so many characters."""
    line = " ".join(text[: 4 * most].split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _line(question: Message) -> str:
    line = shortened(question.text, LINE_CHARS)
    return line or ", ".join(file.name for file in question.attachments)


def _entries(conversation: SharedConversation, placed: Sequence[Placed]) -> Iterator[Entry]:
    left = MOST_RENDERED_CHARS
    for message, versions in placed:
        if isinstance(message, Answer):
            left -= effort(message.text)
            yield _answer(message, versions, rendered=left >= 0)
            time.sleep(0)  # under gevent only this lets others do anything
        else:
            yield _question(message, versions)


def _question(message: Message, versions: Versions | None) -> Entry:
    return Entry(
        id=message.id,
        role=message.role,
        is_answer=False,
        moment=moment(message.created_at_ms),
        iso=moment_iso(message.created_at_ms),
        text=message.text.strip(),
        files=message.attachments,
        sizes={file.id: _bytes(file.size_bytes) for file in message.attachments},
        size=_size(message.text),
        versions=versions,
    )


def _answer(message: Answer, versions: Versions | None, *, rendered: bool) -> Entry:
    text = message.text
    as_written = Markup('<div class="as-written">{}</div>')
    return Entry(
        id=message.id,
        role=message.role,
        is_answer=True,
        speaker=message.model,
        moment=moment(message.created_at_ms),
        iso=moment_iso(message.created_at_ms),
        text=text,
        files=message.attachments,
        sizes={file.id: _bytes(file.size_bytes) for file in message.attachments},
        size=_size(message.text),
        versions=versions,
        html=Markup(_texts.html(text, name=message.id)) if rendered else as_written.format(escape(text)),
        reasoning=message.reasoning,
        status=message.status.value,
        next=message.next,
        reasoning_next=message.reasoning_next,
    )


def _size(text: str) -> int:
    """How much room a text needs where it was not laid out yet: shared-page.css has the heights."""
    lines = text.count("\n") + len(text) // LINE_CHARS
    return 1 + sum(lines > most for most in (3, 15, 60))


def _bytes(size: int) -> str:
    for unit, factor in (("MB", 1_000_000), ("kB", 1_000)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return "1 byte" if size == 1 else f"{size} bytes"
