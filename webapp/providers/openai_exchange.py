"""One question to a chat completions server and its reply: text, reasoning and facts. No I/O."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from webapp.errors import UpstreamError
from webapp.messages import ChatMessage
from webapp.providers import failures, openai_errors
from webapp.providers.base import Facts, Notes
from webapp.providers.decoding import MOST_EVENT_BYTES, EventDecoder, StreamTooLong
from webapp.providers.error_reply import Reply
from webapp.providers.exchange import Exchange, HttpRequest
from webapp.providers.failures import AttemptFailed
from webapp.providers.openai_chunks import Chunk, Delta, any_json, decode, split_parts
from webapp.providers.openai_protocol import Options, to_body_messages
from webapp.providers.thinking import ThinkTags, Told

DONE = b"[DONE]"
# So much may come without a word of text or reasoning between: enough for a hundred thousand empty deltas of a model
# that thinks to itself.
MOST_BARREN_BYTES = 64 * 1024 * 1024
MOST_MODEL, MOST_REASON, MOST_TOKENS = 200, 40, 2**53


class ChatExchange(Exchange):
    """A streamed chat completion; a server that answers with one JSON object is understood too."""

    def __init__(self, options: Options, model: str, messages: Sequence[ChatMessage], notes: Notes | None) -> None:
        """Raises `InvalidInput` when the history cannot be sent."""
        super().__init__(options)
        self._options = options
        self._notes = notes or Notes()
        self._fields = _fields(options, model, to_body_messages(messages))
        self._facts = Facts()
        self._events = EventDecoder()
        self._tags: ThinkTags | None = ThinkTags()  # None once no tag can come any more
        self._whole_reply: bytearray | None = None  # the body, when it is no stream
        self._looked = False
        self._understood = False
        self._barren_bytes = 0  # how many have come since the last word

    def build(self, now_ms: int) -> HttpRequest:
        """The same question for every attempt, less what the server did not accept."""
        headers = self._options.all_headers("text/event-stream, application/json;q=0.9, */*;q=0.5")
        return HttpRequest(self._options.url, headers, json.dumps(self._fields, ensure_ascii=False).encode())

    def is_answer(self, status: int, headers: Mapping[str, str]) -> bool:
        """See `Exchange`."""
        answered = super().is_answer(status, headers)
        if answered:
            self._fields = {}  # with pictures it is large, and an answer may take long
        return answered

    def explain(self, reply: Reply, now_ms: int) -> AttemptFailed:
        """What the server's error means; what it only does not know is left out of the next attempt."""
        failed = openai_errors.explain(reply, self.asked, now_ms)
        if reply.status in (400, 422) and self._can_do_without(reply.body):
            return AttemptFailed(failed.error, 0.0)
        return failed

    def _can_do_without(self, complaint: bytes) -> bool:
        if b"max_completion_tokens" in complaint and "max_tokens" in self._fields:
            # OpenAI's reasoning models know it by this name only.
            self._fields["max_completion_tokens"] = self._fields.pop("max_tokens")
            return True
        return b"stream_options" in complaint and self._fields.pop("stream_options", None) is not None

    def texts(self, data: bytes) -> Iterator[str]:
        """The text in `data`; reasoning and facts go to the notes on the way."""
        if not self._looked:
            self._look(data)
        if self._whole_reply is not None:
            self._collect(data)
            return
        self._barren_bytes += len(data)
        try:
            events = self._events.feed(data)
        except StreamTooLong as error:
            yield from self.held()
            raise failures.unreadable(self.asked, "an event without end") from error
        for event in events:
            if event == DONE:
                self.complete = True
                return
            yield from self._read(event)
        if self._barren_bytes > MOST_BARREN_BYTES:
            yield from self.held()
            raise failures.unreadable(self.asked, "a stream without end in which nothing is said")

    def end(self) -> Iterator[str]:
        """The rest of a reply that came to its end. Raises `UpstreamError` when it is no whole answer."""
        if self._whole_reply is not None:
            yield from self._read(bytes(self._whole_reply))
        elif not self.complete:
            for event in self._events.end():
                if event == DONE:
                    self.complete = True
                else:
                    yield from self._read(event)
        yield from self.held()
        self._judge()

    def held(self) -> Iterator[str]:
        """What might have become a tag."""
        if self._tags is not None:
            yield from self._told(self._tags.end())

    def broken_off(self, *, silent: bool = False) -> UpstreamError | None:
        """None after a reason to finish: all that is missing are the tokens and the stream's own end."""
        return None if self._facts.finish_reason else super().broken_off(silent=silent)

    def _look(self, data: bytes) -> None:
        """Tell a stream from one JSON object and from a page, by the first bytes: content types are often wrong."""
        if "html" in self._content_type.lower():
            raise failures.web_page(Reply.of(200, {}, data), self.asked, 0)
        if begin := data.lstrip():
            self._looked = True
            if begin.startswith((b"{", b"[")):
                self._whole_reply = bytearray()

    def _collect(self, data: bytes) -> None:
        assert self._whole_reply is not None
        self._whole_reply += data
        if len(self._whole_reply) > MOST_EVENT_BYTES:
            raise failures.unreadable(self.asked, "an answer in one piece, and too long for that")

    def _read(self, event: bytes) -> Iterator[str]:
        """The text of one event, then what else it says."""
        try:
            chunk = decode(event)
        except ValueError as error:
            if not event.strip():
                return
            yield from self.held()
            raise self._no_chunk(event) from error
        self._understood = True
        if chunk.choices:
            choice = chunk.choices[0]
            if (delta := choice.delta or choice.message) is not None:
                yield from self._delta(delta)
        if chunk.error or chunk.message or (chunk.choices and chunk.choices[0].finish_reason == "error"):
            yield from self.held()
            raise openai_errors.in_stream(any_json(event), self.asked)
        self._note(chunk)

    def _no_chunk(self, event: bytes) -> UpstreamError:
        """Gemini puts a list around its errors; anything else that is no object is none of the protocol."""
        try:
            given = any_json(event)
        except ValueError:
            given = None
        if isinstance(given, list) and given:
            return openai_errors.in_stream(given, self.asked)
        return failures.unreadable(self.asked, "something that is no chat completion")

    def _delta(self, delta: Delta) -> Iterator[str]:
        # Servers in the middle of a change of name send both, with the same text.
        if thought := delta.reasoning_content or delta.reasoning:
            yield from self._told(Told(thought, ""))
        content = delta.content or delta.refusal
        if not content:
            return
        if isinstance(content, list):
            for thought, text in split_parts(content):
                yield from self._told(Told(thought, text))
        elif self._tags is None:
            self.begun = True
            self._barren_bytes = 0
            yield content
        else:
            yield from self._told(self._tags.feed(content))
            if self._tags.done:
                self._tags = None

    def _told(self, told: Told) -> Iterator[str]:
        if told.reasoning or told.text:
            self.begun = True
            self._barren_bytes = 0
        if told.reasoning:
            self._notes.reasoning(told.reasoning)
        if told.text:
            yield told.text

    def _note(self, chunk: Chunk) -> None:
        """Tell what the chunk says of the answer, if that is anything new."""
        reason = _plain(chunk.choices[0].finish_reason, MOST_REASON) if chunk.choices else None
        if not (reason or chunk.usage or (chunk.model and not self._facts.model)):
            return
        model = self._facts.model or _plain(chunk.model, MOST_MODEL)
        facts = replace(self._facts, model=model, finish_reason=reason or self._facts.finish_reason)
        if isinstance(chunk.usage, dict):
            facts = _with_tokens(facts, chunk.usage)
        if facts != self._facts:
            self._facts = facts
            self._notes.facts(facts)

    def _judge(self) -> None:
        """Raise what it means when this was no whole answer."""
        if not (self._understood or self.complete) and self._looked:
            raise failures.unreadable(self.asked, "something that is no chat completion")
        whole = self.complete or self._facts.finish_reason or self._whole_reply is not None
        if self._understood and not whole:
            raise failures.cut(self.asked, begun=self.begun)
        if not self.begun:
            raise openai_errors.nothing_said(self._facts.finish_reason, self.asked)


def _fields(options: Options, model: str, body_messages: list[dict[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {"model": model} if model else {}
    return {
        **fields,
        "messages": body_messages,
        "stream": True,
        "stream_options": {"include_usage": True},
        **options.sampling(),
    }


def _with_tokens(facts: Facts, usage: dict[str, Any]) -> Facts:
    details = usage.get("completion_tokens_details")
    return replace(
        facts,
        prompt_tokens=_count(usage.get("prompt_tokens"), facts.prompt_tokens),
        completion_tokens=_count(usage.get("completion_tokens"), facts.completion_tokens),
        reasoning_tokens=_count(
            details.get("reasoning_tokens") if isinstance(details, dict) else None, facts.reasoning_tokens
        ),
    )


def _count(given: Any, known: int | None) -> int | None:
    return given if isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= MOST_TOKENS else known


def _plain(given: str | None, most: int) -> str | None:
    """A name as it may be shown anywhere: short, and without characters that have no shape or turn others round."""
    if not given:
        return None
    return "".join(character for character in given[: 2 * most] if character.isprintable())[:most].strip() or None
