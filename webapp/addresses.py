"""Under which addresses this server is reached."""

from __future__ import annotations

import socket

from webapp.settings import Settings, is_loopback
from webapp.upstream_settings import place


def loopback_address(settings: Settings) -> str:
    """Where this machine reaches the server itself."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "127.0.0.1", "localhost", ""} else settings.host
    if host == "::":
        host = "::1"
    return _address(host, settings.port)


def network_address() -> str | None:
    """This machine's address in the local network, None when it is in none. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1: choosing a route for it tells our own address
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if address.startswith("127.") or address == "0.0.0.0" else address


def own_places(settings: Settings) -> frozenset[tuple[str, int]]:
    """All places (see `upstream_settings.place`) at which a request would come back to this server."""
    addresses = [_address(settings.host, settings.port), settings.public_url]
    network = network_address()
    if network is not None and (is_loopback(settings.host) or settings.host in {"0.0.0.0", "::"}):
        addresses.append(_address(network, settings.port))
    return frozenset(place(address) for address in addresses if address)


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
