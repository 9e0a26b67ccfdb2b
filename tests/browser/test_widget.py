"""The loader on pages of every kind: what it adds to them, what they can do to it, what it answers for."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.embed_world import World
from tests.browser.host_visit import LISTEN, SHORT, HostVisit
from tests.parley_server import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("open_and_closed")]

WIDGET = ROOT / "static" / "vendor" / "widget" / "widget.js"
GEOMETRY = (
    "element => { const { x, y, width, height } = element.getBoundingClientRect(); return [x, y, width, height] }"
)
SNAPSHOT = """() => {
    const attributes = element => [...element.attributes].map(one => `${one.name}=${one.value}`).join();
    return {
        globals: Object.keys(window).sort(), head: document.head.innerHTML, title: document.title,
        body: attributes(document.body), html: attributes(document.documentElement),
        children: [...document.body.children].map(one => one.localName).filter(name => name != "script"),
        storage: [Object.keys(localStorage), Object.keys(sessionStorage)].flat(), cookies: document.cookie,
        sheets: document.adoptedStyleSheets.length, push: String(history.pushState), message: String(window.onmessage),
    };
}"""


def geometry(visit: HostVisit) -> dict[str, Any]:
    return {part: getattr(visit, part).evaluate(GEOMETRY) for part in ("launcher", "panel", "iframe")}


def test_s14_nothing_before_intent(context: BrowserContext, world: World) -> None:
    world.forget()
    visit = world.visit(context)
    expect(visit.launcher).to_be_visible()
    visit.page.wait_for_timeout(10_000)
    assert [seen.path for seen in world.at_chat()] == ["/widget.js"]
    assert context.cookies() == []
    assert visit.page.evaluate("() => [localStorage.length, sessionStorage.length]") == [0, 0]
    assert visit.iframe.count() == 0
    assert visit.problems == []
    assert visit.said == []


def test_s14_the_chat_is_loaded_on_intent_and_no_socket_opened(context: BrowserContext, world: World) -> None:
    visit = world.visit(context)
    world.forget()
    visit.launcher.hover()
    visit.chat.wait_ready()
    assert world.at_chat("/embed/acme")
    assert not world.at_chat("/ws")
    assert not visit.panel.is_visible()


def test_s15_a_strict_policy_with_trusted_types_is_kept(context: BrowserContext, world: World) -> None:
    snippet = '<script async nonce="x" src="{{chat}}/widget.js" data-embed="acme"></script>'
    visit = world.visit(context, "strict", snippet=snippet)
    assert visit.open().answered()
    assert visit.page.evaluate("() => window.violations") == []
    assert visit.problems == []


def test_s16_only_one_global_and_one_element_and_then_nothing(context: BrowserContext, world: World) -> None:
    page = context.new_page()
    page.goto(world.host("plain", snippet="<p>later</p>"))
    before = page.evaluate(SNAPSHOT)
    add_script(page, f"{world.chat}/widget.js?embed=acme")
    page.locator("parley-embed button.launcher").click()
    expect(page.locator("parley-embed .panel")).to_be_visible()
    during = page.evaluate(SNAPSHOT)
    assert during["globals"] == sorted([*before["globals"], "Parley"])
    assert during["children"] == [*before["children"], "parley-embed"]
    same = {*before} - {"globals", "children"}
    assert {name: during[name] for name in same} == {name: before[name] for name in same}
    page.evaluate("() => { const { Parley } = window; Parley.destroy(); Parley.destroy() }")
    assert page.evaluate(SNAPSHOT) == before
    assert page.frames == [page.main_frame]


@pytest.mark.parametrize("mode", ["bubble", "inline"])
def test_s17_the_style_sheets_of_the_page_do_not_reach_it(context: BrowserContext, world: World, mode: str) -> None:
    found: list[Any] = []
    for name in ("plain", "hostile"):
        visit = world.visit(context, name, attributes={"data-mode": mode})
        if mode == "bubble":
            visit.open()
            visit.settle()
            found.append(geometry(visit))
        else:
            visit.chat.wait_ready()
            found.append(visit.iframe.evaluate(GEOMETRY)[3])
            assert found[-1] > 600
    assert found[0] == found[1]


def add_script(page: Page, source: str, **attributes: str) -> None:
    """Inject the loader as a tag manager does, and wait until it has run."""
    page.evaluate(
        """([src, attributes]) => new Promise((onload, onerror) => {
            const script = Object.assign(document.createElement("script"), { src, onload, onerror });
            for (const name in attributes) script.setAttribute(name, attributes[name]);
            document.head.append(script);
        }).finally(() => document.querySelector("head > script[src]").remove())""",
        [source, attributes],
    )


VARIANTS = {
    "async": '<script async src="{{chat}}/widget.js" data-embed="acme"></script>',
    "defer": '<script defer src="{{chat}}/widget.js" data-embed="acme"></script>',
    "module": '<script type="module" src="{{chat}}/widget.js" data-embed="acme"></script>',
    "blocking": '<script src="{{chat}}/widget.js" data-embed="acme"></script>',
    "query": '<script async src="{{chat}}/widget.js?embed=acme&position=bottom-left&launcher-text=Ask+us"></script>',
    "twice": '<script src="{{chat}}/widget.js" data-embed="acme"></script>' * 2,
    "hashed": '<script src="{{chat}}/widget.{{hash}}.js" data-embed="acme"></script>',
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_s25_however_the_script_is_loaded(context: BrowserContext, world: World, variant: str) -> None:
    digest = hashlib.sha256(WIDGET.read_bytes()).hexdigest()[:12]
    visit = world.visit(context, snippet=VARIANTS[variant], hash=digest)
    expect(visit.launcher).to_have_count(1)
    visit.open()
    assert visit.iframe.evaluate("frame => new URL(frame.src).pathname") == "/embed/acme"
    assert visit.problems == []
    assert [line for line in visit.said if "already" in line] == (
        ['info: [Parley] "acme" is here already'] if variant == "twice" else []
    )
    if variant == "query":
        visit.settle()
        assert visit.launcher.evaluate(GEOMETRY)[0] < 30
        expect(visit.launcher).to_contain_text("Ask us")


def test_s25_a_tag_manager_that_strips_data_attributes(context: BrowserContext, world: World) -> None:
    visit = world.visit(context, "tag_manager", snippet="", tag=f"{world.chat}/widget.js?embed=acme&title=Help")
    expect(visit.launcher).to_have_count(1)
    visit.open()
    expect(visit.panel).to_have_attribute("aria-label", "Help")


def test_s25_a_framework_swaps_the_body(context: BrowserContext, world: World) -> None:
    visit = world.visit(context, "app")
    answer = visit.open().answered()
    visit.page.evaluate("() => visit()")
    expect(visit.launcher).to_have_count(1)
    expect(visit.panel).to_be_visible()
    shows(visit, answer)
    visit.page.evaluate("() => document.body.replaceChildren()")
    expect(visit.launcher).to_have_count(1)
    visit.page.evaluate("() => window.Parley.destroy()")
    visit.page.evaluate("() => visit()")
    visit.page.wait_for_timeout(200)
    assert visit.element.count() == 0


def test_s25_strict_mode_mounts_twice(context: BrowserContext, world: World) -> None:
    visit = world.visit(context, "app", snippet="")
    visit.page.evaluate(
        "([source, attributes]) => mountTwice(source, attributes)", [f"{world.chat}/widget.js", {"data-embed": "acme"}]
    )
    expect(visit.launcher).to_have_count(1)
    visit.page.wait_for_timeout(300)
    assert visit.element.count() == 1
    visit.page.evaluate("() => window.Parley.destroy()")
    add_script(visit.page, f"{world.chat}/widget.js", **{"data-embed": "acme"})
    expect(visit.launcher).to_have_count(1)
    visit.open()


def shows(visit: HostVisit, answer: str) -> None:
    """Wait until the chat, which is loaded anew, has this answer last."""
    visit.chat.wait_until("answer => [...document.querySelectorAll('[data-answer]')].at(-1)?.text === answer", answer)


def test_s25_back_to_a_page_that_is_loaded_again(context: BrowserContext, world: World) -> None:
    world.put("shop.test", "/other", "<h1>Another page</h1>")
    visit = world.visit(context)
    answer = visit.open().answered()
    visit.page.get_by_role("link", name="Another page").click()
    visit.page.wait_for_url("**/other")
    visit.page.go_back()
    expect(visit.launcher).to_have_count(1)
    if not visit.panel.is_visible():
        visit.launcher.click()
    shows(visit, answer)


def test_s25_back_to_a_page_that_was_kept_as_it_was(keeping: Browser, world: World) -> None:
    """Out of the back/forward cache. Playwright does not see the frames of such a page: a mouse and keys ask in it."""
    world.profile("shared", share_messages=True)
    world.put("shop.test", "/other", "<h1>Another page</h1>")
    with keeping.new_context() as context:
        context.add_init_script(f"{LISTEN} addEventListener('pageshow', event => window.kept = event.persisted)")
        visit = world.visit(context, embed="shared")
        chat = visit.open()
        answer = chat.answered()
        composer = chat.composer.bounding_box()
        assert composer
        visit.page.get_by_role("link", name="Another page").click()
        visit.page.wait_for_url("**/other")
        visit.page.evaluate("() => void history.back()")
        assert visit.wait_until("() => document.title === 'A shop' && window.kept") is True
        expect(visit.launcher).to_have_count(1)
        expect(visit.panel).to_be_visible()
        assert len(visit.told("message")) == 2

        visit.page.mouse.click(composer["x"] + composer["width"] / 2, composer["y"] + composer["height"] / 2)
        visit.page.keyboard.type("And now?")
        visit.page.keyboard.press("Enter")
        visit.wait_until("() => told.filter(([name]) => name === 'message').length === 4")
        said = [(data["role"], data["text"]) for _, data in visit.told("message")]
        assert said[:3] == [("user", SHORT), ("assistant", answer), ("user", "And now?")]
        assert said[3][1]
        visit.page.reload()
        chat = visit.open()
        chat.wait_until("() => document.querySelectorAll('[data-answer]').length === 2")
        assert chat.answers() == [answer, said[3][1]]
        assert visit.problems == []


def test_s25_two_embeds_on_a_page(context: BrowserContext, world: World) -> None:
    world.profile("other", sites=("shop.test",))
    second = '<script src="{{chat}}/widget.js" data-embed="other" data-mode="inline" data-target="#place"></script>'
    visit = world.visit(context, snippet=VARIANTS["blocking"] + second)
    expect(visit.page.locator("body > parley-embed button.launcher")).to_be_visible()
    inline = visit.page.locator("#place > parley-embed iframe")
    expect(inline).to_have_count(1)
    assert inline.evaluate("frame => new URL(frame.src).pathname") == "/embed/other"
    visit.page.evaluate("() => window.Parley.destroy()")
    assert visit.element.count() == 0
