"""Bytes as the network cuts them, turned into text. Standard library only, no I/O.

A reply is cut anywhere: in the middle of a character, between a letter and its accent, after a lone newline.
Nothing that decodes each chunk by itself survives that, so the decoder keeps the unfinished character until
its rest comes.
"""

from __future__ import annotations

import codecs


class TextDecoder:
    """UTF-8 bytes to text, piece by piece; bytes that are not UTF-8 become U+FFFD, so nothing here raises."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def feed(self, data: bytes) -> str:
        """The text that is certain so far; empty while a character is unfinished. Newlines are kept."""
        return self._decoder.decode(data)

    def flush(self) -> str:
        """The end of a whole reply: U+FFFD for a character that never got its last byte, or nothing."""
        return self._decoder.decode(b"", final=True)
