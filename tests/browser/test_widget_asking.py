"""What a page asks of the widget is done, or it is told that it is not: nothing is lost, and nobody waits for good."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.embed_world import World
from tests.browser.host_visit import REFUSED, HostVisit, frame_at, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("open_and_closed", "listening")]
PATIENCE_MS = 8_000
STEAL = """addEventListener("message", ({ ports }) => { if (ports[0]) window.stolen = ports[0] }, true)"""
OUTCOME = """asked => Promise.race([
    asked().then(() => "done", error => error.code || error.name),
    new Promise(end => setTimeout(end, 12000, "never")),
])"""


def outcome(visit: HostVisit, asked: str) -> Any:
    """How a promise of the page's ends: `done`, the code or the name of its error, or `never`."""
    return visit.page.evaluate(f"() => ({OUTCOME})(async () => {asked})")


def given_up(visit: HostVisit) -> None:
    """The browser has refused the frame, and then the loader's patience is at its end."""
    frame_at(visit.page, REFUSED)
    visit.page.clock.fast_forward(PATIENCE_MS)


def outcome_of_waiting(visit: HostVisit, asked: str) -> Any:
    """The same as `outcome` for what waits in vain."""
    visit.page.evaluate(f"() => {{ window.ended = ({OUTCOME})(async () => {asked}) }}")
    given_up(visit)
    return visit.page.evaluate("() => window.ended")


def test_the_first_press_counts_however_soon_it_follows(context: BrowserContext, world: World) -> None:
    for pause_ms in (60, 130, 200):
        visit = world.visit(context)
        expect(visit.launcher).to_be_visible()
        box = visit.launcher.bounding_box()
        assert box is not None
        mouse = visit.page.mouse
        mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        visit.page.wait_for_timeout(pause_ms)
        mouse.down()
        visit.page.evaluate("() => Parley.setTheme({ mode: 'dark' })")
        visit.page.wait_for_timeout(110)
        mouse.up()
        expect(visit.panel).to_be_visible()
        visit.page.close()


def test_logging_out_on_a_page_where_the_chat_was_not_opened(context: BrowserContext, world: World) -> None:
    visit = world.visit(context)
    visit.open().answered()
    visit.page.reload()
    expect(visit.launcher).to_be_visible()
    assert visit.iframe.count() == 0
    assert outcome(visit, "Parley.identify(null)") == "done"
    assert not visit.panel.is_visible()
    visit.page.reload()
    chat = visit.open()
    visit.page.wait_for_timeout(700)
    assert chat.answers() == []


def test_a_fact_that_cannot_be_told_harms_nothing_else(context: BrowserContext, world: World) -> None:
    visit = world.visit(context)
    visit.page.evaluate("() => { const circular = {}; circular.self = window.circular = circular }")
    assert outcome(visit, "Parley.setContext({ order: 1n })") == "TypeError"
    assert outcome(visit, "Parley.setContext({ order: 'x'.repeat(20000) })") == "SyntaxError"
    assert outcome(visit, "Parley.setContext({ order: '7', look: () => 1 })") == "done"
    assert outcome(visit, "Parley.identify({ name: 'Ada', self: globalThis.circular })") == "TypeError"
    assert visit.open().answered()
    assert visit.problems == []


def test_what_cannot_be_loaded_stays_explained(context: BrowserContext, world: World) -> None:
    context.clock.install()
    visit = world.visit(context, embed="closed")
    visit.launcher.click()
    given_up(visit)
    link = visit.page.get_by_role("link", name="Open in a new tab")
    expect(link).to_be_visible()
    visit.page.mouse.move(5, 5)
    visit.launcher.hover()
    visit.launcher.focus()
    visit.page.wait_for_timeout(200)
    expect(link).to_be_visible()


def test_a_question_where_the_chat_may_not_be_shown_is_given_back(context: BrowserContext, world: World) -> None:
    context.clock.install()
    visit = world.visit(context, embed="closed", attributes={"data-mode": "none"})
    assert outcome_of_waiting(visit, "Parley.send('Hello?')") == "blocked"
    assert [name for name, _ in visit.told()] == ["ready", "error"]
    assert outcome_of_waiting(visit, "Parley.identify(null)") == "blocked"


def test_a_question_to_what_is_destroyed_is_given_back(context: BrowserContext, world: World) -> None:
    visit = world.visit(context, embed="closed")
    ended = "(() => { const said = Parley.send('Hello?'); setTimeout(Parley.destroy, 100); return said })()"
    assert outcome(visit, ended) == "Error"


def test_a_question_to_a_chat_far_down_the_page(context: BrowserContext, world: World) -> None:
    high = '<div style="height: 20000px"></div><div id="far"></div>'
    snippet = (
        high
        + '<script async src="{{chat}}/widget.js" data-embed="acme" data-mode="inline" data-target="#far"></script>'
    )
    visit = world.visit(context, snippet=snippet)
    assert outcome(visit, "Parley.send('What can you do?')") == "done"


def test_only_null_logs_out(context: BrowserContext, world: World) -> None:
    visit = world.visit(context)
    chat = visit.open()
    answer = chat.answered()
    assert outcome(visit, "Parley.identify({ name: 'Ada', jwt: null })") == "done"
    assert chat.answers() == [answer]
    visit.page.reload()
    chat = visit.open()
    chat.wait_until("() => document.querySelector('[data-answer]')")
    assert chat.answers() == [answer]


def test_no_secret_on_the_console(context: BrowserContext, world: World) -> None:
    visit = world.visit(context, attributes={"data-debug": "", "data-storage": "host"})
    visit.page.evaluate("() => { localStorage.setItem('parley:acme:rt', 'secret-1') }")
    lines: list[str] = []
    visit.page.on("console", lambda line: lines.append(f"{line.text} {[one.json_value() for one in line.args]}"))
    visit.page.evaluate("() => { Parley.identify({ name: 'Ada', jwt: 'secret-2' }).catch(() => {}) }")
    visit.open()
    wait_for(visit.page, lambda: any("hello" in line for line in lines), lambda: f"hello in {lines}")
    wait_for(visit.page, lambda: any("identify" in line for line in lines), lambda: f"identify in {lines}")
    assert not any("secret" in line for line in lines)


def test_one_bad_command_is_not_the_end_of_the_queue(context: BrowserContext, world: World) -> None:
    queue = """<script>
        const circular = {}; circular.self = circular;
        window.ParleyConfig = { target: circular, title: "Help", icon: Symbol() };
        window.Parley = [null, 5, ["create", { a: Symbol() }], ["setContext", circular], ["open"]];
    </script>"""
    visit = world.visit(context, snippet=queue + '<script src="{{chat}}/widget.js" data-embed="acme"></script>')
    expect(visit.panel.first).to_be_visible()
    expect(visit.panel.first).to_have_attribute("aria-label", "Help")
    visit.page.evaluate("() => { Parley.push(null); Parley.push(['close']) }")
    expect(visit.panel.first).to_be_hidden()
    assert visit.problems == []


def test_once_is_once_and_can_be_taken_back(context: BrowserContext, world: World) -> None:
    visit = world.visit(context)
    expect(visit.launcher).to_be_visible()
    heard = visit.page.evaluate("""async () => {
        const heard = [], other = () => heard.push("other"), third = () => heard.push("third");
        Parley.once("open", () => heard.push("once"));
        Parley.once("open", other);
        Parley.off("open", other);
        Parley.on("open", third)();
        Parley.open(); Parley.close(); Parley.open();
        await new Promise(end => setTimeout(end, 50));
        return heard;
    }""")
    assert heard == ["once"]


def test_what_a_chat_in_foreign_hands_can_do(context: BrowserContext, world: World) -> None:
    context.add_init_script(STEAL)
    attributes = {"data-mode": "inline", "data-target": "#place", "data-resize": "content", "data-max-height": "700px"}
    visit = world.visit(context, attributes=attributes)
    chat = visit.chat
    chat.wait_ready()
    visit.page.evaluate("() => { told.length = 0; window.embeds = new Set() }")
    visit.page.evaluate("() => document.addEventListener('parley:message', ({ detail }) => embeds.add(detail.embed))")
    chat.frame.evaluate("""() => {
        const say = (type, payload) => stolen.postMessage({ ns: "parley", v: 1, type, payload });
        for (const type of ["__proto__", "constructor", "toString", "ack", "welcome", "chrome", "resize"]) say(type);
        for (const id of ["__proto__", "toString", 1n]) say("ack", { id, ok: true });
        for (const height of [Infinity, 1e308, -5, "9px;color:red", 10n, new Date(1e13)]) say("resize", { height });
        for (const count of [1n, -1, 1e9, NaN, "7", {}]) say("unread", { count });
        for (const name of ["conversation_was_started", "open", "messages", {}]) say("event", { name });
        say("event", { name: "message", data: { embed: "forged", role: "user" } });
        say("event", { name: "message", data: new Map([["text", "x".repeat(5e6)]]) });
        say("event", { name: "message", data: { text: "x".repeat(2e4) } });
        stolen.postMessage(null);
        stolen.postMessage(1n);
        say("event", { name: "error", data: { code: "last" } });
    }""")
    visit.wait_until("() => told.some(([name, data]) => data.code == 'last')")
    told = visit.told()
    assert [data for name, data in told if name == "message"] == [{"role": "user"}, {}]
    assert {name for name, _ in told} <= {"message", "unread", "error", "resize"}
    assert all(data["count"] <= 99 for name, data in told if name == "unread")
    assert visit.page.evaluate("() => [...embeds]") == ["acme"]
    assert 320 <= visit.panel.evaluate("e => e.offsetHeight") <= 700
    assert visit.problems == []


def test_a_bubble_does_not_follow_its_content(browser: Browser, world: World) -> None:
    with browser.new_context(viewport={"width": 375, "height": 667}) as context:
        visit = world.visit(context, attributes={"data-resize": "content"})
        visit.open()
        assert visit.panel.evaluate("e => [e.offsetWidth, e.offsetHeight]") == [375, 667]


def test_an_inline_panel_is_as_high_as_its_share_of_the_page(context: BrowserContext, world: World) -> None:
    place = '<div style="height: 600px" id="half"></div><script src="{{chat}}/widget.js" data-embed="acme"'
    snippet = place + ' data-mode="inline" data-target="#half" data-height="50%"></script>'
    visit = world.visit(context, snippet=snippet)
    assert visit.panel.evaluate("e => e.offsetHeight") == 300
