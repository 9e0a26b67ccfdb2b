"""Model servers on this machine that nobody declared, looked for at their usual ports."""

from __future__ import annotations

from collections.abc import Container, Mapping

from webapp.upstream import Upstream, openai_compatible
from webapp.upstream_settings import UpstreamSettings, place

TIMEOUT_S = 1.0
# As their own documentation gives them.
PORTS: Mapping[str, int] = {"ollama": 11434, "llama.cpp": 8080, "lm-studio": 1234, "vllm": 8000}


def local_upstreams(
    silence_s: float,
    *,
    taken: Container[tuple[str, int]] = (),
    names: Container[str] = (),
    ports: Mapping[str, int] = PORTS,
) -> list[Upstream]:
    """One for each port, with no models while nothing answers there; nothing is sent before its models are asked for.

    `taken` are the places (see `upstream_settings.place`) of this server and of declared upstreams, which are left
    out; `names` are those of declared upstreams, which keep theirs.
    """
    found = []
    for name, port in ports.items():
        address = f"http://127.0.0.1:{port}"
        if place(address) in taken:
            continue
        entry = UpstreamSettings(
            name=f"{name} on this machine" if name in names else name,
            kind="openai",
            base_url=address,
            names={
                "base_url": f"the port of {name} on this machine, {port}",
                "api_key": "api_key of a table for it in upstreams.toml",
                "proxy": "its proxy",
            },
        )
        found.append(openai_compatible(entry, silence_s, found=True, list_timeout_s=TIMEOUT_S))
    return found
