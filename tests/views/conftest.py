"""Servers for the tests of the views: one as it comes, one as an owner behind a proxy configures it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.parley_server import ParleyServer
from tests.scripted_server import ScriptedServer

SECRET = "upstream-secret-5d1c9e"
PASSWORD = "upstream-password-77ab"
OWNER = "owner-password-3f"
ORIGIN = "https://chat.example.org"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    """A server with nothing configured but limits out of the way; shared, and ended without ceremony."""
    running = ParleyServer(
        tmp_path_factory.mktemp("parley"), asks_per_minute=10000, running_per_visitor=1000, log_level="debug"
    )
    running.start()
    yield running
    running.kill()


@pytest.fixture(scope="session")
def upstream() -> Iterator[ScriptedServer]:
    """What the configured server asks."""
    with ScriptedServer() as running:
        yield running


@pytest.fixture(scope="session")
def configured(tmp_path_factory: pytest.TempPathFactory, upstream: ScriptedServer) -> Iterator[ParleyServer]:
    """A server behind one proxy, under an https address, with an upstream, passwords and a log of everything."""
    running = ParleyServer(
        tmp_path_factory.mktemp("configured"),
        asks_per_minute=10000,
        running_per_visitor=1000,
        log_level="debug",
        public_url=ORIGIN,
        trusted_proxies=1,
        admin_password=OWNER,
        gprochat_url=upstream.url,
        gprochat_secret=SECRET,
        gprochat_password=PASSWORD,
        gateway_secret="parley-test-secret",
        gateway_passwords="open sesame, hunter2",
        max_prompt_chars=1000,
    )
    running.start()
    yield running
    running.kill()
