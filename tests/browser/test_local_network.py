"""Over plain HTTP on a name that is not loopback, as in a home network, where browsers hold back much."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.chat_page import ChatPage
from tests.parley_server import ParleyServer

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def lan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    """A server whose owner has a password."""
    with ParleyServer(tmp_path_factory.mktemp("lan"), admin_password="correct horse") as running:
        yield running


def test_the_chat_works_without_a_secure_context(context: BrowserContext, lan: ParleyServer) -> None:
    tab = ChatPage(context, f"http://lan.test:{lan.port}")
    assert tab.page.evaluate("() => isSecureContext") is False
    tab.wait_connected("socket")
    tab.ask("What can you do?")
    answer = tab.wait_answer()
    assert tab.wait_ended(answer) == tab.wait_stored(answer)["text"]
    assert tab.problems == []


def test_the_owner_signs_in_and_out(context: BrowserContext, lan: ParleyServer) -> None:
    page = context.new_page()
    page.goto(f"http://lan.test:{lan.port}/admin/")
    page.get_by_label("ADMIN_PASSWORD").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    page.get_by_label("ADMIN_PASSWORD").fill("correct horse")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("guide (guide)").wait_for()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in as owner").wait_for()
