"""Fixtures that many tests share."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parley_server import ParleyServer
from webapp.providers import GPROChat


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run the long proofs only when `make prove` asks for them: leave them out, which is not a skipped check."""
    # Files that run side by side are mixed, so that browsers seldom meet; what takes longest begins first.
    items.sort(key=lambda item: (item.path.parent.name != "bench", zlib.crc32(item.path.name.encode())))
    if os.environ.get("PARLEY_PROVE"):
        return
    proofs = [item for item in items if item.get_closest_marker("proof")]
    if proofs:
        config.hook.pytest_deselected(items=proofs)
        items[:] = [item for item in items if item not in proofs]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    """A server of its own for each test module, with limits out of the way."""
    data_dir: Path = tmp_path_factory.mktemp("parley")
    with ParleyServer(data_dir, asks_per_minute=10000, running_per_visitor=1000) as running:
        yield running


@pytest.fixture(autouse=True)
def no_known_dialects() -> None:
    """A server of an earlier test may have had the same port and another dialect."""
    GPROChat._known_dialects.clear()
