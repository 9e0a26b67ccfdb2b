"""The guide: what it knows, what it remembers, that it can go on where it was cut, and that it keeps its pace."""

from __future__ import annotations

import asyncio
import re
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.errors import InvalidInput
from webapp.messages import ChatMessage
from webapp.providers import Guide
from webapp.providers.base import StopSignal
from webapp.providers.guide import answer


def said(*contents: str) -> list[ChatMessage]:
    """User and assistant in turns, the user first."""
    return [ChatMessage(role="assistant" if n % 2 else "user", content=content) for n, content in enumerate(contents)]


def ask(*contents: str) -> str:
    return "".join(Guide.create_completion("", said(*contents), pace_s=0))


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Hello", "I am not a language model"),
        ("", "I am not a language model"),
        ("help", "Ask me about"),
        ("Are you an AI?", "not a language model"),
        ("What is Parley?", "Reload the page"),
        ("How do I connect a real model?", "GPROCHAT_URL"),
        ("what about GPROCHAT_SECRET", "GPROCHAT_SECRET"),
        ("can I use a terminal", "python -m webapp ask"),
        ("how do I stop you", "**Stop**"),
        ("a table please", "|:-----|:------:|------:|"),
        ("show me code", "```python"),
        ("todo list", "- [x]"),
        ("a quote", "> >"),
        ("links", "https://"),
        ("some maths", r"\int_0"),
        ("emoji", "👩‍👩‍👧"),
        ("arabic", "مرحبا"),
        ("Why is the sky blue?", "> Why is the sky blue?"),
    ],
)
def test_answers_by_keyword(question: str, words: str) -> None:
    assert words in ask(question)


def test_shows_every_kind_of_formatting() -> None:
    text = ask("Show me every kind of formatting")
    signs = [
        "# Heading 1",
        "#### ",
        "  - early",
        "- [ ]",
        ":---",
        "````",
        "> ",
        "](https",
        "$$",
        "😀",
        "שלום",
        "世界",
        "~~",
        "**",
        "\\\n",
        "\n---\n",
    ]
    for sign in signs:
        assert sign in text, sign


def test_remembers_what_was_asked() -> None:
    first = ask("What did I ask before?")
    assert "first question" in first
    text = ask("Hello", "…", "Show me a\ntable", "…", "What did I ask before?")
    assert "you asked me 2 questions; this is turn 3" in text
    assert "1. Hello\n2. Show me a table" in text


def test_a_long_answer_is_as_long_as_asked() -> None:
    assert len(re.findall(r"^\*\*\d+\.\*\*", ask("a long answer"), re.MULTILINE)) == 60
    assert len(re.findall(r"^\*\*\d+\.\*\*", ask("a long answer, 500 please"), re.MULTILINE)) == 500


@pytest.mark.parametrize("question", ["Hello", "everything", "a long answer", "what did I ask?", "Why?"])
def test_goes_on_exactly_where_it_was_cut(question: str) -> None:
    whole = ask("hi", "…", question)
    for cut in range(0, len(whole), max(1, len(whole) // 50)):
        rest = ask("hi", "…", question, whole[:cut], "Continue exactly where you stopped.")
        assert whole[:cut] + rest == whole
    again = whole[:10], "continue", whole[10:20], "please continue"
    assert ask("hi", "…", question, *again) == whole[20:]


def test_goes_on_with_a_fixed_text_though_the_question_was_forgotten() -> None:
    whole = ask("a table")
    history = [ChatMessage(role="assistant", content=whole[:9]), ChatMessage(role="user", content="continue")]
    assert "".join(Guide.create_completion("", history, pace_s=0)) == whole[9:]


def test_says_so_when_there_is_nothing_to_continue() -> None:
    assert "already complete" in ask("Hello", ask("Hello"), "Continue")
    assert "already complete" in ask("Hello", "something else entirely", "Continue")


@settings(deadline=None)  # whose turn it is on a busy machine is nothing that is tested here
@given(st.lists(st.text(max_size=40), min_size=1, max_size=5).filter(lambda texts: len(texts) % 2 == 1))
def test_whatever_is_asked_gets_the_same_text_in_pieces_from_both_twins(contents: list[str]) -> None:
    pieces = list(Guide.create_completion("any-model", said(*contents), pace_s=0))
    assert pieces
    assert all(pieces)

    async def ask_async() -> list[str]:
        return [piece async for piece in Guide.create_async_generator("", said(*contents), pace_s=0)]

    assert asyncio.run(ask_async()) == pieces


@pytest.mark.parametrize("history", [[], said("Hello", "Hi")])
def test_refuses_a_history_that_asks_nothing(history: list[ChatMessage]) -> None:
    with pytest.raises(InvalidInput):
        next(iter(Guide.create_completion("", history)))


def test_keeps_its_pace() -> None:
    begun_s, answer = time.monotonic(), iter(Guide.create_completion("", said("Hello")))
    for _ in range(10):
        next(answer)
    assert 0.15 < time.monotonic() - begun_s < 0.6


def test_stop_ends_even_a_long_pause() -> None:
    stop = StopSignal()
    threading.Timer(0.1, stop.set).start()
    begun_s = time.monotonic()
    assert len(list(Guide.create_completion("", said("Hello"), stop=stop, pace_s=30))) == 1
    assert time.monotonic() - begun_s < 0.3


def test_offers_one_model() -> None:
    assert Guide.get_models() == ["guide"]
    assert Guide.get_model("") == "guide"


def test_a_history_of_nothing_but_continue_is_answered() -> None:
    history: list[ChatMessage] = [{"role": "user", "content": "hello"}]
    for _ in range(1000):
        history += [{"role": "assistant", "content": "x"}, {"role": "user", "content": "continue"}]
    assert answer(history)
