"""S12 (d) and (e) in browsers that are not Chromium, where this machine has one.

The set-up installs Chromium alone. Where another is missing, its tests say what was not tried with it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.embed_world import World
from tests.browser.firefox import Document, Firefox, firefox_path

pytestmark = pytest.mark.browser
NOT_TRIED = "not tried with it: the first question in a frame, and that a reload brings it back (S12, S13)"
NAMES = ("chat.test", "shop.test", "blog.test", "evil.test", "frame.test")
ENTER = "\ue007"
ENDED = """at => {
  const answer = [...document.querySelectorAll('[data-answer]')].at(at);
  return answer?.dataset.status && answer.dataset.status !== 'running' && answer.text;
}"""


@pytest.fixture
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    """Firefox as it comes, which keeps third parties apart; only our names lead to this machine."""
    if firefox_path() is None:
        pytest.skip(f"Firefox is not on this machine; {NOT_TRIED}")
    with Firefox(tmp_path_factory.mktemp("firefox"), NAMES) as running:
        yield running


def opened(page: Document, world: World) -> Document:
    """Click the launcher; the chat in the frame, once it is ready."""
    page.click(".launcher", shadow_host="parley-embed")
    chat = page.frame(f"{world.chat}/embed")
    chat.wait_until("() => document.documentElement?.dataset.embed === 'ready'")
    return chat


def test_s12d_firefox_answers_and_remembers(firefox: Firefox, world: World) -> None:
    world.profile("acme", sites=["shop.test", "blog.test"])
    page = firefox.tab(world.host("plain"))
    chat = opened(page, world)
    chat.wait_until("() => document.activeElement?.matches('textarea')")
    chat.type(f"Who are you?{ENTER}")
    answer = chat.wait_until(ENDED, 0)
    assert "Parley" in answer

    page.goto(world.host("plain"))
    again = opened(page, world)
    assert again.wait_until(ENDED, 0) == answer

    elsewhere = opened(firefox.tab(world.host("plain", site="blog.test")), world)
    assert elsewhere.evaluate("() => document.querySelectorAll('[data-answer]').length") == 0


def test_s12e_webkit() -> None:
    """WebKit has no way to lead our names to this machine but the machine's own table of hosts."""
    pytest.skip(f"WebKit cannot be told where chat.test and shop.test are; {NOT_TRIED}")
