"""Every snippet that the owner copies does in a page of another site what the owner was told."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.embed_world import World
from tests.browser.host_visit import HostVisit
from tests.parley_server import ROOT
from webapp.embed_profiles import Embed
from webapp.embed_snippets import csp_lines, snippets

pytestmark = pytest.mark.browser
WIDGET = ROOT / "static" / "vendor" / "widget" / "widget.js"
TEXT = 'Ask "us" & co.'


@pytest.fixture(scope="module")
def embed(world: World) -> Embed:
    """An embed whose look is not the one that comes by itself."""
    return world.profile(
        "acme",
        greeting="Hello!",
        color="#b00020",
        position="bottom-left",
        launcher_text=TEXT,
        title="Ask",
        theme="dark",
    )


def opened(world: World, context: BrowserContext, embed: Embed, key: str, *, strict: bool = True) -> HostVisit:
    """A page of the shop with a snippet in it, which allows what the two lines say and no more."""
    code = {one.key: one.code for one in snippets(world.chat, embed, WIDGET.read_bytes())}
    policy = "; ".join(("default-src 'none'", *csp_lines(world.chat)))
    headers = {"Content-Security-Policy": policy} if strict else {}
    pasted = code["bubble"] + code["api"] if key == "api" else code[key]
    return world.visit(context, "plain", snippet=pasted, headers=headers)


@pytest.mark.parametrize("key", ["bubble", "tag-manager", "pinned"])
def test_a_button_as_its_owner_chose_it_opens_the_chat(
    world: World, context: BrowserContext, embed: Embed, key: str
) -> None:
    visit = opened(world, context, embed, key)
    expect(visit.launcher).to_have_text(TEXT)
    expect(visit.launcher).to_have_css("background-color", "rgb(176, 0, 32)")
    box, width = visit.launcher.bounding_box(), visit.page.evaluate("() => innerWidth")
    assert box is not None
    assert box["x"] < width / 2
    chat = visit.open()
    expect(chat.frame.get_by_text("Hello!")).to_be_visible()
    expect(chat.frame.get_by_role("heading", name="Ask")).to_be_visible()
    expect(visit.iframe).to_have_attribute("title", "Ask")
    assert visit.problems == []


def test_the_chat_as_a_part_of_the_page(world: World, context: BrowserContext, embed: Embed) -> None:
    visit = opened(world, context, embed, "inline")
    visit.iframe.scroll_into_view_if_needed()
    visit.chat.wait_ready()
    expect(visit.chat.frame.get_by_text("Hello!")).to_be_visible()
    box = visit.iframe.bounding_box()
    assert box is not None
    assert box["height"] == pytest.approx(640, abs=2)
    expect(visit.launcher).to_be_hidden()


def test_the_plain_frame(world: World, context: BrowserContext, embed: Embed) -> None:
    visit = opened(world, context, embed, "iframe", strict=False)
    frame = visit.page.locator("iframe[title='Ask']")
    frame.scroll_into_view_if_needed()
    expect(frame.content_frame.get_by_text("Hello!")).to_be_visible()
    expect(frame.content_frame.locator("textarea")).to_be_editable()


def test_the_examples_of_the_api(world: World, context: BrowserContext, embed: Embed) -> None:
    visit = opened(world, context, embed, "api", strict=False)
    visit.page.get_by_role("button", name="Ask us", exact=True).click()
    visit.chat.wait_ready()
    expect(visit.chat.composer).to_have_value("Where is my order?")
    assert "log: The chat was opened." in visit.said
    assert visit.problems == []
