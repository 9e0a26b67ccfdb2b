"""Uploaded contents on the disk, each kept once under its SHA-256, nothing else about it. No database.

A content lies in `<folder>/<first two digits>/<all 64 digits>`, readable by the server's user alone. It is written
under a temporary name and renamed when it is complete, so that a file of that name is always whole. Nothing but such
names is ever opened, and symbolic links are not followed, so no name can lead out of the folder.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from webapp.errors import HistoryUnavailable, NotFound

# So much of the disk stays free, a twentieth of it within these bounds: the conversations are on it too, and a full
# disk would end them all.
KEEP_FREE_BYTES, KEEP_FREE_MOST_BYTES = 256_000_000, 4_000_000_000
_NAME = re.compile(r"[0-9a-f]{64}", re.ASCII)
_HALF_WRITTEN = re.compile(r"new-[0-9a-f]{32}", re.ASCII)


class Files:
    """The contents in one folder. Safe for threads and processes."""

    def __init__(self, folder: Path, *, keep_free_bytes: int = KEEP_FREE_BYTES) -> None:
        """The folder is made when something is kept in it for the first time."""
        self._folder, self._keep_free_bytes = folder, keep_free_bytes

    @staticmethod
    def name_of(data: bytes) -> str:
        """The name this content is kept under: its SHA-256 in hexadecimal."""
        return hashlib.sha256(data).hexdigest()

    def put(self, sha256: str, data: bytes) -> None:
        """Keep this content under its name, on the disk for good on return. Raises `HistoryUnavailable`."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._place(sha256, make=True) as place:
                if _size(place, sha256) != len(data):
                    self._check_room(len(data))
                    self._write(place, sha256, data)
        except OSError as problem:
            raise _no_room(f"A file cannot be written to {self._folder}: {problem.strerror}.") from problem

    def read(self, sha256: str) -> bytes:
        """The content of this name. Raises what `open` raises."""
        with self.open(sha256) as content, self._told(sha256):
            return content.read()

    def open(self, sha256: str) -> BinaryIO:
        """The content of this name, for reading it piece by piece, which goes on when it is unlinked meanwhile.

        Raises `NotFound` when it is gone, `HistoryUnavailable` when it cannot be read.
        """
        with self._told(sha256), self._place(sha256) as place:
            # Without waiting: something else of that name, such as a pipe, could make the server wait for ever.
            file = os.open(sha256, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=place)
            if not stat.S_ISREG(os.fstat(file).st_mode):
                os.close(file)
                raise FileNotFoundError
            return os.fdopen(file, "rb")

    @contextmanager
    def _told(self, sha256: str) -> Iterator[None]:
        """What goes wrong while a content is read, in sentences."""
        try:
            yield
        except FileNotFoundError:
            raise NotFound(
                "The content of this file is missing on the server; attach the file again.",
                advice=f"{self._folder} has no file {sha256}: was it left out of a backup?",
            ) from None
        except OSError as problem:
            raise HistoryUnavailable(
                "The server cannot read this file; tell the owner of this site.",
                advice=f"The file {sha256} in {self._folder} cannot be read: {problem.strerror}.",
            ) from problem

    def unlink(self, sha256: str) -> None:
        """Delete the content of this name; one that is not there is as good as deleted, one in use is not touched."""
        with suppress(OSError), self._place(sha256) as place:
            os.unlink(sha256, dir_fd=place)

    def names(self, *, older_than_s: float) -> Iterator[str]:
        """The names of all contents that were written longer ago than so many seconds."""
        for entry, place in self._entries():
            if _NAME.fullmatch(entry) and entry.startswith(place.name) and _age_s(place / entry) > older_than_s:
                yield entry

    def remove_half_written(self, *, older_than_s: float) -> None:
        """Delete what a crash left under a temporary name longer ago than so many seconds."""
        for entry, place in self._entries():
            if _HALF_WRITTEN.fullmatch(entry) and _age_s(place / entry) > older_than_s:
                with suppress(OSError):
                    (place / entry).unlink()

    def _entries(self) -> Iterator[tuple[str, Path]]:
        for first in range(256):
            place = self._folder / f"{first:02x}"
            if not place.is_symlink() and place.is_dir():
                yield from ((entry, place) for entry in sorted(os.listdir(place)))

    @contextmanager
    def _place(self, sha256: str, *, make: bool = False) -> Iterator[int]:
        """The folder of a content, open as a file descriptor. Raises `OSError`."""
        if not _NAME.fullmatch(sha256):
            raise FileNotFoundError
        place = self._folder / sha256[:2]
        if make:
            with suppress(FileExistsError):
                place.mkdir(mode=0o700)
                _sync(self._folder)
        opened = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            yield opened
        finally:
            os.close(opened)

    def _check_room(self, size_bytes: int) -> None:
        disk = shutil.disk_usage(self._folder)
        keep_bytes = max(self._keep_free_bytes, min(disk.total // 20, KEEP_FREE_MOST_BYTES))
        if disk.free < size_bytes + keep_bytes:
            raise _no_room(f"The disk of {self._folder} has less than {keep_bytes // 1_000_000} MB left.")

    def _write(self, place: int, sha256: str, data: bytes) -> None:
        half_written = f"new-{secrets.token_hex(16)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            with open(os.open(half_written, flags, 0o600, dir_fd=place), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.rename(half_written, sha256, src_dir_fd=place, dst_dir_fd=place)
        except OSError:
            with suppress(OSError):
                os.unlink(half_written, dir_fd=place)
            raise
        os.fsync(place)


def _no_room(advice: str) -> HistoryUnavailable:
    return HistoryUnavailable(
        "The server has no room for this file right now; try again later, or tell the owner of this site.",
        advice=advice,
    )


def _size(place: int, name: str) -> int | None:
    with suppress(FileNotFoundError):
        found = os.stat(name, dir_fd=place, follow_symlinks=False)
        return found.st_size if stat.S_ISREG(found.st_mode) else None
    return None


def _age_s(path: Path) -> float:
    try:
        return time.time() - path.lstat().st_mtime
    except FileNotFoundError:
        return 0


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
