"""The tokens by which a host's server says who somebody is, made as docs/embedding.md tells site owners to."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

from tests.parley_server import ROOT

PAGE = ROOT / "docs" / "embedding.md"


def examples() -> dict[str, tuple[str, str]]:
    """The fenced blocks of the page for site owners, by their names: language and text."""
    found = re.findall(r"^```(\w+) ([\w-]+)\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return {name: (language, text) for language, name, text in found}


def token_for(person: str, secret: str, embed: str = "acme") -> str:
    """A token for a person, by the example's own code."""
    names: dict[str, Any] = {}
    exec(examples()["token"][1], names)
    return cast("Callable[..., str]", names["token_for"])(person, secret, embed)
