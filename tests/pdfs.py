"""PDFs as they are written down: small valid ones, and such as nobody wants to read."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence


def pdf(*texts: str, streams: Sequence[bytes] | None = None, more: bytes = b"") -> bytes:
    """A PDF with a page for each text, or for each finished stream; `more` goes into each page's resources."""
    contents = [stream(show(text)) for text in texts] if streams is None else list(streams)
    kids = b" ".join(b"%d 0 R" % (4 + 2 * at) for at in range(len(contents)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(contents), kids),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    resources = b"<</Font<</F 3 0 R>>%s>>" % more
    for at, content in enumerate(contents):
        page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Resources%s/Contents %d 0 R>>"
        objects += [page % (resources, 5 + 2 * at), content]
    return _file(objects)


def _file(objects: Sequence[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size, start = len(objects) + 1, len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    return bytes(out + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, start))


def show(text: str) -> bytes:
    """What draws a text."""
    return b"BT /F 12 Tf 20 200 Td (%s) Tj ET" % text.encode("latin-1")


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """A stream as it stands in a file."""
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(data), entries, data)


def scanned() -> bytes:
    """A page with nothing but a picture."""
    image = b"q 300 0 0 300 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q"
    return pdf(streams=[stream(image)])


def bomb(times: int = 70_000_000) -> bytes:
    """A few kilobytes that unpack to that many bytes of drawing."""
    return pdf(streams=[stream(zlib.compress(b"0 0 m " * (times // 6)), b"/Filter/FlateDecode")])


def slow(pages: int = 100) -> bytes:
    """Small, and takes far longer than anybody waits: each page shows nothing, thirty thousand times."""
    packed = stream(zlib.compress(b"BT /F 1 Tf %sET" % (b"() Tj " * 30_000)), b"/Filter/FlateDecode")
    return pdf(streams=[packed] * pages)


def protected(password: str) -> bytes:
    """With a password that nobody has told."""
    from pypdf import PdfReader, PdfWriter

    writer, out = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("secret words")))), io.BytesIO()
    writer.encrypt(password, owner_password="owner", algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


def endless() -> bytes:
    """Forms that draw one another: two to the power of forty times."""
    forms = [
        stream(
            b"/X Do /X Do",
            b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>" % (5 + at),
        )
        for at in range(40)
    ]
    return _file(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>/Contents 4 0 R>>",
            stream(b"/X Do"),
            *forms,
            stream(b"", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]"),
        ]
    )
