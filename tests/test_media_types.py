"""What an uploaded content is, by its bytes alone."""

from __future__ import annotations

import base64
import struct
import time
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.errors import InvalidInput
from webapp.media_types import MOST_TEXT_BYTES, media_type


def png(width: int = 1, height: int = 1) -> bytes:
    """A PNG of one colour; with other sizes than 1 only its header is honest."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(b"\0\0")) + part(b"IEND", b"")


def gif(width: int = 1, height: int = 1) -> bytes:
    rest = bytes.fromhex("800100 000000 ffffff 2c 0000 0000 0100 0100 00 02 02 4401 00 3b")
    return b"GIF89a" + struct.pack("<HH", width, height) + rest


def jpeg(width: int = 1, height: int = 1, frame: int = 0xC0) -> bytes:
    app0 = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0\1\1\0\0\1\0\1\0\0"
    # A thumbnail inside a segment must not be taken for the picture.
    exif = b"\xff\xe1" + struct.pack(">H", 12) + b"\xff\xc0\0\x0b\x08\0\x02\0\x02\0"
    table = b"\xff\xc4" + struct.pack(">H", 4) + b"\0\0"
    head = b"\xff\xff" + bytes([frame]) + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\1\x11\0"
    return b"\xff\xd8" + app0 + exif + table + head + b"\xff\xda\0\x08\1\1\0\0\x3f\0\0\xff\xd9"


def webp(kind: bytes, body: bytes) -> bytes:
    part = kind + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", 4 + len(part)) + b"WEBP" + part


def webp_lossy(width: int, height: int) -> bytes:
    return webp(b"VP8 ", b"\x30\x01\0\x9d\x01\x2a" + struct.pack("<HH", width | 0x4000, height) + b"\0" * 8)


def webp_lossless(width: int, height: int) -> bytes:
    return webp(b"VP8L", b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + b"\0" * 8)


def webp_extended(width: int, height: int) -> bytes:
    size = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    return webp(b"VP8X", b"\x10\0\0\0" + size)


Make = Callable[[int, int], bytes]
KINDS: dict[str, list[Make]] = {
    "image/png": [png],
    "image/gif": [gif],
    "image/jpeg": [jpeg, lambda w, h: jpeg(w, h, 0xC2)],
    "image/webp": [webp_lossy, webp_lossless, webp_extended],
}
MADE = [(kind, make) for kind, makes in KINDS.items() for make in makes]

# Written by image programs, not by this test.
REAL = {
    "image/gif": "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7",
    "image/png": ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="),
    "image/webp": "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA",
}


@pytest.mark.parametrize(("kind", "data"), REAL.items())
def test_pictures_of_other_programs(kind: str, data: str) -> None:
    assert media_type(base64.b64decode(data)) == kind


@pytest.mark.parametrize(("kind", "make"), MADE)
def test_pictures_and_their_sizes(kind: str, make: Make) -> None:
    for width, height in [(1, 1), (640, 480), (12_000, 12_000)]:
        assert media_type(make(width, height)) == kind
    for width, height in [(12_001, 1), (1, 12_001), (16_383, 16_383)]:
        with pytest.raises(InvalidInput, match=f"{width:,} by {height:,} pixels"):
            media_type(make(width, height))


@pytest.mark.parametrize("make", [png, gif, jpeg])
def test_a_picture_without_size_is_damaged(make: Make) -> None:
    for data in (make(0, 1), make(1, 0), make(1, 1)[:9]):
        with pytest.raises(InvalidInput, match="damaged"):
            media_type(data)


def judged(data: bytes) -> str:
    """The type, or `refused`."""
    try:
        return media_type(data)
    except InvalidInput:
        return "refused"


@pytest.mark.parametrize(("kind", "make"), MADE)
def test_a_picture_that_was_cut_anywhere_is_judged_without_a_crash(kind: str, make: Make) -> None:
    whole = make(3, 5)
    kinds = [judged(whole[:size]) for size in range(len(whole) + 1)]
    known = kinds.index(kind)
    assert set(kinds[:known]) <= {"refused", "text/plain"}  # "R" and "GIF89a" are texts
    assert set(kinds[known:]) == {kind}


@given(
    st.binary(max_size=60),
    st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBPVP8"]),
)
def test_any_bytes_are_judged(data: bytes, head: bytes) -> None:
    assert judged(head + data) in {"refused", "text/plain", *KINDS}


def test_a_jpeg_that_goes_in_circles_is_damaged() -> None:
    for rest in (b"\xff\xe0\0\0" * 3, b"\xff" * 100, b"\xff\xe0\xff\xff", b"\xff\xe0\0\1"):
        with pytest.raises(InvalidInput, match="damaged"):
            media_type(b"\xff\xd8" + rest)


def test_a_jpeg_has_a_bound_of_segments_and_none_of_fill_bytes() -> None:
    """The frame of `jpeg()` is its fourth segment."""
    for more, kind in [(1_996, "image/jpeg"), (1_997, "refused")]:
        assert judged(b"\xff\xd8" + b"\xff\xe2\0\2" * more + jpeg()[2:]) == kind
    assert judged(b"\xff\xd8" + b"\xff" * 100_000 + jpeg()[2:]) == "image/jpeg"


@pytest.mark.parametrize(
    "rest",
    [b"\xff", b"\xff\xe0\0\2", b"\xff\xff\xe0\0\2", b"\xff" * 5000 + b"\xe0\0\2", b"\xff\xe0\0\3\xff"],
    ids=["fill bytes", "tiny segments", "both", "long fills", "segments of fill bytes"],
)
def test_a_large_jpeg_without_a_size_is_judged_at_once(rest: bytes) -> None:
    """It is judged while the whole process waits. It takes a tenth of this; going on to the end took twice as long."""
    data = b"\xff\xd8" + rest * (10_000_000 // len(rest))
    began_s = time.process_time()
    assert judged(data) == "refused"
    assert time.process_time() - began_s < 0.3


@pytest.mark.parametrize(
    "text",
    [
        "Hello",
        "Grüße\r\n\tund mehr\f",
        "\ufeffmit BOM",
        "GIF89a is the name of a format",
        '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "<!doctype html><script>alert(1)</script>",
        "RIFF1234WEBP",
        "\u202e gnp.txt",
        "🏳️‍🌈",
    ],
)
def test_texts(text: str) -> None:
    assert media_type(text.encode()) == "text/plain"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"a\0b", "UTF-8"),
        (b"\x1b[31mred", "UTF-8"),
        ("\x9b31m".encode(), "UTF-8"),
        ("Grüße".encode("latin-1"), "UTF-8"),
        ("Grüße".encode("utf-16"), "UTF-16"),
        (b"\xed\xa0\x80", "UTF-8"),
        (b"PK\x03\x04\x14\0\0\0", "PNG, JPEG, GIF or WebP"),
        (b"\x7fELF\x02\x01\x01\0", "cannot be read"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC.*JPEG"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1", "AVIF"),
        (b"BM\x46\0\0\0\0\0\0\0", "PNG, JPEG, GIF or WebP"),
    ],
)
def test_what_cannot_be_read_is_told_with_what_can(data: bytes, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        media_type(data)


def test_a_pdf_is_none_of_the_texts() -> None:
    assert media_type(b"%PDF-1.7 all ascii") == "application/pdf"
    assert media_type(b" %PDF-1.7 all ascii") == "text/plain"


def test_a_text_of_more_than_a_megabyte() -> None:
    assert media_type(b"x" * MOST_TEXT_BYTES) == "text/plain"
    with pytest.raises(InvalidInput, match="1 MB"):
        media_type(b"x" * (MOST_TEXT_BYTES + 1))


def test_a_picture_with_a_page_inside_stays_a_picture() -> None:
    assert media_type(gif() + b"<script>alert(1)</script>") == "image/gif"
    assert media_type(png() + b"PK\x03\x04") == "image/png"
