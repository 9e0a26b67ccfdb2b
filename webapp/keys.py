"""The secrets the server makes for itself: kept in the data folder, readable by its user alone."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


class EmptySecret(Exception):
    """A file of ours that should hold a secret is empty: anybody could sign with it."""


def load_or_make(folder: Path, name: str) -> str:
    """The secret kept in `folder/name`; made with 256 bits when there is none. Safe when two processes start.

    Raises `EmptySecret`.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    if not path.exists():
        fresh = folder / f".{name}.{secrets.token_hex(8)}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())  # or a power cut could leave the name without the secret
        try:
            os.link(fresh, path)  # fails when another process was first; its secret is the one that counts
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    key = path.read_text().strip()
    if not key:
        raise EmptySecret(f"The secret in {path} is empty; delete the file, and a new one is made.")
    return key
