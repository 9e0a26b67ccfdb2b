"""The loaders that this site served, in the data folder by their hashes: pages that pin one keep their chat."""

from __future__ import annotations

import logging
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from webapp import data_folder
from webapp.embed_snippets import widget_hash
from webapp.errors import NotFound

FOLDER = "widgets"
MOST = 50
_HASH = re.compile(r"[0-9a-f]{12}")

log = logging.getLogger(__name__)


class KeptWidgets:
    """The loaders of this build and of those before it. Several processes may keep the same one at once."""

    def __init__(self, folder: Path) -> None:
        """`folder` is theirs alone; it is made when something is kept."""
        self._folder = folder

    def keep(self, content: bytes) -> None:
        """Keep a loader that is served from now on; of those that were served last, `MOST` stay.

        When the disk does not let us, it is served all the same.
        """
        try:
            data_folder.make(self._folder)
            self._write(self._place(widget_hash(content)), content)
            self._forget_oldest()
        except OSError as problem:
            log.warning("%s: the widget is not kept for pages that pin it: %s", self._folder, problem.strerror)

    def find(self, hash: str) -> bytes:
        """The loader of this hash. Raises `NotFound`, also for a file that is not what its name says."""
        if _HASH.fullmatch(hash):
            with suppress(OSError):
                content = self._place(hash).read_bytes()
                if widget_hash(content) == hash:
                    return content
        raise NotFound("There is no widget of this hash.")

    def _place(self, hash: str) -> Path:
        return self._folder / f"{hash}.js"

    def _write(self, place: Path, content: bytes) -> None:
        """Write it anew, also when it is there: so it is among the newest, and whole."""
        fresh = place.with_name(f".{place.name}.{secrets.token_hex(8)}")
        try:
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(place)
        finally:
            fresh.unlink(missing_ok=True)

    def _forget_oldest(self) -> None:
        kept = [path for path in self._folder.iterdir() if _HASH.fullmatch(path.stem) and path.suffix == ".js"]
        for path in sorted(kept, key=lambda path: path.stat().st_mtime_ns, reverse=True)[MOST:]:
            path.unlink(missing_ok=True)
