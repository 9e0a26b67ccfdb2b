"""Several embeds in one page, and one embed on several sites: each is its own."""

from __future__ import annotations

import sqlite3

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.embed_world import World
from tests.browser.host_visit import FrameChat, HostVisit, frame_at

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def profiles(world: World) -> None:
    """Two embeds of the shop."""
    world.profile("support", title="Support", greeting="Support here.")
    world.profile("sales", title="Sales", greeting="Sales here.")


def frame_of(visit: HostVisit, world: World, embed: str) -> FrameChat:
    """The chat of one embed in a page with several."""
    chat = FrameChat(visit.page, frame_at(visit.page, f"{world.chat}/embed/{embed}"))
    chat.wait_ready()
    return chat


def visitors(world: World, embed: str) -> set[str]:
    """Who has conversations by way of an embed."""
    with sqlite3.connect(world.server.data_dir / "parley.db") as database:
        rows = database.execute("select visitor_id from conversations where visitor_id like ?", [f"embed.{embed}.%"])
        return {row[0] for row in rows}


def test_two_profiles_in_one_page_do_not_disturb_each_other(context: BrowserContext, world: World) -> None:
    bubble = world.snippet("support")
    inline = world.snippet("sales", {"data-mode": "inline", "data-target": "#place"})
    visit = world.visit(context, "plain", snippet=bubble + inline)
    sales = frame_of(visit, world, "sales")
    visit.launcher.locator("visible=true").click()
    support = frame_of(visit, world, "support")
    assert sales.frame.locator("h1").inner_text() == "Sales"
    assert support.frame.locator("h1").inner_text() == "Support"
    support.ask("What can you do?")
    sales.ask("Who are you?")
    assert support.wait_answer(0)
    assert sales.wait_answer(0)
    assert "Who are you?" not in " ".join(support.messages())
    assert "What can you do?" not in " ".join(sales.messages())
    assert visitors(world, "support")
    assert visitors(world, "sales")
    visit.page.reload()
    again = frame_of(visit, world, "sales")
    again.wait_until("() => document.querySelectorAll('[data-answer]').length === 1")
    assert "Who are you?" in " ".join(again.messages())
    assert visit.problems == []


def test_two_profiles_by_create(context: BrowserContext, world: World) -> None:
    visit = world.visit(context, "plain", embed="support")
    visit.launcher.wait_for()
    visit.page.evaluate("() => { window.sales = Parley.create({ embed: 'sales', mode: 'inline', target: '#place' }) }")
    assert frame_of(visit, world, "sales").frame.locator("h1").inner_text() == "Sales"
    visit.page.evaluate("() => Parley.open()")
    assert frame_of(visit, world, "support").frame.locator("h1").inner_text() == "Support"
    visit.page.evaluate("() => window.sales.destroy()")
    assert visit.page.locator("parley-embed").count() == 1
    assert visit.page.evaluate("() => Parley.isOpen()") is True
    assert visit.problems == []


def test_one_profile_on_two_sites_is_two_visitors(context: BrowserContext, world: World) -> None:
    """S13 once more from outside: the same browser, two sites, no shared history."""
    world.profile("acme", sites=["shop.test", "blog.test"])
    before = visitors(world, "acme")
    shop = world.visit(context, "plain", site="shop.test")
    shop.open().answered("What can you do?")
    blog = world.visit(context, "plain", site="blog.test")
    chat = blog.open()
    blog.page.wait_for_timeout(500)
    assert chat.answers() == []
    chat.answered("Who are you?")
    assert len(visitors(world, "acme") - before) == 2
    shop.page.reload()
    back = shop.open()
    back.wait_until("() => document.querySelectorAll('[data-answer]').length === 1")
    assert "Who are you?" not in " ".join(back.messages())
