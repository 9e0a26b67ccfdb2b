"""A scripted upstream and a Parley server that asks it, for each test module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.parley_server import ParleyServer, Visitor
from tests.scripted_server import ScriptedServer


@pytest.fixture(scope="module")
def upstream() -> Iterator[ScriptedServer]:
    """The upstream whose bytes the test decides."""
    with ScriptedServer() as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, upstream: ScriptedServer) -> Iterator[ParleyServer]:
    """A server of the module's own, with limits out of the way and the scripted upstream behind it."""
    with ParleyServer(
        tmp_path_factory.mktemp("parley"),
        gprochat_url=upstream.url,
        gprochat_secret="s3cret",
        asks_per_minute=100_000,
        running_per_visitor=1000,
    ) as running:
        yield running


@pytest.fixture
def visitor(server: ParleyServer) -> Visitor:
    """Somebody new."""
    return Visitor(server)


@pytest.fixture(autouse=True)
def quiet_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test of this folder may bring a traceback into the server's log."""
    running: ParleyServer | None = request.getfixturevalue("server") if "server" in request.fixturenames else None
    before = len(running.log()) if running else 0
    yield
    if running:
        assert "Traceback" not in running.log()[before:], running.log()[before:]
