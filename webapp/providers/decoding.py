"""Bytes as the network cuts them, turned into text. Standard library only, no I/O.

A reply is cut anywhere: in the middle of a character, between a letter and its accent, after a lone newline.
Nothing that decodes each chunk by itself survives that, so the decoder keeps the unfinished character until
its rest comes.
"""

from __future__ import annotations

import codecs

MOST_EVENT_BYTES = 16 * 1024 * 1024
# What a line of an event costs beside its text: without it an event of empty lines could be very long.
LINE_BYTES = 50


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


class StreamTooLong(ValueError):
    """One line or one event of a stream is longer than anybody means it to be."""


class EventDecoder:
    """Server-sent events, as WHATWG's HTML standard (9.2.6) has them, to the data of each event.

    Names, ids and comments are dropped: what is read here tells its kind in its data. Beyond the standard, a line
    `error: …` (llama.cpp) and a line that is a JSON object (Ollama, when it fails) count as data.
    """

    def __init__(self, most_bytes: int = MOST_EVENT_BYTES) -> None:
        """`most_bytes` is how long one line, and the data of one event, may be."""
        self._most_bytes = most_bytes
        self._unfinished = bytearray()  # a line whose end has not come
        self._data: list[bytes] = []  # the lines of the event whose blank line has not come
        self._data_bytes = 0
        self._after_cr = False  # the next byte may be the second half of a line's end
        self._at_start = True

    def feed(self, data: bytes) -> list[bytes]:
        """The data of the events that are whole now. Raises `StreamTooLong`."""
        if self._after_cr and data:
            data = data.removeprefix(b"\n")
            self._after_cr = False
        if b"\n" not in data and b"\r" not in data:
            self._unfinished += data
            if len(self._unfinished) > self._most_bytes:
                raise StreamTooLong
            return []
        self._after_cr = data.endswith(b"\r")
        if self._unfinished:
            data = bytes(self._unfinished) + data
            self._unfinished.clear()
        lines = data.splitlines()  # of bytes: at CR, LF and CRLF only
        if not data.endswith((b"\n", b"\r")):
            self._unfinished += lines.pop()
        return self._events(lines)

    def end(self) -> list[bytes]:
        """The data of an event that lacks only its blank line or its last line's end; many servers leave them out."""
        lines = [bytes(self._unfinished), b""]
        self._unfinished.clear()
        return self._events(lines)

    def _events(self, lines: list[bytes]) -> list[bytes]:
        events = []
        if self._at_start and lines:
            lines[0] = lines[0].removeprefix(codecs.BOM_UTF8)
            self._at_start = False
        for line in lines:
            if not line:
                if self._data:
                    events.append(self._data[0] if len(self._data) == 1 else b"\n".join(self._data))
                    self._data, self._data_bytes = [], 0
            elif line.startswith(b"data:"):
                self._keep(line[6:] if line[5:6] == b" " else line[5:])
            elif line.startswith(b"error:"):
                self._keep(line[6:])
            elif line.startswith(b"{"):
                self._keep(line)
        return events

    def _keep(self, value: bytes) -> None:
        self._data_bytes += len(value) + LINE_BYTES
        if self._data_bytes > self._most_bytes:
            raise StreamTooLong
        self._data.append(value)


def encodable(text: str) -> str:
    """`text` with lone surrogates replaced by U+FFFD, as a browser does before it signs and sends."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
