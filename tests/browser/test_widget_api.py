"""What a page's scripts can do with the widget, and what it tells them."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.embed_world import World

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("open_and_closed", "listening")]
SCRIPT = '<script async src="{{chat}}/widget.js" data-embed="acme"></script>'


def test_s26_what_was_pushed_before_it_loaded_runs_once_and_in_order(context: BrowserContext, world: World) -> None:
    queue = """<script>
        window.heard = [];
        (window.Parley = window.Parley || []).push(["on", "ready", () => heard.push(["ready"])]);
        Parley.push(["on", "open", data => heard.push(["open", data.by])]);
        Parley.push(["once", "close", data => heard.push(["close", data.by])]);
        Parley.push(["prefill", "A question about an order"]);
        Parley.push(["open"]); Parley.push(["open"]); Parley.push(["close"]); Parley.push(["open"]);
        Parley.push(["nothing"]);
    </script>"""
    visit = world.visit(context, snippet=queue + SCRIPT)
    expect(visit.panel).to_be_visible()
    chat = visit.chat
    chat.wait_ready()
    expect(chat.composer).to_have_value("A question about an order")
    opened = [["open", "api"], ["close", "api"], ["open", "api"]]
    heard = visit.page.evaluate("() => window.heard")
    assert [one for one in heard if one[0] != "ready"] == opened
    assert heard.count(["ready"]) == 1
    assert [[name, data["by"]] for name, data in visit.told("open", "close")] == opened
    assert visit.told("ready") == [("ready", {})]
    assert visit.problems == []


@pytest.mark.parametrize("when", ["async", "defer", "blocking", "late"])
def test_ready_is_told_once_to_all_who_asked_in_time(context: BrowserContext, world: World, when: str) -> None:
    """The queue's handlers, whenever the script runs; and those of the page that are there before it is parsed."""
    queue = """<script>
        window.heard = [];
        (window.Parley = window.Parley || []).push(["on", "ready", () => heard.push("queue")]);
        document.addEventListener("parley:ready", () => heard.push("document"));
    </script>"""
    own = "<script>Parley.on('ready', () => heard.push('own')); Parley.once('ready', () => heard.push('once'))</script>"
    snippet = {"blocking": SCRIPT.replace("async", "") + own, "defer": SCRIPT.replace("async", "defer"), "late": ""}
    visit = world.visit(context, snippet=queue + snippet.get(when, SCRIPT))
    if when == "late":  # the page has long been there
        visit.page.add_script_tag(url=f"{world.chat}/widget.js?embed=acme")
    expect(visit.launcher).to_be_visible()
    visit.page.wait_for_timeout(200)
    all_of_them = ["document", "once", "own", "queue"] if when == "blocking" else ["document", "queue"]
    assert sorted(visit.page.evaluate("() => window.heard")) == all_of_them
    assert visit.told("ready") == [("ready", {})]
    assert visit.problems == []


def test_s26_methods_before_it_is_in_the_page_wait(context: BrowserContext, world: World) -> None:
    early = SCRIPT.replace("async ", "")
    early += '<script>Parley.open({ prefill: "Hi" }); window.was = Parley.isOpen()</script>'
    visit = world.visit(context, snippet=early)
    expect(visit.panel).to_be_visible()
    assert visit.page.evaluate("() => [window.was, Parley.isOpen()]") == [False, True]
    expect(visit.chat.composer).to_have_value("Hi")


def test_s26_a_page_asks_and_hears_of_it_without_texts_and_ids(context: BrowserContext, world: World) -> None:
    visit = world.visit(context, attributes={"data-mode": "none"})
    assert (
        visit.page.evaluate(
            """() => Promise.race([
            Parley.send("What can you do?").then(({ id }) => typeof id),
            new Promise(end => setTimeout(end, 9000)),
        ])"""
        )
        == "string"
    )
    assert not visit.panel.is_visible()
    visit.wait_until("() => told.filter(([name]) => name == 'message').length >= 2")
    messages = [data for _, data in visit.told("message")]
    assert [message["role"] for message in messages] == ["user", "assistant"]
    assert all("text" not in message for message in messages)
    assert visit.told("conversation_started")
    visit.wait_until("() => told.some(([name]) => name == 'unread')")
    visit.page.evaluate("() => Parley.showLauncher()")
    expect(visit.launcher).to_have_attribute("aria-label", "Open chat, 1 unread")
    visit.launcher.click()
    visit.chat.wait_answer()
    visit.page.evaluate("() => void Parley.newChat()")
    visit.chat.wait_until("() => !document.querySelector('[data-answer]')")
    assert visit.problems == []


def test_s26_what_is_too_long_is_refused_and_nothing_is_thrown(context: BrowserContext, world: World) -> None:
    visit = world.visit(context)
    refused = "async text => { try { await Parley.send(text); return '' } catch (error) { return error.message } }"
    assert visit.page.evaluate(refused, "x" * 4001)
    visit.page.evaluate("() => Parley.push(['send', 'x'.repeat(4001)])")
    visit.page.wait_for_timeout(100)
    assert visit.problems == []


def test_s26_after_destroy_it_warns_once(context: BrowserContext, world: World) -> None:
    visit = world.visit(context)
    expect(visit.launcher).to_be_visible()
    visit.page.evaluate(
        "() => { const { Parley } = window; Parley.destroy(); Parley.destroy(); Parley.open(); Parley.close() }"
    )
    assert [line for line in visit.said if line.startswith("warning")] == ["warning: [Parley] destroyed"]
    assert visit.page.evaluate("() => 'Parley' in window") is False
    assert visit.told("destroy") == [("destroy", {})]
    assert visit.problems == []


def test_further_instances_and_triggers(context: BrowserContext, world: World) -> None:
    own = '<a href="/elsewhere" data-parley-open>Talk to us</a><p id="call">Call</p>'
    visit = world.visit(context, snippet=own + SCRIPT.replace("><", ' data-trigger="#call"><'))
    visit.page.evaluate("() => { window.second = Parley.create({ mode: 'inline', target: '#place', height: 300 }) }")
    expect(visit.page.locator("#place > parley-embed iframe")).to_have_count(1)
    visit.page.get_by_role("link", name="Talk to us").click()
    panel = visit.page.locator("body > parley-embed .panel")
    expect(panel).to_be_visible()
    assert visit.page.url == visit.url
    visit.page.evaluate("() => Parley.close()")
    expect(visit.page.get_by_role("link", name="Talk to us")).to_be_focused()
    visit.page.locator("#call").click()
    expect(panel).to_be_visible()
    visit.page.evaluate("() => second.destroy()")
    assert visit.element.count() == 1


def test_s2_a_site_that_is_not_allowed_is_told_what_to_do(context: BrowserContext, world: World) -> None:
    visit = world.visit(context, embed="closed")
    visit.launcher.click()
    link = visit.page.get_by_role("link", name="Open in a new tab")
    expect(link).to_be_visible(timeout=9_500)
    assert (link.get_attribute("href") or "").startswith(f"{world.chat}/embed/closed")
    fix = f"{world.chat}/admin/embeds/closed#sites"
    line = f'{world.origin("shop.test")} is not an allowed site for embed "closed". Add it: {fix}'
    assert visit.told("error") == [("error", {"code": "blocked", "message": line, "fix": fix})]
    assert f"error: [Parley] {line}" in visit.said
    expect(visit.launcher).to_be_visible()


def test_the_page_changes_theme_and_language(context: BrowserContext, world: World) -> None:
    visit = world.visit(context)
    visit.page.evaluate("() => { Parley.setTheme({ mode: 'dark', color: '#ffd400' }); Parley.setLocale('de') }")
    expect(visit.launcher).to_have_attribute("aria-label", "Chat öffnen")
    assert visit.launcher.evaluate("e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]") == [
        "rgb(255, 212, 0)",
        "rgb(0, 0, 0)",
    ]
    chat = visit.open()
    assert chat.frame.evaluate("() => document.documentElement.lang") == "de"


def test_it_opens_by_itself_but_not_again_and_never_takes_the_focus(context: BrowserContext, world: World) -> None:
    visit = world.visit(context, attributes={"data-open": "true", "data-greeting": "Hello!"})
    expect(visit.panel).to_be_visible()
    visit.chat.wait_ready()
    assert visit.page.evaluate("() => document.activeElement.localName") == "body"
    visit.launcher.click()
    visit.page.reload()
    visit.page.wait_for_timeout(500)
    assert not visit.panel.is_visible()
    assert not visit.page.get_by_text("Hello!").is_visible()
