"""What the page around the chat can do with it, and the owner's preview: over the port, and over nothing else."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import BrowserContext, Route

from tests.browser.embed_world import Told
from tests.browser.host_visit import HostVisit, wait_for
from tests.browser.signed import token_for
from tests.browser.two_models import says

pytestmark = pytest.mark.browser
GREET = """([frame, opts]) => new Promise((done) => {
  const { port1, port2 } = new MessageChannel();
  window.heard = [];
  window.say = (type, payload = {}) => port1.postMessage({ ns: 'parley', v: 1, type, payload });
  port1.onmessage = ({ data }) => { window.heard.push(data); if (data.type === 'welcome') done(data.payload) };
  const hello = { ns: 'parley', v: 1, type: 'hello', payload: { opts } };
  document.querySelector(frame).contentWindow.postMessage(hello, '*', [port2]);
  setTimeout(() => done(null), 1500);
})"""


@pytest.fixture(scope="module", autouse=True)
def because(told: Told) -> None:
    """One embed, and one answer to whatever is asked."""
    told.world.profile("acme", greeting="Hello!", starters=("Why?",))
    told.model.play(says("Because."))


def test_the_host_sends_fills_in_and_begins_anew(context: BrowserContext, told: Told) -> None:
    visit = told.world.visit(context)
    chat = visit.open()
    sent = visit.page.evaluate("() => Parley.send('Why this?').then((one) => Object.keys(one))")
    assert sent == ["id"]
    assert chat.wait_answer() == "Because."
    assert visit.page.evaluate("() => Parley.send('   ').catch((error) => error.code)") == "invalid_input"
    visit.page.evaluate("() => Parley.prefill('Half a thought')")
    chat.wait_until("() => document.querySelector('textarea').value === 'Half a thought'")
    visit.page.evaluate("() => Parley.newChat()")
    chat.wait_until("() => !document.querySelector('[data-message]')")
    chat.frame.locator(".greeting").wait_for()
    assert chat.composer.input_value() == "Half a thought"
    assert visit.problems == []


def test_what_the_page_says_of_itself_goes_to_the_model_as_words_of_the_visitor(
    context: BrowserContext, told: Told
) -> None:
    visit = told.world.visit(context)
    chat = visit.open()
    visit.page.evaluate("() => Parley.setContext({ page: 'checkout', cart: '3 umbrellas' })")
    chat.answered("What is in my cart?")
    asked = json.loads(told.model.requests[-1].body)
    assert [one for one in asked["messages"] if one["role"] == "system"] == []
    assert "3 umbrellas" in json.dumps(asked["messages"][-1])
    assert "umbrellas" not in "".join(chat.messages())


def test_theme_colour_and_language_follow_the_page(context: BrowserContext, told: Told) -> None:
    visit = told.world.visit(context)
    chat = visit.open()
    chat.answered()
    visit.page.evaluate("() => Parley.setTheme({ mode: 'dark', color: '#c2185b' })")
    chat.wait_until("() => document.documentElement.dataset.theme === 'dark'")
    assert chat.frame.evaluate("() => document.documentElement.style.getPropertyValue('--brand')") == "#c2185b"
    before = chat.messages()
    visit.page.evaluate("() => Parley.setLocale('de')")
    chat.wait_until("() => document.documentElement.lang === 'de'")  # another page comes
    chat.wait_ready()
    chat.wait_until("count => document.querySelectorAll('[data-message]').length === count", len(before))
    assert chat.composer.get_attribute("placeholder") != "Write a message"


def test_a_text_is_told_only_where_the_owner_shares_it(context: BrowserContext, told: Told) -> None:
    told.world.profile("open-book", share_messages=True)
    visit = told.world.visit(context, embed="open-book")
    visit.page.evaluate(
        "() => { window.told = []; addEventListener('parley:message', ({ detail }) => told.push(detail), true) }"
    )
    visit.page.evaluate("() => document.addEventListener('parley:message', ({ detail }) => told.push(detail))")
    visit.open().answered("Why?")
    texts = {one["text"] for one in visit.page.evaluate("() => window.told")}
    assert texts == {"Why?", "Because."}


def test_an_inline_panel_can_be_as_high_as_its_content(context: BrowserContext, told: Told) -> None:
    visit = told.world.visit(context, attributes={"data-mode": "inline", "data-resize": "content"})
    chat = visit.chat
    chat.wait_ready()
    told.model.play(says("\n\n".join(["A paragraph."] * 4)))
    chat.answered("Much?")
    chat.wait_until(
        """() => { const { scrollHeight, clientHeight } = document.querySelector('.embed-messages');
          return Math.abs(scrollHeight - clientHeight) <= 2 }"""
    )
    assert chat.frame.locator(".embed-tools [aria-label=Close]").count() == 0
    told.model.play(says("Because."))


def test_only_the_first_origin_is_heard_and_it_may_greet_again(context: BrowserContext, told: Told) -> None:
    """A page of an allowed site without our loader, which does what that does."""
    visit = told.world.visit(context, "framed")
    visit.chat.wait_ready()
    welcome = visit.page.evaluate(GREET, ["#chat", {"title": "First"}])
    assert welcome["v"] == 1
    assert visit.chat.frame.locator("h1").inner_text() == "First"
    assert visit.page.evaluate(GREET, ["#chat", {"title": "Second"}])["v"] == 1
    assert visit.chat.frame.locator("h1").inner_text() == "Second"
    visit.page.evaluate(
        "() => { say('prefill', { text: 'x'.repeat(20000) }); say('nonsense'); say('preview', { title: 'No' }) }"
    )
    visit.page.evaluate("() => say('send', { id: 'not a uuid', text: 'Hello' })")
    visit.wait_until("() => heard.some(({ type, payload }) => type === 'ack' && payload.ok)")
    assert visit.chat.frame.locator("h1").inner_text() == "Second"
    assert visit.chat.composer.input_value() == ""


def test_a_site_that_is_not_listed_is_not_answered(context: BrowserContext, told: Told) -> None:
    """Even where the browser would show the frame: an app's embed has no list for browsers."""
    told.world.profile("app", sites=["shop.test"], webviews=True)
    visit = told.world.visit(context, "framed", site="evil.test", embed="app")
    visit.chat.wait_ready()
    assert visit.page.evaluate(GREET, ["#chat", {"title": "Evil"}]) is None
    assert visit.chat.frame.locator("h1").inner_text() != "Evil"


def test_the_owners_preview_changes_at_once(context: BrowserContext, told: Told) -> None:
    told.world.owner_enters(context)
    visit = HostVisit(context.new_page(), f"{told.world.chat}/admin/embeds/acme", told.world.chat)
    chat = visit.chat
    chat.wait_ready()
    title = visit.page.locator("[name=title]")
    title.fill("A new name")
    chat.wait_until("() => document.querySelector('h1').textContent === 'A new name'")


def test_pausing_shows_everybody_out_and_keeps_what_was_written(context: BrowserContext, told: Told) -> None:
    told.world.profile("brief")
    visit = told.world.visit(context, embed="brief")
    chat = visit.open()
    chat.answered("Why?")
    told.world.pause("brief")
    visit.page.evaluate("() => document.addEventListener('parley:error', ({detail}) => window.problem = detail.code)")
    chat.ask("And now?")
    visit.wait_until("() => window.problem === 'unavailable'")
    chat.wait_until("() => document.querySelector('textarea').value === 'And now?'")
    chat.frame.locator(".embed-notice[data-kind=problem]").wait_for()


def test_a_page_without_a_chat_tells_the_loader_so(context: BrowserContext, told: Told) -> None:
    visit = told.world.visit(context, embed="nobody")
    visit.page.evaluate("() => document.addEventListener('parley:error', ({detail}) => window.problem = detail.code)")
    visit.launcher.click()
    assert visit.wait_until("() => window.problem") == "unavailable"
    visit.frame().get_by_text("This chat is not available.").wait_for()


def test_nothing_is_kept_where_the_page_says_memory(context: BrowserContext, told: Told) -> None:
    visit = told.world.visit(context, attributes={"data-storage": "memory"})
    chat = visit.open()
    chat.answered("Why?")
    chat.composer.fill("a draft")
    assert chat.frame.evaluate("() => [localStorage.length, sessionStorage.length]") == [0, 0]


def identified(visit: HostVisit, jwt: str | None) -> str:
    """Say who the visitor is; returns `ok`, or the code of what was wrong."""
    said = "jwt => Parley.identify(jwt && { jwt }).then(() => 'ok', ({ code }) => code)"
    return str(visit.page.evaluate(said, jwt))


def test_who_logs_out_is_out_though_the_server_cannot_be_told(context: BrowserContext, told: Told) -> None:
    visit = told.world.visit(context)
    chat = visit.open()
    chat.answered("A secret?")
    context.route("**/embed/api/identify", lambda route: route.abort())
    assert identified(visit, None) == "offline"
    assert chat.messages() == []
    visit.page.reload()
    chat = visit.open()
    visit.page.wait_for_timeout(700)
    assert chat.messages() == []
    context.unroute("**/embed/api/identify")
    assert chat.answered("Who am I?") == "Because."
    assert len(chat.messages()) == 2
    visit.page.reload()
    chat = visit.open()
    chat.wait_until("() => document.querySelectorAll('[data-message]').length === 2")
    assert "secret" not in "".join(chat.messages())


def test_what_is_asked_while_somebody_becomes_known_is_asked_after_it(context: BrowserContext, told: Told) -> None:
    visit = told.world.visit(context)
    chat = visit.open()
    chat.answered("Before?")
    held: list[Route] = []
    context.route("**/embed/api/identify", lambda route: held.append(route))
    jwt = token_for("ann", told.world.secret("acme"))
    visit.page.evaluate("jwt => { window.known = Parley.identify({ jwt }) }", jwt)
    chat.ask("And after?")
    wait_for(visit.page, lambda: bool(held), lambda: "nobody was made known")
    assert "And after?" in str(chat.frame.evaluate("() => sessionStorage.getItem('parley:acme:draft')"))
    held[0].continue_()
    visit.page.evaluate("() => window.known")
    chat.wait_until("() => document.querySelectorAll('[data-message]').length === 2")
    assert chat.wait_answer() == "Because."
    assert "And after?" in chat.messages()[0]
    assert chat.composer.input_value() == ""


def test_a_question_that_waits_stands_in_the_composer_when_a_new_chat_begins(
    context: BrowserContext, told: Told
) -> None:
    visit = told.world.visit(context)
    chat = visit.open()
    context.route("**/embed/api/**", lambda route: route.abort())
    chat.ask("Is anybody there?")
    chat.wait_until("() => document.querySelector('[data-pending]')")
    visit.page.evaluate("() => Parley.newChat()")
    chat.wait_until("() => document.querySelector('textarea').value === 'Is anybody there?'")
    chat.wait_until("() => !document.querySelector('[data-pending]')")


def test_another_language_does_not_cost_a_draft_that_is_kept_nowhere(context: BrowserContext, told: Told) -> None:
    visit = told.world.visit(context, attributes={"data-storage": "memory"})
    chat = visit.open()
    chat.composer.fill("half a thought")
    visit.page.evaluate("() => Parley.setLocale('de')")
    visit.page.wait_for_timeout(1200)
    assert visit.chat.composer.input_value() == "half a thought"


def test_in_an_inline_panel_escape_is_the_pages_own(context: BrowserContext, told: Told) -> None:
    visit = told.world.visit(context, attributes={"data-mode": "inline", "data-title": "Welcomed"})
    chat = visit.chat
    chat.wait_until("() => document.querySelector('h1')?.textContent === 'Welcomed'")  # it knows where it is
    chat.composer.focus()
    chat.frame.evaluate(
        """() => document.addEventListener('keydown', (event) =>
          setTimeout(() => { window.kept = event.defaultPrevented }))"""
    )
    chat.composer.press("Escape")
    chat.wait_until("() => window.kept === false")
