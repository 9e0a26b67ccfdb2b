"""Transcripts for people: Markdown, and one page that needs nothing else."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser

import pytest

from tests.test_media_types import png
from webapp.messages import ModelOptions, Status
from webapp.transcripts import as_html, as_json, as_markdown
from webapp.transcripts.transcript import CarriedFile, CarriedMessage, Transcript, shown_branch
from webapp.transcripts.wording import file_name

MINUTE_MS = 60_000
BEGUN_MS = 1_716_217_445_000


def message(id: str, parent: str | None, role: str, text: str, **fields: object) -> CarriedMessage:
    if role == "assistant":
        fields = {"status": Status.DONE, "model": "guide", **fields}
    when_ms = BEGUN_MS + int(id) * MINUTE_MS
    return CarriedMessage(id=id, parent=parent, role=role, text=text, created_at_ms=when_ms, **fields)  # type: ignore[arg-type]


@pytest.fixture
def transcript() -> Transcript:
    return Transcript(
        title="Cats & <dogs>",
        created_at_ms=BEGUN_MS,
        updated_at_ms=BEGUN_MS + 9 * MINUTE_MS,
        leaf="5",
        options=ModelOptions(system="Be *kind*."),
        files=(
            CarriedFile(name='a "cat".png', media_type="image/png", read=png),
            CarriedFile(name="notes.txt", media_type="text/plain", read=lambda: b"miaow"),
            CarriedFile(name="lost.txt", media_type="text/plain", read=lambda: None),
        ),
        messages=(
            message("1", None, "user", "What is <b>this</b>?\n\n*Really*", files=(0, 1, 2)),
            message("2", "1", "assistant", "A dog."),
            message("3", "1", "assistant", "A **cat**", status=Status.STOPPED, reasoning="Whiskers.\n```\n</details>"),
            message(
                "4",
                "1",
                "assistant",
                "A **cat**.\n\n|a|\n|-:|\n\n```py\nwhile True:",
                continues="3",
                status=Status.INTERRUPTED,
            ),
            message("5", "4", "user", "Thanks"),
            message("6", "5", "assistant", "", status=Status.FAILED, error={"code": "x", "message": "No <answer>."}),
        ),
    )


def test_the_shown_branch_leaves_out_what_was_continued(transcript: Transcript) -> None:
    assert [one.id for one in shown_branch(transcript)] == ["1", "4", "5"]


def test_as_markdown(transcript: Transcript) -> None:
    written = b"".join(as_markdown.pieces(transcript)).decode()
    assert written == (
        "# Cats \\& \\<dogs\\>\n\n20 May 2024, 15:04 UTC\n"
        "\n<details>\n<summary>System prompt</summary>\n\n```text\nBe *kind*.\n```\n\n</details>\n"
        "\n---\n\n## You\n\nWhat is <b>this</b>?\n\n*Really*\n"
        '\nAttached: a "cat".png (image/png)\n\nAttached: notes.txt (text/plain)\n\nAttached: lost.txt (text/plain)\n'
        "\n---\n\n## guide\n\nA **cat**.\n\n|a|\n|-:|\n\n```py\nwhile True:\n```\n\n*This answer was interrupted.*\n"
        "\n---\n\n## You\n\nThanks\n"
    )


def test_reasoning_and_failures_in_markdown(transcript: Transcript) -> None:
    stopped = transcript.messages[2]
    both, files = (transcript.messages[0], stopped), transcript.files
    alone = Transcript(title="T", created_at_ms=1, updated_at_ms=1, messages=both, files=files)
    written = b"".join(as_markdown.pieces(alone)).decode()
    assert "<summary>Reasoning</summary>\n\n````text\nWhiskers.\n```\n</details>\n````\n\n</details>\n" in written
    assert written.endswith("A **cat**\n\n*This answer was stopped.*\n")


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]


def test_a_page_fetches_nothing_and_runs_nothing(transcript: Transcript) -> None:
    html = b"".join(as_html.pieces(transcript))
    page = Page(html)
    addresses = [value or "" for _, attrs in page.elements for name, value in attrs.items() if name in {"src", "href"}]
    assert addresses
    assert all(address.startswith("data:") for address in addresses)
    assert [script["type"] for script in page.all("script")] == ["application/json"]
    assert not page.all("link")
    assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on") or name == "style"]
    (policy,) = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "script-src" not in policy
    assert not re.search(rb"url\(|@import|javascript:", html)


def test_a_page_shows_who_said_what(transcript: Transcript) -> None:
    html = b"".join(as_html.pieces(transcript)).decode()
    shown = html.partition("<script")[0]
    assert "<title>Cats &amp; &lt;dogs&gt;</title>" in shown
    assert shown.count("<article") == 3
    assert re.findall(r"<h2>([^<]*)</h2>", shown) == ["You", "guide", "You"]
    # A person's words as they are, a model's as Markdown.
    assert "What is &lt;b&gt;this&lt;/b&gt;?\n\n*Really*" in shown
    assert "A <strong>cat</strong>." in shown
    assert "3 more messages from other branches" in shown
    picture = base64.b64encode(png()).decode()
    assert f'<img alt="a &quot;cat&quot;.png" src="data:image/png;base64,{picture}">' in shown
    assert 'download="notes.txt" href="data:text/plain;charset=utf-8;base64,bWlhb3c=' in shown
    assert "lost.txt (its content is missing)" in shown
    assert '<time datetime="2024-05-20T15:05:05Z">20 May 2024, 15:05 UTC</time>' in shown


def test_json_goes_round(transcript: Transcript) -> None:
    written = b"".join(as_json.pieces(transcript))
    again = as_json.read(as_html.json_value(written))
    assert b"".join(as_json.pieces(again)) == written
    assert [file.read() for file in again.files] == [png(), b"miaow", None]
    assert again.messages[5].error == {"code": "x", "message": "No <answer>."}
    assert (again.leaf, again.messages[3].continues, again.options) == ("5", "3", transcript.options)


def test_a_large_file_is_written_in_pieces() -> None:
    content = bytes(range(256)) * 4000
    file = CarriedFile(name="f", media_type="text/plain", read=lambda: content)
    carried = Transcript(title="T", created_at_ms=1, updated_at_ms=1, messages=(), files=(file,))
    pieces = list(as_json.pieces(carried))
    assert max(map(len, pieces)) <= 64 * 1024
    assert as_json.read(as_html.json_value(b"".join(pieces))).files[0].read() == content


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Cats & dogs", "Cats & dogs.md"),
        ("../../etc/passwd", "etc passwd.md"),
        ('a/b\\c:d*e?f"g<h>i|j', "a b c d e f g h i j.md"),
        ("Füße 日本語", "Füße 日本語.md"),
        ("\u202egpj.exe", "gpj.exe.md"),
        (" . . ", "conversation.md"),
        ("", "conversation.md"),
        ("CON", "conversation CON.md"),
        ("nul.txt", "conversation nul.txt.md"),
        ("x\r\nSet-Cookie: a=b", "x Set-Cookie a=b.md"),
        ("x" * 300, "x" * 80 + ".md"),
    ],
)
def test_names_of_files(title: str, name: str) -> None:
    assert file_name(title, "md") == name
