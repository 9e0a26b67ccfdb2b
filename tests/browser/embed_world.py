"""Parley behind a TLS proxy, and other people's sites beside it: what the tests of the embed widget walk about in.

world.profile("acme", sites=["shop.test"], greeting="Hello!")
visit = world.visit(context, "plain")            # https://shop.test:PORT/plain, from hosts/plain.html
visit.open()                                     # a click on the launcher
visit.chat.ask("What can you do?")
assert world.at_chat()[0].path == "/widget.js"   # everything that came in, in order
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from msgspec.structs import replace
from playwright.sync_api import BrowserContext

from tests.browser.host_visit import HostVisit
from tests.browser.tls_front import CHAT, Front, Page, Seen
from tests.parley_server import ParleyServer
from tests.scripted_server import ScriptedServer
from webapp.embed_profiles import Embed, checked
from webapp.embed_tokens import EmbedTokens
from webapp.history.store import History

HOSTS = Path(__file__).with_name("hosts")
CACHE_S = 2.1
"""How long a server may go on with a profile as it was, when another process changed it."""


class Sites:
    """Other people's sites, and nobody at chat.test: `with Sites() as sites:`."""

    front: Front

    def __enter__(self) -> Self:
        self.front = Front(0).__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.front.__exit__()

    def origin(self, name: str) -> str:
        """The origin of one of the names: `https://shop.test:PORT`."""
        return f"https://{name}:{self.front.port}"

    def plain_origin(self, name: str) -> str:
        """The same without TLS, on another port."""
        return f"http://{name}:{self.front.plain_port}"

    def put(self, site: str, path: str, body: str, headers: Mapping[str, str] | None = None) -> str:
        """Give a site a page; returns its address."""
        self.front.pages[(site, path)] = Page(body.encode(), headers or {})
        return self.origin(site) + path

    def forget(self) -> None:
        """Begin the log of requests anew."""
        self.front.seen.clear()

    def at_chat(self, path: str = "") -> list[Seen]:
        """The requests for Parley so far, those whose path begins like this, in order."""
        return [seen for seen in list(self.front.seen) if seen.at_chat and seen.path.startswith(path)]

    def at_hosts(self) -> list[Seen]:
        """The requests for everybody else."""
        return [seen for seen in list(self.front.seen) if not seen.at_chat]


class World(Sites):
    """`with World(folder) as world:` runs it all; `settings` are those of the server, in lower case."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self._settings = {"asks_per_minute": 10_000, "running_per_visitor": 1_000, "trusted_proxies": 1, **settings}
        self._folder = folder

    def __enter__(self) -> Self:
        self.server = ParleyServer(self._folder, **self._settings)
        self.front = Front(self.server.port).__enter__()
        self.chat = self.origin(CHAT)
        self.server.settings["PUBLIC_URL"] = self.chat
        self.server.start()
        self.history = History(f"sqlite:///{self._folder / 'parley.db'}")
        return self

    def __exit__(self, *_: object) -> None:
        self.history.close()
        self.server.terminate()
        self.front.__exit__()

    # --- profiles ------------------------------------------------------------------------------------------------

    def profile(self, embed_id: str = "acme", sites: Sequence[str] = ("shop.test",), **fields: Any) -> Embed:
        """Make this profile, or another one out of it; `sites` are names (`shop.test`) or whole sites (`https://…`).

        Another process's change counts after `CACHE_S`: this waits for it where the server knew another one before.
        """
        whole = tuple(site if "://" in site else self.origin(site) for site in sites)
        known = {embed.id: embed for embed in self.history.embeds.all()}.get(embed_id)
        saved = self.history.embeds.save(checked(Embed(id=embed_id, sites=whole, **fields)))
        if known and replace(known, updated_at_ms=saved.updated_at_ms) != saved:
            time.sleep(CACHE_S)
        return saved

    def pause(self, embed_id: str, paused: bool = True) -> None:
        """Pause an embed or let it go on, and wait until it counts."""
        self.history.embeds.set_paused(embed_id, paused)
        time.sleep(CACHE_S)

    def secret(self, embed_id: str) -> str:
        """What the owner's page shows once: by which the embed's site signs who somebody is."""
        key = (self._folder / "secret_key").read_text().strip()
        return EmbedTokens(key).secret(embed_id, self.history.embeds.find(embed_id).salt)

    def owner_enters(self, context: BrowserContext) -> None:
        """Sign in as the owner, with the link that the server printed at its start."""
        link = re.search(r"Sign in as owner +(\S+)", self.server.log())
        assert link, self.server.log()
        page = context.new_page()
        page.goto(link[1])
        page.wait_for_url(f"{self.chat}/admin/")  # the page goes there by itself
        page.close()

    # --- host pages ----------------------------------------------------------------------------------------------

    def host(
        self,
        name: str = "plain",
        site: str = "shop.test",
        *,
        embed: str = "acme",
        attributes: Mapping[str, str | None] | None = None,
        snippet: str | None = None,
        headers: Mapping[str, str] | None = None,
        path: str = "",
        **words: str,
    ) -> str:
        """Put `hosts/<name>.html` at `/<name>` (or `path`) of a site; returns its address.

        `attributes` are more of the script's own, `{"data-mode": "inline"}` (None as a value takes one away);
        `snippet` replaces the whole line (`{{chat}}` in it is our address); `words` fill other `{{words}}`.
        """
        words = {"chat": self.chat, "embed": embed, "nonce": "x", "query": "", "tag": "", **words}
        line = snippet if snippet is not None else self.snippet(embed, attributes)
        text = (HOSTS / f"{name}.html").read_text().replace("{{snippet}}", line)
        for word, meant in words.items():
            text = text.replace("{{" + word + "}}", meant)
        return self.put(
            site, path or f"/{name}", text, {**_HEADERS.get(name, lambda _: {})(self.chat), **(headers or {})}
        )

    def snippet(self, embed: str = "acme", attributes: Mapping[str, str | None] | None = None) -> str:
        """The line that a site owner pastes."""
        given = {"async": "", "src": f"{self.chat}/widget.js", "data-embed": embed, **(attributes or {})}
        named = " ".join(f'{name}="{html.escape(value)}"' for name, value in given.items() if value is not None)
        return f"<script {named}></script>"

    def visit(self, context: BrowserContext, name: str = "plain", site: str = "shop.test", **options: Any) -> HostVisit:
        """Put a host page (see `host`) and open it in a new tab."""
        return HostVisit(context.new_page(), self.host(name, site, **options), self.chat)


@dataclass(frozen=True)
class Told:
    """A world whose model says what the test wants."""

    world: World
    model: ScriptedServer


def _strict(chat: str) -> dict[str, str]:
    policy = f"default-src 'none'; script-src 'nonce-x'; frame-src {chat}; require-trusted-types-for 'script'"
    return {"Content-Security-Policy": policy}


def _isolated(_: str) -> dict[str, str]:
    return {"Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Opener-Policy": "same-origin"}


_HEADERS = {"strict": _strict, "isolated": _isolated}
