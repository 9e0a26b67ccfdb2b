"""The static folder under a path that carries its contents' hash, so that browsers may keep it for ever."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path


class StaticFiles:
    """A folder, the path it is served under (`/static/<hash>`), and the scripts that the page needs first."""

    def __init__(self, folder: Path) -> None:
        """Reads every file once, for the hash."""
        self.folder = folder
        digest = hashlib.sha256()
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
        self.prefix = f"/static/{digest.hexdigest()[:12]}"
        names = folder / "vendor" / "page" / "modules.json"
        self.modules: tuple[str, ...] = tuple(json.loads(names.read_text())) if names.is_file() else ("main.js",)
