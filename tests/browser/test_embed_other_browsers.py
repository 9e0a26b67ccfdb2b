"""S12 (d) and (e) in browsers that are not Chromium, where Playwright's builds of them are installed.

The set-up installs Chromium alone. Where one is missing, its test says what was not tried with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.browser.embed_world import World

pytestmark = pytest.mark.browser
NOT_TRIED = "not tried with it: the first question in a frame, and that a reload brings it back (S12, S13)"


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def firefox(playwright: Playwright) -> Iterator[Browser]:
    """Firefox as it comes, which keeps third parties apart; only our names lead to this machine."""
    if not Path(playwright.firefox.executable_path).exists():
        pytest.skip(f"Playwright's Firefox is not on this machine; {NOT_TRIED}")
    names = "chat.test,shop.test,blog.test,evil.test"
    browser = playwright.firefox.launch(firefox_user_prefs={"network.dns.localDomains": names})
    yield browser
    browser.close()


def test_s12d_firefox_answers_and_remembers(firefox: Browser, world: World) -> None:
    world.profile("acme", sites=["shop.test", "blog.test"])
    with firefox.new_context(ignore_https_errors=True) as context:
        visit = world.visit(context, "plain")
        assert visit.open().answered()
        visit.page.reload()
        chat = visit.open()
        chat.wait_until("() => document.querySelectorAll('[data-answer]').length === 1")
        elsewhere = world.visit(context, "plain", site="blog.test").open()
        elsewhere.page.wait_for_timeout(500)
        assert elsewhere.answers() == []
        assert visit.problems == []


def test_s12e_webkit() -> None:
    """WebKit has no way to lead our names to this machine but the machine's own table of hosts."""
    pytest.skip(f"WebKit cannot be told where chat.test and shop.test are; {NOT_TRIED}")
