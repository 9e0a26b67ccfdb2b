"""Where the widget comes to an end of what a page, a browser or the server allows: it says so, and nothing is lost."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, BrowserContext, Route, expect

from tests.browser.embed_world import Told
from tests.browser.two_models import says

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("listening")]
LATE = """async chat => {
  window.heard = [];
  window.Parley = [["on", "ready", () => heard.push("queue")], ["on", "open", () => heard.push("open")], ["open"]];
  const script = Object.assign(document.createElement("script"), { src: `${chat}/widget.js?embed=acme` });
  await new Promise(done => { script.onload = done; document.body.append(script) });
  Parley.create({ mode: "inline", target: "#place" }).on("ready", () => heard.push("created"));
  await new Promise(done => setTimeout(done, 50));
  return heard;
}"""
FORBIDDEN = """if (location.hostname === 'shop.test') Object.defineProperty(window, 'localStorage',
  { get() { throw new DOMException('denied', 'SecurityError') } })"""
ALL_IS_SEEN = """() => { const { scrollHeight, clientHeight } = document.querySelector('.embed-messages');
  return Math.abs(scrollHeight - clientHeight) <= 2 }"""


@pytest.fixture(scope="module", autouse=True)
def because(told: Told) -> None:
    """A few embeds, and one answer to whatever is asked."""
    told.world.profile("acme", greeting="Hello!")
    told.world.profile("hosted", host_storage=True)
    told.world.profile("alone", sites=())
    told.model.play(says("Because."))


def test_whoever_loads_it_late_hears_that_it_is_ready_first(context: BrowserContext, told: Told) -> None:
    visit = told.world.visit(context, snippet="")
    assert visit.page.evaluate(LATE, told.world.chat) == ["queue", "open", "created"]


def test_a_question_that_the_socket_does_not_take_stays_in_the_composer(context: BrowserContext, told: Told) -> None:
    visit = told.world.visit(context)
    chat = visit.open()
    chat.answered("Short?")
    chat.ask("x" * 70_000)
    notice = chat.frame.locator(".embed-notice[data-kind=problem]")
    expect(notice).to_contain_text("Your question is too long to be sent. Shorten it by about 10,200 characters")
    assert len(chat.composer.input_value()) == 70_000
    assert chat.frame.locator("[data-pending]").count() == 0
    chat.composer.fill("x" * (70_000 - 10_200))
    chat.composer.press("Enter")
    assert chat.wait_answer(1) == "Because."


def test_facts_that_do_not_fit_through_the_port_take_the_old_ones_with_them(
    context: BrowserContext, told: Told
) -> None:
    visit = told.world.visit(context)
    chat = visit.open()
    visit.page.evaluate("() => Parley.setContext({ page: 'checkout' })")
    chat.answered("Where am I?")
    assert "checkout" in json.dumps(json.loads(told.model.requests[-1].body)["messages"][-1])
    for characters, said in ((3_000, "warning: [Parley] setContext: "), (20_000, "")):
        visit.page.evaluate("() => Parley.setContext({ page: 'checkout' })")
        outcome = visit.page.evaluate(
            "count => Parley.setContext({ page: 'x'.repeat(count) }).then(() => '', ({ name }) => name)", characters
        )
        chat.answered("And now?")
        assert "checkout" not in json.dumps(json.loads(told.model.requests[-1].body)["messages"][-1])
        assert outcome or any(line.startswith(said) for line in visit.said)


def test_s22_a_page_that_is_sandboxed_itself_is_told_what_is_missing(context: BrowserContext, told: Told) -> None:
    visit = told.world.visit(context, headers={"Content-Security-Policy": "sandbox allow-scripts"})
    visit.launcher.click()
    visit.wait_until("() => told.some(([name]) => name === 'error')")
    [(_, error)] = visit.told("error")
    assert error["code"] == "sandboxed"
    assert "allow-same-origin" in error["message"]
    assert f"error: [Parley] {error['message']}" in visit.said


def test_the_patience_is_counted_from_when_somebody_waits(context: BrowserContext, told: Told) -> None:
    """And not from when something or other had loaded, late."""
    held: list[Route] = []
    context.route("**/embed/acme?*", lambda route: held.append(route))
    visit = told.world.visit(context)
    visit.page.evaluate(
        """() => { const began = performance.now();
          document.addEventListener("parley:error", () => { window.waited = performance.now() - began }) }"""
    )
    visit.launcher.click()
    visit.page.wait_for_timeout(4_000)
    held[0].fulfill(body="<p>Something else", content_type="text/html")
    assert visit.wait_until("() => window.waited") < 10_000


def test_a_host_page_that_may_keep_nothing_is_told_and_so_is_the_visitor(context: BrowserContext, told: Told) -> None:
    kept = told.world.visit(context, embed="hosted", attributes={"data-storage": "host"})
    kept.open().answered("Why?")
    assert kept.page.evaluate("() => localStorage.getItem('parley:hosted:rt')")
    assert kept.chat.frame.locator(".embed-notice").inner_text() == ""
    context.add_init_script(FORBIDDEN)
    visit = told.world.visit(context, embed="hosted", attributes={"data-storage": "host"})
    chat = visit.open()
    chat.answered("Why?")
    expect(chat.frame.locator(".embed-notice")).to_contain_text("won't remember this chat")
    assert [data["code"] for _, data in visit.told("error")] == ["storage_blocked"]


def test_s29_a_panel_is_as_high_as_an_answer_that_came_without_a_pause(context: BrowserContext, told: Told) -> None:
    attributes = {"data-mode": "inline", "data-resize": "content", "data-height": "300", "data-max-height": "4000px"}
    told.model.play(says(*["A paragraph.\n\n"] * 30, pause_s=0.1))
    visit = told.world.visit(context, attributes=attributes)
    visit.chat.answered("Much?")
    visit.chat.wait_until(ALL_IS_SEEN, timeout_s=5)
    told.model.play(says("Because."))


def test_s2_without_a_site_our_own_pages_show_it(context: BrowserContext, told: Told) -> None:
    """As `frame-ancestors 'self'` lets them: then the chat answers them, too."""
    context.route(
        f"{told.world.chat}/try",
        lambda route: route.fulfill(content_type="text/html", body=f"<body>{told.world.snippet('alone')}"),
    )
    page = context.new_page()
    page.goto(f"{told.world.chat}/try")
    page.evaluate("() => { window.done = Parley.send('Why?') }")
    assert page.evaluate("() => window.done.then(({ id }) => typeof id, ({ code }) => code)") == "string"


def test_s28_another_body_does_not_let_go_of_the_page_behind(browser: Browser, told: Told) -> None:
    with browser.new_context(viewport={"width": 375, "height": 667}) as context:
        visit = told.world.visit(context)
        visit.page.evaluate("() => scrollTo(0, 500)")
        visit.open()
        visit.page.evaluate("""() => {
            const body = document.createElement("body");
            const tall = document.createElement("div");
            tall.style.height = "3000px";
            body.append(tall);
            document.body.replaceWith(body);
            scrollTo(0, 90);
        }""")
        expect(visit.page.locator("body")).to_have_class("parley-lock")
        visit.page.evaluate("() => Parley.close()")
        assert visit.page.evaluate("() => [scrollY, document.body.hasAttribute('class')]") == [90, False]
