"""The owner sets up an embed: the preview follows what is typed, snippets are copied, all of it by keyboard too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Frame, Page, expect

from tests.browser.axe import AXE
from tests.browser.host_visit import wait_for
from tests.parley_server import ParleyServer

pytestmark = pytest.mark.browser
OWNER = "the owner's password"
LIVE: dict[str, Any] = {"permissions": ["clipboard-read", "clipboard-write"]}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    """A site whose owner has a password."""
    with ParleyServer(tmp_path_factory.mktemp("site"), admin_password=OWNER, shutdown_grace_s=0) as running:
        yield running


@pytest.fixture
def owner(browser: Browser, site: ParleyServer) -> Iterator[Page]:
    """The owner at the list of embeds."""
    with browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light", **LIVE) as context:
        yield signed_in(context.new_page(), site)


def signed_in(page: Page, site: ParleyServer) -> Page:
    page.goto(f"{site.url}/admin/embeds")
    page.get_by_label("ADMIN_PASSWORD").fill(OWNER)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Embeds", exact=True)).to_be_visible()
    return page


def made(page: Page, name: str, sites: str = "https://shop.test") -> Frame:
    """A new embed's page; its preview once it listens."""
    page.get_by_label("Name, for you alone").fill(name)
    page.get_by_role("button", name="Make it").click()
    if sites:
        page.get_by_label("Sites that may show the chat").fill(sites)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved. Pages")).to_be_visible()
    return ready(page)


def ready(page: Page) -> Frame:
    """The preview's frame, once its chat runs."""
    page.frame_locator("[data-preview]").locator(":root[data-embed='ready']").wait_for(state="attached")
    element = page.locator("[data-preview]").element_handle()
    frame = element.content_frame() if element else None
    assert frame is not None
    return frame


def check(page: Page) -> None:
    """The page keeps to the rules of accessible pages and fits its window."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("() => axe.run(document)")["violations"]
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == []
    assert not page.evaluate("() => document.documentElement.scrollWidth > innerWidth")


# --- the preview -----------------------------------------------------------------------------------------------------


def test_the_preview_follows_what_is_typed_without_loading_again(owner: Page) -> None:
    frame = made(owner, "Live")
    frame.evaluate("() => { window.kept = true; }")
    preview = owner.frame_locator("[data-preview]")
    owner.get_by_label("Title").press("End")
    owner.get_by_label("Title").press_sequentially(" with us")
    expect(preview.get_by_role("heading", level=1)).to_have_text("Chat with us")
    owner.get_by_label("Greeting").fill("Good <b>morning</b>!")
    expect(preview.get_by_text("Good <b>morning</b>!", exact=True)).to_be_visible()
    owner.get_by_label("Suggested questions").fill("One?\n\nTwo?")
    expect(preview.get_by_role("listitem").get_by_role("button")).to_have_text(["One?", "Two?"])
    owner.get_by_label("Disclosure").fill("A machine answers.")
    expect(preview.get_by_text("A machine answers.")).to_be_visible()
    owner.get_by_label("Accent colour", exact=True).fill("#b00020")
    expect(preview.locator(":root")).to_have_css("--brand", "#b00020")
    owner.get_by_label("Size of text").fill("20")
    expect(preview.locator(":root")).to_have_css("font-size", "20px")
    owner.get_by_label("Greeting").fill("")
    expect(preview.get_by_text("morning")).to_have_count(0)
    assert frame.evaluate("() => window.kept") is True
    # Nothing was saved: whoever opens the chat now sees what it was.
    owner.goto(owner.url.partition("?")[0])
    expect(owner.get_by_label("Title")).to_have_value("Chat")


def test_the_preview_is_seen_wide_and_narrow_by_day_and_by_night(owner: Page) -> None:
    frame = made(owner, "Toggles")
    stage, preview = owner.locator(".stage"), owner.frame_locator("[data-preview]")
    expect(stage.locator(".launcher")).to_be_visible()
    owner.get_by_label("375 px").check()
    expect(stage.locator(".launcher")).to_be_hidden()
    assert frame.evaluate("() => innerWidth") == 375
    owner.get_by_label("Dark", exact=True).check()
    expect(preview.locator(":root")).to_have_attribute("data-theme", "dark")
    owner.get_by_label("Light or dark").select_option("light")  # always: whatever the visitor has
    expect(preview.locator(":root")).to_have_attribute("data-theme", "light")
    owner.get_by_label("Desktop", exact=True).check()
    owner.get_by_label("Position").select_option("bottom-left")
    owner.get_by_label("Text on the button").fill("Ask us")
    expect(stage).to_have_attribute("data-position", "bottom-left")
    expect(stage.locator("[data-launcher-text]")).to_have_text("Ask us")


def test_the_owner_can_ask_in_the_preview(owner: Page) -> None:
    made(owner, "Asked")
    composer = owner.frame_locator("[data-preview]").locator("textarea")
    composer.fill("What can you do?")
    composer.press("Enter")
    answer = owner.frame_locator("[data-preview]").locator("[data-answer]")
    expect(answer).to_contain_text("guide", timeout=15_000)


def test_the_contrast_of_the_colour_is_said_while_it_is_chosen(owner: Page) -> None:
    made(owner, "Colour")
    said = owner.locator("[data-contrast]")
    expect(said).to_be_hidden()
    owner.get_by_label("Accent colour", exact=True).fill("#ffee88")
    expect(said).to_contain_text("Black text on it: 17.8 : 1. The button is hard to see on a light page")
    owner.get_by_label("Pick the accent colour").fill("#0a7d4b")
    expect(owner.get_by_label("Accent colour", exact=True)).to_have_value("#0a7d4b")
    expect(said).to_contain_text("White text on it: 5.1 : 1. The button is seen well")
    expect(owner.locator("[data-launcher]")).to_have_css("background-color", "rgb(10, 125, 75)")
    owner.get_by_label("Accent colour", exact=True).fill("")
    expect(said).to_be_hidden()


# --- snippets --------------------------------------------------------------------------------------------------------


def test_every_snippet_is_copied_and_said_to_be(owner: Page, site: ParleyServer) -> None:
    made(owner, "Snippets")
    tabs = owner.get_by_role("tab")
    names = ["Bubble script", "Inline script", "iframe", "Tag manager", "Pinned + SRI", "API examples"]
    expect(tabs).to_have_text(names)
    for name in names:
        tabs.get_by_text(name, exact=True).click()
        panel = owner.get_by_role("tabpanel")
        expect(panel).to_have_count(1)
        panel.get_by_role("button", name=f"Copy: {name}").click()
        expect(panel.get_by_role("status")).to_have_text("Copied")
        assert owner.evaluate("() => navigator.clipboard.readText()") == panel.locator("code").inner_text()
    for line in (f"script-src {site.url}", f"frame-src {site.url}"):
        owner.get_by_role("button", name=f"Copy: {line}").click()
        assert owner.evaluate("() => navigator.clipboard.readText()") == line


def test_the_pinned_snippet_is_what_the_server_delivers(owner: Page, site: ParleyServer) -> None:
    made(owner, "Pinned")
    code = owner.locator("#snippet-pinned code").inner_text()
    (source,), (integrity,) = re.findall(r'src="([^"]*)"', code), re.findall(r'integrity="([^"]*)"', code)
    fetched = "([source, integrity]) => fetch(source, { integrity, mode: 'cors' }).then(reply => reply.status)"
    assert owner.evaluate(fetched, [source, integrity]) == 200
    with pytest.raises(Error, match="Failed to fetch"):
        owner.evaluate(fetched, [source, f"sha384-{'A' * 64}"])


def test_a_site_comes_before_a_snippet(owner: Page) -> None:
    made(owner, "Nowhere", sites="")
    expect(owner.get_by_text("Add a site first.")).to_be_visible()
    expect(owner.get_by_role("tab")).to_have_count(0)


# --- the rest of the page --------------------------------------------------------------------------------------------


def test_pausing_is_one_click_and_so_is_going_on(owner: Page) -> None:
    made(owner, "Paused")
    owner.get_by_role("button", name="Pause").click()
    expect(owner.get_by_text("This embed is paused.")).to_be_visible()
    expect(owner.get_by_role("status").get_by_text("Paused.")).to_be_visible()
    owner.get_by_role("button", name="Resume").click()
    expect(owner.get_by_text("This embed is paused.")).to_have_count(0)
    ready(owner)


def test_to_load_the_page_again_does_nothing_again(owner: Page, site: ParleyServer) -> None:
    made(owner, "Again")
    owner.get_by_role("button", name="Show the secret").click()
    expect(owner.get_by_label("Secret of again")).to_be_visible()
    ready(owner)
    expect(owner).to_have_url(f"{site.url}/admin/embeds/again#secret")
    owner.reload()
    ready(owner)
    expect(owner.get_by_label("Secret of again")).to_have_count(0)
    owner.get_by_role("button", name="Pause").click()
    expect(owner.get_by_role("status").get_by_text("Paused.")).to_be_visible()
    ready(owner)
    owner.reload()
    expect(owner.get_by_role("button", name="Resume")).to_be_visible()
    expect(owner.get_by_role("status").get_by_text("Paused.")).to_have_count(0)


def test_what_is_typed_is_not_lost_by_another_button(owner: Page) -> None:
    made(owner, "Unsaved")
    owner.get_by_label("Greeting").press_sequentially("Hello")
    expect(owner.get_by_text("There are changes that are not saved.")).to_be_visible()
    asked: list[str] = []
    owner.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    owner.get_by_role("button", name="Pause").click()
    wait_for(owner, lambda: bool(asked), lambda: "a question of the browser")
    assert asked == ["beforeunload"]
    expect(owner.get_by_label("Greeting")).to_have_value("Hello")
    owner.get_by_role("button", name="Save").click()
    expect(owner.get_by_text("Saved. Pages")).to_be_visible()
    assert asked == ["beforeunload"]


def test_a_problem_is_reached_by_its_link_and_the_preview_shows_what_is_typed(owner: Page) -> None:
    made(owner, "Wrong")
    owner.get_by_label("Sites that may show the chat").fill("shop.test")
    owner.get_by_label("Title").fill("Typed")
    owner.get_by_role("button", name="Save").click()
    owner.get_by_role("alert").get_by_role("link", name="Sites").click()
    box = owner.get_by_label("Sites that may show the chat")
    expect(box).to_have_value("shop.test")
    expect(box).to_have_accessible_description(re.compile("does not begin with https://"))
    ready(owner)
    expect(owner.frame_locator("[data-preview]").get_by_role("heading", level=1)).to_have_text("Typed")


def test_by_keyboard_alone(owner: Page, site: ParleyServer) -> None:
    """From the list to a copied snippet: Tab, Enter, Space and arrows."""
    made(owner, "Keys")
    owner.goto(f"{site.url}/admin/embeds")

    def tab_to(name: str, most: int = 80) -> None:
        for _ in range(most):
            owner.keyboard.press("Tab")
            if owner.evaluate("() => document.activeElement.matches('iframe')"):
                continue
            focused = owner.locator(":focus")
            if name in (focused.get_attribute("aria-label") or "", focused.inner_text(), focused.get_attribute("id")):
                return
        raise AssertionError(f"{name} is not reached by Tab")

    tab_to("Keys")
    owner.keyboard.press("Enter")
    ready(owner)
    tab_to("localhost")
    owner.keyboard.press("Space")
    tab_to("greeting")
    owner.keyboard.type("By keyboard")
    expect(owner.frame_locator("[data-preview]").get_by_text("By keyboard")).to_be_visible()
    # The button that saves does not stand in front of what has the focus.
    for _ in range(30):
        owner.keyboard.press("Tab")
        hidden = owner.evaluate("""() => {
          const { left, top, height } = document.activeElement.getBoundingClientRect();
          const there = document.elementFromPoint(left + 8, top + Math.min(16, height / 2));
          return there && !document.activeElement.contains(there) && there.closest(".save") !== null;
        }""")
        assert not hidden, owner.evaluate("() => document.activeElement.outerHTML")
        if owner.locator(":focus").inner_text() == "Save":
            break
    owner.keyboard.press("Enter")
    expect(owner.get_by_text("Saved. Pages")).to_be_visible()
    ready(owner)
    tab_to("Bubble script")
    owner.keyboard.press("ArrowRight")
    owner.keyboard.press("ArrowRight")
    expect(owner.get_by_role("tab", name="iframe")).to_be_focused()
    owner.keyboard.press("End")
    owner.keyboard.press("ArrowRight")
    expect(owner.get_by_role("tab", name="Bubble script")).to_have_attribute("aria-selected", "true")
    tab_to("Copy: Bubble script", 3)
    owner.keyboard.press("Enter")
    expect(owner.get_by_role("status").get_by_text("Copied")).to_be_visible()
    assert 'data-embed="keys"' in owner.evaluate("() => navigator.clipboard.readText()")


def test_the_whole_way_without_a_script(browser: Browser, site: ParleyServer) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = signed_in(context.new_page(), site)
        page.get_by_label("Name, for you alone").fill("Plain")
        page.get_by_role("button", name="Make it").click()
        page.get_by_label("Sites that may show the chat").fill("https://shop.test")
        page.get_by_label("Pages on localhost").check()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved. Pages")).to_be_visible()
        expect(page.get_by_label("Pages on localhost")).to_be_checked()
        for name in ("Bubble script", "iframe", "Pinned + SRI"):
            expect(page.get_by_role("heading", name=name)).to_be_visible()
        page.get_by_role("button", name="Show the secret").click()
        assert len(page.get_by_label("Secret of plain").input_value()) > 20
        page.get_by_role("button", name="Test now").click()
        expect(page.get_by_text("No X-Frame-Options is added on the way.")).to_be_visible()
        expect(page.get_by_text("The WebSocket opens")).to_be_visible()
        page.get_by_role("button", name="Pause").click()
        expect(page.get_by_text("This embed is paused.")).to_be_visible()


@pytest.mark.parametrize(("width", "colours"), [(1280, "light"), (1280, "dark"), (375, "light"), (375, "dark")])
def test_the_pages_are_for_everybody(browser: Browser, site: ParleyServer, width: int, colours: str) -> None:
    given: dict[str, Any] = {"viewport": {"width": width, "height": 740}, "color_scheme": colours}
    with browser.new_context(**given) as context:
        page = signed_in(context.new_page(), site)
        check(page)
        made(page, f"{width} {colours} {'x' * 40}")
        page.get_by_label("Accent colour", exact=True).fill("#0a7d4b")
        expect(page.locator("[data-contrast]")).to_be_visible()
        check(page)
        page.get_by_label("Sites that may show the chat").fill("https://")
        page.get_by_label("Rounded corners").fill("99")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_be_visible()
        ready(page)
        check(page)
        page.get_by_role("button", name="Show the secret").click()
        page.get_by_role("button", name="Pause").click()
        ready(page)
        check(page)
