"""What the owner's page shows: what runs, invitations, shares, the closed sign, where the settings come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from flask import Response, make_response, render_template, request

from webapp.access import Access
from webapp.history.invitations import Invitation
from webapp.messages import Share
from webapp.services import Services
from webapp.settings import Settings
from webapp.views.parts import services

KINDS = {"snapshot": "Snapshot", "live": "Live view"}
STATES = {"open": "open", "expired": "expired", "used_up": "used up", "revoked": "revoked"}


def overview_page(problems: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """The page; `problems` says by section what is wrong with a form that was sent, whose fields are kept."""
    parts = services()
    shares = parts.sharing.all_open(request.args.get("shares"))
    page = render_template(
        "admin.html",
        facts=_facts(parts),
        models=parts.upstreams.models(),
        invitations=[_shown(parts.access, *found) for found in parts.access.invitations()],
        shares=[_shown_share(share) for share in shares.shares],
        older=shares.cursor,
        has_passwords=parts.access.has_passwords,
        invitation_only=parts.access.invitation_only,
        closed=parts.access.closed(),
        settings=_set(parts.settings),
        problems=problems or {},
        given=request.form if problems else {},
    )
    return make_response(page, status)


def site_address() -> str:
    """The site's address as links name it, without a last slash."""
    return services().settings.public_url or request.url_root.rstrip("/")


def moment(time_ms: int) -> tuple[str, str]:
    """A time for programs and for people, both UTC: ("2026-11-23T10:05Z", "23 Nov 2026, 10:05 UTC")."""
    when = datetime.fromtimestamp(time_ms / 1000, UTC)
    return f"{when:%Y-%m-%dT%H:%MZ}", f"{when.day} {when:%b %Y, %H:%M} UTC"


def _facts(parts: Services) -> dict[str, object]:
    visitors, conversations = parts.history.site.counts()
    return {
        "Open connections": len(parts.announcements),
        "Running answers": parts.turns.running_count,
        "Visitors who kept something": visitors,
        "Conversations": conversations,
        "Data folder": parts.settings.data_dir,
    }


def _shown(access: Access, invitation: Invitation, state: str) -> dict[str, Any]:
    return {
        "id": invitation.id,
        "label": invitation.label,
        "state": STATES[state],
        "is_revoked": state == "revoked",
        "url": f"{site_address()}/i/{access.token(invitation.id)}",
        "uses": _counted(invitation.uses, invitation.most_uses, "use", "uses"),
        "questions": _counted(invitation.questions, invitation.most_questions, "question", "questions"),
        "created": moment(invitation.created_at_ms),
        "expires": None if invitation.expires_at_ms is None else moment(invitation.expires_at_ms),
    }


def _shown_share(share: Share) -> dict[str, Any]:
    """What the owner sees of a visitor's share: neither its title nor anything that is in it."""
    return {
        "id": share.id,
        "kind": KINDS[share.kind],
        "messages": _counted(share.messages, None, "message", "messages"),
        "views": _counted(share.views, share.most_views, "view", "views"),
        "readers": f"{_counted(share.readers, None, 'reader', 'readers')} now",
        "has_password": share.has_password,
        "created": moment(share.created_at_ms),
        "expires": None if share.expires_at_ms is None else moment(share.expires_at_ms),
    }


def _counted(count: int, most: int | None, one: str, many: str) -> str:
    if most is None:
        return f"{count:,} {one if count == 1 else many}"
    return f"{count:,} of {most:,} {one if most == 1 else many}"


def _set(settings: Settings) -> list[str]:
    """The names of the settings that are not as they come. No values: some are secrets."""
    return [entry.name.upper() for entry in fields(settings) if getattr(settings, entry.name) != entry.default]
