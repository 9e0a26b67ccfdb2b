"""Builds all parts from the settings and hands them out. No Flask, so the terminal client uses it too."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from webapp import data_folder, keys
from webapp.announcements import Announcements
from webapp.answers.in_memory import InMemoryAnswerLog
from webapp.conversations import Conversations
from webapp.history.store import History
from webapp.limits import Limits
from webapp.providers import GPROChat, Guide
from webapp.providers.gprochat_gateway import Gateway
from webapp.settings import InvalidSettings, Settings
from webapp.turns import Bounds, Turns
from webapp.upstream import Upstream

DATABASE = "parley.db"


@dataclass(frozen=True, kw_only=True)
class Services:
    """The parts of one process, joined."""

    settings: Settings
    history: History
    announcements: Announcements
    limits: Limits
    turns: Turns
    conversations: Conversations
    upstream: Upstream
    gateway: Gateway
    secret_key: str

    def drain(self) -> None:
        """Send connections away, let answers finish within the grace period, mark the rest `interrupted`."""
        self.announcements.send_away()
        self.turns.drain(self.settings.shutdown_grace_s)

    def close(self) -> None:
        """Mark what still runs `interrupted` and close the database."""
        self.turns.drain(0)
        self.history.close()


def build(settings: Settings, *, own_address: str | None = None) -> Services:
    """All parts. `own_address` is where this process serves its gateway; the default follows HOST and PORT."""
    folder, history = places(settings)
    gateway_secret = settings.gateway_secret or keys.load_or_make(folder, "gateway_secret")
    history.migrate()
    announcements = Announcements(most=settings.max_sockets, most_per_visitor=settings.sockets_per_visitor)
    limits = Limits(
        asks_per_minute=settings.asks_per_minute, asks_per_minute_per_address=settings.asks_per_minute_per_address
    )
    upstream = _upstream(settings, own_address or loopback_address(settings), gateway_secret)
    turns = Turns(
        history=history,
        answer_log=InMemoryAnswerLog(),
        upstream=upstream,
        limits=limits,
        announcements=announcements,
        bounds=Bounds(prompt_chars=settings.max_prompt_chars, running_per_visitor=settings.running_per_visitor),
    )
    return Services(
        settings=settings,
        history=history,
        announcements=announcements,
        limits=limits,
        turns=turns,
        conversations=Conversations(history, turns, announcements),
        upstream=upstream,
        gateway=Gateway(gateway_secret, settings.gateway_passwords, lambda: time.time_ns() // 1_000_000),
        secret_key=settings.secret_key or keys.load_or_make(folder, "secret_key"),
    )


def places(settings: Settings) -> tuple[Path, History]:
    """The data folder, made when it is missing, and the history, not opened yet. Raises `InvalidSettings`."""
    folder = Path(settings.data_dir)
    try:
        data_folder.make(folder)
        data_folder.make_private(folder / "server.lock")  # a folder that cannot be written to is found here
    except OSError as problem:
        raise InvalidSettings([f"DATA_DIR: {folder} cannot be made or used: {problem.strerror}."]) from None
    try:
        if not settings.database_url:
            data_folder.make_private(folder / DATABASE)
        return folder, History(settings.database_url or f"sqlite:///{folder / DATABASE}")
    except (ValueError, OSError) as problem:
        raise InvalidSettings([f"DATABASE_URL: {problem}"]) from None


def loopback_address(settings: Settings) -> str:
    """Where this machine reaches the server itself."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "127.0.0.1", "localhost", ""} else settings.host
    if host == "::":
        host = "::1"
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def _upstream(settings: Settings, own_address: str, gateway_secret: str) -> Upstream:
    if not settings.gprochat_url:
        passwords = settings.gateway_passwords
        options = {"base_url": own_address, "secret": gateway_secret, "password": next(iter(passwords), None)}
        return Upstream("guide", GPROChat, (Guide.default_model,), options)
    return Upstream(
        "gprochat",
        GPROChat,
        settings.gprochat_models or (GPROChat.default_model,),
        {
            "base_url": settings.gprochat_url,
            "secret": settings.gprochat_secret,
            "password": settings.gprochat_password or None,
            "dialect": settings.gprochat_dialect,
            "silence_timeout_s": settings.upstream_silence_s,
        },
        settings.gprochat_proxy or None,
    )
