"""A shared conversation with the page's script: read as it is written, resumed, ended; and a snapshot made handier."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.axe import violations
from tests.browser.chat_page import ChatPage
from tests.browser.cuttable_proxy import CuttableProxy
from tests.browser.two_models import Site, says, site_of_two

pytestmark = pytest.mark.browser

WORDS = [f"Satz Nummer {number} über **Ebbe** und 😀 Flut. " for number in range(60)]
CODE = "Look:\n\n```python\nprint('tide')\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nAnd $x^2$.\n"
SHARE = """body => fetch('/api/shares', {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
}).then(reply => reply.json())"""
LAST = "() => [...document.querySelectorAll('.messages .answer .markdown')].at(-1)?.innerText ?? ''"
ANSWERS = "count => document.querySelectorAll('.messages .answer').length == count"
LONGER = (
    "length => ([...document.querySelectorAll('.messages .answer .markdown')].at(-1)?.innerText ?? '').length > length"
)
ENDED = "() => [...document.querySelectorAll('.messages .answer')].at(-1)?.dataset.status == 'done'"
STATE = "kind => document.querySelector('.shared-state')?.dataset.kind == kind"
CHAT_TEXT = "() => [...document.querySelectorAll('chat-answer .markdown')].at(-1).innerText"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server whose model answers as it is told."""
    with site_of_two(tmp_path_factory.mktemp("shared")) as running:
        yield running


class Reader(ChatPage):
    """A tab with a shared page."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        """Opens the link."""
        self.problems = []
        self.url = url
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.goto(url)


def share(tab: ChatPage, **fields: object) -> dict[str, Any]:
    """Shares the open conversation; what the server says of the link."""
    conversation = tab.page.url.rsplit("/", 1)[1]
    made = tab.page.evaluate(SHARE, {"conversation": conversation, **fields})
    return cast(dict[str, Any], made["share"])


def token_path(shared: dict[str, Any]) -> str:
    """The link's path."""
    return "/s/" + str(shared["url"]).rsplit("/s/", 1)[1]


def ask(tab: ChatPage, question: str) -> str:
    """Ask, and wait until the answer has begun and its conversation has an address."""
    count = tab.page.locator("chat-answer").count()
    tab.ask(question)
    tab.wait_until("count => document.querySelectorAll('chat-answer').length > count", count)
    tab.wait_until("() => location.pathname.startsWith('/c/')")
    return tab.answer_ids()[-1]


def test_a_live_link_is_followed_word_by_word_through_a_cut_and_ends_at_once(site: Site, browser: Browser) -> None:
    site.house.play(says(*WORDS, pause_s=0.05))
    with browser.new_context() as mine, browser.new_context() as theirs, CuttableProxy(site.server.port) as network:
        tab = ChatPage(mine, site.server.url)
        answer = ask(tab, "Tell me of the tides")
        shared = share(tab, kind="live", scope="whole")
        reader = Reader(theirs, network.url + token_path(shared))
        reader.wait_until(STATE, "live")
        reader.wait_until(LONGER, 100)
        network.cut()
        reader.wait_until(STATE, "lost")
        assert "Reconnecting" in reader.page.locator(".shared-state").inner_text()
        network.mend()
        reader.wait_until(STATE, "live")
        tab.wait_ended(answer)
        reader.wait_until(ENDED)
        assert reader.page.evaluate(LAST) == tab.page.evaluate(CHAT_TEXT)
        site.house.play(says("A second answer."))
        second = ask(tab, "And then?")
        reader.wait_until(ANSWERS, 2)
        assert reader.page.locator(".messages .question-text").last.inner_text() == "And then?"
        tab.wait_ended(second)
        reader.wait_until("() => document.querySelector('.messages').innerText.includes('A second answer.')")
        assert violations(reader) == []
        tab.page.evaluate("id => fetch(`/api/shares/${id}`, { method: 'DELETE' })", shared["id"])
        reader.wait_until(STATE, "ended", timeout_s=2)
        assert "ended by its author" in reader.page.locator(".shared-state").inner_text()
        assert "A second answer." in reader.page.locator(".messages").inner_text()
        site.house.play(says("Not for the reader."))
        tab.wait_ended(ask(tab, "Still there?"))
        reader.page.wait_for_timeout(300)
        assert "Still there?" not in reader.page.content()
        assert theirs.cookies() == []
        assert reader.page.evaluate("() => localStorage.length + sessionStorage.length") == 0
        assert reader.problems == tab.problems == []


def test_a_link_that_gets_a_password_is_shut_for_who_reads_it(site: Site, browser: Browser) -> None:
    site.house.play(says("They rise and fall."))
    with browser.new_context() as mine, browser.new_context() as theirs:
        tab = ChatPage(mine, site.server.url)
        tab.wait_ended(ask(tab, "Tell me of the tides"))
        shared = share(tab, kind="live", password="ebb")
        reader = Reader(theirs, site.server.url + token_path(shared))
        for password in ("ebb", "flow"):
            reader.page.wait_for_load_state()
            reader.page.get_by_label("Password").fill(password)
            reader.page.get_by_label("Password").press("Enter")
            reader.wait_until(STATE, "live")
            change = "([id, body]) => fetch(`/api/shares/${id}`, { method: 'PATCH', body: JSON.stringify(body) })"
            tab.page.evaluate(change, [shared["id"], {"password": {"ebb": "flow", "flow": "slack"}[password]}])
            reader.page.get_by_label("Password").wait_for(timeout=5000)
            assert "rise and fall" not in reader.page.content()
        assert reader.problems == tab.problems == []


def test_a_snapshot_tells_what_was_being_written_when_it_was_taken(site: Site, browser: Browser) -> None:
    site.house.play(says("One way."))
    with browser.new_context() as mine, browser.new_context() as theirs:
        tab = ChatPage(mine, site.server.url)
        tab.wait_ended(ask(tab, "Tell me of the tides"))
        site.house.play(says(*WORDS, pause_s=0.5))
        tab.page.locator("answer-footer [data-action=again]").click()
        tab.wait_until("() => document.querySelector('chat-answer')?.dataset.status == 'running'")
        tab.wait_until("() => document.querySelector('chat-answer').innerText.includes('Satz')")
        reader = Reader(theirs, site.server.url + token_path(share(tab, scope="whole")))
        told = reader.page.get_by_text("This answer was not finished when it was shared.")
        told.wait_for()
        reader.page.get_by_role("button", name="Previous version").click()
        reader.page.get_by_text("One way.").wait_for()
        assert told.count() == 0
        reader.page.get_by_role("button", name="Next version").click()
        told.wait_for()
        tab.page.locator("[data-action=stop]").first.click()
        assert reader.problems == tab.problems == []


def test_without_websockets_a_reader_follows_all_the_same(site: Site, browser: Browser) -> None:
    site.house.play(says(*WORDS, pause_s=0.05))
    with browser.new_context() as mine, browser.new_context() as theirs, CuttableProxy(site.server.port) as network:
        network.blocks_websockets = True
        tab = ChatPage(mine, site.server.url)
        answer = ask(tab, "Tell me of the tides")
        reader = Reader(theirs, network.url + token_path(share(tab, kind="live", scope="branch")))
        reader.wait_until(LONGER, 100)
        reader.wait_until(STATE, "live")
        tab.wait_ended(answer)
        reader.wait_until(ENDED)
        assert reader.page.evaluate(LAST) == tab.page.evaluate(CHAT_TEXT)
        assert reader.problems == tab.problems == []


def test_the_end_is_kept_only_while_the_reader_is_there(site: Site, browser: Browser) -> None:
    site.house.play(says(*[f"Paragraph {number}.\n\n" for number in range(150)], pause_s=0.03))
    with browser.new_context() as mine, browser.new_context(viewport={"width": 375, "height": 600}) as theirs:
        tab = ChatPage(mine, site.server.url)
        ask(tab, "Count")
        reader = Reader(theirs, site.server.url + token_path(share(tab, kind="live", scope="branch")))
        reader.wait_until(STATE, "live")
        reader.wait_until("() => document.scrollingElement.scrollHeight > 1500")
        reader.page.evaluate("() => scrollTo(0, 100)")
        jump = reader.page.get_by_role("button", name="Jump to latest")
        jump.wait_for()
        before = reader.page.evaluate("() => scrollY")
        reader.page.wait_for_timeout(300)
        assert reader.page.evaluate("() => scrollY") == before, "nobody is taken along who reads above"
        jump.click()
        at_end = """() => { const page = document.scrollingElement;
            return page.scrollHeight - page.clientHeight - page.scrollTop < 60; }"""
        reader.wait_until(at_end)
        height = reader.page.evaluate("() => document.scrollingElement.scrollHeight")
        reader.wait_until("height => document.scrollingElement.scrollHeight > height + 100", height)
        reader.wait_until(at_end)
        assert reader.problems == []


def test_a_snapshot_gets_buttons_colours_and_versions(site: Site, browser: Browser) -> None:
    site.house.play(says(CODE))
    with browser.new_context() as mine, browser.new_context() as theirs:
        theirs.grant_permissions(["clipboard-read", "clipboard-write"])
        tab = ChatPage(mine, site.server.url)
        tab.wait_ended(ask(tab, "Show code"))
        site.house.play(says("Another version."))
        tab.page.locator("answer-footer").last.get_by_role("button", name="Again").first.click()
        tab.wait_until("() => document.querySelector('chat-answer .markdown').innerText.includes('Another version.')")
        tab.wait_stored(tab.answer_ids()[-1])
        reader = Reader(theirs, site.server.url + token_path(share(tab, kind="snapshot", scope="whole")))
        reader.wait_until("() => document.querySelector('.messages .switcher button.switch')")
        reader.page.get_by_role("button", name="Previous version").click()
        reader.wait_until("() => document.activeElement?.closest('.switcher')")
        reader.wait_until("() => document.querySelector('.messages .markdown .code-block')")
        assert reader.page.url.endswith(token_path({"url": reader.url})), "nothing was loaded anew"
        reader.page.get_by_role("button", name="Copy code").click()
        reader.wait_until("() => document.querySelector('.copy-code').innerText == 'Copied'")
        assert reader.page.evaluate("() => navigator.clipboard.readText()") == "print('tide')\n"
        reader.wait_until("() => document.querySelector('.code-block code span[class]:not(.code-lines)')")
        reader.wait_until("() => document.querySelector('.messages math')")
        assert reader.page.locator(".shared-state").inner_text() == ""
        assert violations(reader) == []
        assert reader.problems == tab.problems == []
