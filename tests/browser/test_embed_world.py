"""The world that the embed's tests walk about in is itself as it should be: names, TLS, the proxy, the log."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.chat_page import ChatPage
from tests.browser.embed_world import World
from tests.browser.host_visit import wait_for

pytestmark = pytest.mark.browser


def test_parley_is_behind_tls_and_its_socket_goes_through(context: BrowserContext, world: World) -> None:
    tab = ChatPage(context, world.chat)
    assert tab.page.evaluate("() => isSecureContext") is True
    tab.wait_connected("socket")
    tab.ask("What can you do?")
    assert tab.wait_ended(tab.wait_answer())
    assert tab.problems == []
    upgrade = next(seen for seen in world.at_chat("/ws"))
    assert (upgrade.status, upgrade.headers["origin"]) == (101, world.chat)
    assert any("Secure" in cookie for seen in world.at_chat() for cookie in seen.set_cookies)


def test_other_sites_are_other_sites_and_all_is_written_down(context: BrowserContext, world: World) -> None:
    world.forget()
    page = context.new_page()
    page.goto(world.host("plain", "shop.test", snippet="<p>nothing</p>"))
    page.goto(world.put("evil.test", "/frame", f'<iframe src="{world.chat}/"></iframe>'))
    wait_for(page, lambda: bool(world.at_chat()), lambda: "a request of the frame")
    assert [seen.url for seen in world.at_hosts()][:2] == [
        f"{world.origin('shop.test')}/plain",
        f"{world.origin('evil.test')}/frame",
    ]
    assert world.at_chat()[0].headers["referer"] == f"{world.origin('evil.test')}/"
    assert world.at_chat()[0].headers["sec-fetch-site"] == "cross-site"


def test_the_owner_signs_in_with_the_printed_link(context: BrowserContext, world: World) -> None:
    world.owner_enters(context)
    page = context.new_page()
    page.goto(f"{world.chat}/admin/")
    page.get_by_text("guide (guide)").wait_for()
