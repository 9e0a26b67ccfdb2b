"""Two tabs and a phone of one visitor, random actions spread over them: in the end all three equal the store."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.cuttable_proxy import CuttableProxy
from tests.browser.three_tabs import ACTIONS, Tab, act, settle
from tests.faults.words import speak
from tests.parley_server import ParleyServer, Visitor
from tests.scripted_server import ScriptedServer

pytestmark = pytest.mark.browser
SEEDS = [int(os.environ["PARLEY_SEED"])] if "PARLEY_SEED" in os.environ else [1, 2, 3, 4, 5]
WORDS = 60
EQUAL_S = 15


@contextmanager
def three_tabs(browser: Browser, folder: Path, dice: random.Random) -> Iterator[tuple[list[Tab], Visitor]]:
    """Two tabs of one browser and one of a phone, each device with a network of its own."""
    with (
        ScriptedServer() as upstream,
        ParleyServer(
            folder, gprochat_url=upstream.url, gprochat_secret="s", asks_per_minute=10_000, running_per_visitor=1000
        ) as server,
        CuttableProxy(server.port) as at_home,
        CuttableProxy(server.port) as on_the_way,
        browser.new_context(viewport={"width": 1280, "height": 800}) as desk,
        browser.new_context(viewport={"width": 375, "height": 740}) as phone,
    ):
        upstream.play(speak(WORDS))
        visitor = Visitor(server)
        name, _, value = visitor.cookie.partition("=")
        for context, network in ((desk, at_home), (phone, on_the_way)):
            context.add_cookies([{"name": name, "value": value, "url": network.url}])
        yield [Tab("A", desk, at_home, dice), Tab("B", desk, at_home, dice), Tab("P", phone, on_the_way, dice)], visitor


def stored_list(visitor: Visitor) -> Any:
    """The list as it has to stand in a tab."""
    found = visitor.get("/api/conversations?limit=200")["conversations"]
    titled = [(conversation["pinned"], [conversation["id"], conversation["title"]]) for conversation in found]
    return {
        "pinned": [row for pinned, row in titled if pinned],
        "others": [row for pinned, row in titled if not pinned],
    }


def stored(visitor: Visitor, conversation: str) -> Any:
    """A conversation as it has to be in a tab."""
    status, found = visitor.request("GET", f"/api/conversations/{conversation}")
    if status == 404:
        return None
    known = {m["id"]: [m["parent"], m["text"], m.get("status")] for m in found["messages"]}
    shown, at = [], found["conversation"]["leaf"]
    while at is not None:
        shown.insert(0, at)
        at = known[at][0]
    return {
        "id": conversation,
        "status": "ready",
        "title": found["conversation"]["title"],
        "options": found["conversation"]["options"],
        "known": known,
        "shown": shown,
    }


def wait_equal(tab: Tab, what: str, read: Any, wanted: Any) -> None:
    """Wait until a tab has what the store has."""
    deadline = time.monotonic() + EQUAL_S
    while (here := read()) != (there := wanted()):
        assert time.monotonic() < deadline, f"tab {tab.name}, {what}:\n{here}\nstored:\n{there}"
        tab.page.wait_for_timeout(200)


def compare(tabs: list[Tab], visitor: Visitor) -> int:
    """Everything there is, first as it came to be in each tab, then opened anew; returns how many conversations."""
    settle(tabs)
    for tab in tabs:
        here = tab.opened()["id"]
        if here is not None and stored(visitor, here) is not None:
            wait_equal(tab, "open conversation", tab.opened, lambda id_=here: stored(visitor, id_))
    archived = visitor.get("/api/conversations?limit=200&view=archived")["conversations"]
    rows = stored_list(visitor)
    ids = [row[0] for row in rows["pinned"] + rows["others"]] + [conversation["id"] for conversation in archived]
    for conversation in ids:
        for tab in tabs:
            tab.open(conversation)
        settle(tabs)
        for tab in tabs:
            wait_equal(tab, f"conversation {conversation}", tab.opened, lambda id_=conversation: stored(visitor, id_))
    for tab in tabs:
        wait_equal(tab, "list", tab.listed, lambda: stored_list(visitor))
        assert tab.problems == []
    return len(ids)


def play(browser: Browser, folder: Path, seed: int, actions: int) -> None:
    """So many random actions, and the comparison."""
    dice = random.Random(seed)
    with three_tabs(browser, folder, dice) as (tabs, visitor):
        done, tried = act(tabs, actions, dice)
        try:
            conversations = compare(tabs, visitor)
        except AssertionError as problem:
            problem.add_note("\n".join(sorted(line for tab in tabs for line in tab.log)))
            raise
        parts = ", ".join(f"{name} {done[name]} of {times}" for name, times in sorted(tried.items()))
        print(f"seed {seed}: {conversations} conversations are equal in three tabs and the store ({parts})")
        assert len(done) > len(ACTIONS) * 0.4 + actions // 50


def test_forty_actions_leave_all_tabs_and_the_store_equal(browser: Browser, tmp_path: Path) -> None:
    play(browser, tmp_path, seed=7, actions=40)


@pytest.mark.proof
@pytest.mark.parametrize("seed", SEEDS)
def test_two_hundred_actions_leave_all_tabs_and_the_store_equal(browser: Browser, tmp_path: Path, seed: int) -> None:
    play(browser, tmp_path, seed, actions=200)
