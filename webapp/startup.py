"""What a server process does before it takes its first request: recover and greet."""

from __future__ import annotations

import logging
import socket

from webapp.services import Services, loopback_address
from webapp.views.admin import sign_in_key

log = logging.getLogger(__name__)


def recover(parts: Services) -> None:
    """Mark as `interrupted` what a process that died left running. Only for who holds the data folder."""
    interrupted = parts.history.interrupt_running()
    if interrupted:
        log.warning("%d answers were interrupted when the server stopped; they can be continued", interrupted)


def greeting(parts: Services) -> str:
    """Where the site is, as lines for the terminal."""
    settings = parts.settings
    own = settings.public_url or loopback_address(settings)
    lines = ["", f"  Parley is at        {own}"]
    network = network_address()
    if network is not None:
        address = f"http://{network}:{settings.port}"
        opened = settings.host in {"0.0.0.0", "::", network}
        lines.append(f"  In your network     {address}" + ("" if opened else "   (after a start with HOST=0.0.0.0)"))
    lines += [f"  Sign in as owner    {own}/admin/enter/{sign_in_key(parts.secret_key)}", ""]
    return "\n".join(lines)


def network_address() -> str | None:
    """This machine's address in the local network, None when it is in none. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1: choosing a route for it tells our own address
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if address.startswith("127.") or address == "0.0.0.0" else address
