"""Other people's pages, as they are: a chat from the first look to the answer in each, and sites that are refused."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.embed_world import World
from tests.browser.host_visit import REFUSED, frame_at

pytestmark = pytest.mark.browser
ERRORS = """() => {
  window.errors = [];
  document.addEventListener("parley:error", event => window.errors.push(event.detail));
}"""


@pytest.fixture(scope="module", autouse=True)
def profile(world: World) -> None:
    """The shop's embed."""
    world.profile("acme", greeting="Hello!")
    world.profile("isolated", coep=True)
    world.profile("nowhere", sites=[])


@pytest.mark.parametrize("name", ["plain", "strict", "app", "hostile", "tag_manager", "right_to_left"])
def test_a_chat_in_every_kind_of_page(context: BrowserContext, world: World, name: str) -> None:
    options: dict[str, Any] = {"tag": f"{world.chat}/widget.js?embed=acme"}
    if name == "strict":
        options["attributes"] = {"nonce": "x"}
    visit = world.visit(context, name, **options)
    visit.launcher.wait_for()
    assert visit.open().answered()
    visit.chat.composer.focus()
    visit.page.keyboard.press("Escape")
    visit.panel.wait_for(state="hidden")
    assert visit.problems == []


def test_from_right_to_left_it_is_mirrored(context: BrowserContext, world: World) -> None:
    visit = world.visit(context, "right_to_left")
    visit.launcher.wait_for()
    box = visit.launcher.bounding_box()
    assert box
    assert box["x"] < 100
    chat = visit.open()
    assert chat.frame.evaluate("() => getComputedStyle(document.documentElement).direction") == "rtl"
    panel = visit.panel.bounding_box()
    assert panel
    assert panel["x"] < 100


def test_s2_a_site_that_is_not_on_the_list_sees_no_chat_and_is_told_why(context: BrowserContext, world: World) -> None:
    context.clock.install()
    for embed, site in (("acme", "evil.test"), ("nowhere", "shop.test")):
        visit = world.visit(context, "plain", site=site, embed=embed)
        visit.page.evaluate(ERRORS)
        visit.launcher.click()
        assert frame_at(visit.page, REFUSED)
        visit.page.clock.fast_forward(8_000)
        visit.wait_until("() => window.errors.length > 0", timeout_s=2)
        fix = f"{world.chat}/admin/embeds/{embed}#sites"
        assert visit.page.evaluate("() => window.errors.map(e => [e.code, e.fix])") == [["blocked", fix]]
        assert any(fix in line and world.origin(site) in line for line in visit.said)
        visit.panel.get_by_text("load here").wait_for()
        assert visit.panel.get_by_role("link").get_attribute("href", timeout=3000)
        visit.launcher.wait_for()
        assert visit.page.locator("parley-embed textarea").count() == 0
    assert {site.origin for site in world.history.embeds.blocked("acme")} == {world.origin("evil.test")}


def test_s2_a_paused_embed_says_that_it_is_not_there(context: BrowserContext, world: World) -> None:
    world.profile("rests")
    world.pause("rests")
    for embed in ("rests", "never-made"):
        visit = world.visit(context, "plain", embed=embed)
        visit.page.evaluate(ERRORS)
        visit.launcher.click()
        visit.wait_until("() => window.errors.length > 0", timeout_s=10)
        assert visit.page.evaluate("() => window.errors[0].code") == "unavailable"
        assert "not available" in visit.frame().locator("body").inner_text()


def test_s6_the_owner_stays_signed_in_and_brings_no_cookie(context: BrowserContext, world: World) -> None:
    world.owner_enters(context)
    world.forget()
    visit = world.visit(context, "plain")
    assert visit.open().answered()
    names = [cookie["name"] for cookie in context.cookies(world.chat) if not cookie.get("partitionKey")]
    assert any("session" in name for name in names), names
    sent = [seen.headers["cookie"] for seen in world.at_chat() if "cookie" in seen.headers]
    assert [one for one in sent if "session" in one or "visitor" in one] == []
    assert all("parley_embed" in one for one in sent)
    page = context.new_page()
    page.goto(f"{world.chat}/admin/")
    page.get_by_text("guide (guide)").wait_for()


def test_s23_isolated_pages(context: BrowserContext, world: World) -> None:
    """With the embed's switch it is remembered; without it a frame without credentials works, and forgets."""
    agreed = world.visit(context, "isolated", embed="isolated")
    assert agreed.page.evaluate("() => crossOriginIsolated") is True
    assert agreed.open().answered()
    agreed.page.reload()
    agreed.open().wait_until("() => document.querySelectorAll('[data-answer]').length === 1")

    apart = world.visit(context, "isolated", attributes={"data-credentialless": ""})
    chat = apart.open()
    assert chat.answered()
    assert "remember this chat" in chat.frame.locator("body").inner_text()
    apart.page.reload()
    again = apart.open()
    apart.page.wait_for_timeout(500)
    assert again.answers() == []
