"""What goes wrong in an embed is told to its visitors without what is the owner's: the upstream's words, advice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.embed_site import HEAD, EmbedSite, embed_site, new_id
from tests.scripted_server import LAST_CHUNK, Step, chunk
from webapp import frames
from webapp.messages import ModelOptions

SECRET = "You are Zorba, secret-4711"


def refusal(status: str, body: str, kind: str = "application/json") -> list[Step]:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return [(head + body).encode()]


def error(text: str) -> str:
    return json.dumps({"error": {"message": text}})


REFUSALS: list[list[Step]] = [
    refusal("500 x", error(f"failed at: {SECRET}")),
    refusal("400 x", error(f"bad prompt: {SECRET}")),
    refusal("400 x", error(f"content_filter: {SECRET}")),
    refusal("418 x", error(SECRET)),
    refusal("502 x", f"<html><title>{SECRET}</title>", "text/html"),
    [HEAD, chunk(f"data: {error(SECRET)}\n\n".encode()), LAST_CHUNK],
]


def ended(site: EmbedSite, steps: list[Step]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The stored errors of an embed's visitor and of one of the site itself, who asked the same."""
    site.upstream.play(steps)
    access = site.visitor()
    asked = site.asked(access)
    own = site.parts.turns.ask("a-visitor", frames.Ask(id=new_id(), text="Hello", model="small"))
    site.parts.turns.drain(5)
    found = [
        site.parts.history.answer(visitor_id, turn.answer.id).error
        for visitor_id, turn in ((access.visitor_id, asked), ("a-visitor", own))
    ]
    assert found[0]
    assert found[1]
    return found[0], found[1]


@pytest.mark.parametrize("steps", REFUSALS)
@pytest.mark.parametrize("owner", [False, True])
def test_s11_what_the_upstream_wrote_is_not_for_an_embed(tmp_path: Path, steps: list[Step], owner: bool) -> None:
    # Behind a proxy anybody may come; on this machine alone who comes is who runs it.
    with embed_site(tmp_path, trusted_proxies=0 if owner else 1) as site:
        site.embed(options=ModelOptions(system=SECRET))
        in_embed, on_site = ended(site, steps)
        assert SECRET in on_site["message"]
        assert SECRET not in json.dumps(in_embed)
        assert in_embed["code"] == on_site["code"]
        assert "127.0.0.1" not in in_embed["message"]  # what the owner is told names the upstream's host
        assert ("127.0.0.1" in on_site["message"]) is owner
