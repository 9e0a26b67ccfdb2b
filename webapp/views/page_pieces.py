"""A page that is sent while it is made: in pieces worth sending, compressed for browsers that take it."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from flask import Response, request

PIECE_CHARS = 16_000
_GZIP = 16 + zlib.MAX_WBITS


def streamed(parts: Iterable[str]) -> Response:
    """The page as a response; `parts` are made while it is sent."""
    pieces = _pieces(parts)
    takes_gzip = request.accept_encodings.quality("gzip") > 0
    response = Response(_compressed(pieces) if takes_gzip else pieces, mimetype="text/html")
    response.vary.add("Accept-Encoding")
    if takes_gzip:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _pieces(parts: Iterable[str]) -> Iterator[bytes]:
    waiting, chars = list[str](), 0
    for part in parts:
        waiting.append(part)
        chars += len(part)
        if chars >= PIECE_CHARS:
            yield "".join(waiting).encode()
            waiting, chars = [], 0
    yield "".join(waiting).encode()


def _compressed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=_GZIP)
    for piece in pieces:
        # To the end of each piece: what was sent is to be painted.
        yield packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()
