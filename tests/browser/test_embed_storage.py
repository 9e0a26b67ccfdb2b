"""S12 and S13: what the browser lets a frame keep differs from browser to browser; the chat works in all of them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.conftest import launched
from tests.browser.embed_world import World
from tests.browser.host_visit import FrameChat, HostVisit

pytestmark = pytest.mark.browser
NOTICE = "won't remember this chat"
THROWS = """if (location.hostname === 'chat.test') for (const name of ['localStorage', 'sessionStorage'])
  Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError') } })"""
REFUSES_COOKIES = """if (location.hostname === 'chat.test') {
  const whole = window.fetch;
  window.fetch = (address, options) => whole(address, { ...options, credentials: 'omit' });
}"""


@pytest.fixture(scope="module", autouse=True)
def profile(world: World) -> None:
    """One embed, on two sites."""
    world.profile("acme", sites=["shop.test", "blog.test"])
    world.profile("hosted", host_storage=True)


def notice(chat: FrameChat) -> str:
    """The line above the composer."""
    return chat.frame.locator(".embed-notice").inner_text()


def reloaded(visit: HostVisit) -> FrameChat:
    """The page once more, with the chat open."""
    visit.page.reload()
    return visit.open()


def resumes(visit: HostVisit) -> None:
    """What was said is there after a reload."""
    before = visit.chat.messages()
    assert before
    chat = reloaded(visit)
    chat.wait_until("count => document.querySelectorAll('[data-message]').length === count", len(before))
    assert notice(chat) == ""


def forgets(visit: HostVisit) -> None:
    """Nothing is there after a reload, and that was said before."""
    assert NOTICE in notice(visit.chat)
    chat = reloaded(visit)
    visit.page.wait_for_timeout(700)
    assert chat.messages() == []


def test_s12_where_a_partitioned_cookie_works_nothing_else_is_kept(context: BrowserContext, world: World) -> None:
    visit = world.visit(context)
    visit.open().answered()
    [cookie] = [one for one in context.cookies() if one.get("name") == "__Host-parley_embed"]
    assert cookie.get("httpOnly") is True
    assert visit.chat.frame.evaluate("() => Object.keys(localStorage).filter(key => key.endsWith(':rt'))") == []
    resumes(visit)


def test_s12a_without_cookies_the_frames_own_storage_brings_back(context: BrowserContext, world: World) -> None:
    """Third-party cookies are refused; Chromium keeps the frame's storage by site."""
    context.add_init_script(REFUSES_COOKIES)
    visit = world.visit(context)
    visit.open().answered()
    assert visit.chat.frame.evaluate("() => localStorage.getItem('parley:acme:rt')?.length > 10")
    resumes(visit)
    visit.chat.answered("What can you do?")
    resumes(visit)


def test_s12b_where_storage_throws_cookies_bring_back(forgetful: Browser, world: World) -> None:
    """A real browser where reading `localStorage` in a frame throws."""
    with forgetful.new_context() as context:
        visit = world.visit(context)
        visit.open().answered()
        resumes(visit)
        assert visit.problems == []


def test_s12b_where_storage_throws_and_cookies_are_refused_memory_does(context: BrowserContext, world: World) -> None:
    context.add_init_script(THROWS)
    context.add_init_script(REFUSES_COOKIES)
    visit = world.visit(context)
    told = "() => document.addEventListener('parley:error', ({ detail }) => { window.problem = detail.code })"
    visit.page.evaluate(told)
    chat = visit.open()
    chat.answered()
    assert len(chat.messages()) == 2
    assert visit.wait_until("() => window.problem") == "storage_blocked"
    assert visit.problems == []
    forgets(visit)


def test_s12c_a_credentialless_frame_works_in_memory(context: BrowserContext, world: World) -> None:
    visit = world.visit(context, attributes={"data-credentialless": ""})
    chat = visit.open()
    assert visit.iframe.get_attribute("credentialless") is not None
    chat.answered()
    assert len(chat.messages()) == 2
    forgets(visit)


def test_s12_all_third_party_cookies_blocked_by_the_browsers_own_setting(browser: Browser, world: World) -> None:
    """Chromium's own switch; partitioned cookies are spared by it."""
    phased_out = "--test-third-party-cookie-phaseout"
    with launched(browser.browser_type, phased_out) as blocking, blocking.new_context() as context:
        visit = world.visit(context)
        visit.open().answered()
        resumes(visit)


def test_memory_is_what_a_page_can_ask_for(context: BrowserContext, world: World) -> None:
    visit = world.visit(context, attributes={"data-storage": "memory"})
    visit.open().answered()
    assert [one for one in context.cookies() if "chat.test" in one.get("domain", "")] == []
    forgets(visit)


def test_the_host_page_keeps_it_where_the_owner_allows_that(context: BrowserContext, world: World) -> None:
    visit = world.visit(context, embed="hosted", attributes={"data-storage": "host"})
    visit.open().answered()
    visit.wait_until("() => localStorage.getItem('parley:hosted:rt')?.length > 10")
    assert "rt" not in visit.chat.frame.evaluate("() => JSON.stringify(localStorage)")
    resumes(visit)
    elsewhere = world.visit(context, attributes={"data-storage": "host"})  # its owner does not
    elsewhere.open().answered()
    assert visit.page.evaluate("() => localStorage.getItem('parley:acme:rt')") is None


def test_a_chat_that_never_goes_on_keeps_nothing(context: BrowserContext, world: World) -> None:
    visit = world.visit(context, attributes={"data-resume": "never"})
    visit.open().answered()
    assert notice(visit.chat) == ""
    assert [one for one in context.cookies() if "chat.test" in one.get("domain", "")] == []
    chat = reloaded(visit)
    visit.page.wait_for_timeout(700)
    assert chat.messages() == []


def test_s13_each_site_has_visitors_of_its_own(context: BrowserContext, world: World) -> None:
    shop = world.visit(context, site="shop.test")
    shop.open().answered()
    blog = world.visit(context, site="blog.test")
    chat = blog.open()
    blog.page.wait_for_timeout(700)
    assert chat.messages() == []
    chat.answered("Show me every kind of formatting")
    assert len(chat.messages()) == 2
    assert len(shop.chat.messages()) == 2
    resumes(shop)
    resumes(blog)


def test_a_token_that_has_ended_is_renewed_unseen(context: BrowserContext, world: World) -> None:
    """The server does not take the access token any more: another is got by the refresh token."""
    visit = world.visit(context)
    chat = visit.open()
    chat.answered()
    chat.frame.evaluate(
        """() => { const whole = window.fetch; window.refused = 0;
        window.fetch = (address, options) => String(address).includes('/handover') && window.refused++ === 0
          ? Promise.resolve(new Response('{"error":{"code":"not_signed_in","message":""}}', { status: 401 }))
          : whole(address, options) }"""
    )
    with context.expect_page() as opened:
        chat.frame.locator(".embed-menu > button").click()
        chat.frame.locator("[data-action=away]").click()
    opened.value.wait_for_url("**/e/**")
    assert chat.frame.evaluate("() => window.refused") == 2
