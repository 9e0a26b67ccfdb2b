"""The guide: an offline provider that explains Parley, shows every kind of formatting and never plays a language model.

With nothing configured Parley answers its own signed `/api/generate` through it, so the first run goes the
whole way. What it says depends on nothing but the history it is sent, which lets it go on exactly where an
answer was cut.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, ClassVar

from webapp.errors import InvalidInput
from webapp.messages import ChatMessage
from webapp.providers import guide_texts as texts
from webapp.providers.base import AsyncGeneratorProvider, Notes, ProviderModelMixin, StopSignal

LONG_PARAGRAPHS = 60
MAX_LONG_PARAGRAPHS = 2_000
MOST_CONTINUED = 100
QUOTED_CHARACTERS = 300
# How soon a stop is noticed at a slow pace.
REST_SLICE_S = 0.05

_CONTINUE = re.compile(r"\b(continue|go on|carry on|keep going)\b", re.IGNORECASE)
_PIECE = re.compile(r"\S{1,16}\s*|\s+")

_FORMATTING = "\n".join(
    (
        texts.EMPHASIS, texts.LISTS, texts.TABLES, texts.CODE, texts.QUOTES, texts.LINKS, texts.MATHS,
        texts.LANGUAGES,
    )
)  # fmt: skip


def _long(history: Sequence[ChatMessage]) -> str:
    """Numbered paragraphs; a number in the question is how many."""
    number = re.search(r"\d{1,6}", history[-1]["content"])
    count = min(max(int(number[0]), 1), MAX_LONG_PARAGRAPHS) if number else LONG_PARAGRAPHS
    sentences = texts.LONG_SENTENCES
    lines = [
        f"**{n}.** {sentences[n % len(sentences)]} {sentences[(n * 3 + 1) % len(sentences)]}\n"
        for n in range(1, count + 1)
    ]
    return "\n".join([texts.LONG_OPENING, *lines])


def _remembered(history: Sequence[ChatMessage]) -> str:
    """The questions asked earlier, and how many turns there were."""
    earlier = _questions(history[:-1])
    if not earlier:
        return "This is your first question, so there is nothing before it that I could remember.\n"
    plural = "question" if len(earlier) == 1 else "questions"
    lines = [f"{n}. {_quoted(question)}" for n, question in enumerate(earlier, 1)]
    turn = len(earlier) + 1
    return f"Before this one you asked me {len(earlier)} {plural}; this is turn {turn}.\n\n" + "\n".join(lines) + "\n"


def _unknown(history: Sequence[ChatMessage]) -> str:
    """An honest answer to anything else."""
    turn = len(_questions(history))
    return (
        f"You wrote:\n\n> {_quoted(history[-1]['content'])}\n\n"
        "I am only the guide, a program without a language model, and I have no answer to that. "
        f"(This is turn {turn} of our conversation.) "
        "Ask for **help** to see what I know, or how to **connect** a real model.\n"
    )


def _fixed(text: str) -> Callable[[Sequence[ChatMessage]], str]:
    return lambda _history: text


# The first pattern found in the last question answers it.
_SUBJECTS: tuple[tuple[str, Callable[[Sequence[ChatMessage]], str]], ...] = (
    (r"\b(did|have) i (ask|say|write|said|asked|written)|\bremember\b|my (last|previous|earlier|first) question"
     r"|how many (turns|questions)|\bhistory i sent", _remembered),
    (r"\blong(er)?\b|\bstory\b", _long),
    (r"are you (an? )?(ai|llm|bot|human|person|real|model|language|chatgpt|gemini)|language model|who are you"
     r"|what are you", _fixed(texts.MODEL)),
    (r"\b(formatting|markdown|everything|all (kinds|formats))\b", _fixed(_FORMATTING)),
    (r"\b(lists?|tasks?|todo|check ?box(es)?)\b", _fixed(texts.LISTS)),
    (r"\btables?\b", _fixed(texts.TABLES)),
    (r"\b(terminal|command line|shell|cli|curl)\b", _fixed(texts.TERMINAL)),
    (r"\b(connect|upstream|gprochat\w*|secret|settings?|configure|real model)\b", _fixed(texts.CONNECT)),
    (r"\b(code|python|javascript|program)\b", _fixed(texts.CODE)),
    (r"\b(quotes?|quotation)\b", _fixed(texts.QUOTES)),
    (r"\blinks?\b", _fixed(texts.LINKS)),
    (r"\b(maths?|formulas?|equations?|latex)\b", _fixed(texts.MATHS)),
    (r"\b(emoji|arabic|hebrew|chinese|japanese|korean|cjk|right.to.left|rtl|languages?|unicode)\b",
     _fixed(texts.LANGUAGES)),
    (r"\b(stop|retry|again|regenerate|continue)\b", _fixed(texts.CONTROL)),
    (r"\b(parley|reload|tabs?|history|what is this|how does)\b", _fixed(texts.PARLEY)),
    (r"\b(help|hello|hi|hey|hallo|good (morning|evening|day)|what can you|start)\b|^\W*$", _fixed(texts.WELCOME)),
)  # fmt: skip


def answer(history: Sequence[ChatMessage]) -> str:
    """The guide's whole answer to a history; the same for the same history. Raises `InvalidInput` for an empty one."""
    if not history or history[-1]["role"] != "user":
        raise InvalidInput("messages: the last message must be the user's.")
    question = history[-1]["content"]
    if len(history) > 1 and _CONTINUE.search(question) and history[-2]["role"] == "assistant":
        return _rest_of(history[-2]["content"], history[:-2])
    for pattern, respond in _SUBJECTS:
        if re.search(pattern, question, re.IGNORECASE):
            return respond(history)
    return _unknown(history)


def _rest_of(begun: str, before: Sequence[ChatMessage]) -> str:
    """What is missing from an answer to `before` that was cut after `begun`."""
    # Each "continue" before this one is a step down; a history that is nothing else would go down without end.
    asked = before and before[-1]["role"] == "user" and len(_questions(before)) <= MOST_CONTINUED
    whole = [answer(before)] if asked else []
    # A history shortened on its way may lack what the answer was made from; then the fixed texts are tried.
    whole += [respond([ChatMessage(role="user", content="")]) for _, respond in _SUBJECTS]
    for text in whole:
        if text.startswith(begun):
            return text[len(begun) :] or texts.ALREADY_COMPLETE
    return texts.ALREADY_COMPLETE


def _questions(history: Sequence[ChatMessage]) -> list[str]:
    return [message["content"] for message in history if message["role"] == "user"]


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= QUOTED_CHARACTERS else line[:QUOTED_CHARACTERS] + "…"


class Guide(AsyncGeneratorProvider, ProviderModelMixin):
    """Answers offline by keyword, a word at a time; takes any model's name, for the gateway passes on what it is asked.

    `pace_s` is the pause between two pieces in seconds, as an attribute or as a keyword; 0 for none.
    """

    default_model: ClassVar[str] = "guide"
    pace_s: ClassVar[float] = 0.02

    @classmethod
    def create_completion(
        cls,
        model: str,
        messages: Sequence[ChatMessage],
        proxy: str | None = None,
        *,
        stop: StopSignal | None = None,
        notes: Notes | None = None,
        **kwargs: Any,
    ) -> Iterator[str]:
        """Yield the answer in small pieces; ends quietly when `stop` is set. Raises `InvalidInput`."""
        pace_s = _pace_s(cls.pace_s, kwargs)
        for piece in _PIECE.findall(answer(messages)):
            if stop is not None and stop.is_set():
                return
            yield piece
            _rest(pace_s, stop)

    @classmethod
    async def create_async_generator(
        cls,
        model: str,
        messages: Sequence[ChatMessage],
        proxy: str | None = None,
        *,
        notes: Notes | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[str]:
        """The same under asyncio; to stop it, close the generator."""
        pace_s = _pace_s(cls.pace_s, kwargs)
        for piece in _PIECE.findall(answer(messages)):
            yield piece
            await asyncio.sleep(pace_s)


def _pace_s(default: float, options: dict[str, Any]) -> float:
    given = options.get("pace_s")
    return default if given is None else float(given)


def _rest(seconds: float, stop: StopSignal | None) -> None:
    """Sleep `seconds`, in slices so short that a stop is noticed."""
    while seconds > 0 and not (stop is not None and stop.is_set()):
        time.sleep(min(seconds, REST_SLICE_S))
        seconds -= REST_SLICE_S
