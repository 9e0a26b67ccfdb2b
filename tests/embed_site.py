"""A site with embeds whose upstream plays a script and notes what it was sent."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.scripted_server import LAST_CHUNK, ScriptedServer, Step, chunk, reply_head
from tests.waiting import until
from webapp import frames
from webapp.embed_profiles import Embed
from webapp.embed_sessions import EmbedAccess, EmbedSession
from webapp.messages import Status, Turn
from webapp.services import Services, build
from webapp.settings import Settings

HEAD = reply_head("Content-Type: text/event-stream", "Transfer-Encoding: chunked")
ADDRESS = "192.0.2.1"
# All is said about its models, so that it is asked for answers alone.
UPSTREAM = """
[house]
kind = "openai"
base_url = "{upstream}"
models = ["small", "large", "hidden"]
images = false
"""


def event(text: str) -> bytes:
    """One piece of an answer as a model's server sends it."""
    return chunk(f"data: {json.dumps({'model': 'm', 'choices': [{'delta': {'content': text}}]})}\n\n".encode())


SAYS_HELLO: list[Step] = [HEAD, event("Hello"), chunk(b"data: [DONE]\n\n"), LAST_CHUNK]
NEVER_ENDS: list[Step] = [HEAD, event("so far"), "hang"]


def new_id() -> str:
    """A question's id."""
    return str(uuid.uuid4())


@dataclass
class EmbedSite:
    """The parts of a site, and who answers behind it."""

    parts: Services
    upstream: ScriptedServer

    def embed(self, embed_id: str = "acme", **fields: Any) -> Embed:
        """Make a profile, or change all of it."""
        return self.parts.embeds.save(Embed(id=embed_id, **fields))

    def session(self, embed_id: str = "acme", address: str = ADDRESS) -> EmbedSession:
        """A new visitor's session."""
        embeds = self.parts.embeds
        return embeds.sessions.begin(embed_id, embeds.sessions.ticket(embeds.open(embed_id)), None, address)

    def visitor(self, embed_id: str = "acme") -> EmbedAccess:
        """A new visitor."""
        return self.parts.embeds.sessions.check(self.session(embed_id).access)

    def ask(self, access: EmbedAccess, text: str = "Hello", **fields: Any) -> Turn:
        """Ask, without waiting for the answer."""
        return self.parts.embeds.ask(access, frames.Ask(**{"id": new_id(), "text": text, **fields}), address=ADDRESS)

    def asked(self, access: EmbedAccess, text: str = "Hello", **fields: Any) -> Turn:
        """Ask and wait for the answer's end."""
        turn = self.ask(access, text, **fields)
        self.wait_for_end(access, turn)
        return turn

    def wait_for_end(self, access: EmbedAccess, turn: Turn) -> None:
        """Until the answer has ended."""
        history = self.parts.history
        until(lambda: history.answer(access.visitor_id, turn.answer.id).status is not Status.RUNNING)

    def sent(self) -> dict[str, Any]:
        """What the upstream was sent last."""
        found: dict[str, Any] = self.upstream.requests[-1].json()
        return found

    @property
    def calls(self) -> int:
        """How often a model was called."""
        return len(self.upstream.requests)


@contextmanager
def embed_site(folder: Path, **settings: Any) -> Iterator[EmbedSite]:
    """The site, until the end of the block; its upstream says hello. There are the embeds `acme` and `other`."""
    with ScriptedServer() as upstream:
        upstream.play(SAYS_HELLO)
        (folder / "upstreams.toml").write_text(UPSTREAM.format(upstream=upstream.url))
        given = {"data_dir": str(folder), "asks_per_minute": 10_000, "asks_per_minute_per_address": 10_000}
        with closing(build(Settings(**{**given, "running_per_visitor": 100, **settings}))) as parts:
            site = EmbedSite(parts, upstream)
            for embed_id in ("acme", "other"):
                site.embed(embed_id, per_visitor_minute=1000, per_address_hour=1000)
            yield site
