"""What an uploaded content is, judged by its bytes alone: a picture that models take, a PDF, or a text. No I/O.

Sources of the formats: PNG (W3C), section 11.2.2; JPEG, ITU-T T.81, annex B; GIF89a, section 18; the WebP container,
RFC 9649, section 2; the brands of HEIF and AVIF, ISO/IEC 14496-12, section 4.3.
"""

from __future__ import annotations

import re
import struct

from webapp.errors import InvalidInput

LONGEST_SIDE = 12_000  # pixels; a small file can unpack to a picture that no browser survives
MOST_TEXT_BYTES = 1_000_000
TEXT, PDF = "text/plain", "application/pdf"

# Everything but tab, line ends, form feed (old sources have it) and NEL (texts from mainframes do).
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")
# Any number of fill bytes may stand before a marker, which its segment's length follows.
_JPEG_MARKER = re.compile(rb"\xff+([^\xff])(..)", re.DOTALL)
MOST_JPEG_SEGMENTS = 2_000  # a large picture's colour profile and thumbnails have about 300
# Frame headers; the others in this range are Huffman tables, a reserved one and arithmetic conditioning.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WHAT_WORKS = "Pictures may be PNG, JPEG, GIF or WebP; any other file has to be a PDF or plain text in UTF-8."
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})


def media_type(data: bytes) -> str:
    """`image/png`, `image/jpeg`, `image/gif`, `image/webp`, `application/pdf` or `text/plain`.

    Raises `InvalidInput` for anything else, for a picture of more than 12,000 pixels a side or none, and for a text of
    more than 1 MB.
    """
    if not data:
        raise InvalidInput("The file is empty.")
    if data.startswith(b"%PDF-"):  # some are text by accident
        return PDF
    if _is_text(data):  # first: every picture has bytes that no text has, but a text may begin like a picture
        if len(data) > MOST_TEXT_BYTES:
            raise InvalidInput("A text file may have at most 1 MB: attach the part that matters.")
        return TEXT
    for signature, kind, size_of in _PICTURES:
        if signature.match(data):
            _check_size(size_of(data))
            return kind
    raise InvalidInput(f"{_called(data)} {_WHAT_WORKS}")


def _is_text(data: bytes) -> bool:
    try:
        return not _CONTROL.search(data.decode())
    except UnicodeDecodeError:
        return False


def _check_size(size: tuple[int, int] | None) -> None:
    if size is None or 0 in size:
        raise InvalidInput("This picture is damaged: it does not say how large it is. Save it anew, or take another.")
    width, height = size
    if max(size) > LONGEST_SIDE:
        raise InvalidInput(
            f"This picture has {width:,} by {height:,} pixels; make it smaller, at most {LONGEST_SIDE:,} a side."
        )


def _called(data: bytes) -> str:
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        return "HEIC pictures cannot be read here: save or share it as JPEG."
    if data[4:8] == b"ftyp" and data[8:12] in {b"avif", b"avis"}:
        return "AVIF pictures cannot be read here: save it as PNG or JPEG."
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "This text is in UTF-16: save it as UTF-8."
    return "This kind of file cannot be read here."


def _png(data: bytes) -> tuple[int, int] | None:
    return _unpacked(">II", data, 16) if data[12:16] == b"IHDR" else None


def _gif(data: bytes) -> tuple[int, int] | None:
    return _unpacked("<HH", data, 6)


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    for _ in range(MOST_JPEG_SEGMENTS):
        found = _JPEG_MARKER.match(data, at)
        if found is None:
            return None
        marker, length = found[1][0], found[2]
        if marker in _JPEG_FRAMES:
            size = _unpacked(">HH", data, found.end() + 1)
            return size and (size[1], size[0])
        at = found.end() - 2 + int.from_bytes(length, "big")
    return None


def _webp(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8X" and len(data) >= 30:
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L" and len(data) >= 25 and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        size = _unpacked("<HH", data, 26)
        return size and (size[0] & 0x3FFF, size[1] & 0x3FFF)
    return None


def _unpacked(form: str, data: bytes, at: int) -> tuple[int, int] | None:
    try:
        width, height = struct.unpack_from(form, data, at)
    except struct.error:
        return None
    return width, height


_PICTURES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png", _png),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg", _jpeg),
    (re.compile(rb"GIF8[79]a"), "image/gif", _gif),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp", _webp),
)
