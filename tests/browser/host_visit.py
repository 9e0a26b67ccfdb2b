"""A page of somebody else's site with our widget in it, as a visitor drives it."""

from __future__ import annotations

import time
from typing import Any, cast

from playwright.sync_api import Frame, Locator, Page

TIMEOUT_S = 15.0


class HostVisit:
    """One tab with a host page. `problems` has its uncaught errors, `said` its console."""

    def __init__(self, page: Page, url: str, chat: str) -> None:
        """Opens it; `chat` is Parley's origin."""
        self.page, self.url, self._chat = page, url, chat
        self.problems: list[str] = []
        self.said: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.goto(url)

    @property
    def element(self) -> Locator:
        """Our element in the page; its shadow root is open, and Playwright looks through it."""
        return self.page.locator("parley-embed")

    @property
    def launcher(self) -> Locator:
        """The button in the corner."""
        return self.page.locator("parley-embed button.launcher")

    @property
    def panel(self) -> Locator:
        """What holds the frame."""
        return self.page.locator("parley-embed .panel")

    @property
    def iframe(self) -> Locator:
        """The frame, as the host page has it."""
        return self.page.locator("parley-embed iframe")

    @property
    def chat(self) -> FrameChat:
        """The inside of the first frame with our chat, once it is ready."""
        return FrameChat(self.page, self.frame())

    def frame(self, timeout_s: float = TIMEOUT_S) -> Frame:
        """Wait for the first frame of our origin, wherever in the page it is."""
        deadline = time.monotonic() + timeout_s
        while True:
            for frame in self.page.frames:
                if frame.url.startswith(f"{self._chat}/embed"):
                    return frame
            assert time.monotonic() < deadline, f"no frame of ours: {[one.url for one in self.page.frames]}"
            self.page.wait_for_timeout(30)

    def open(self) -> FrameChat:
        """Click the launcher and wait until the chat is there and ready."""
        self.launcher.click()
        chat = self.chat
        chat.wait_ready()
        return chat

    def wait_until(self, expression: str, argument: object = None, timeout_s: float = TIMEOUT_S) -> Any:
        """Wait until a JavaScript function of `argument` says yes in the host page; returns what it said."""
        return wait_in(self.page, self.page.main_frame, expression, argument, timeout_s)


class FrameChat:
    """The chat inside the frame (or on a page of its own)."""

    def __init__(self, page: Page, frame: Frame) -> None:
        self.page, self.frame = page, frame

    @property
    def composer(self) -> Locator:
        """Where the visitor writes."""
        return self.frame.locator("textarea")

    def wait_ready(self) -> None:
        """Wait until its script runs and the loader was welcomed."""
        self.wait_until("() => document.documentElement?.dataset.embed === 'ready'")

    def wait_until(self, expression: str, argument: object = None, timeout_s: float = TIMEOUT_S) -> Any:
        """Wait until a JavaScript function of `argument` says yes in the frame; returns what it said."""
        return wait_in(self.page, self.frame, expression, argument, timeout_s)

    def ask(self, text: str = "What can you do?") -> None:
        """Type a question and send it with Enter."""
        self.composer.fill(text)
        self.composer.press("Enter")

    def answered(self, text: str = "What can you do?") -> str:
        """Ask, and wait for the whole answer; returns its text."""
        before = len(self.answers())
        self.ask(text)
        return self.wait_answer(before)

    def wait_answer(self, at: int = -1, timeout_s: float = 40) -> str:
        """Wait until the answer at this place (0 is the first) has ended; returns its text."""
        ended = "at => { const e = [...document.querySelectorAll('[data-answer]')].at(at);"
        ended += " return e?.text && e.dataset.status && e.dataset.status != 'running' }"
        self.wait_until(ended, at, timeout_s)
        return self.answers()[at]

    def answers(self) -> list[str]:
        """The texts of the answers that are shown, from top to bottom."""
        return cast("list[str]", self.frame.eval_on_selector_all("[data-answer]", "all => all.map(e => e.text ?? '')"))

    def messages(self) -> list[str]:
        """What is shown of every message, from top to bottom."""
        return self.frame.locator("[data-message]").all_inner_texts()


def wait_in(page: Page, frame: Frame, expression: str, argument: object, timeout_s: float) -> Any:
    """Asked from outside again and again: Playwright's own way needs `eval` in the page, which policies forbid.

    By way of an element: a frame that never comes to have a document would keep `frame.evaluate` waiting for good.
    """
    deadline = time.monotonic() + timeout_s
    asked = f"(_, argument) => ({expression})(argument)"
    root = frame.locator("html")
    while not (said := root.evaluate(asked, argument, timeout=timeout_s * 1000)):
        assert time.monotonic() < deadline, f"never came true: {expression} {argument}"
        page.wait_for_timeout(30)
    return said
