"""What the exports of other programs have in common: messages that name their parents become a transcript. No I/O."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from webapp.errors import InvalidInput
from webapp.messages import ModelOptions, Status, Usage
from webapp.transcripts import reading
from webapp.transcripts.transcript import MOST_MESSAGES, CarriedFile, CarriedMessage, Transcript, arranged

ROLES = frozenset({"user", "assistant", "system"})
MOST_NODES = 3 * MOST_MESSAGES  # many are hidden: calls of tools, and what came of them
LONGEST_SYSTEM_PROMPT = 20_000
_DATA_ADDRESS = re.compile(r"data:([a-z0-9.+-]{1,50}/[a-z0-9.+-]{1,50});base64,", re.IGNORECASE)


class Node(msgspec.Struct, kw_only=True):
    """One message of another program's. With `shown` False it only stands between others.

    What such a one leaves in `reasoning` belongs to the next answer below it.
    """

    id: str
    parent: str | None
    role: str = ""
    text: str = ""
    created_at_ms: int | None = None
    shown: bool = True
    status: Status = Status.DONE
    model: str = ""
    reasoning: str = ""
    usage: Usage | None = None
    files: list[int] = msgspec.field(default_factory=list)


class About(msgspec.Struct, kw_only=True):
    """What is known of a conversation beside its messages. `files` may be filled while these are read."""

    title: str = ""
    created_at_ms: int | None = None
    updated_at_ms: int | None = None
    leaf: str | None = None
    options: ModelOptions = ModelOptions()
    archived: bool = False
    pinned: bool = False
    tags: Sequence[str] = ()
    files: Sequence[CarriedFile] = ()


def transcript(nodes: Iterable[Node], about: About) -> Transcript | None:
    """The conversation; None when it has no messages. Raises `InvalidInput` for one that makes no tree."""
    by_id: dict[str, Node] = {}
    for node in nodes:
        if len(by_id) >= MOST_NODES:
            raise InvalidInput(f"it has more than {MOST_NODES:,} messages, the hidden ones included.")
        by_id.setdefault(node.id, node)
    above, taken = _shown_above(by_id), set[str]()
    shown = [node for node in by_id.values() if node.shown]
    if not shown:
        return None
    messages = arranged(
        tuple(
            _message(node, above[node.id], _reasoning(by_id, node, taken) if node.role == "assistant" else "")
            for node in shown
        )
    )
    known = [message.created_at_ms for message in messages if message.created_at_ms]
    first = about.created_at_ms or min(known, default=about.updated_at_ms or 0)
    messages = arranged(_in_order(messages, first))
    leaf = about.leaf
    if leaf in by_id and not by_id[leaf].shown:
        leaf = above[leaf]
    messages, answers = _all_answered(messages)
    leaf = answers.get(leaf or "", leaf)
    return Transcript(
        title=about.title,
        created_at_ms=first,
        updated_at_ms=about.updated_at_ms or max(known, default=first),
        messages=messages,
        leaf=leaf if leaf in by_id or leaf in answers.values() else None,
        options=about.options,
        archived=about.archived,
        pinned=about.pinned,
        tags=tuple(about.tags),
        files=tuple(about.files),
    )


def _shown_above(by_id: Mapping[str, Node]) -> dict[str, str | None]:
    """For each node the nearest shown one above it."""
    above: dict[str, str | None] = {}
    for start in by_id:
        way: list[str] = []
        on_way: set[str] = set()
        at: str | None = start
        while at is not None and at not in above:
            if at in on_way:
                raise InvalidInput("its messages follow each other in a circle.")
            on_way.add(at)
            way.append(at)
            at = _parent(by_id, at)
        for id_ in reversed(way):
            parent = _parent(by_id, id_)
            above[id_] = parent if parent is None or by_id[parent].shown else above[parent]
    return above


def _parent(by_id: Mapping[str, Node], id_: str) -> str | None:
    """The node it follows, if there is one: exports name a root's parent by ids of nothing."""
    parent = by_id[id_].parent
    return parent if parent in by_id else None


def _reasoning(by_id: Mapping[str, Node], node: Node, taken: set[str]) -> str:
    """An answer's reasoning, after what those between it and the message above left, which only the first one takes."""
    thoughts = [node.reasoning]
    at = _parent(by_id, node.id)
    while at is not None and not by_id[at].shown and at not in taken:
        taken.add(at)
        thoughts.append(by_id[at].reasoning)
        at = _parent(by_id, at)
    return "\n\n".join(thought for thought in reversed(thoughts) if thought)


def _message(node: Node, parent: str | None, reasoning: str) -> CarriedMessage:
    answer = node.role == "assistant"
    return CarriedMessage(
        id=node.id,
        parent=parent,
        role=node.role,
        text=node.text,
        created_at_ms=node.created_at_ms or 0,
        files=tuple(node.files),
        status=node.status if answer else None,
        model=node.model if answer else "",
        reasoning=reasoning,
        usage=node.usage if answer else None,
    )


def _all_answered(messages: tuple[CarriedMessage, ...]) -> tuple[tuple[CarriedMessage, ...], dict[str, str]]:
    """With an interrupted answer to each question that has none, and those by their questions.

    Without one a question could neither be answered here nor be followed by another.
    """
    followed = {message.parent for message in messages}
    answers = [
        CarriedMessage(
            id=f"answer to {message.id}",
            parent=message.id,
            role="assistant",
            text="",
            created_at_ms=message.created_at_ms,
            status=Status.INTERRUPTED,
        )
        for message in messages
        if message.role == "user" and message.id not in followed
    ]
    return arranged((*messages, *answers)), {str(answer.parent): answer.id for answer in answers}


def _in_order(messages: Sequence[CarriedMessage], first_ms: int) -> tuple[CarriedMessage, ...]:
    """The messages by their times. One without a time has that of the message it follows."""
    times: dict[str, int] = {}
    timed = []
    for message in messages:
        when = message.created_at_ms or (times[message.parent] if message.parent else first_ms)
        times[message.id] = when
        timed.append(msgspec.structs.replace(message, created_at_ms=when))
    return tuple(sorted(timed, key=lambda message: message.created_at_ms))


def options(values: dict[str, Any], system: str) -> ModelOptions:
    """How the model was to answer, as far as it was within our bounds."""
    temperature, top_p = reading.number(values, "temperature"), reading.number(values, "top_p")
    return ModelOptions(
        system=system if system.strip() and len(system) <= LONGEST_SYSTEM_PROMPT else None,
        temperature=temperature if temperature is not None and 0 <= temperature <= 2 else None,
        top_p=top_p if top_p is not None and 0 < top_p <= 1 else None,
    )


def data_file(address: Any, name: str) -> CarriedFile | None:
    """The file in a data address; None when it is no such address, or damaged."""
    found = _DATA_ADDRESS.match(address) if isinstance(address, str) else None
    if found is None:
        return None
    try:
        content = base64.b64decode(address[found.end() :], validate=True)
    except (binascii.Error, ValueError):
        return None
    return CarriedFile(name=name, media_type=found[1].lower(), read=lambda: content)


def parts(content: Any, files: list[CarriedFile], attached: list[int]) -> str:
    """The text of a content that is a text, or a list of texts and pictures; pictures are added to `files`."""
    if isinstance(content, str):
        return content
    texts = []
    for part in reading.array(content):
        if isinstance(part, str):
            texts.append(part)
        elif text := reading.text(reading.obj(part), "text"):
            texts.append(text)
        picture = data_file(reading.obj(part, "image_url").get("url"), f"picture {len(files) + 1}")
        if picture is not None:
            attached.append(len(files))
            files.append(picture)
    return "\n\n".join(texts)
