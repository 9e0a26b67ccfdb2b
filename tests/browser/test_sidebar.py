"""The conversations beside the page: found, named, pinned, archived, deleted, brought back; by pointer and by keys."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Request, Route

from tests.browser.axe import overflow, violations
from tests.browser.chat_page import ChatPage
from tests.browser.two_models import Site, says, site_of_two

pytestmark = pytest.mark.browser
DAY_MS = 86_400_000
TITLES = "() => [...document.querySelectorAll('.row .row-title')].map(title => title.textContent)"
GROUPS = "() => [...document.querySelectorAll('.row-group h2')].map(heading => heading.textContent)"
FOCUSED = "selector => document.activeElement?.matches(selector)"
FOCUSED_ROW = "title => document.activeElement?.closest('.row')?.querySelector('.row-title')?.textContent == title"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server whose models answer as they are told."""
    with site_of_two(tmp_path_factory.mktemp("sidebar")) as running:
        yield running


@pytest.fixture
def tab(context: BrowserContext, site: Site) -> Iterator[ChatPage]:
    """A tab where nothing may go wrong in the page."""
    site.house.play(says("Rayleigh scattering, <b>mostly</b>."))
    opened = ChatPage(context, site.server.url)
    yield opened
    assert opened.problems == []


def begin(tab: ChatPage, *questions: str) -> None:
    """Begin a conversation with each question, the last one newest."""
    for question in questions:
        tab.page.get_by_role("button", name="New conversation").first.click()
        tab.wait_until("() => !document.querySelector('[data-answer]')")
        tab.ask(question)
        tab.wait_ended(tab.wait_answer())
        tab.wait_until("title => document.querySelector('.row .row-title')?.textContent == title", question)


def sql(site: Site, statement: str, *values: object) -> list[Any]:
    """Something that would take a server weeks."""
    with closing(sqlite3.connect(site.server.data_dir / "parley.db", timeout=10)) as database, database:
        return database.execute(statement, values).fetchall()


def visitor_of(tab: ChatPage, site: Site) -> str:
    """Whose open conversation it is."""
    found = sql(site, "SELECT visitor_id FROM conversations WHERE id = ?", tab.page.url.rsplit("/", 1)[-1])
    return cast(str, found[0][0])


def store_many(site: Site, visitor: str, count: int) -> None:
    """Conversations without a message, one for each of the last `count` hours, from two hours ago on."""
    now_ms = time.time_ns() // 1_000_000
    with closing(sqlite3.connect(site.server.data_dir / "parley.db", timeout=10)) as database, database:
        database.executemany(
            "INSERT INTO conversations (id, visitor_id, title, created_at_ms, updated_at_ms) VALUES (?, ?, ?, ?, ?)",
            [
                (
                    f"{visitor[:12]}-{number * 7919:07d}",
                    visitor,
                    f"Stored {number}",
                    1,
                    now_ms - (number + 2) * 3_600_000,
                )
                for number in range(count)
            ],
        )


def row(tab: ChatPage, title: str) -> Locator:
    return tab.page.locator(".row", has_text=title)


def choose(tab: ChatPage, title: str, item: str) -> None:
    """Choose something from a row's menu."""
    row(tab, title).hover()
    row(tab, title).locator(".row-more").click()
    tab.page.get_by_role("menuitem", name=item, exact=True).click()


def wait_titles(tab: ChatPage, *titles: str) -> None:
    tab.wait_until(f"titles => JSON.stringify(({TITLES})()) == JSON.stringify(titles)", list(titles))


def test_groups_by_the_readers_calendar(tab: ChatPage, site: Site) -> None:
    begin(tab, "one", "two", "three", "four", "five")
    ids = {
        title: id_
        for id_, title in sql(site, "SELECT id, title FROM conversations WHERE visitor_id = ?", visitor_of(tab, site))
    }
    now_ms = time.time_ns() // 1_000_000
    for title, days in {"one": 400, "two": 20, "three": 4, "four": 1}.items():
        sql(site, "UPDATE conversations SET updated_at_ms = ? WHERE id = ?", now_ms - days * DAY_MS, ids[title])
    tab.page.reload()
    wait_titles(tab, "five", "four", "three", "two", "one")
    month = tab.page.evaluate(
        "ms => new Intl.DateTimeFormat('en', {month: 'long', year: 'numeric'}).format(ms)", now_ms - 400 * DAY_MS
    )
    expected = ["Today", "Yesterday", "Previous 7 days", "Previous 30 days", month]
    assert tab.page.evaluate(GROUPS) == expected
    choose(tab, "one", "Pin")
    tab.wait_until(f"groups => JSON.stringify(({GROUPS})()) == JSON.stringify(groups)", ["Pinned", *expected[:-1]])
    tab.wait_until(FOCUSED_ROW, "one")
    tab.page.reload()
    wait_titles(tab, "one", "five", "four", "three", "two")


def test_old_pinned_ones_are_there_and_older_pages_come_by_themselves(tab: ChatPage, site: Site) -> None:
    begin(tab, "The newest")
    visitor = visitor_of(tab, site)
    store_many(site, visitor, 220)
    sql(site, "UPDATE conversations SET pinned = 1 WHERE title = 'Stored 200' AND visitor_id = ?", visitor)
    tab.page.reload()
    tab.wait_until("() => document.querySelector('.row-title')?.textContent == 'Stored 200'")
    pages = (
        "() => performance.getEntriesByType('resource').filter(({name}) => /conversations(\\?|$)/.test(name)).length"
    )
    assert tab.page.evaluate(pages) <= 4, "only what is near is read"
    nav = tab.page.locator("conversation-list nav")
    for _ in range(60):
        nav.evaluate("nav => nav.scrollBy(0, 3000)")
        tab.page.wait_for_timeout(50)
        if tab.page.locator(".row", has_text="Stored 219").count() and not tab.page.locator(".list-more").count():
            break
    tab.page.locator(".row", has_text="Stored 219").wait_for()
    # By keys: one stop for all rows, Home, End and arrows within.
    row(tab, "Stored 219").locator("a").focus()
    tab.page.keyboard.press("Home")
    tab.wait_until(FOCUSED_ROW, "Stored 200")
    tab.page.keyboard.press("ArrowDown")
    tab.wait_until(FOCUSED_ROW, "The newest")
    tab.page.keyboard.press("End")
    tab.wait_until(FOCUSED_ROW, "Stored 219")
    stops = "() => document.querySelectorAll('conversation-list nav a[tabindex=\"0\"]').length"
    assert tab.page.evaluate(stops) == 1
    assert tab.page.evaluate("() => document.querySelectorAll('.row').length") < 221


def test_search_marks_the_words_and_enter_opens_the_first(tab: ChatPage) -> None:
    begin(tab, "Why is the sky blue?", "A letter to Olga")
    search = tab.page.locator("#search")
    search.fill("RAYLEIGH scattering")
    tab.wait_until("() => document.querySelectorAll('.row-excerpt mark').length >= 4")
    assert tab.page.locator(".row-excerpt mark").all_inner_texts()[:2] == ["Rayleigh", "scattering"]
    assert tab.page.evaluate(TITLES) == ["A letter to Olga", "Why is the sky blue?"]
    search.fill("blue sky")
    wait_titles(tab, "Why is the sky blue?")
    assert row(tab, "Why").locator("mark").all_inner_texts() == ["sky", "blue"]
    tab.page.get_by_text("1 conversation found.").wait_for(state="attached")
    search.press("Enter")
    tab.wait_until("() => document.querySelector('h1').textContent == 'Why is the sky blue?'")
    assert search.input_value() == "blue sky", "the search stays, so that the next one can be looked at"
    search.press("ArrowDown")
    tab.wait_until(FOCUSED_ROW, "Why is the sky blue?")
    tab.page.keyboard.press("ArrowUp")
    tab.wait_until(FOCUSED, "#search")
    search.fill("<b>")
    marks = "() => [...document.querySelectorAll('.row mark')].map(mark => mark.textContent).join()"
    tab.wait_until(f"() => ({marks})() == '<b>,<b>'")
    search.fill("zebra crossing")
    tab.page.get_by_text("Nothing found for “zebra crossing”.").last.wait_for()
    search.press("Escape")
    tab.wait_until("() => document.querySelector('#search').value == ''")
    wait_titles(tab, "A letter to Olga", "Why is the sky blue?")


def test_rename_in_place_by_key_and_by_double_click(tab: ChatPage) -> None:
    begin(tab, "First", "Second")
    row(tab, "First").locator("a").focus()
    tab.page.keyboard.press("F2")
    tab.wait_until(FOCUSED, ".row-rename input")
    tab.page.keyboard.type("Erster <i>")
    tab.page.keyboard.press("Enter")
    wait_titles(tab, "Second", "Erster <i>")
    tab.wait_until(FOCUSED_ROW, "Erster <i>")
    row(tab, "Second").locator("a").dblclick()
    tab.wait_until(FOCUSED, ".row-rename input")
    tab.page.keyboard.type("Never mind")
    tab.page.keyboard.press("Escape")
    tab.wait_until(FOCUSED_ROW, "Second")
    wait_titles(tab, "Second", "Erster <i>")


def test_the_menu_by_keys_and_by_the_right_button(tab: ChatPage) -> None:
    begin(tab, "Only this")
    keyboard = tab.page.keyboard
    row(tab, "Only this").locator("a").focus()
    keyboard.press("Shift+F10")
    tab.wait_until("() => document.activeElement?.textContent.trim() == 'Rename'")
    keyboard.press("End")
    tab.wait_until("() => document.activeElement?.textContent.trim() == 'Delete'")
    keyboard.press("ArrowDown")
    tab.wait_until("() => document.activeElement?.textContent.trim() == 'Rename'")
    keyboard.press("Escape")
    tab.wait_until(FOCUSED, ".row-more[aria-expanded=false]")
    row(tab, "Only this").click(button="right")
    tab.wait_until(FOCUSED, "[role=menuitem]")
    tab.page.locator("main").click(position={"x": 300, "y": 300})
    tab.wait_until("() => !document.querySelector('[role=menu]')")
    more = row(tab, "Only this").locator(".row-more")
    more.click()
    tab.wait_until("() => document.querySelector('[role=menu]')")
    more.click()
    tab.wait_until("() => !document.querySelector('[role=menu]')")


def test_deleted_at_once_and_brought_back_with_its_draft(tab: ChatPage, context: BrowserContext) -> None:
    begin(tab, "Keep", "Lose")
    other = ChatPage(context, tab.page.url)
    other.page.get_by_role("heading", name="Lose", level=1).wait_for()
    tab.page.locator("#question").fill("half a thought")
    choose(tab, "Lose", "Delete")
    wait_titles(tab, "Keep")
    notice = tab.page.locator("undo-notice")
    notice.get_by_text("Deleted “Lose”.").wait_for()
    assert notice.get_attribute("role") == "status"
    tab.page.get_by_role("heading", name="What is on your mind?").wait_for()
    other.page.get_by_role("heading", name="Not here", level=1).wait_for()
    assert other.page.locator(".undo").count() == 0
    tab.wait_until(FOCUSED_ROW, "Keep")
    tab.page.keyboard.press("Control+z")
    wait_titles(tab, "Lose", "Keep")
    tab.page.get_by_role("heading", name="Lose", level=1).wait_for()
    tab.wait_until("() => document.querySelector('#question')?.value == 'half a thought'")
    other.page.get_by_role("heading", name="Lose", level=1).wait_for()
    assert notice.inner_text() == ""
    assert other.problems == []


def test_the_focus_goes_to_what_is_brought_back_and_to_the_message_after_dismissing(tab: ChatPage) -> None:
    begin(tab, "Lose", "Keep")
    keyboard = tab.page.keyboard
    for button, then in (("Undo", None), ("Dismiss", "#question")):
        choose(tab, "Lose", "Delete")
        wait_titles(tab, "Keep")
        tab.wait_until(FOCUSED_ROW, "Keep")
        tab.page.get_by_role("button", name=button, exact=True).focus()
        keyboard.press("Enter")
        if then is None:
            wait_titles(tab, "Keep", "Lose")
            tab.wait_until(FOCUSED_ROW, "Lose")
        else:
            tab.wait_until(FOCUSED, then)
    choose(tab, "Keep", "Delete")
    wait_titles(tab)
    tab.page.get_by_role("button", name="Undo", exact=True).focus()
    keyboard.press("Enter")
    tab.page.get_by_role("heading", name="Keep", level=1).wait_for()
    tab.wait_until(FOCUSED, "#question")


def test_on_a_phone_undo_is_within_reach_while_the_list_is_open(browser: Browser, site: Site) -> None:
    site.house.play(says("Short."))
    with browser.new_context(viewport={"width": 375, "height": 740}, has_touch=True) as context:
        tab = ChatPage(context, site.server.url)
        tab.ask("Lose")
        tab.wait_ended(tab.wait_answer())
        tab.page.get_by_role("button", name="Show all conversations").click()
        choose(tab, "Lose", "Delete")
        wait_titles(tab)
        tab.page.get_by_role("button", name="Undo", exact=True).click()
        wait_titles(tab, "Lose")
        tab.wait_until(FOCUSED_ROW, "Lose")
        assert tab.problems == []


def test_the_notice_waits_for_whoever_is_at_it(tab: ChatPage) -> None:
    begin(tab, "Lose")
    tab.page.clock.install()
    choose(tab, "Lose", "Delete")
    tab.page.locator(".undo").hover()
    tab.page.clock.run_for(30_000)
    tab.page.locator(".undo").wait_for()
    tab.page.mouse.move(600, 100)
    tab.page.clock.run_for(9_000)
    tab.page.locator(".undo").wait_for()
    tab.page.clock.run_for(2_000)
    tab.wait_until("() => !document.querySelector('.undo')")


def test_many_are_chosen_deleted_by_one_request_and_brought_back(tab: ChatPage) -> None:
    begin(tab, "a1", "a2", "a3", "a4")
    requests: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            requests.append(request.url)

    tab.page.on("request", note)
    choose(tab, "a4", "Select")
    tab.wait_until(FOCUSED, ".row-box")
    row(tab, "a2").locator("label").click(modifiers=["Shift"])
    tab.page.get_by_text("3 chosen").wait_for()
    tab.page.get_by_role("button", name="Delete", exact=True).click()
    wait_titles(tab, "a1")
    tab.page.locator(".undo").get_by_text("Deleted 3 conversations.").wait_for()
    assert tab.page.locator(".choosing").count() == 0
    tab.page.get_by_role("button", name="Undo").click()
    wait_titles(tab, "a4", "a3", "a2", "a1")
    assert [url.rsplit("/", 1)[-1] for url in requests] == ["delete", "restore"]
    row(tab, "a1").locator("a").click(modifiers=["Shift"])
    tab.page.get_by_role("button", name="Select all").click()
    tab.page.get_by_text("4 chosen").wait_for()
    row(tab, "a3").locator(".row-box").focus()
    tab.page.keyboard.press("Space")
    tab.page.get_by_text("3 chosen").wait_for()
    tab.page.keyboard.press("Escape")
    tab.wait_until(FOCUSED_ROW, "a3")
    wait_titles(tab, "a4", "a3", "a2", "a1")


def test_the_archive_and_back(tab: ChatPage, context: BrowserContext) -> None:
    begin(tab, "Stay", "Away")
    other = ChatPage(context, tab.url)
    wait_titles(other, "Away", "Stay")
    choose(tab, "Away", "Archive")
    wait_titles(tab, "Stay")
    wait_titles(other, "Stay")
    tab.page.get_by_role("button", name="Archived").click()
    wait_titles(tab, "Away")
    tab.wait_until(FOCUSED, ".archive-back")
    row(tab, "Away").locator("a").click()
    tab.page.get_by_role("heading", name="Away", level=1).wait_for()
    choose(tab, "Away", "Unarchive")
    tab.page.get_by_text("What you archive is kept here.").wait_for()
    wait_titles(other, "Away", "Stay")
    tab.page.locator(".archive-back").click()
    wait_titles(tab, "Away", "Stay")
    # What is archived is still found by a search, and says where it is.
    choose(tab, "Away", "Archive")
    tab.page.locator("#search").fill("away")
    tab.page.locator(".row-place", has_text="Archived").wait_for()
    assert other.problems == []


def test_an_answer_that_ends_elsewhere_is_ready(tab: ChatPage, site: Site) -> None:
    begin(tab, "Before")
    site.house.play(says("slow ", "and ", "steady", pause_s=0.5))
    tab.page.get_by_role("button", name="New conversation").first.click()
    tab.ask("Now")
    tab.wait_answer()
    row(tab, "Now").locator(".row-running").wait_for()
    row(tab, "Before").locator("a").click()
    row(tab, "Now").locator(".row-ready").wait_for()
    assert "new answer" in row(tab, "Now").inner_text()
    row(tab, "Now").locator("a").click()
    row(tab, "Now").locator(".row-ready").wait_for(state="detached")


def test_a_slow_list_shows_rows_to_come_and_a_failed_one_can_be_read_again(tab: ChatPage) -> None:
    begin(tab, "Here")
    tab.page.route("**/api/conversations*", lambda route: route.abort())
    tab.page.reload()
    again = tab.page.get_by_role("button", name="Try again")
    again.wait_for()
    tab.page.unroute("**/api/conversations*")
    again.click()
    wait_titles(tab, "Here")
    shifts = "() => window.shifts"
    tab.page.add_init_script(
        "window.shifts = 0; new PerformanceObserver(list => list.getEntries().forEach(e => window.shifts += e.value))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    held: list[Route] = []
    tab.page.route("**/api/conversations*", lambda route: held.append(route))
    tab.page.reload()
    tab.page.locator(".list-skeleton").wait_for()
    tab.page.wait_for_timeout(400)
    for route in held:
        route.continue_()
    wait_titles(tab, "Here")
    tab.page.unroute("**/api/conversations*")
    assert tab.page.evaluate(shifts) < 0.01


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_is_content_with_every_state_of_the_list(browser: Browser, site: Site, scheme: Any) -> None:
    site.house.play(says("Done."))
    with browser.new_context(color_scheme=scheme) as context:
        tab = ChatPage(context, site.server.url)
        begin(tab, "Why is the sky blue?", "مرحبا، كيف حالك؟")
        choose(tab, "Why", "Pin")
        row(tab, "Why").click(button="right")
        tab.page.wait_for_timeout(200)
        assert violations(tab) == []
        tab.page.keyboard.press("Escape")
        tab.page.locator("#search").fill("sky")
        tab.page.locator(".row mark").first.wait_for()
        assert violations(tab) == []
        tab.page.locator("#search").fill("")
        choose(tab, "Why", "Select")
        tab.page.locator(".choosing").wait_for()
        assert violations(tab) == []
        tab.page.get_by_role("button", name="Delete", exact=True).click()
        tab.page.locator(".undo").wait_for()
        tab.page.wait_for_timeout(250)
        assert violations(tab) == []
        tab.page.set_viewport_size({"width": 375, "height": 740})
        assert not overflow(tab)
        tab.page.get_by_role("button", name="Show all conversations").click()
        tab.page.wait_for_timeout(300)
        assert violations(tab) == []
        assert tab.problems == []


def test_on_a_phone_everything_is_within_reach_of_a_finger(browser: Browser, site: Site) -> None:
    site.house.play(says("Done."))
    with browser.new_context(viewport={"width": 375, "height": 740}, has_touch=True, is_mobile=True) as context:
        tab = ChatPage(context, site.server.url)
        tab.ask("Phone")
        tab.wait_ended(tab.wait_answer())
        tab.page.get_by_role("button", name="Show all conversations").tap()
        tab.page.wait_for_timeout(300)
        row(tab, "Phone").locator(".row-more").tap()
        tab.page.get_by_role("menuitem", name="Select").tap()
        tab.page.locator(".choosing").wait_for()
        small = (
            "all => all.filter(e => e.checkVisibility()).map(e => [e.className, e.getBoundingClientRect().height])"
            ".filter(([, high]) => high < 44)"
        )
        parts = "conversation-list :is(button, .row-link), .search"
        assert tab.page.eval_on_selector_all(parts, small) == []
        assert not overflow(tab)
        assert tab.problems == []
