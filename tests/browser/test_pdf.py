"""A PDF on its way from the reader to the model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, FilePayload, expect

from tests.browser.chat_page import ChatPage
from tests.browser.given_files import choose, wait_chips
from tests.browser.two_models import Site, says, site_of_two
from tests.pdfs import pdf, scanned

pytestmark = pytest.mark.browser
BILL: FilePayload = {"name": "bill.pdf", "mimeType": "application/pdf", "buffer": pdf("Total: 7", "Thanks")}
SCAN: FilePayload = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": scanned()}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site_of_two(tmp_path_factory.mktemp("pdf")) as running:
        yield running


def test_the_model_reads_the_text_of_a_pdf(context: BrowserContext, site: Site) -> None:
    site.house.play(says("Seven."))
    tab = ChatPage(context, site.server.url)
    tab.page.locator("#question").fill("How much?")
    choose(tab, SCAN)
    wait_chips(tab, "failed")
    expect(tab.page.locator(".draft-files .file-about")).to_have_text(
        "This PDF holds no text (it may be scanned); attach the pages as pictures."
    )
    assert tab.page.get_by_role("button", name="Upload “scan.pdf” again").count() == 0
    tab.page.get_by_role("button", name="Remove “scan.pdf”").click()
    choose(tab, BILL)
    wait_chips(tab, "ready")
    expect(tab.page.locator(".draft-files .file-about")).to_have_text("783 B, 2 pages")
    tab.page.reload()
    wait_chips(tab, "ready")
    expect(tab.page.locator(".draft-files .file-about")).to_have_text("783 B, 2 pages")
    tab.wait_connected()
    tab.page.locator("#question").press("Enter")
    tab.wait_ended(tab.wait_answer())
    [asked] = site.house.requests[0].json()["messages"]
    text = "[page 1]\nTotal: 7\n\n[page 2]\nThanks\n"
    assert asked["content"] == f'How much?\n\nFile "bill.pdf":\n```\n{text}```'
    chip = tab.page.locator(".question a.file-chip")
    expect(chip.locator(".file-about")).to_have_text("783 B, 2 pages")
    with tab.page.expect_download() as download:
        chip.click()
    assert download.value.suggested_filename == "bill.pdf"
    assert download.value.path().read_bytes() == BILL["buffer"]
    assert tab.problems == []
