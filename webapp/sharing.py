"""Shares: a visitor's links by which others read a conversation. Made, changed, ended; opened by their token. No Flask.

A share's token follows from its id and the server's secret, so that its visitor can be shown the link again; the
database has its hash alone. Whatever a token leads to no more is told apart from nothing by nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from webapp import frames, passwords, share_requests
from webapp.announcements import Announcements
from webapp.attachments import Attachments
from webapp.carrying import Carrying
from webapp.conversations import Conversations
from webapp.errors import Conflict, DoorClosed, Forbidden, InvalidInput, NotFound, SharePassword
from webapp.history.beginning import new_id
from webapp.history.private import is_private
from webapp.history.sharing import StoredShare
from webapp.history.store import History
from webapp.masked_texts import MaskedTexts
from webapp.messages import Conversation, Share
from webapp.opened import Opened as Opened
from webapp.readers import Readers
from webapp.share_doors import Doors
from webapp.share_listing import ShareListing
from webapp.share_requests import NewShare, ShareChange
from webapp.share_tokens import ShareTokens, hash_of, is_token_of
from webapp.shared import Scope, Selection, ShareKind
from webapp.snapshots import Finding, Snapshots

PASS_S = 12 * 3600  # how long who has come in by the door need not do so again
PAGE, MOST_ON_A_PAGE = 50, 200
MOST_REMEMBERED_CHARS = 16_000_000
NOTHING = "Nothing is shared here."


class SharesPage(NamedTuple):
    """A page of shares, and the cursor of the next one; None after the last."""

    shares: list[Share]
    cursor: str | None


class Sharing:
    """The shares of all visitors; somebody else's raise `NotFound`. Safe for threads."""

    def __init__(
        self,
        *,
        history: History,
        conversations: Conversations,
        attachments: Attachments,
        carrying: Carrying,
        announcements: Announcements,
        readers: Readers,
        secret_key: str,
        public_url: str = "",
    ) -> None:
        """`public_url` is what links begin with; without it they are paths."""
        self._shares, self._carrying, self._announcements = history.shares, carrying, announcements
        self._conversations, self._attachments, self._readers = conversations, attachments, readers
        self._masked = MaskedTexts(most_chars=MOST_REMEMBERED_CHARS)
        self._snapshots = Snapshots(conversations, attachments)
        self._doors = Doors()
        self._tokens = ShareTokens(secret_key)
        self._listing = ShareListing(self._shares, readers, self._tokens, public_url)

    # --- what a visitor does -------------------------------------------------------------------------------------

    def preview(self, visitor_id: str, wanted: NewShare) -> tuple[list[Finding], int]:
        """What could be masked in what would be shared, and how many messages that is. Raises as `create` does."""
        _check_place(wanted)
        return self._snapshots.findings(visitor_id, wanted.conversation, share_requests.selection(wanted))

    def create(self, visitor_id: str, wanted: NewShare) -> Share:
        """Make a share. Raises `NotFound` for a conversation or a message that is not there, `InvalidInput` for
        settings that cannot be and for nothing to share, and `LimitReached` for one link too many.
        """
        _check_place(wanted)
        # What is read live is masked when it is read.
        masks = self._masked.redactor(wanted.masked if wanted.kind is ShareKind.SNAPSHOT else ())
        taken = self._snapshots.take(visitor_id, wanted.conversation, share_requests.selection(wanted), masks)
        values = share_requests.values(wanted, self._shares.now_ms(), taken.conversation.title)
        values |= {"kind": wanted.kind.value, "scope": wanted.scope.value}
        if wanted.scope is Scope.BRANCH:
            # One that is live goes on from where it was chosen, whatever follows there by then.
            chosen = wanted.leaf or taken.conversation.leaf
            values["leaf"] = chosen if wanted.kind is ShareKind.LIVE and chosen else taken.leaf
        if wanted.kind is ShareKind.SNAPSHOT:
            values |= {"content": taken.content(self._shares.now_ms()), "chosen": taken.ids}
        elif wanted.scope is Scope.CHOSEN:
            values["chosen"] = taken.ids
        share_id = new_id()
        values["token_hash"] = hash_of(self._tokens.token(share_id))
        return self._changed(self._shares.add(visitor_id, share_id, wanted.conversation, values))

    def of(self, visitor_id: str, conversation_id: str | None = None) -> list[Share]:
        """A visitor's shares, of one conversation or of all, newest first, those that ended among them."""
        return self._listing.all(self._shares.of_visitor(visitor_id, conversation_id))

    def find(self, visitor_id: str, share_id: str) -> Share:
        """One of a visitor's shares. Raises `NotFound`."""
        return self._listing.one(self._shares.find(visitor_id, share_id))

    def change(self, visitor_id: str, share_id: str, change: ShareChange) -> Share:
        """Change a share's settings; a snapshot gets other masks for the same messages.

        Another password, or other masks, end the connections of those who read it live.
        Raises `NotFound`, `InvalidInput`, and `Conflict` for one that was revoked.
        """
        before = self._shares.find(visitor_id, share_id)
        values = share_requests.values(change, self._shares.now_ms(), before.conversation_title)
        if not values:
            raise InvalidInput("title: give something to change.")
        if "masked" in values and before.kind is ShareKind.SNAPSHOT and before.state != "revoked":
            values |= self._taken_again(before, _the_same(before), values["masked"] or ())
        share = self._changed(self._shares.change(visitor_id, share_id, values))
        if values.keys() & {"password_hash", "masked"}:
            self._readers.reload(share_id)
        return share

    def take_again(self, visitor_id: str, share_id: str) -> Share:
        """Move a snapshot on to what is there now. Raises `NotFound`, `Conflict` for a live or a revoked one."""
        before = self._shares.find(visitor_id, share_id)
        if before.kind is not ShareKind.SNAPSHOT:
            raise Conflict("This link shows the conversation as it is anyway.")
        grown = msgspec.structs.replace(before.selection, grows=True)
        values = self._taken_again(before, grown, before.masked)
        return self._changed(self._shares.change(visitor_id, share_id, values))

    def revoke(self, visitor_id: str, share_id: str) -> Share:
        """End a share for good, and the connections of those who read it live. Raises `NotFound`."""
        self._shares.find(visitor_id, share_id)
        return self.end(share_id)

    def remove(self, visitor_id: str, share_id: str) -> None:
        """Take a share that was revoked from the list. Raises `NotFound`, and `Conflict` for another."""
        found = self._shares.find(visitor_id, share_id)
        self._shares.remove(visitor_id, share_id)
        self._tell(found)

    # --- what the owner does -------------------------------------------------------------------------------------

    def all_open(self, cursor: str | None = None, limit: int = PAGE) -> SharesPage:
        """A page of all visitors' open shares, newest first. Raises `InvalidInput` for a cursor that is none."""
        limit = max(1, min(limit, MOST_ON_A_PAGE))
        found = self._shares.all_open(_place(cursor), limit + 1)
        more = len(found) > limit
        last = found[limit - 1] if more else None
        return SharesPage(self._listing.all(found[:limit]), None if last is None else f"{last.created_at_ms}.{last.id}")

    def end(self, share_id: str) -> Share:
        """End a share for good, whoever's it is. Raises `NotFound`."""
        revoked = self._shares.revoke(share_id)
        self._readers.close(share_id)
        return self._changed(revoked)

    def end_all(self) -> int:
        """End all shares of all visitors for good; returns how many were open."""
        ended = self._shares.revoke_all()
        for share_id in self._readers.shares():
            self._readers.close(share_id)
        for one in {(share.visitor_id, share.conversation_id): share for share in ended}.values():
            self._tell(one)
        return len(ended)

    # --- what a reader does --------------------------------------------------------------------------------------

    def open(
        self,
        token: str,
        *,
        password: str | None = None,
        view: str | None = None,
        count: bool = False,
        knock: str | None = None,
    ) -> Opened:
        """What this token shares. `view` is a pass of `pass_for`; `count` counts one view.

        `knock` is of `knock_for`: one that was counted a moment ago is let in again and not counted again.
        Raises `NotFound` for a token that leads nowhere, now or ever; `SharePassword` when a password is needed and
        was not given or is wrong; `DoorClosed` when views are counted and this one is not.
        """
        stored = self._by_token(token)
        if self._tokens.is_pass(view, stored.id, stored.password_hash, stored.now_ms):
            return self._opened(stored, view)
        knock = knock if self._tokens.is_knock(knock, stored.token_hash) else None
        is_in = self._doors.has_counted(knock)
        if stored.state == "used_up" and not is_in:
            raise NotFound(NOTHING)
        if stored.password_hash is not None and not _is_right(password, stored.password_hash):
            counted = stored.most_views is not None
            raise SharePassword("This conversation is shared with a password.", counted=counted)
        if count and not is_in:
            if not self._doors.count(knock, lambda: self._shares.count_view(stored.id)):
                raise NotFound(NOTHING)
            stored = msgspec.structs.replace(stored, views=stored.views + 1)
        elif stored.most_views is not None and not is_in:
            raise DoorClosed("This conversation can be opened a number of times only.", counted=True)
        return self._opened(stored)

    def open_now(self, share_id: str) -> Opened:
        """What a reader who is in already may have now. Raises `NotFound` when the share has ended."""
        stored = self._shares.get(share_id)
        if stored.ended:
            raise NotFound(NOTHING)
        return self._opened(stored)

    def pass_for(self, opened: Opened) -> str:
        """What lets this reader come back for `PASS_S` seconds after the door, whatever that asks for."""
        if opened.came_by is not None:  # a pass does not renew itself
            return opened.came_by
        until_ms = self._shares.now_ms() + PASS_S * 1000
        return self._tokens.pass_for(opened.stored.id, opened.stored.password_hash, until_ms)

    def knock_for(self, token: str) -> str:
        """What the door's form of this share is sent with, so that sending it twice counts once."""
        return self._tokens.knock(hash_of(token))

    def masks_now(self, share_id: str) -> tuple[str, ...]:
        """The kinds that this share masks now. Raises `NotFound` when those who read it may not go on."""
        stored = self._shares.get(share_id)
        if stored.ended:
            raise NotFound(NOTHING)
        return stored.masked

    def copy(self, opened: Opened, visitor_id: str) -> Conversation:
        """Make what is shared a conversation of this visitor's own. Raises `Forbidden` if that is not offered."""
        if not opened.share.may_continue:
            raise Forbidden("Who shares this conversation does not offer to continue it.")
        return self._carrying.take_in(visitor_id, opened.transcript())

    # --- how it is done ------------------------------------------------------------------------------------------

    def _taken_again(self, before: StoredShare, selection: Selection, kinds: Iterable[str]) -> dict[str, Any]:
        """The columns of a snapshot that is taken once more; messages that are gone meanwhile are no fault."""
        masks = self._masked.redactor(kinds)
        taken = self._snapshots.take_what_is_left(before.visitor_id, before.conversation_id, selection, masks)
        values: dict[str, Any] = {"content": taken.content(self._shares.now_ms()), "chosen": taken.ids}
        if selection.scope is Scope.BRANCH:
            values["leaf"] = taken.leaf
        return values

    def _opened(self, stored: StoredShare, view: str | None = None) -> Opened:
        masks = self._masked.redactor(stored.masked)
        parts = self._shares, self._conversations, self._attachments
        return Opened(stored, self._listing.one(stored), masks, *parts, came_by=view)

    def _by_token(self, token: str) -> StoredShare:
        stored = self._shares.by_token(hash_of(token))
        if stored is None or not is_token_of(token, stored.token_hash) or stored.ended:
            raise NotFound(NOTHING)
        return stored

    def _changed(self, stored: StoredShare) -> Share:
        self._tell(stored)
        return self._listing.one(stored)

    def _tell(self, stored: StoredShare) -> None:
        """The visitor's tabs, which list the links of a conversation."""
        change = frames.Changed(what="shares", conversation=stored.conversation_id)
        self._announcements.publish(stored.visitor_id, change)


def _check_place(wanted: NewShare) -> None:
    if is_private(wanted.conversation):
        raise InvalidInput("conversation: a private one is never written to disk, so it cannot be shared.")


def _the_same(before: StoredShare) -> Selection:
    """What selects the messages that a snapshot has, and none that came since."""
    return Selection(scope=Scope.CHOSEN, chosen=before.chosen, leaf=before.leaf)


def _is_right(password: str | None, stored: str) -> bool:
    return password is not None and passwords.is_right(password, stored)


def _place(cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    when, _, share_id = cursor.partition(".")
    if not (when.isascii() and when.isdigit() and len(when) < 16 and share_id):
        raise InvalidInput("cursor: that is none of ours.")
    return int(when), share_id
