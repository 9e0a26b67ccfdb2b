"""Three tabs of one visitor, and what people do in them: by buttons, fields and keys, as a person would."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, cast

from playwright.sync_api import BrowserContext, Locator
from playwright.sync_api import Error as BrowserError

from tests.browser.chat_page import ChatPage
from tests.browser.cuttable_proxy import CuttableProxy

PATIENCE_MS = 1_200  # another tab may take away what this one is about to press
SETTLED_S = 30

# What a tab has of the list: ids and titles as they stand, the pinned ones apart.
LISTED = """() => {
  const all = [...document.querySelectorAll("conversation-list .row")];
  const isPinned = (row) => row.closest(".row-group")?.querySelector("h2")?.textContent.trim() === "Pinned";
  const told = (rows) => rows.map((row) => [row.dataset.id, row.querySelector(".row-title")?.textContent ?? ""]);
  return { pinned: told(all.filter(isPinned)), others: told(all.filter((row) => !isPinned(row))) };
}"""
# What it has of the open conversation: every message it knows, and those it shows from top to bottom.
OPENED = """() => {
  const { open, messages } = document.querySelector("parley-app").state;
  const known = [...messages.values()].map(({ id, parent, text, status }) => [id, parent, text, status ?? null]);
  const shown = [...document.querySelectorAll(".messages [data-message], .messages [data-answer]")];
  return {
    id: open.id,
    status: open.status,
    title: open.conversation?.title ?? null,
    options: open.conversation?.options ?? null,
    known: Object.fromEntries(known.map(([id, ...rest]) => [id, rest])),
    shown: shown.map((one) => one.dataset.answer ?? one.dataset.message),
  };
}"""
# What is pressed, and where.
WHAT = """(one) => {
  const { id, answer, message } = one.closest("[data-id], [data-answer], [data-message]")?.dataset ?? {};
  const name = one.getAttribute("aria-label") || one.textContent.trim();
  return `${name} (${id ?? answer ?? message ?? document.querySelector("parley-app").state.open.id})`;
}"""
# What it still has to do by itself.
BUSY = """() => {
  const { outbox, held, mode, running } = document.querySelector("parley-app").state;
  return outbox.length + running.size + (mode === "socket" ? 0 : 1);
}"""


class Tab(ChatPage):
    """One of them. Every action says whether it could be done: it may just have become impossible elsewhere."""

    def __init__(self, name: str, context: BrowserContext, network: CuttableProxy, dice: random.Random) -> None:
        super().__init__(context, network.url)
        self.name, self.network, self.dice = name, network, dice
        self.log: list[str] = []

    def press(self, target: Locator) -> bool:
        """Press one of these, if there is one."""
        count = target.count()
        if not count:
            return False
        one = target.nth(self.dice.randrange(count))
        try:
            what = one.evaluate(WHAT, timeout=PATIENCE_MS)
            one.click(timeout=PATIENCE_MS)
        except BrowserError:
            return False
        self.log.append(f"{time.monotonic():.2f} {self.name}: {what}")
        return True

    def write(self, field: Locator, text: str, key: str = "Enter") -> bool:
        """Write into a field and press a key."""
        try:
            field.fill(text, timeout=PATIENCE_MS)
            field.press(key, timeout=PATIENCE_MS)
        except BrowserError:
            return False
        return True

    def find(self, selector: str) -> Locator:
        """What is visible of these."""
        return self.page.locator(selector).locator("visible=true")

    def show_list(self) -> None:
        """On a narrow page the list is behind a button."""
        if self.find("#sidebar[data-open=false] ~ main .drawer-open").count():
            self.press(self.find(".drawer-open"))
            self.page.wait_for_timeout(250)

    def hide_list(self) -> None:
        """And stays in front until it is closed."""
        self.press(self.find(".drawer-close"))

    def listed(self) -> Any:
        """What stands in the list."""
        return self.page.evaluate(LISTED)

    def opened(self) -> Any:
        """The open conversation as this tab has it."""
        return self.page.evaluate(OPENED)

    def busy(self) -> bool:
        """Whether something is still to happen without anybody's doing."""
        return cast(int, self.page.evaluate(BUSY)) > 0

    def open(self, conversation: str) -> None:
        """Choose a conversation in the list; one that is not in it by its address."""
        self.show_list()
        if not self.press(self.find(f".row[data-id='{conversation}'] .row-link")):
            self.page.goto(f"{self.url}/c/{conversation}")
            self.wait_connected()
        self.hide_list()
        ready = "id => { const { open } = document.querySelector('parley-app').state; return open.id === id && %s; }"
        self.wait_until(ready % "open.status === 'ready'", conversation)


def ask(tab: Tab) -> bool:
    return tab.write(tab.find("#question"), f"{tab.name} asks {tab.dice.randrange(10_000)}")


def stop(tab: Tab) -> bool:
    return tab.press(tab.find("[data-action=stop]"))


def again(tab: Tab) -> bool:
    return tab.press(tab.find("answer-footer [data-action=again]:enabled"))


def go_on(tab: Tab) -> bool:
    return tab.press(tab.find("answer-footer [data-action=continue]:enabled"))


def edit(tab: Tab) -> bool:
    if not tab.press(tab.find("chat-question [data-action=edit]")):
        return False
    field = tab.find("question-editor textarea").last
    written = tab.write(field, f"{tab.name} in other words {tab.dice.randrange(10_000)}")
    if tab.find("question-editor").count():  # it cannot be sent while an answer is written
        tab.press(tab.find("[data-action=cancel-edit]"))
        return False
    return written


def switch(tab: Tab) -> bool:
    return tab.press(tab.find(".switcher button:enabled"))


def delete_from_here(tab: Tab) -> bool:
    return tab.press(tab.find("chat-question [data-action=delete]:enabled")) and tab.press(
        tab.find("[data-action=confirm-delete]")
    )


def choose(tab: Tab) -> bool:
    tab.show_list()
    done = tab.press(tab.find(".row .row-link"))
    tab.hide_list()
    return done


def begin(tab: Tab) -> bool:
    tab.show_list()
    done = tab.press(tab.find(".new-conversation"))
    tab.hide_list()
    return done


def from_menu(label: str) -> Callable[[Tab], bool]:
    """Something that is chosen from the menu of a row."""

    def act(tab: Tab) -> bool:
        tab.show_list()
        done = tab.press(tab.find(".row .row-more")) and tab.press(tab.find(f".menu-item:has-text('{label}')"))
        if not done:
            tab.page.keyboard.press("Escape")
        elif label == "Rename":
            done = tab.write(tab.find(".row-rename input"), f"{tab.name}'s title {tab.dice.randrange(10_000)}")
        tab.hide_list()
        return done

    return act


def undo(tab: Tab) -> bool:
    return tab.press(tab.find("undo-notice button:has-text('Undo')"))


def options(tab: Tab) -> bool:
    if not tab.press(tab.find(".bar-options")):
        return False
    field = tab.find("#option-temperature")
    done = tab.write(field, str(tab.dice.randrange(20) / 10))
    if not done:
        tab.page.keyboard.press("Escape")
    return done


def reload(tab: Tab) -> bool:
    tab.page.reload()
    return True


def cut(tab: Tab) -> bool:
    tab.network.cut()
    tab.page.wait_for_timeout(tab.dice.uniform(100, 900))
    tab.network.mend()
    return True


# How often each is done, of all.
ACTIONS: dict[str, tuple[int, Callable[[Tab], bool]]] = {
    "ask": (26, ask),
    "stop": (8, stop),
    "again": (10, again),
    "continue": (6, go_on),
    "edit": (9, edit),
    "switch": (12, switch),
    "delete from here": (5, delete_from_here),
    "choose": (14, choose),
    "new": (6, begin),
    "rename": (6, from_menu("Rename")),
    "pin": (6, from_menu("Pin")),
    "unpin": (3, from_menu("Unpin")),
    "archive": (4, from_menu("Archive")),
    "delete": (4, from_menu("Delete")),
    "undo": (6, undo),
    "options": (6, options),
    "reload": (4, reload),
    "cut": (3, cut),
}


def act(tabs: list[Tab], count: int, dice: random.Random) -> tuple[Counter[str], Counter[str]]:
    """Do so many things in these tabs, each a thing that could be done; returns what was done and what was tried."""
    done: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    names, weights = list(ACTIONS), [weight for weight, _ in ACTIONS.values()]
    while done.total() < count:
        assert tried.total() < count * 6, f"hardly anything can be done any more: {done} of {tried}"
        name = dice.choices(names, weights)[0]
        tab = dice.choice(tabs)
        tried[name] += 1
        if ACTIONS[name][1](tab):
            done[name] += 1
            tab.page.wait_for_timeout(dice.uniform(0, 120))
    return done, tried


def settle(tabs: list[Tab]) -> None:
    """Wait until nothing happens by itself any more. Messages that wait in a composer are thrown away."""
    deadline = time.monotonic() + SETTLED_S
    quiet = 0
    while quiet < 3:
        for tab in tabs:
            if tab.find("[data-action=held-drop]").count():
                tab.press(tab.find("[data-action=held-drop]"))
        quiet = 0 if any(tab.busy() for tab in tabs) else quiet + 1
        assert time.monotonic() < deadline, f"not settled: {[(tab.name, tab.busy()) for tab in tabs]}"
        tabs[0].page.wait_for_timeout(200)
