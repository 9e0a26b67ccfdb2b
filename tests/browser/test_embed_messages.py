"""S8: nobody but the page around it speaks to the chat, and nobody but the chat speaks to the loader."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Frame

from tests.browser.embed_world import HOSTS, World
from tests.browser.host_visit import HostVisit
from tests.parley_server import ROOT

pytestmark = pytest.mark.browser
WATCH = """() => {
  window.heard = [];
  const names = ["ready", "open", "close", "unread", "message", "resize", "error", "conversation_started", "destroy"];
  for (const name of names)
    document.addEventListener(`parley:${name}`, event => window.heard.push([name, event.detail]));
}"""
SOURCES = sorted((ROOT / "static" / "js" / "widget").glob("*.js"))


@pytest.fixture(scope="module", autouse=True)
def profile(world: World) -> None:
    """The shop's embed."""
    world.profile("acme", greeting="Hello!")


def state(visit: HostVisit) -> dict[str, Any]:
    """All that a stranger might want to change."""
    chat = visit.chat
    return {
        "expanded": visit.launcher.get_attribute("aria-expanded"),
        "name": visit.launcher.get_attribute("aria-label") or visit.launcher.inner_text(),
        "box": visit.panel.bounding_box(),
        "typed": chat.composer.input_value(),
        "messages": chat.messages(),
        "title": chat.frame.title(),
        "heading": chat.frame.locator("h1").inner_text(),
        "accent": chat.frame.evaluate("() => document.documentElement.getAttribute('style')"),
        "events": visit.page.evaluate("() => window.heard"),
        "storage": visit.page.evaluate("() => JSON.stringify(localStorage)"),
    }


def advertisement(visit: HostVisit) -> Frame:
    return next(frame for frame in visit.page.frames if frame.url.endswith("/forger"))


@pytest.mark.parametrize("site", ["evil.test", "shop.test"])
def test_s8_a_frame_beside_the_chat_changes_nothing(context: BrowserContext, world: World, site: str) -> None:
    """Neither a frame of a stranger, nor one of the host's own site, whose origin is on the list."""
    visit = world.visit(context, "with_forger", other=world.put(site, "/forger", (HOSTS / "forger.html").read_text()))
    chat = visit.open()
    chat.composer.fill("half a thought")
    visit.settle()
    visit.page.evaluate(WATCH)
    before = state(visit)
    # The host and the advertisement itself: a frame in a shadow root is not even among those that others can reach.
    assert advertisement(visit).evaluate("() => forge()") == 2
    visit.page.wait_for_timeout(800)
    assert state(visit) == before
    assert advertisement(visit).evaluate("() => window.answers") == []
    assert chat.answered()  # and the chat still works
    assert visit.problems == []


def test_s8_a_frame_cannot_be_first_either(context: BrowserContext, world: World) -> None:
    """The chat is loaded without a loader: whoever says hello first is still not the page around it."""
    forger = world.put("evil.test", "/forger", (HOSTS / "forger.html").read_text())
    plain = f'<iframe src="{world.chat}/embed/acme"></iframe>'
    visit = world.visit(context, "with_forger", other=forger, snippet=plain)
    chat = visit.chat
    chat.wait_until("() => document.readyState === 'complete'")
    visit.page.wait_for_timeout(500)
    assert advertisement(visit).evaluate("() => forge()") == 3  # the host, itself, the chat
    visit.page.wait_for_timeout(800)
    assert advertisement(visit).evaluate("() => window.answers") == []
    assert chat.composer.input_value() == ""
    assert chat.frame.locator("h1").inner_text() == "Chat"


def test_s8_the_page_around_it_is_not_heard_without_a_port(context: BrowserContext, world: World) -> None:
    """After the handshake the window hears `hello` alone, and only as it must be."""
    visit = world.visit(context, "plain")
    chat = visit.open()
    visit.settle()
    visit.page.evaluate(WATCH)
    before = state(visit)
    visit.page.evaluate(
        """chat => {
      const inside = document.querySelector("parley-embed").shadowRoot.querySelector("iframe").contentWindow;
      const say = (message, ports = []) => inside.postMessage(message, chat, ports);
      const hello = { ns: "parley", v: 1, type: "hello", payload: { opts: { title: "Forged", prefill: "forged" } } };
      for (const type of ["open", "close", "prefill", "send", "destroy", "theme"])
        say({ ns: "parley", v: 1, type, id: "x", payload: { id: "x", text: "forged", mode: "dark" } });
      say(hello);
      say({ ...hello, ns: "other" }, [new MessageChannel().port1]);
      say({ ...hello, v: 2 }, [new MessageChannel().port1]);
      say(hello, [new MessageChannel().port1, new MessageChannel().port1]);
      say("hello", [new MessageChannel().port1]);
      say(null, [new MessageChannel().port1]);
    }""",
        world.chat,
    )
    visit.page.wait_for_timeout(500)
    assert state(visit) == before
    assert chat.answered()


def test_s8_the_loader_listens_to_no_window_and_speaks_to_nobody_else() -> None:
    assert SOURCES
    for path in [*SOURCES, *(ROOT / "static" / "vendor" / "widget").glob("*.js")]:
        text = path.read_text()
        assert not re.search(r"""postMessage\([^)]*["'`]\*["'`]""", text), path
        assert not re.search(r"""addEventListener\(\s*["'`]message["'`]""", text), path
        assert not re.search(r"(window|self|globalThis)\.onmessage", text), path
