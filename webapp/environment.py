"""The one place that reads the process's environment, and the file `.env` beside the program."""

from __future__ import annotations

import os
from pathlib import Path

from dotenv import dotenv_values

from webapp.settings import Settings

DOTENV = Path(__file__).resolve().parent.parent / ".env"


def load(dotenv: Path = DOTENV) -> Settings:
    """Settings from the environment, which wins, and from `.env`. Raises `InvalidSettings`."""
    from_file = {name: value for name, value in dotenv_values(dotenv).items() if value is not None}
    return Settings.from_mapping({**from_file, **os.environ})
