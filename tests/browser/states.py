"""The page's states, each as a person gets there. What is shown in them is always the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import BrowserContext

from tests.bench.kept_history import DAY_MS, history, visitor_id
from tests.browser.chat_page import ChatPage
from tests.browser.cuttable_proxy import CuttableProxy
from tests.browser.two_models import HEAD, Site, event, says
from tests.parley_server import Visitor
from tests.scripted_server import Step
from tests.shared_links import path_of
from webapp.messages import Status, Usage, Written

QUESTION = "How do I keep a lemon tree alive through the winter?"
BEGINNING = """\
A lemon tree rests in winter; the mistake is to treat it as if it did not. **Cool, bright and nearly dry** is the rule.

## Where it stands

1. Move it in before the first frost, to a place of 5 to 10 °C.
2. As much light as you have: a cold conservatory beats a warm living room.
3. Turn it a little once a week, so that it does not lean.

> Warm and dark is what kills it: it grows, but on nothing.
"""
ANSWER = f"""\
{BEGINNING}
## How often it drinks

| Month | Water | Light |
|:------|------:|:------|
| November | every 10 days | south window |
| January | every 14 days | south window, plus a lamp |
| March | every 7 days | outside on mild days |

Touch the soil first; this says when:

```python
def thirsty(days_since_water: int, celsius: float) -> bool:
    # The warmer it stands, the more it drinks.
    return days_since_water > 21 - celsius
```

At $t = 10$ that is after $21 - t = 11$ days. More in the [grower's notes](https://example.org/lemons).

- [x] before the frost: check for scale insects
- [ ] in March: feed it again
"""
ARABIC_QUESTION = "كيف أحافظ على شجرة الليمون في الشتاء؟"
ARABIC_ANSWER = """\
تستريح شجرة الليمون في الشتاء. القاعدة هي **البرودة والضوء وقليل من الماء**.

1. أدخلها قبل أول صقيع إلى مكان بين 5 و10 درجات.
2. ضعها حيث الضوء أكثر، مثلا قرب نافذة جنوبية.

> الدفء والظلام معا هما ما يقتلها.

| الشهر | الماء |
|:------|------:|
| نوفمبر | كل 10 أيام |
| يناير | كل 14 يوما |

```python
print("lemon")  # code stays left to right
```
"""
# Other conversations of the same person: days ago, title, a word of the answer.
OTHERS = [
    (0, "Names for a sourdough starter", "Clint Yeastwood."),
    (0, "Explain DNS to my mother", "It is the phone book of the internet, and a lemon of a metaphor."),
    (1, "Plan three days in Lisbon", "Begin in Alfama."),
    (3, "Refactor the billing job", "Split it where the invoices are written."),
    (40, "Bread without kneading", "Time does the work."),
    (41, "Marmalade from bitter oranges and a lemon", "Slice them thin."),
    (300, "تعلم العربية", "ابدأ بالحروف."),
]


@dataclass
class Scene:
    """A tab of one visitor, and everything behind it."""

    tab: ChatPage
    site: Site
    network: CuttableProxy
    visitor: Visitor

    def wait(self, selector: str) -> None:
        """Wait until something is to be seen."""
        self.tab.page.locator(selector).locator("visible=true").first.wait_for(timeout=10_000)

    def press(self, selector: str) -> None:
        """Press the first of these that is to be seen."""
        self.tab.page.locator(selector).locator("visible=true").first.click(timeout=10_000)

    def gone(self, selector: str) -> None:
        """Wait until nothing of it is to be seen."""
        self.tab.wait_until("s => ![...document.querySelectorAll(s)].some(e => e.checkVisibility())", selector, 10)

    def show_list(self) -> None:
        """Where the list is a drawer, open it."""
        if self.tab.page.locator("#sidebar").get_attribute("data-open") == "false" and self.narrow:
            self.press(".drawer-open")
            self.tab.page.wait_for_timeout(250)

    def hide_list(self) -> None:
        """And close it."""
        if self.narrow and self.tab.page.locator(".drawer-close").locator("visible=true").count():
            self.press(".drawer-close")
            self.gone(".scrim")

    @property
    def narrow(self) -> bool:
        """Whether the list is a drawer."""
        return self.tab.page.locator(".drawer-open").locator("visible=true").count() > 0


def tell(scene: Scene, *script: Step) -> None:
    """What the default model answers from now on."""
    scene.site.house.play([HEAD, *script])


def text(words: str) -> bytes:
    """A piece of an answer."""
    return event({"delta": {"content": words}})


def fill_list(site: Site, visitor: Visitor) -> None:
    """Give a visitor the other conversations."""
    now_ms, clock, owner = time.time_ns() // 1_000_000, [0], visitor_id(visitor)
    with history(site.server.data_dir, clock) as kept:
        for number, (days, title, answer) in enumerate(OTHERS):
            clock[0] = now_ms - days * DAY_MS - number * 60_000
            fields = {"conversation": None, "parent": None, "text": title, "model": "house/plain"}
            turn, _ = kept.begin_turn(owner, f"00000000-0000-4000-8000-{number:012}", **fields)
            kept.end_answer(turn.answer.id, Written(answer), Status.DONE, usage=Usage(duration_ms=900))


def long_conversation(site: Site, visitor: Visitor) -> str:
    """Give a visitor a conversation of forty messages; returns its id."""
    clock, owner, place, parent = [time.time_ns() // 1_000_000 - 3_600_000], visitor_id(visitor), None, None
    with history(site.server.data_dir, clock) as kept:
        for number in range(20):
            fields = {"conversation": place, "parent": parent, "model": "house/plain"}
            question = QUESTION if number == 0 else f"And in month {number}?"
            turn, _ = kept.begin_turn(owner, f"00000000-0000-4000-9000-{number:012}", text=question, **fields)
            kept.end_answer(turn.answer.id, Written(ANSWER), Status.DONE, usage=Usage(duration_ms=9000))
            place, parent = turn.conversation.id, turn.answer.id
    assert place is not None
    return place


# The states. Each can be entered from every other one.


def empty(scene: Scene) -> None:
    scene.show_list()
    scene.press(".new-conversation")
    scene.hide_list()
    scene.wait("chat-welcome .starter")


def streaming(scene: Scene) -> None:
    empty(scene)
    tell(scene, text(BEGINNING), "hang")
    scene.tab.ask(QUESTION)
    scene.wait("chat-answer[data-status=running] blockquote")
    scene.wait("[data-action=stop]")


def ended(scene: Scene, question: str = QUESTION, answer: str = ANSWER) -> None:
    empty(scene)
    scene.site.house.play(says(answer))
    scene.tab.ask(question)
    scene.wait("chat-answer[data-status=done] answer-footer [data-action=again]")
    if "```" in answer:
        scene.wait(".code-comment")  # both of them have one; the colours come last


def right_to_left(scene: Scene) -> None:
    ended(scene, ARABIC_QUESTION, ARABIC_ANSWER)
    assert scene.tab.page.eval_on_selector(".question-text", "e => getComputedStyle(e).direction") == "rtl"


def mirrored(scene: Scene) -> None:
    right_to_left(scene)
    scene.tab.page.evaluate("() => { document.documentElement.dir = 'rtl'; }")


def failed(scene: Scene) -> None:
    empty(scene)
    tell(scene, text(BEGINNING), "reset")
    scene.tab.ask(QUESTION)
    scene.wait("chat-answer[data-status=failed] .ending")
    scene.wait("chat-answer blockquote")  # what had come is still there


def offline(scene: Scene) -> None:
    ended(scene)
    scene.network.cut()
    scene.tab.wait_until("() => document.documentElement.dataset.connection === 'offline'")
    scene.tab.ask("And how often does it want fertiliser?")
    scene.wait(".connection")
    scene.wait(".question-state")
    scene.tab.page.wait_for_timeout(900)  # the notice comes late, on purpose


def held(scene: Scene) -> None:
    streaming(scene)
    scene.tab.ask("And a lime tree?")
    scene.wait("held-message .held")


def menu(scene: Scene) -> None:
    ended(scene)
    scene.press("answer-footer menu-button > button")
    scene.wait(".menu .menu-item")


def row_menu(scene: Scene) -> None:
    scene.show_list()
    scene.tab.page.locator(".row").first.hover()
    scene.press(".row .row-more")
    scene.wait(".menu .menu-item")


def renaming(scene: Scene) -> None:
    row_menu(scene)
    scene.press(".menu-item:has-text('Rename')")
    scene.wait(".row-rename input")


def choosing(scene: Scene) -> None:
    row_menu(scene)
    scene.press(".menu-item:has-text('Select')")
    scene.wait("choosing-bar .choosing")


def deleted(scene: Scene) -> None:
    row_menu(scene)
    scene.press(".menu-item:has-text('Delete')")
    scene.hide_list()
    scene.wait("undo-notice button")


def searching(scene: Scene) -> None:
    scene.show_list()
    scene.tab.page.locator("#search").fill("lemon")
    scene.wait(".row mark, .row-excerpt mark")


def found(scene: Scene) -> None:
    searching(scene)
    scene.press(".row:has-text('DNS') .row-link")
    scene.wait("found-bar .found-bar")


def palette(scene: Scene) -> None:
    scene.tab.wait_until("() => customElements.get('command-palette') !== undefined")
    scene.tab.page.keyboard.press("Control+k")
    scene.tab.page.locator(".palette input").fill("le")
    scene.wait(".palette-entry mark")


def shortcuts(scene: Scene) -> None:
    scene.show_list()
    scene.press("sidebar-foot [aria-label='Keyboard shortcuts']")
    scene.wait("shortcuts-dialog dialog[open]")


def settings(scene: Scene) -> None:
    scene.show_list()
    scene.press("sidebar-foot [aria-label=Settings]")
    scene.wait("settings-dialog dialog[open]")


def snippets(scene: Scene) -> None:
    settings(scene)
    scene.press("settings-dialog button:has-text('Edit…')")
    scene.wait("snippets-dialog dialog[open]")


def options(scene: Scene) -> None:
    scene.press(".bar-options")
    scene.wait("options-dialog dialog[open]")


def picker(scene: Scene) -> None:
    scene.press("#model")
    scene.wait(".models .model")


def editing(scene: Scene) -> None:
    ended(scene)
    scene.tab.page.locator("chat-question").first.hover()
    scene.press("chat-question [data-action=edit]")
    scene.wait("question-editor textarea")


def drawer(scene: Scene) -> None:
    ended(scene)
    scene.show_list()
    scene.wait(".row")


def scrolled_up(scene: Scene) -> None:
    place = long_conversation(scene.site, scene.visitor)
    scene.tab.page.goto(f"{scene.network.url}/c/{place}")
    scene.tab.wait_connected()
    scene.wait("chat-answer answer-footer")
    scene.tab.page.locator(".scroller").hover()
    scene.tab.page.mouse.wheel(0, -1600)
    scene.wait(".jump")


def sharing(scene: Scene) -> None:
    ended(scene)
    scene.press(".bar-share")
    scene.wait("share-form [type=submit]")


def private(scene: Scene) -> None:
    empty(scene)
    scene.press("[aria-label='Private conversation']")
    scene.wait("private-bar p")
    scene.site.house.play(says(BEGINNING))
    scene.tab.ask(QUESTION)
    scene.wait("chat-answer[data-status=done] answer-footer [data-action=again]")


def shared(scene: Scene) -> None:
    """What a reader gets of it: no other state can be entered from there."""
    ended(scene)
    asked = {"conversation": scene.tab.page.url.rpartition("/")[2], "author": "Ada", "may_continue": True}
    status, made = scene.visitor.request("POST", "/api/shares", asked)
    assert status == 201, made
    scene.tab.page.goto(scene.network.url + path_of(made["share"]))
    scene.wait(".answer .code-block button")


DONE = """() => [...document.querySelectorAll("choosing-bar button")]
  .find(({ textContent }) => textContent.trim() === "Done")?.click()"""


def leave(scene: Scene) -> None:
    """Close whatever is open, and be where every state can be entered from."""
    scene.network.mend()
    for _ in range(3):
        scene.tab.page.keyboard.press("Escape")
    scene.tab.page.evaluate("() => { document.documentElement.dir = ''; }")
    if scene.tab.page.locator("#search").locator("visible=true").count():
        scene.tab.page.locator("#search").fill("")
    scene.tab.page.evaluate(DONE)  # at once: Escape may close it as well, a frame later
    scene.hide_list()


State = Callable[[Scene], None]


def open_scene(context: BrowserContext, site: Site, network: CuttableProxy) -> Scene:
    """A tab of a new visitor who has been here before."""
    visitor = Visitor(site.server)
    fill_list(site, visitor)
    name, _, value = visitor.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": network.url}])
    tab = ChatPage(context, network.url)
    tab.wait_connected("socket")
    return Scene(tab, site, network, visitor)
