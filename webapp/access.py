"""Who may come in, by a site password or an invitation, and whether questions may be asked now. No Flask.

What somebody came in by is an *entry*: a word their signed cookie holds. A password's entry is a keyed hash of it and
an invitation's is its id, so a password that was removed and an invitation that was revoked let nobody in any more,
while everybody else notices nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
import unicodedata
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from webapp import frames
from webapp.announcements import Announcements
from webapp.errors import HistoryUnavailable, InvalidInput, NotFound, NotSignedIn, SiteClosed
from webapp.history.beginning import new_id
from webapp.history.invitations import Invitation
from webapp.history.site_state import CLOSED, INVITATION_ONLY
from webapp.history.store import History
from webapp.messages import Turn

PASSWORD, INVITATION = "password.", "invitation."
OWNER = "owner"
"""The entry of whoever is signed in as owner; never in a cookie of ours."""
LONGEST_LABEL, LONGEST_SIGN = 100, 500
MOST_INVITATIONS = 1_000


@dataclass(frozen=True, eq=False)
class _Present:
    """One open connection: by what its visitor may be in, who that is, and what shows them out."""

    entries: Sequence[str]
    visitor_id: str
    show_out: Callable[[], None]


class Access:
    """The site's door. Thread-safe."""

    def __init__(
        self, history: History, announcements: Announcements, *, passwords: Sequence[str], secret_key: str
    ) -> None:
        """`passwords` let people in; `secret_key` makes the invitations' tokens and the passwords' entries."""
        self._invitations, self._site, self._announcements = history.invitations, history.site, announcements
        self._secret_key = secret_key.encode()
        self._password_entries = tuple(self._password_entry(password) for password in passwords)
        self._present: set[_Present] = set()
        self._lock = threading.Lock()

    # --- coming in -----------------------------------------------------------------------------------------------

    @property
    def has_passwords(self) -> bool:
        """Whether there are site passwords."""
        return bool(self._password_entries)

    @property
    def invitation_only(self) -> bool:
        """Whether the owner lets in who was invited, and nobody else."""
        return self._site.get(INVITATION_ONLY) is True

    def admit(self, entries: Sequence[str]) -> str | None:
        """The first of these entries that holds; None where everybody may come in. Raises `NotSignedIn`."""
        if OWNER in entries:
            return OWNER
        if not self.has_passwords and not self.invitation_only:
            return None
        holding = self._holding(entries)
        for entry in entries:
            if entry in holding:
                return entry
        raise NotSignedIn("Sign in to this site first: open its page and give the password, or use your invitation.")

    def by_password(self, given: str) -> str:
        """The entry of a password. Raises `NotSignedIn` when it is none of the site's."""
        entry = self._password_entry(given.strip())
        # All of them are compared, always: the time it takes does not tell which was nearly right.
        if not any([hmac.compare_digest(entry, right) for right in self._password_entries]):
            raise NotSignedIn("That password is not right.")
        return entry

    def invitation(self, token: str, entries: Sequence[str]) -> str:
        """The entry of an invitation, which is not used by this. Raises `NotFound` when nobody comes in by it."""
        found, state = self._invitations.find(_hashed(token))
        entry = INVITATION + found.id
        # Who came in by it already may do so again, as long as it was not taken back.
        if state == "revoked" or (state != "open" and entry not in entries):
            raise NotFound("There is no such invitation.")
        return entry

    def was_invitation(self, token: str) -> bool:
        """Whether there is an invitation with this token, whatever became of it."""
        try:
            self._invitations.find(_hashed(token))
        except NotFound:
            return False
        return True

    def by_invitation(self, token: str, entries: Sequence[str]) -> str:
        """The entry of an invitation, which costs a use for those who did not have it. Raises as `invitation` does."""
        entry = self.invitation(token, entries)
        if entry not in entries:
            self._invitations.use(entry.removeprefix(INVITATION))
        return entry

    # --- asking --------------------------------------------------------------------------------------------------

    def begin(self, entry: str | None, begin: Callable[[], tuple[Turn, bool]]) -> tuple[Turn, bool]:
        """Begin a turn of somebody who came in by `entry`: (the turn, whether it is a new one).

        The owner may ask also while the site is closed, to see that it works. Raises what `begin` does, `SiteClosed`,
        `LimitReached` when the questions of an invitation are used up, and `NotSignedIn` when it was taken back.
        """
        closed = None if entry == OWNER else self.closed()
        if closed is not None:
            raise SiteClosed(closed)
        if entry is None or not entry.startswith(INVITATION):
            return begin()
        invitation_id, created = entry.removeprefix(INVITATION), False
        self._invitations.take_question(invitation_id)  # before it is asked, or two at once would both be the last
        try:
            turn, created = begin()
            return turn, created
        finally:
            if not created:
                with suppress(HistoryUnavailable):  # what `begin` raised says so already
                    self._invitations.give_back_question(invitation_id)

    # --- being there ---------------------------------------------------------------------------------------------

    def stay(self, entries: Sequence[str], visitor_id: str, show_out: Callable[[], None]) -> Callable[[], None]:
        """Be there until the returned function is called; `show_out` is called when the entries hold no more.

        It may not block. Raises `NotSignedIn` when they do not hold now.
        """
        present = _Present(entries, visitor_id, show_out)
        with self._lock:
            self._present.add(present)

        def leave() -> None:
            with self._lock:
                self._present.discard(present)

        try:
            self.admit(entries)  # looked at after it was noted: what changes meanwhile finds it there
        except BaseException:
            leave()
            raise
        return leave

    def left(self, visitor_id: str) -> None:
        """A visitor signed out: show out all their connections."""
        for present in self._all_present():
            if present.visitor_id == visitor_id:
                present.show_out()

    # --- what the owner does -------------------------------------------------------------------------------------

    def invitations(self) -> list[tuple[Invitation, str]]:
        """All invitations, newest first, each with its state: `open`, `expired`, `used_up` or `revoked`."""
        return self._invitations.all()

    def invite(self, *, label: str, valid_ms: int | None, most_uses: int | None, most_questions: int | None) -> str:
        """Make an invitation; None is no bound. Returns its id. Raises `InvalidInput`."""
        label = " ".join(label.split()).replace("\0", "\ufffd")
        if not 1 <= len(label) <= LONGEST_LABEL:
            raise InvalidInput(f"The label must have 1 to {LONGEST_LABEL} characters.")
        if any(bound is not None and bound < 1 for bound in (valid_ms, most_uses, most_questions)):
            raise InvalidInput("What an invitation is bounded by must lie ahead and be at least one.")
        if len(self._invitations.all()) >= MOST_INVITATIONS:
            raise InvalidInput(f"There are {MOST_INVITATIONS:,} invitations; remove some that are over.")
        invitation_id = new_id()
        self._invitations.add(
            invitation_id,
            _hashed(self.token(invitation_id)),
            label=label,
            valid_ms=valid_ms,
            most_uses=most_uses,
            most_questions=most_questions,
        )
        return invitation_id

    def token(self, invitation_id: str) -> str:
        """An invitation's token of 192 bits: made from its id, so that its link can be shown again and kept nowhere."""
        digest = hmac.digest(self._secret_key, b"parley invitation " + invitation_id.encode(), "sha256")
        return urlsafe_b64encode(digest[:24]).decode()

    def revoke(self, invitation_id: str) -> None:
        """Take an invitation back: who came in by it is shown out at once."""
        self._invitations.revoke(invitation_id)
        self._show_out()

    def remove(self, invitation_id: str) -> None:
        """Forget an invitation, as `revoke` does and without a trace."""
        self._invitations.remove(invitation_id)
        self._show_out()

    def set_invitation_only(self, on: bool) -> None:
        """Let in who was invited and nobody else, or take that back."""
        self._site.set(INVITATION_ONLY, True if on else None)
        self._show_out()

    def closed(self) -> str | None:
        """The text of the closed sign; None while the site is open."""
        text = self._site.get(CLOSED)
        return text if isinstance(text, str) else None

    def close(self, text: str) -> None:
        """Put up the closed sign: no questions are taken, running answers finish. Raises `InvalidInput`."""
        text = " ".join(text.split()).replace("\0", "\ufffd")
        if not 1 <= len(text) <= LONGEST_SIGN:
            raise InvalidInput(f"The text of the sign must have 1 to {LONGEST_SIGN} characters.")
        self._site.set(CLOSED, text)
        self._announcements.publish_to_all(frames.Changed(what="site", conversation="", closed=text))

    def open(self) -> None:
        """Take the closed sign down."""
        self._site.set(CLOSED, None)
        self._announcements.publish_to_all(frames.Changed(what="site", conversation=""))

    # --- inside --------------------------------------------------------------------------------------------------

    def _holding(self, entries: Iterable[str]) -> frozenset[str]:
        """Those of these entries by which somebody may be in now."""
        wanted = frozenset(entries)
        invited = (entry.removeprefix(INVITATION) for entry in wanted if entry.startswith(INVITATION))
        standing = {INVITATION + invitation_id for invitation_id in self._invitations.standing(invited)}
        return wanted & {OWNER, *self._password_entries, *standing}

    def _show_out(self) -> None:
        """Show out everybody whose entries hold no more."""
        if not self.has_passwords and not self.invitation_only:
            return
        everybody = self._all_present()
        holding = self._holding(entry for present in everybody for entry in present.entries)
        for present in everybody:
            if holding.isdisjoint(present.entries):
                present.show_out()

    def _all_present(self) -> tuple[_Present, ...]:
        with self._lock:
            return tuple(self._present)

    def _password_entry(self, password: str) -> str:
        given = unicodedata.normalize("NFC", password).encode("utf-8", "replace")
        return PASSWORD + hmac.new(self._secret_key, b"parley site password " + given, hashlib.sha256).hexdigest()


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
