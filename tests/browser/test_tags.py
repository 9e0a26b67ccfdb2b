"""Tags: given in a dialog, seen in rows, found by search and palette; in step in all tabs, by pointer and by keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.axe import overflow, violations
from tests.browser.chat_page import ChatPage
from tests.browser.two_models import Site, says, site_of_two

pytestmark = pytest.mark.browser
MADE = """async titles => {
    for (const text of titles)
        await fetch("/api/ask", {method: "POST", headers: {"Content-Type": "application/json"},
            body: JSON.stringify({id: crypto.randomUUID(), text})});
}"""
ROWS = """() => [...document.querySelectorAll('.row')].map(row =>
    [...row.querySelectorAll('.row-title, .row-tag span')].map(word => word.textContent).join(' '))"""
CHIPS = "() => [...document.querySelectorAll('.tags .tag-chip')].map(chip => chip.firstElementChild.textContent).join()"
FOCUSED = "selector => document.activeElement?.matches(selector)"
HEIGHT = "() => document.querySelector('.row').offsetHeight"
PHONE = {"width": 375, "height": 740}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server whose models answer at once."""
    with site_of_two(tmp_path_factory.mktemp("tags")) as running:
        running.house.play(says("Yes."))
        yield running


def opened(context: BrowserContext, site: Site, *titles: str) -> ChatPage:
    """A tab whose list has a conversation of each title, the last one newest."""
    tab = ChatPage(context, site.server.url)
    tab.page.evaluate(MADE, titles)
    tab.wait_until("count => document.querySelectorAll('.row').length == count", len(titles))
    return tab


def wait_rows(tab: ChatPage, *rows: str) -> None:
    tab.wait_until(f"rows => JSON.stringify(({ROWS})().sort()) == JSON.stringify(rows.sort())", list(rows))


def open_tags(tab: ChatPage, title: str) -> None:
    row = tab.page.locator(".row", has_text=title)
    row.hover()
    row.locator(".row-more").click()
    tab.page.get_by_role("menuitem", name="Tags…", exact=True).click()
    tab.wait_until(FOCUSED, "#tags-field")


def test_tags_by_keys_in_all_tabs(context: BrowserContext, site: Site) -> None:
    tab = opened(context, site, "One", "Two")
    other = ChatPage(context, site.server.url)
    open_tags(tab, "One")
    keys = tab.page.keyboard
    keys.type("work, to  read")
    tab.wait_until(f"() => ({CHIPS})() == 'work'")
    keys.press("Enter")
    tab.wait_until(f"() => ({CHIPS})() == 'to read,work'")
    assert violations(tab) == []
    keys.press("Backspace")
    tab.wait_until(f"() => ({CHIPS})() == 'to read'")
    keys.press("Enter")  # with nothing written: done
    tab.page.locator("tags-dialog").wait_for(state="detached")
    tab.wait_until("() => document.activeElement?.closest('.row')?.textContent.includes('One')")
    for one in (tab, other):
        wait_rows(one, "One to read", "Two")
    # What the visitor has is offered, whatever its case.
    open_tags(tab, "Two")
    keys.type("READ")
    tab.page.get_by_role("option", name="to read").wait_for()
    keys.press("ArrowDown")
    keys.press("Enter")
    tab.wait_until(f"() => ({CHIPS})() == 'to read'")
    tab.page.get_by_role("button", name="Remove the tag “to read”").click()
    tab.wait_until(f"() => ({CHIPS})() == ''")
    tab.wait_until(FOCUSED, "#tags-field")
    keys.type("x" * 31 + ",")
    keys.type("left behind")  # written and not added yet: kept on closing
    keys.press("Escape")
    wait_rows(other, "One to read", "Two left behind")
    other.page.locator(".row-tags-more", has_text="x" * 30).wait_for()  # the title has room, the others are counted
    assert tab.problems == other.problems == []


def test_a_tag_filters_the_list(context: BrowserContext, site: Site) -> None:
    tab = opened(context, site, "One", "Two", "Three")
    page = tab.page
    page.locator(".row", has_text="One").locator("a").click(modifiers=["Shift"])
    page.locator(".row", has_text="Two").locator("input").check()
    page.get_by_role("button", name="Tag…").click()
    page.get_by_role("heading", name="Tags of 2 conversations").wait_for()
    page.locator("#tags-field").fill("work,")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Done").click()
    wait_rows(tab, "One work", "Two work", "Three")
    # A press on a tag, and away with it by the chip.
    page.locator(".row", has_text="One").get_by_role("button", name="Show all tagged “work”").click()
    wait_rows(tab, "One work", "Two work")
    assert violations(tab) == []
    page.get_by_role("button", name="Show all, not only those tagged “work”").click()
    wait_rows(tab, "One work", "Two work", "Three")
    # By # in the search; words beside it count as well; Backspace takes it back.
    page.keyboard.type("#w")
    page.get_by_role("option", name="#work").wait_for()
    page.keyboard.press("Enter")
    page.locator(".search-tag").wait_for()
    wait_rows(tab, "One work", "Two work")
    page.keyboard.type("two")
    wait_rows(tab, "Two work")
    for _ in range(4):
        page.keyboard.press("Backspace")
    wait_rows(tab, "One work", "Two work", "Three")
    # By the palette, and in the archive.
    row = page.locator(".row", has_text="Two")
    row.hover()
    row.locator(".row-more").click()
    page.get_by_role("menuitem", name="Archive").click()
    page.keyboard.press("Control+k")
    page.keyboard.type("show #wo")
    page.get_by_role("option", name="Show #work").wait_for()
    page.keyboard.press("Enter")
    wait_rows(tab, "One work", "Two work")
    page.keyboard.press("Escape")
    wait_rows(tab, "One work", "Three")
    page.get_by_role("button", name="Archived").click()
    page.locator(".row").get_by_role("button", name="Show all tagged “work”").click()
    wait_rows(tab, "Two work")
    assert tab.problems == []


def test_on_a_phone(browser: Browser, site: Site) -> None:
    with browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True) as context:
        tab = opened(context, site, "A rather long title for such a narrow list, is it not")
        page = tab.page
        page.locator(".drawer-open").tap()
        height = page.evaluate(HEIGHT)
        page.locator(".row-more").tap()
        page.get_by_role("menuitem", name="Tags…", exact=True).tap()
        page.locator("#tags-field").fill("work,to read,a third one,")
        tab.wait_until(f"() => ({CHIPS})() == 'a third one,to read,work'")
        assert violations(tab) == []
        page.get_by_role("button", name="Close", exact=True).tap()
        page.locator(".row-tags-more", has_text="+2").wait_for()
        assert page.evaluate(HEIGHT) == height  # a row is as high with them
        for target in page.locator("button.row-tag, .row-more").all():
            box = target.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= 43.5, box
        assert not overflow(tab)
        assert tab.problems == []
