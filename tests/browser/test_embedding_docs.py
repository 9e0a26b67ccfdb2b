"""docs/embedding.md is true: each of its examples is run as it stands, with our address for the one in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.embed_world import World
from tests.browser.host_visit import HostVisit
from tests.browser.signed import PAGE, examples, token_for
from tests.parley_server import ROOT
from webapp.embed_snippets import csp_lines, snippets

pytestmark = pytest.mark.browser
ADDRESS = "https://chat.example.org"
EXAMPLES = examples()
INSIDE = "document.querySelector('parley-embed').shadowRoot"


@pytest.fixture(scope="module", autouse=True)
def profiles(world: World) -> None:
    """The embeds of the page's examples."""
    world.profile("acme", greeting="Hello!", host_storage=True)
    world.profile("sales", title="Sales")
    with_token = token_for("person-1", world.secret("acme"))
    world.put("shop.test", "/chat-token", with_token, {"Content-Type": "text/plain"})


def example(world: World, name: str) -> str:
    return EXAMPLES[name][1].replace(ADDRESS, world.chat)


def shown(world: World, context: BrowserContext, name: str) -> HostVisit:
    """A page of the shop with the example in it."""
    visit = world.visit(context, "plain", snippet=example(world, name))
    if "<script" in EXAMPLES[name][1]:
        visit.element.wait_for(state="attached")
    return visit


def run(visit: HostVisit, world: World, name: str) -> Any:
    """Run a piece of script in the page."""
    return visit.page.evaluate(f"async () => {{ {example(world, name)} }}")


def bubble(world: World, context: BrowserContext) -> HostVisit:
    visit = shown(world, context, "bubble")
    visit.launcher.wait_for()
    return visit


# --- lines that are pasted ---------------------------------------------------------------------------------------


def check_bubble(world: World, context: BrowserContext) -> HostVisit:
    visit = bubble(world, context)
    assert visit.open().answered()
    return visit


def check_inline(world: World, context: BrowserContext) -> HostVisit:
    visit = shown(world, context, "inline")
    visit.element.scroll_into_view_if_needed()
    visit.chat.wait_ready()
    box = visit.panel.bounding_box()
    assert box
    assert box["height"] == 640
    assert visit.page.evaluate("() => document.querySelector('script[data-mode]').nextElementSibling.localName") == (
        "parley-embed"
    )
    return visit


def check_target(world: World, context: BrowserContext) -> HostVisit:
    visit = shown(world, context, "target")
    assert visit.page.locator("#help parley-embed").count() == 1
    visit.element.scroll_into_view_if_needed()
    visit.chat.wait_ready()
    return visit


def check_own_button(world: World, context: BrowserContext) -> HostVisit:
    visit = shown(world, context, "own-button")
    assert not visit.launcher.is_visible()
    visit.page.get_by_role("button", name="Ask us").click()
    visit.chat.wait_ready()
    visit.panel.wait_for()
    return visit


def check_tag_manager(world: World, context: BrowserContext) -> HostVisit:
    visit = shown(world, context, "tag-manager")
    box = visit.launcher.bounding_box()
    assert box
    assert box["x"] < 100
    visit.open()
    return visit


def check_config(world: World, context: BrowserContext) -> HostVisit:
    visit = shown(world, context, "config")
    chat = visit.open()
    assert chat.frame.locator("h1").inner_text() == "Ask the shop"
    chat.frame.get_by_role("button", name="Where is my order?").wait_for()
    return visit


def check_iframe(world: World, context: BrowserContext) -> HostVisit:
    visit = shown(world, context, "iframe")
    visit.page.locator("iframe").scroll_into_view_if_needed()
    visit.chat.wait_until("() => document.querySelector('textarea')")
    assert visit.chat.answered()
    return visit


def check_iframe_options(world: World, context: BrowserContext) -> HostVisit:
    visit = shown(world, context, "iframe-options")
    chat = visit.chat
    assert chat.wait_until("() => document.querySelector('textarea')?.value")
    assert chat.composer.input_value() == "Where is my order?"
    assert chat.frame.locator("h1").inner_text() == "Ask the shop"
    assert chat.frame.evaluate("() => getComputedStyle(document.documentElement).colorScheme") == "dark"
    visit.page.wait_for_timeout(300)
    assert chat.answers() == []
    return visit


# --- scripts -----------------------------------------------------------------------------------------------------


def check_queue(world: World, context: BrowserContext) -> HostVisit:
    visit = shown(world, context, "queue")
    visit.chat.wait_ready()
    visit.chat.wait_until("() => document.querySelector('textarea').value === 'Where is my order?'")
    visit.panel.wait_for()
    return visit


def check_open(world: World, context: BrowserContext) -> HostVisit:
    visit = bubble(world, context)
    run(visit, world, "open")
    visit.chat.wait_ready()
    visit.chat.wait_until("() => document.querySelector('textarea').value === 'Do you ship to Norway?'")
    assert visit.page.evaluate("() => Parley.isOpen()") is True
    return visit


def check_send(world: World, context: BrowserContext) -> HostVisit:
    visit = bubble(world, context)
    run(visit, world, "send")
    assert len(visit.chat.answers()) == 1
    return visit


def check_context(world: World, context: BrowserContext) -> HostVisit:
    visit = bubble(world, context)
    run(visit, world, "context")
    assert visit.open().answered()
    assert "Blue kettle" not in " ".join(visit.chat.messages())
    return visit


def check_look(world: World, context: BrowserContext) -> HostVisit:
    visit = bubble(world, context)
    chat = visit.open()
    run(visit, world, "look")
    chat.wait_until("() => getComputedStyle(document.documentElement).colorScheme === 'dark'")
    visit.wait_until(f"() => {INSIDE}.querySelector('.launcher').getAttribute('aria-label') === 'Chat schließen'")
    background = visit.launcher.evaluate("e => getComputedStyle(e).backgroundColor")
    assert background == "rgb(122, 31, 162)"
    return visit


def check_end(world: World, context: BrowserContext) -> HostVisit:
    visit = bubble(world, context)
    visit.open()
    run(visit, world, "end")
    assert visit.element.count() == 0
    return visit


def check_two(world: World, context: BrowserContext) -> HostVisit:
    visit = world.visit(context, "plain", snippet='<div id="sales"></div>' + example(world, "bubble"))
    visit.launcher.wait_for()
    run(visit, world, "two")
    visit.page.locator("#sales").scroll_into_view_if_needed()
    visit.chat.wait_ready()
    assert visit.page.locator("#sales parley-embed").count() == 1
    return visit


def check_events(world: World, context: BrowserContext) -> HostVisit:
    visit = bubble(world, context)
    run(visit, world, "events")
    visit.open()
    assert "log: The chat was opened by button" in visit.said
    return visit


def check_token(world: World, context: BrowserContext) -> None:
    assert token_for("somebody", "secret").count(".") == 2


def check_identify(world: World, context: BrowserContext) -> HostVisit:
    visit = bubble(world, context)
    visit.open()
    run(visit, world, "identify")
    assert visit.chat.answered()
    return visit


def check_log_out(world: World, context: BrowserContext) -> HostVisit:
    visit = check_identify(world, context)
    run(visit, world, "log-out")
    visit.chat.wait_until("() => document.querySelectorAll('[data-answer]').length === 0")
    assert visit.chat.answered()
    return visit


def check_policy(world: World, context: BrowserContext) -> HostVisit:
    name, _, policy = example(world, "policy").strip().partition(": ")
    assert tuple(policy.split("; ")) == csp_lines(world.chat)
    body = f"<!doctype html><h1>A bank</h1>{example(world, 'bubble')}"
    url = world.put("shop.test", "/policy", body, {name: f"default-src 'none'; {policy}"})
    visit = HostVisit(context.new_page(), url, world.chat)
    assert visit.open().answered()
    assert [line for line in visit.said if "Content Security Policy" in line] == []
    return visit


CHECKS: Mapping[str, Callable[[World, BrowserContext], HostVisit | None]] = {
    name.removeprefix("check_").replace("_", "-"): check
    for name, check in list(globals().items())
    if name.startswith("check_")
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_works(context: BrowserContext, world: World, name: str) -> None:
    visit = CHECKS[name](world, context)
    if visit is not None:
        assert visit.problems == []


def test_every_example_is_named_and_checked() -> None:
    fences = re.findall(r"^```(.+)$", PAGE.read_text(), re.MULTILINE)
    assert len(fences) == len(EXAMPLES), "an example without a name is not run"
    assert EXAMPLES.keys() == CHECKS.keys()


@pytest.mark.parametrize("key", ["bubble", "inline", "iframe", "tag-manager", "pinned", "api"])
def test_what_the_owners_page_offers_works(context: BrowserContext, world: World, key: str) -> None:
    embed = world.history.embeds.find("acme").embed
    widget = (ROOT / "static" / "vendor" / "widget" / "widget.js").read_bytes()
    codes = {snippet.key: snippet.code for snippet in snippets(world.chat, embed, widget)}
    line = codes[key] + (codes["bubble"] if key == "api" else "")
    visit = world.visit(context, "plain", snippet=line)
    if key == "api":
        visit.page.get_by_role("button", name="Ask us").click()
    elif key in ("bubble", "tag-manager", "pinned"):
        visit.launcher.click()
    else:
        visit.page.locator("iframe, parley-embed").first.scroll_into_view_if_needed()
    visit.chat.wait_ready()
    assert visit.chat.answered()
    assert visit.problems == []


# --- tables ------------------------------------------------------------------------------------------------------


def table(head: str) -> list[list[str]]:
    """The rows under a table's head."""
    text = PAGE.read_text().split(f"| {head} |")[1].split("\n\n")[0]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in text.splitlines()[2:]]


def test_the_options_are_those_of_the_loader() -> None:
    source = (ROOT / "static" / "js" / "widget" / "options.js").read_text()
    kinds = re.findall(r"@property \{[^}]+\} \[(\w+)\]", source)
    known = {"data-" + re.sub(r"[A-Z]", lambda letter: f"-{letter[0].lower()}", kind) for kind in kinds}
    named = set(re.findall(r"`(data-[a-z-]+)`", " ".join(" ".join(row) for row in table("attribute"))))
    assert named - {"data-parley-open"} == known


def test_the_calls_are_those_of_the_api(context: BrowserContext, world: World) -> None:
    visit = bubble(world, context)
    visit.wait_until("() => typeof Parley.open === 'function'")
    documented = {name for row in table("call") for name in re.findall(r"`(\w+)[`(]", row[0])}
    there = visit.page.evaluate("() => Object.keys(Parley)")
    assert documented | {"push"} == set(there)


def test_the_events_and_errors_are_those_of_the_sources() -> None:
    folders = ("widget", "embed")
    text = "".join(path.read_text() for name in folders for path in (ROOT / "static" / "js" / name).glob("*.js"))
    text += "".join(path.read_text() for path in (ROOT / "static" / "js").glob("embed*.js"))
    names = [row[0].strip("`") for head in ("event", "error") for row in table(head)]
    assert [name for name in names if f'"{name}"' not in text] == []
