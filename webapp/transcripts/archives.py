"""Zip files, read with suspicion: nothing in them unpacks to more than was agreed. No I/O."""

from __future__ import annotations

import io
import zipfile
import zlib
from bisect import bisect_left
from posixpath import basename

from webapp.errors import InvalidInput

SIGNATURE = b"PK\x03\x04"
MOST_ENTRIES = 25_000
HIGHEST_RATIO = 200  # text shrinks to a tenth, a bomb to a thousandth
PIECE_BYTES = 256 * 1024
_ENTRY = b"PK\x01\x02"  # what each entry of the list of contents begins with
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


class Archive:
    """The files in a zip file, by their names without folders. Raises `InvalidInput` for one that is no honest zip."""

    def __init__(self, data: bytes, most_bytes: int) -> None:
        """`most_bytes` is how much may be unpacked of it, all together."""
        self._left = most_bytes
        # Before the list is read, which makes an object of each entry.
        if data.count(_ENTRY) > MOST_ENTRIES:
            raise InvalidInput(f"The zip file holds too many files; at most {MOST_ENTRIES:,} can be read.")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError, UnicodeError) as problem:
            raise InvalidInput("The zip file is damaged or not complete; download it again.") from problem
        self._entries: dict[str, list[zipfile.ZipInfo]] = {}
        for entry in self._zip.infolist():
            if not entry.is_dir():
                self._entries.setdefault(basename(entry.filename.replace("\\", "/")), []).append(entry)
        self._sorted = sorted(self._entries)

    def names(self) -> list[str]:
        """The names of the files, in their order in the archive."""
        return list(self._entries)

    def beginning_with(self, start: str) -> str | None:
        """The first file whose name begins so."""
        at = bisect_left(self._sorted, start)
        return self._sorted[at] if at < len(self._sorted) and self._sorted[at].startswith(start) else None

    def read(self, name: str, *, which: int = 0) -> bytes:
        """The content of a file. Raises `InvalidInput` when it is damaged, encrypted, or unpacks to too much."""
        entry = self._entries[name][which]
        if entry.compress_type not in _METHODS or entry.flag_bits & 1:
            raise InvalidInput("The zip file is encrypted or packed in an unusual way; unpack it and pack it anew.")
        most = min(self._left, max(entry.compress_size, 1) * HIGHEST_RATIO)
        pieces, size = [], 0
        try:
            with self._zip.open(entry) as content:
                while piece := content.read(PIECE_BYTES):
                    size += len(piece)
                    if size > most:
                        raise InvalidInput("The zip file unpacks to more than this site takes.")
                    pieces.append(piece)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            ValueError,
            RuntimeError,
            NotImplementedError,
        ) as problem:
            raise InvalidInput("The zip file is damaged or not complete; download it again.") from problem
        self._left -= size
        return b"".join(pieces)

    def count(self, name: str) -> int:
        """How many files have this name, in different folders."""
        return len(self._entries[name])
