"""Files as a person gives them to the page: chosen, pasted, dropped."""

from __future__ import annotations

import base64

from playwright.sync_api import FilePayload

from tests.browser.chat_page import ChatPage
from tests.test_media_types import png

NOTES = "Grüße\n```\nfenced\n```\n"
PICTURE: FilePayload = {"name": "dot.png", "mimeType": "image/png", "buffer": png()}
TEXT: FilePayload = {"name": "notes.txt", "mimeType": "text/plain", "buffer": NOTES.encode()}
BINARY: FilePayload = {"name": "app.bin", "mimeType": "application/octet-stream", "buffer": b"\0\1\2"}
# Files as a clipboard or a drag holds them; the bytes are base64.
TRANSFER = """
  const transfer = new DataTransfer();
  for (const { name, type, data } of files) {
    const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type }));
  }
"""


def choose(tab: ChatPage, *files: FilePayload) -> None:
    """By the file dialog."""
    tab.page.locator("input[type=file]").set_input_files(list(files))


def paste(tab: ChatPage, *files: FilePayload) -> None:
    """From the clipboard."""
    paste = "clipboardData: transfer, bubbles: true, cancelable: true"
    script = f"document.querySelector('#question').dispatchEvent(new ClipboardEvent('paste', {{ {paste} }}))"
    tab.page.evaluate(f"files => {{ {TRANSFER} {script}; }}", in_script(files))


def drop(tab: ChatPage, *files: FilePayload) -> None:
    """Dragged over the messages and let go."""

    def drag(name: str) -> None:
        event = f"new DragEvent('{name}', {{ dataTransfer: transfer, bubbles: true, cancelable: true }})"
        script = f"document.querySelector('.middle').dispatchEvent({event})"
        tab.page.evaluate(f"files => {{ {TRANSFER} {script}; }}", in_script(files))

    drag("dragenter")
    tab.page.locator(".drop-zone").wait_for()
    drag("drop")
    tab.page.locator(".drop-zone").wait_for(state="detached")


def in_script(files: tuple[FilePayload, ...]) -> list[dict[str, str]]:
    """The files as `TRANSFER` takes them."""
    return [
        {"name": file["name"], "type": file["mimeType"], "data": base64.b64encode(file["buffer"]).decode()}
        for file in files
    ]


def wait_chips(tab: ChatPage, *statuses: str) -> None:
    """Wait until the message being written has files with these statuses."""
    chips = "[...document.querySelectorAll('.draft-files .file-chip')]"
    tab.wait_until(f"wanted => {chips}.map(chip => chip.dataset.status).join() == wanted", ",".join(statuses))
