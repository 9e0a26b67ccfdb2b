"""The page's part of `make bench`: rendering, loading, long conversations and long lists."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from tests.bench import long_conversation, page_load, rendering


def add_options(parser: ArgumentParser) -> None:
    """How much of it."""
    parser.add_argument("--only-page", action="store_true", help="what the page costs its reader's browser, alone")
    parser.add_argument("--page-seconds", type=float, help="how long each answer is written; as page.md has it")
    parser.add_argument("--texts", nargs="*", default=[], choices=list(rendering.INPUTS), help="only these answers")
    parser.add_argument("--messages", type=int, default=1000, help="in the long conversation")
    parser.add_argument("--conversations", type=int, default=10_000, help="in the long list")


def measure(given: Namespace) -> dict[str, object]:
    """All of it; prints the figures."""
    return {
        "rendering": rendering.measure(given.page_seconds, given.texts),
        "load": page_load.measure(),
        **long_conversation.measure(given.messages, given.conversations),
    }
