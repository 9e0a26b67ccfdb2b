"""Builds all parts from the settings and hands them out. No Flask, so the terminal client uses it too."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from webapp import data_folder, keys, upstream_settings
from webapp.access import Access
from webapp.addresses import loopback_address as loopback_address
from webapp.addresses import own_places
from webapp.announcements import Announcements
from webapp.answers.in_memory import InMemoryAnswerLog
from webapp.attachments import Attachments
from webapp.carrying import Carrying
from webapp.conversations import Conversations
from webapp.embed_handovers import EmbedHandovers
from webapp.embed_register import EmbedRegister
from webapp.embed_sessions import EmbedSessions
from webapp.embeds import Embeds
from webapp.files import Files
from webapp.history.private import Histories
from webapp.housekeeping import Housekeeping
from webapp.limits import Limits
from webapp.live_shares import LiveShares
from webapp.local_upstreams import local_upstreams
from webapp.my_data import MyData
from webapp.prompts import Budget
from webapp.providers.gprochat_gateway import Gateway
from webapp.purge import Purge
from webapp.readers import Readers
from webapp.settings import InvalidSettings, Settings
from webapp.sharing import Sharing
from webapp.turns import Bounds, Turns, spawn
from webapp.upstream import Upstream, declared, embedded_guide
from webapp.upstream_settings import UpstreamSettings, place
from webapp.upstreams import Upstreams

DATABASE = "parley.db"
MEGABYTE = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Services:
    """The parts of one process, joined."""

    settings: Settings
    history: Histories
    access: Access
    announcements: Announcements
    limits: Limits
    turns: Turns
    conversations: Conversations
    attachments: Attachments
    carrying: Carrying
    readers: Readers
    sharing: Sharing
    live_shares: LiveShares
    embeds: Embeds
    purge: Purge
    my_data: MyData
    housekeeping: Housekeeping
    upstreams: Upstreams
    gateway: Gateway
    secret_key: str

    def drain(self) -> None:
        """Send connections away, let answers finish within the grace period, mark the rest `interrupted`."""
        self.announcements.send_away()
        self.turns.drain(self.settings.shutdown_grace_s)

    def close(self) -> None:
        """Mark what still runs `interrupted` and close the database."""
        self.housekeeping.close()
        self.purge.close()
        self.turns.drain(0)
        self.history.close()


def build(settings: Settings, *, own_address: str | None = None) -> Services:
    """All parts. `own_address` is where this process serves its gateway; the default follows HOST and PORT.

    Raises `InvalidSettings`.
    """
    entries = declared_upstreams(settings)
    folder, history = places(settings)
    gateway_secret = settings.gateway_secret or keys.load_or_make(folder, "gateway_secret")
    secret_key = settings.secret_key or keys.load_or_make(folder, "secret_key")
    history.migrate()
    announcements = Announcements(most=settings.max_sockets, most_per_visitor=settings.sockets_per_visitor)
    limits = Limits(
        asks_per_minute=settings.asks_per_minute, asks_per_minute_per_address=settings.asks_per_minute_per_address
    )
    attachments = Attachments(
        history=history,
        files=Files(folder / "files"),
        limits=limits,
        most_bytes=settings.max_attachment_mb * MEGABYTE,
        most_bytes_per_visitor=settings.files_mb_per_visitor * MEGABYTE,
    )
    password = next(iter(settings.gateway_passwords), None)
    own = embedded_guide(own_address or loopback_address(settings), gateway_secret, password)
    upstreams = _upstreams(settings, entries, own)
    access = Access(history, announcements, passwords=settings.site_password, secret_key=secret_key)
    register = EmbedRegister(history.embeds, limits, is_shut=lambda: access.has_passwords or access.invitation_only)
    turns = Turns(
        history=history,
        answer_log=InMemoryAnswerLog(),
        upstreams=upstreams,
        attachments=attachments,
        limits=limits,
        announcements=announcements,
        bounds=_bounds(settings),
        advise=settings.visitor_is_owner,
        admit=register.admitting(access.begin),
        options=register.options,
    )
    purge = Purge(history.deletions, attachments, spawn, history.finish_deleting)
    readers = Readers(announcements, most=settings.max_sockets, spawn=spawn)
    conversations = Conversations(history, turns, announcements, purge)
    carrying = Carrying(
        history=history,
        conversations=conversations,
        attachments=attachments,
        announcements=announcements,
        purge=purge,
        most_bytes=settings.max_import_mb * MEGABYTE,
    )
    sharing = Sharing(
        history=history,
        conversations=conversations,
        attachments=attachments,
        carrying=carrying,
        announcements=announcements,
        readers=readers,
        secret_key=secret_key,
        public_url=settings.public_url,
    )
    embeds = Embeds(
        history=history,
        register=register,
        sessions=EmbedSessions(register, history.embed_sessions, limits, secret_key),
        handovers=EmbedHandovers(history, turns, announcements),
        turns=turns,
        limits=limits,
        purge=purge,
        offers=upstreams.offers,
        default=lambda: upstreams.model(None),
    )
    return Services(
        settings=settings,
        history=history,
        access=access,
        announcements=announcements,
        limits=limits,
        turns=turns,
        conversations=conversations,
        attachments=attachments,
        carrying=carrying,
        readers=readers,
        sharing=sharing,
        live_shares=LiveShares(sharing, turns, readers, announcements, spawn),
        embeds=embeds,
        purge=purge,
        my_data=MyData(
            history=history,
            turns=turns,
            announcements=announcements,
            attachments=attachments,
            purge=purge,
            close_readers=readers.close,
            cancel_arrivals=carrying.cancel,
            retention_days=settings.retention_days,
        ),
        housekeeping=Housekeeping(
            history=history,
            turns=turns,
            announcements=announcements,
            purge=purge,
            sweep=attachments.sweep,
            retention_days=settings.retention_days,
            spawn=spawn,
        ),
        upstreams=upstreams,
        gateway=Gateway(gateway_secret, settings.gateway_passwords, lambda: time.time_ns() // 1_000_000),
        secret_key=secret_key,
    )


def _bounds(settings: Settings) -> Bounds:
    return Bounds(
        prompt_chars=settings.max_prompt_chars,
        running_per_visitor=settings.running_per_visitor,
        answer_bytes=settings.max_answer_mb * MEGABYTE,
        history=Budget(messages=settings.history_messages, chars=settings.history_chars),
    )


def places(settings: Settings) -> tuple[Path, Histories]:
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
        return folder, Histories(settings.database_url or f"sqlite:///{folder / DATABASE}")
    except (ValueError, OSError) as problem:
        raise InvalidSettings([f"DATABASE_URL: {problem}"]) from None


def declared_upstreams(settings: Settings) -> list[UpstreamSettings]:
    """What the settings and `upstreams.toml` in the data folder declare. Raises `InvalidSettings`."""
    path = Path(settings.data_dir) / upstream_settings.FILE
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        text = None
    except (OSError, UnicodeError) as problem:
        reason = "it is not UTF-8 text" if isinstance(problem, UnicodeError) else problem.strerror
        raise InvalidSettings([f"{path.name}: it cannot be read: {reason}."]) from None
    return upstream_settings.declared(settings, text, own_places(settings))


def _upstreams(settings: Settings, entries: Sequence[UpstreamSettings], embedded: Upstream) -> Upstreams:
    """The declared ones in their order, else the embedded guide; servers found on this machine come last."""
    silence_s = settings.upstream_silence_s
    upstreams = [declared(entry, silence_s) for entry in entries] or [embedded]
    if settings.finds_local_upstreams:
        taken = own_places(settings) | {place(entry.base_url) for entry in entries if entry.base_url}
        upstreams += local_upstreams(silence_s, taken=taken, names={upstream.name for upstream in upstreams})
    return Upstreams(upstreams)
