"""PDFs, read in a process apart: their text by pages, and an end to all that would never end."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.pdfs import bomb, endless, pdf, protected, scanned, show, slow, stream
from webapp import pdf_reading
from webapp.errors import InvalidInput, LimitReached
from webapp.pdf_reading import MOST_S_PER_VISITOR, WINDOW_S, PdfReading
from webapp.pdf_text import cleaned


@pytest.fixture
def reading() -> PdfReading:
    return PdfReading()


def test_each_page_under_its_number(reading: PdfReading) -> None:
    assert reading.text("ann", pdf("Hello there", "", "Gr\xfc\xdfe")) == (
        "[page 1]\nHello there\n\n[page 2]\n(no text)\n\n[page 3]\nGr\xfc\xdfe\n",
        3,
    )


def test_hundreds_of_pages(reading: PdfReading) -> None:
    text, pages = reading.text("ann", pdf(*(f"This is {number}" for number in range(1, 301))))
    assert pages == 300
    assert "[page 217]\nThis is 217\n" in text


def test_one_with_an_empty_password_is_open_to_everybody(reading: PdfReading) -> None:
    assert reading.text("ann", protected("")).text == "[page 1]\nsecret words\n"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (scanned(), r"no text \(it may be scanned\); attach the pages as pictures"),
        (protected("x"), "protected"),
        (b"%PDF-1.4 and nothing else", "damaged"),
        (pdf("Hello")[:200], "damaged"),
        (pdf(), "damaged"),
        (pdf(*[""] * 2001), "more than 2,000 pages"),
        (pdf(streams=[stream(show("x" * 200_000))] * 6), "more than 1,000,000 characters"),
        (bomb(), "PDF"),
        (endless(), "PDF"),
    ],
    ids=["scanned", "protected", "nothing", "cut", "empty", "pages", "characters", "bomb", "endless"],
)
def test_what_cannot_be_read_is_told_in_words(reading: PdfReading, data: bytes, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        reading.text("ann", data)


def test_one_broken_page_leaves_the_others(reading: PdfReading) -> None:
    circle = pdf("One", "Two").replace(b"/Contents 7 0 R", b"/Contents 7 0 R/Resources 6 0 R")
    assert reading.text("ann", circle).text.startswith("[page 1]\nOne\n")


def test_one_that_takes_too_long_is_ended() -> None:
    begun_s = time.monotonic()
    with pytest.raises(InvalidInput, match="takes too long"):
        PdfReading(most_s=0.5).text("ann", slow())
    assert time.monotonic() - begun_s < 5


def test_nobody_waits_for_it_any_more(reading: PdfReading) -> None:
    begun_s = time.monotonic()
    with pytest.raises(InvalidInput):
        reading.text("ann", slow(), lambda: time.monotonic() > begun_s + 0.3)
    assert time.monotonic() - begun_s < 5


def test_a_few_at_a_time(reading: PdfReading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_reading, "LONGEST_WAIT_S", 2)
    over, refused = threading.Event(), list[str]()

    def read(visitor: str) -> None:
        try:
            reading.text(visitor, slow(), over.is_set)
        except LimitReached as problem:
            refused.append(problem.message)
            over.set()
        except InvalidInput:
            pass

    threads = [threading.Thread(target=read, args=(str(number),)) for number in range(pdf_reading.AT_ONCE + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(refused) == 1
    assert reading.text("bob", pdf("free again")).pages == 1


def test_one_visitors_pdfs_take_so_much_time() -> None:
    now_s = [0.0]

    def clock_s() -> float:
        now_s[0] += MOST_S_PER_VISITOR
        return now_s[0]

    reading = PdfReading(clock_s=clock_s)
    assert reading.text("ann", pdf("Hello")).pages == 1
    with pytest.raises(LimitReached, match="took this site long"):
        reading.text("ann", pdf("Hello"))
    assert reading.text("bob", pdf("Hello")).pages == 1
    now_s[0] += WINDOW_S
    assert reading.text("ann", pdf("Hello")).pages == 1


def test_it_gets_nothing_of_the_servers_environment(
    reading: PdfReading, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import json, os, sys\n"
        "places = [os.getcwd(), *sys.path]\n"
        "print(json.dumps({'text': f'{dict(os.environ)} {places}', 'pages': 1}))\n"
    )
    monkeypatch.setattr(pdf_reading, "PROGRAM", program)
    monkeypatch.setenv("ADMIN_PASSWORD", "open sesame")
    said = reading.text("ann", pdf("Hello")).text
    assert "sesame" not in said
    assert str(tmp_path) not in said


def test_what_it_says_is_not_believed(
    reading: PdfReading, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    program = tmp_path / "program.py"
    monkeypatch.setattr(pdf_reading, "PROGRAM", program)
    for said, sentence in [("", "damaged"), ('{"pages": "x"}', "damaged"), ('{"problem": "no_library"}', "owner")]:
        program.write_text(f"print({said!r})")
        with pytest.raises(InvalidInput, match=sentence):
            reading.text("ann", pdf("Hello"))
    assert "pypdf is not installed" in caplog.text


@pytest.mark.parametrize(
    ("work", "word"),
    [("bytearray(10**9)", "MemoryError"), ("open('{}/x', 'wb', 0).write(b'x')", "OSError"), ("exec('while 1: 0')", "")],
    ids=["memory", "disk", "processor"],
)
def test_the_system_bounds_it(work: str, word: str, tmp_path: Path) -> None:
    program = f"import webapp.pdf_text as it; it.MOST_SECONDS = 1; it.bound(); {work.format(tmp_path)}"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=20, check=False)
    assert (ended.returncode == 1) if word else (ended.returncode < 0)  # a signal, of one clock or the other
    assert word in ended.stderr.decode()


def test_cleaned() -> None:
    assert cleaned("\n a\0b \r\n\n\n\n\ud83dc\x1b[31m\n") == " ab\n\n?c[31m"
