"""S10: nothing that lets somebody in, and nobody's name, stands in an address or is told to another site."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Response

from tests.browser.embed_world import World
from tests.browser.host_visit import HostVisit
from tests.browser.signed import token_for

pytestmark = pytest.mark.browser
EMAIL = "ada@example.org"


def stored_ids(world: World) -> set[str]:
    """Every id of a visitor, a conversation and a message that the server has."""
    with sqlite3.connect(world.server.data_dir / "parley.db") as database:
        rows = database.execute("select id, visitor_id from conversations").fetchall()
        rows += database.execute("select id, conversation_id from messages").fetchall()
    return {value for row in rows for value in row}


def test_s10_no_address_and_no_referer_has_a_secret(context: BrowserContext, world: World) -> None:
    world.profile("acme")
    world.forget()
    tokens: set[str] = set()

    def keep(response: Response) -> None:
        if "/embed/api/" in response.url and response.request.method == "POST":
            said: Any = json.loads(response.body() or b"null")
            tokens.update(str(said[name]) for name in ("access", "refresh") if isinstance(said, dict) and name in said)

    visit = world.visit(context, "plain")
    visit.page.on("response", keep)
    chat = visit.open()
    chat.answered("Who am I?")
    jwt = token_for("person-4711", world.secret("acme"))
    visit.page.evaluate("jwt => Parley.identify({ jwt })", jwt)
    chat.answered("And now?")
    visit.page.evaluate("email => Parley.identify({ name: 'Ada Lovelace', email })", EMAIL)
    visit.page.evaluate("() => Parley.setContext({ page: 'a-secret-page' })")
    visit.page.reload()
    chat = visit.open()
    chat.wait_until("() => document.querySelector('[data-answer]')")  # the conversation was asked for
    chat.answered("Still here?")
    assert visit.problems == []
    assert len(tokens) >= 2, "no session was seen"
    assert world.at_chat("/embed/api/conversation"), "nobody asked for the conversation"

    ids = stored_ids(world)
    assert len(ids) >= 4, "no conversation was kept"
    secrets = tokens | ids | {jwt, jwt.split(".")[2], "person-4711", EMAIL, "Lovelace", "a-secret-page"}
    told = [seen.url for seen in world.front.seen]
    told += [seen.headers["referer"] for seen in world.front.seen if "referer" in seen.headers]
    assert [(secret, url) for url in told for secret in secrets if secret in url] == []


def test_s10_the_chat_is_told_the_site_and_not_the_page(context: BrowserContext, world: World) -> None:
    world.profile("acme")
    world.forget()
    url = world.host("plain")
    HostVisit(context.new_page(), f"{url}?customer=4711", world.chat).open()
    referers = {seen.headers.get("referer") for seen in world.at_chat() if "/embed" in seen.path}
    assert world.at_chat("/embed")
    assert all("4711" not in (referer or "") for referer in referers)
    assert world.at_chat("/embed")[0].headers["referer"] == f"{world.origin('shop.test')}/"
