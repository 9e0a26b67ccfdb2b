"""What a server process does before it takes its first request: recover and greet."""

from __future__ import annotations

import logging

from webapp.addresses import loopback_address, network_address
from webapp.services import Services
from webapp.views.owner import sign_in_key

log = logging.getLogger(__name__)


def recover(parts: Services) -> None:
    """Mark as `interrupted` what a process that died left running, and delete files that are nobody's.

    Only for who holds the data folder.
    """
    interrupted = parts.history.interrupt_running()
    if interrupted:
        log.warning("%d answers were interrupted when the server stopped; they can be continued", interrupted)
    if parts.history.carried.give_up():
        log.warning("an import was cut off when the server stopped; what had come of it goes again")
    parts.attachments.sweep()
    parts.purge.start()
    parts.housekeeping.start()


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
    lines.append(f"  Models from         {', '.join(_models_from(parts))}")
    lines += [f"  Sign in as owner    {own}/admin/enter/{sign_in_key(parts.secret_key)}", ""]
    return "\n".join(lines)


def _models_from(parts: Services) -> list[str]:
    """The upstreams whose models are on offer, and those that were declared and do not answer."""
    parts.upstreams.models()  # waits a moment for lists that were never read
    return [
        upstream.name
        + (" (found on this machine)" if upstream.found else "")
        + ("" if upstream.models.names else " (does not answer)")
        for upstream in parts.upstreams
        if upstream.models.names or not upstream.found
    ]
