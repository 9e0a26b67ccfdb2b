"""The chat page as a person sees and drives it."""

from __future__ import annotations

import time
from typing import Any, cast

from playwright.sync_api import BrowserContext, Error, Page

FORMATTING = "Show me every kind of formatting"


class ChatPage:
    """One tab with the chat."""

    def __init__(self, context: BrowserContext, url: str, *, whole: bool = True) -> None:
        """Opens a tab and waits until it is connected in some way and, if `whole`, has what it loads later."""
        self.problems: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.url = url
        self.page.goto(url)
        self.wait_connected()
        if whole:
            self.wait_until("() => !!document.querySelector('parley-app')?.later")

    def wait_connected(self, how: str = "", timeout_s: float = 20) -> None:
        """Wait until the page says that it talks to the server (`socket` or `http`)."""
        ways = [how] if how else ["socket", "http"]
        self.wait_until("ways => ways.includes(document.documentElement.dataset.connection)", ways, timeout_s)

    def wait_until(self, expression: str, argument: object = None, timeout_s: float = 20) -> None:
        """Wait until a JavaScript function of `argument` says yes.

        Asked from outside again and again: Playwright's own way needs `eval` in the page, which its policy forbids.
        """
        deadline = time.monotonic() + timeout_s
        while not self._says_yes(expression, argument):
            assert time.monotonic() < deadline, f"never came true: {expression} {argument}"
            self.page.wait_for_timeout(30)

    def _says_yes(self, expression: str, argument: object) -> bool:
        try:
            return bool(self.page.evaluate(expression, argument))
        except Error as problem:
            if "context was destroyed" not in problem.message:  # by another page on its way
                raise
            return False

    def ask(self, text: str = FORMATTING) -> None:
        """Type a question and send it with Enter."""
        box = self.page.locator("#question")
        box.fill(text)
        box.press("Enter")

    def answer_ids(self) -> list[str]:
        """The ids of the answers shown, from top to bottom."""
        return cast(
            "list[str]", self.page.eval_on_selector_all("[data-answer]", "all => all.map(e => e.dataset.answer)")
        )

    def wait_answer(self, at: int = -1, timeout_s: float = 15) -> str:
        """Wait until there is an answer with some text; returns its id."""
        self.wait_until("at => [...document.querySelectorAll('[data-answer]')].at(at)?.text?.length > 0", at, timeout_s)
        return self.answer_ids()[at]

    def text(self, answer_id: str) -> str:
        """The answer's raw text as the page has it now."""
        return cast(str, self.page.eval_on_selector(f"[data-answer='{answer_id}']", "e => e.text"))

    def status(self, answer_id: str) -> str:
        """The answer's status as the page shows it."""
        return cast(str, self.page.eval_on_selector(f"[data-answer='{answer_id}']", "e => e.dataset.status"))

    def wait_ended(self, answer_id: str, timeout_s: float = 40) -> str:
        """Wait until the answer is not running any more; returns its text."""
        self.wait_until(
            "id => (document.querySelector(`[data-answer='${id}']`)?.dataset.status ?? 'running') != 'running'",
            answer_id,
            timeout_s,
        )
        return self.text(answer_id)

    def wait_newer(self, answer_id: str) -> str:
        """Wait until another answer than this one is the last; returns its id."""
        self.wait_until("id => [...document.querySelectorAll('[data-answer]')].at(-1).dataset.answer != id", answer_id)
        return self.answer_ids()[-1]

    def stored(self, answer_id: str) -> Any:
        """The answer as the server has it, asked for by this visitor."""
        asked = "path => fetch(path).then(async reply => [reply.status, await reply.json()])"
        status, body = self.page.evaluate(asked, f"/api/answers/{answer_id}")
        assert status == 200, body
        return body["answer"]

    def wait_stored(self, answer_id: str, timeout_s: float = 40) -> Any:
        """The answer as the server has it once it has ended."""
        deadline = time.monotonic() + timeout_s
        while True:
            answer = self.stored(answer_id)
            if answer["status"] != "running":
                return answer
            assert time.monotonic() < deadline
            time.sleep(0.05)
