"""Under which addresses this server is reached."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

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


def address_for_others(settings: Settings, asked: str) -> tuple[str, bool]:
    """The site's address for another device, and whether it can be opened there, as far as we know.

    `asked` is the address under which the site was asked; a loopback one is no use to anybody else.
    """
    if settings.public_url:
        return settings.public_url, True
    if not is_loopback(urlsplit(asked).hostname or ""):
        return asked, True
    network = network_address()
    if network is not None and settings.host in {"0.0.0.0", "::", network}:
        return _address(network, settings.port), True
    return asked, False


def own_places(settings: Settings) -> frozenset[tuple[str, int]]:
    """The places (see `upstream_settings.place`) this server listens at: what is asked there, it is asked itself.

    PUBLIC_URL is not among them: a proxy may lead other paths of it to other servers.
    """
    addresses = [_address(settings.host, settings.port)]
    network = network_address() if settings.host in {"0.0.0.0", "::"} else None
    if network is not None:
        addresses.append(_address(network, settings.port))
    return frozenset(map(place, addresses))


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
