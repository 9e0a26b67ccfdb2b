"""Links that fill the composer: their text is shown, told to be somebody else's, and never sent or run."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Request

from tests.browser.axe import violations
from tests.browser.chat_page import ChatPage
from tests.browser.two_models import Site, says, site_of_two, wait_model

pytestmark = pytest.mark.browser

PAYLOADS = [
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<svg/onload=window.pwned=1>",
    "<svg><animate onbegin=window.pwned=1 attributeName=x dur=1s>",
    '"><script>window.pwned=1</script>',
    "'-window.pwned=1-'",
    "</textarea><script>window.pwned=1</script>",
    "</script><script>window.pwned=1</script>",
    "javascript:window.pwned=1",
    "[link](javascript:window.pwned=1)",
    '![x](x" onerror="window.pwned=1)',
    "<iframe srcdoc='<script>parent.pwned=1</script>'>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=window.pwned=1>",
    '<noscript><p title="</noscript><img src=x onerror=window.pwned=1>">',
    "${window.pwned=1}{{constructor.constructor('window.pwned=1')()}}",
    "<details open ontoggle=window.pwned=1>",
    '<a href="data:text/html,<script>opener.pwned=1</script>">x</a>',
    "\u2028window.pwned=1\u2029<!--",
    "%3Cscript%3Ewindow.pwned=1%3C/script%3E",
    "<template><script>window.pwned=1</script></template>",
    "Line one\nLine two<style>@import 'x'</style>",
    "\u202etxet esrever<b onmouseover=window.pwned=1>",
]
WORDS = "This text came from a link. Read it before you send it."
HINT = "words => document.querySelector('#composer-hint')?.innerText == words"
NO_HINT = "words => !document.querySelector('#composer-hint').innerText.includes(words)"
SAID = "words => [...document.querySelectorAll('[role=status]')].some(line => line.textContent == words)"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with models to choose from."""
    with site_of_two(tmp_path_factory.mktemp("links")) as running:
        running.house.play(says("An answer."))
        yield running


def test_every_payload_is_text_and_nothing_is_sent(context: BrowserContext, site: Site) -> None:
    sent: list[str] = []
    dialogs: list[str] = []
    asked = len(site.house.requests)
    tab = ChatPage(context, site.server.url)
    tab.page.on("dialog", lambda dialog: dialogs.append(dialog.message))

    def note(request: Request) -> None:
        if request.method != "GET":
            sent.append(request.url)

    tab.page.on("request", note)
    for payload in PAYLOADS:
        tab.page.goto(f"{site.server.url}/?q={quote(payload)}", wait_until="commit")
        tab.wait_until(HINT, WORDS)
        assert tab.page.locator("#question").input_value() == payload
        assert not tab.page.evaluate("() => 'pwned' in window"), payload
        assert tab.page.url == f"{site.server.url}/", "a reload does not bring it twice"
        assert tab.problems == []
        tab.page.locator("#question").fill("")
    assert dialogs == sent == []
    assert len(site.house.requests) == asked
    listed = tab.page.evaluate("() => fetch('/api/conversations').then(reply => reply.json())")
    assert listed["conversations"] == []


def test_the_word_goes_when_the_text_is_changed_or_sent_and_the_model_is_chosen(browser: Browser, site: Site) -> None:
    with browser.new_context() as context:
        tab = ChatPage(context, f"{site.server.url}/?q=Paint+me+a+tide&model=painter")
        tab.wait_until(HINT, WORDS)
        tab.wait_until(SAID, WORDS)
        wait_model(tab, tab.page.evaluate("() => document.querySelector('chat-composer').model.id"))
        assert "painter" in tab.page.evaluate("() => document.querySelector('chat-composer').model.id")
        assert violations(tab) == []
        tab.page.locator("#question").press_sequentially("!")
        tab.wait_until(NO_HINT, "came from a link")
        unknown = ChatPage(context, f"{site.server.url}/?model=no-such-model&q=Hello")
        assert "no-such" not in unknown.page.evaluate("() => document.querySelector('chat-composer').model.id")
        unknown.wait_until(HINT, WORDS)
        tab.problems += unknown.problems
        assert tab.problems == []


@contextmanager
def another_site(page: str) -> Iterator[str]:
    """A page of another origin; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        assert isinstance(server, socketserver.TCPServer)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://lan.test:{server.server_address[1]}/"
        server.shutdown()


def test_another_sites_page_opens_it_and_sends_nothing(browser: Browser, site: Site) -> None:
    target = f"{site.server.url}/?q={quote('Send this')}"
    page = f"""<a href="{target}">link</a>
        <form action="{site.server.url}/" method="get"><input name="q" value="Send this"><button>go</button></form>
        <iframe src="{target}"></iframe>"""
    asked = len(site.house.requests)
    with another_site(page) as elsewhere, browser.new_context() as context:
        mine = ChatPage(context, site.server.url)
        mine.page.locator("#question").fill("My waiting draft")
        mine.page.close()
        other = context.new_page()
        for way in ("link", "open", "form"):
            other.goto(elsewhere)
            if way == "link":
                other.get_by_role("link").click()
                opened = other
            elif way == "form":
                other.get_by_role("button").click()
                opened = other
            else:
                with context.expect_page() as popup:
                    other.evaluate(f"() => void window.open({json.dumps(target)})")
                opened = popup.value
            opened.locator("#question").wait_for()
            opened.wait_for_timeout(400)
            assert opened.locator("#question").input_value() == "My waiting draft\n\nSend this"
            assert opened.locator("chat-answer").count() == 0
            if opened is not other:
                opened.close()
        other.goto(elsewhere)
        other.wait_for_timeout(300)
        framed = [frame for frame in other.frames if frame != other.main_frame]
        assert [frame.locator("#question").count() for frame in framed] == [0], "no other site can frame the chat"
    assert len(site.house.requests) == asked
