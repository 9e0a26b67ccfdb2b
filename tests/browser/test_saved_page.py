"""A conversation saved as a page: opened from the disk in a real Chromium, without scripts and without a network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.axe import AXE
from tests.parley_server import ParleyServer, Visitor
from tests.views.http import call

SAMPLE = Path(__file__).parent.parent / "transcripts" / "samples" / "open_webui.json"
HOSTILE = """Before <img src=x onerror="document.title='run'"> [a](javascript:document.title='run')

![far](https://elsewhere.example/picture.png)

| a | b |
|:-:|--:|
| `c` | d |

```html
<script>document.title = "run"</script>
```
"""


@pytest.fixture(scope="module")
def saved(server: ParleyServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A conversation with a picture, reasoning and an answer full of traps, imported and saved as a page."""
    chats = json.loads(SAMPLE.read_text())
    chats[0]["chat"]["history"]["messages"]["w3"]["content"] += "\n\n" + HOSTILE
    visitor = Visitor(server)
    brought = call(server, "POST", "/api/import", chats, cookie=visitor.cookie)
    assert brought.status == 201, brought.body
    place = brought.json()["conversations"][0]["id"]
    page = tmp_path_factory.mktemp("saved") / "tides.html"
    page.write_bytes(call(server, "GET", f"/api/conversations/{place}?format=html", cookie=visitor.cookie).body)
    return page


@pytest.fixture
def offline(browser: Browser) -> Iterator[BrowserContext]:
    """A profile without scripts and without a network."""
    with browser.new_context(java_script_enabled=False, offline=True, color_scheme="dark") as context:
        yield context


def test_it_opens_offline_without_scripts(offline: BrowserContext, saved: Path) -> None:
    page, asked, said = offline.new_page(), list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(saved.as_uri())
    assert page.title() == "Tides"
    assert page.locator("article h2").all_inner_texts() == ["You", "qwen3", "You", "Assistant"]
    assert page.locator("td").all_inner_texts() == ["c", "d"]
    assert page.locator(".files img").count() == 1
    assert page.get_by_text("far (picture at elsewhere.example)").get_attribute("href") == (
        "https://elsewhere.example/picture.png"
    )
    # The reasoning opens without a script.
    assert not page.get_by_text("Both pull.").is_visible()
    page.get_by_text("Reasoning").click()
    page.get_by_text("Both pull.").wait_for()
    assert [url for url in asked if not url.startswith("data:")] == [saved.as_uri()]
    assert said == []  # above all no word of the policy about a style or a script


def test_nothing_in_it_runs_where_scripts_may(browser: Browser, saved: Path) -> None:
    with browser.new_context(color_scheme="light") as context:
        page, asked = context.new_page(), list[str]()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(saved.as_uri())
        page.wait_for_load_state("networkidle")
        assert page.title() == "Tides"
        assert [url for url in asked if not url.startswith("data:")] == [saved.as_uri()]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_by_everybody(browser: Browser, saved: Path, scheme: str) -> None:
    with browser.new_context(
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": 375, "height": 740},
        bypass_csp=True,  # for axe, which is a script
    ) as context:
        page = context.new_page()
        page.goto(saved.as_uri())
        page.add_script_tag(path=AXE)
        found = page.evaluate("async () => (await axe.run()).violations")
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 375
