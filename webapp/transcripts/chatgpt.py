"""ChatGPT's data export: `conversations.json`, a list of conversations whose messages are a tree in `mapping`. No I/O.

Each node has `parent`, `children` and `message` (null for the root). A message has an `author` with a `role`, a
`content` whose form its `content_type` names, and times in seconds. `current_node` is the last message that was shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from webapp.messages import Status, Usage
from webapp.transcripts import foreign, reading
from webapp.transcripts.foreign import Node
from webapp.transcripts.transcript import CarriedFile, Transcript

Assets = Callable[[str], CarriedFile | None]

# Places of citations, which only their own page can turn into links.
_CITATION = re.compile("\ue200[^\ue201]{0,1000}\ue201|[\ue200-\ue20f]")
_POINTER = re.compile(r"[a-z-]{1,20}://(file[-_][A-Za-z0-9_-]{1,100})")
_BY_LENGTH = frozenset({"max_tokens"})
_UNFINISHED = frozenset({"in_progress", "finished_partial_completion"})


def is_it(value: Any) -> bool:
    """Whether this is one of its conversations."""
    return isinstance(reading.obj(value).get("mapping"), dict)


def read(value: Any, asset: Assets) -> Transcript | None:
    """One conversation; None when it has no messages. `asset` finds a file by the beginning of its name."""
    files: list[CarriedFile] = []
    default_model = reading.text(value, "default_model_slug")
    nodes = (_node(id_, reading.obj(node), default_model, files, asset) for id_, node in value["mapping"].items())
    about = foreign.About(
        title=reading.text(value, "title"),
        created_at_ms=reading.time_ms(value, "create_time"),
        updated_at_ms=reading.time_ms(value, "update_time"),
        leaf=reading.name(value, "current_node"),
        archived=value.get("is_archived") is True,
        files=files,
    )
    return foreign.transcript(nodes, about)


def _node(id_: str, node: dict[str, Any], default_model: str, files: list[CarriedFile], asset: Assets) -> Node:
    message = reading.obj(node, "message")
    metadata, content = reading.obj(message, "metadata"), reading.obj(message, "content")
    role = reading.text(reading.obj(message, "author"), "role")
    kind = reading.text(content, "content_type")
    made = Node(
        id=id_, parent=reading.name(node, "parent"), role=role, created_at_ms=reading.time_ms(message, "create_time")
    )
    spoken = kind in {"text", "multimodal_text"} and role in foreign.ROLES
    if metadata.get("is_visually_hidden_from_conversation") is True:
        spoken, content = False, {}
    # To anybody else than all it is a call of a tool.
    if spoken and reading.text(message, "recipient") in {"", "all"}:
        made.text = _CITATION.sub("", _text(content, files, made.files, asset))
        made.shown = bool(made.text.strip() or made.files)
    else:
        made.shown, made.reasoning = False, _aside(kind, content) if role in {"assistant", "tool"} else ""
    made.model = reading.text(metadata, "model_slug") or default_model
    ended = reading.text(reading.obj(metadata, "finish_details"), "type")
    if reading.text(message, "status") in _UNFINISHED or ended == "interrupted":
        made.status = Status.INTERRUPTED
    elif ended in _BY_LENGTH:
        made.usage = Usage(finish_reason="length")
    return made


def _text(content: dict[str, Any], files: list[CarriedFile], attached: list[int], asset: Assets) -> str:
    texts = []
    for part in reading.array(content, "parts"):
        if isinstance(part, str):
            texts.append(part)
            continue
        texts.append(reading.text(reading.obj(part), "text"))  # what was said, of a part of sound
        pointer = _POINTER.match(reading.text(reading.obj(part), "asset_pointer"))
        found = asset(pointer[1]) if pointer else None
        if found is not None:
            attached.append(len(files))
            files.append(found)
    return "\n\n".join(text for text in texts if text)


def _aside(kind: str, content: dict[str, Any]) -> str:
    """What a model did before it answered: thoughts, calls of tools and what came of them."""
    if kind == "thoughts":
        steps = [reading.obj(step) for step in reading.array(content, "thoughts")]
        return "\n\n".join(text for step in steps if (text := reading.text(step, "content", "summary")))
    if kind in {"code", "execution_output", "text"}:
        texts = [part for part in reading.array(content, "parts") if isinstance(part, str)]
        return (reading.text(content, "text") or "\n\n".join(texts)).strip()
    return ""
