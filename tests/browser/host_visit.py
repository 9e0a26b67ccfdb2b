"""A page of somebody else's site with our widget in it, as a visitor drives it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, cast

from playwright.sync_api import Error, Frame, Locator, Page

TIMEOUT_S = 15.0
SHORT = "Who are you?"
"""A question to which the guide's answer takes a second, and not three."""
REFUSED = "chrome-error:"
"""What the address of a frame begins with that the browser does not show."""
LISTEN = """
window.told = [];
for (const name of ["ready", "open", "close", "unread", "conversation_started", "message", "error", "destroy"])
  document.addEventListener("parley:" + name, ({ detail: { embed, ...data } }) => window.told.push([name, data]));
"""
"""For a page's own script, before any other."""
SETTLED = """async one => {
  const ends = move => Number.isFinite(move.effect.getComputedTiming().endTime);
  const moves = (one.shadowRoot ?? document).getAnimations().filter(ends);
  await Promise.allSettled(moves.map(({ finished }) => finished));
}"""
"""Of an element with a shadow root, or of the page that another element is in."""


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
        return frame_at(self.page, f"{self._chat}/embed", timeout_s)

    def open(self) -> FrameChat:
        """Click the launcher and wait until the chat is there and ready."""
        self.launcher.click()
        chat = self.chat
        chat.wait_ready()
        return chat

    def settle(self) -> None:
        """Wait until what moves in our element has come to rest."""
        self.element.first.evaluate(SETTLED)

    def told(self, *names: str) -> list[tuple[str, dict[str, Any]]]:
        """What the widget told a page that is `listening`, in order: the events of these names, or all."""
        events = [(name, data) for name, data in self.page.evaluate("() => window.told")]
        return [event for event in events if not names or event[0] in names]

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
        """Wait until its script runs. What the loader says is heard after that."""
        self.wait_until("() => document.documentElement?.dataset.embed === 'ready'")

    def wait_until(self, expression: str, argument: object = None, timeout_s: float = TIMEOUT_S) -> Any:
        """Wait until a JavaScript function of `argument` says yes in the frame; returns what it said."""
        return wait_in(self.page, self.frame, expression, argument, timeout_s)

    def ask(self, text: str = SHORT) -> None:
        """Type a question and send it with Enter."""
        self.composer.fill(text)
        self.composer.press("Enter")

    def answered(self, text: str = SHORT) -> str:
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


def wait_for(page: Page, holds: Callable[[], bool], what: Callable[[], str], timeout_s: float = TIMEOUT_S) -> None:
    """Wait until something holds, and let the page go on meanwhile; `what` says what was wanted and what there is."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, f"never came true: {what()}"
        page.wait_for_timeout(30)


def frame_at(page: Page, beginning: str, timeout_s: float = TIMEOUT_S) -> Frame:
    """Wait for the first frame in the page whose address begins like this.

    A page has loaded when its frames have, and yet Playwright may hear of a frame in another process only afterwards.
    """

    def found() -> list[Frame]:
        return [frame for frame in page.frames if frame.url.startswith(beginning)]

    wait_for(page, lambda: bool(found()), lambda: f"{beginning} in {[one.url for one in page.frames]}", timeout_s)
    return found()[0]


def wait_in(page: Page, frame: Frame, expression: str, argument: object, timeout_s: float) -> Any:
    """Asked from outside again and again: Playwright's own way needs `eval` in the page, which policies forbid.

    By way of an element: a frame that never comes to have a document would keep `frame.evaluate` waiting for good.
    """
    deadline = time.monotonic() + timeout_s
    asked = f"(_, argument) => ({expression})(argument)"
    root = frame.locator("html")
    said = None
    while not said:
        assert time.monotonic() < deadline, f"never came true: {expression} {argument}"
        try:
            said = root.evaluate(asked, argument, timeout=timeout_s * 1000)
        except Error as error:
            if "context was destroyed" not in error.message:  # another page has come; it is asked next
                raise
        if not said:
            page.wait_for_timeout(30)
    return said
