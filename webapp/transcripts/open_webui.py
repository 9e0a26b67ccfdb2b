"""Open WebUI's export: a list of chats, each with its messages by id in `chat.history.messages`. No I/O.

A message has `parentId` and `childrenIds`; times are in seconds. What a model thought stands in its text between
`<details type="reasoning">` and `</details>`, as quoted and escaped lines, or as it is in `output`.
"""

from __future__ import annotations

import html
import re
from typing import Any

from webapp.messages import Status
from webapp.transcripts import foreign, reading
from webapp.transcripts.foreign import Node
from webapp.transcripts.transcript import CarriedFile, Transcript

_OPENING = re.compile(
    r'<details\b[^>]{0,300}\btype="(reasoning|tool_calls|code_interpreter)"[^>]{0,20000}>', re.IGNORECASE
)
_SUMMARY = re.compile(r"\s*<summary>[^<]{0,1000}</summary>")
_CLOSING = "</details>"


def is_it(value: Any) -> bool:
    """Whether this is one of its chats."""
    return isinstance(_history(value).get("messages"), dict)


def _history(value: Any) -> dict[str, Any]:
    """Where the messages are: in the chat, or in what is stored about it."""
    return reading.obj(reading.obj(value, "chat"), "history") or reading.obj(value, "history")


def read(value: Any) -> Transcript | None:
    """One chat; None when it has no messages."""
    chat, history = reading.obj(value, "chat") or value, _history(value)
    files: list[CarriedFile] = []
    nodes = (_node(id_, reading.obj(message), files) for id_, message in history["messages"].items())
    settings = reading.obj(chat, "params")
    about = foreign.About(
        title=reading.text(value, "title") or reading.text(chat, "title"),
        created_at_ms=reading.time_ms(value, "created_at") or reading.time_ms(chat, "timestamp"),
        updated_at_ms=reading.time_ms(value, "updated_at"),
        leaf=reading.name(history, "currentId"),
        options=foreign.options(settings, reading.text(settings, "system") or reading.text(chat, "system")),
        archived=value.get("archived") is True,
        pinned=value.get("pinned") is True,
        tags=reading.texts(reading.obj(value, "meta"), "tags") or reading.texts(chat, "tags"),
        files=files,
    )
    return foreign.transcript(nodes, about)


def _node(id_: str, message: dict[str, Any], files: list[CarriedFile]) -> Node:
    role = reading.text(message, "role")
    made = Node(
        id=id_,
        parent=reading.name(message, "parentId"),
        role=role,
        created_at_ms=reading.time_ms(message, "timestamp"),
        model=reading.text(message, "model", "modelName"),
    )
    text = foreign.parts(message.get("content"), files, made.files)
    for file in map(reading.obj, reading.array(message, "files")):
        picture = foreign.data_file(file.get("url"), reading.text(file, "name") or f"picture {len(files) + 1}")
        if picture is not None:
            made.files.append(len(files))
            files.append(picture)
    made.text, quoted = _without_asides(text) if role == "assistant" else (text, "")
    made.reasoning = _thoughts(message) or quoted
    if message.get("error"):
        made.status = Status.FAILED
        made.text = made.text or reading.text(reading.obj(message, "error"), "content", "message")
    elif message.get("done") is False:
        made.status = Status.INTERRUPTED
    made.shown = role in foreign.ROLES and bool(made.text.strip() or made.files or made.reasoning)
    return made


def _thoughts(message: dict[str, Any]) -> str:
    """What `output` says of a model's thoughts."""
    steps = [step for step in map(reading.obj, reading.array(message, "output")) if step.get("type") == "reasoning"]
    written = [reading.text(reading.obj(part), "text") for step in steps for part in reading.array(step, "content")]
    return "\n\n".join(filter(None, written))


def _without_asides(text: str) -> tuple[str, str]:
    """A text without its blocks of reasoning and of calls of tools, and the reasoning."""
    kept, thoughts, at = [], [], 0
    while (opening := _OPENING.search(text, at)) is not None:
        end = text.find(_CLOSING, opening.end())
        if end < 0:
            break
        kept.append(text[at : opening.start()])
        if opening[1].lower() == "reasoning":
            inside = _SUMMARY.sub("", text[opening.end() : end], count=1).strip()
            lines = (html.unescape(line) for line in inside.split("\n"))
            thoughts.append("\n".join(re.sub(r"^> ?", "", line) for line in lines))
        at = end + len(_CLOSING)
    return "".join([*kept, text[at:]]).strip() if kept else text, "\n\n".join(thoughts)
