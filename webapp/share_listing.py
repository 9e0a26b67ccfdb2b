"""Shares as their visitor sees them: with their links, their number of messages, and who reads them now. No Flask."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from webapp.errors import NotFound
from webapp.history.sharing import ShareStore, StoredShare
from webapp.messages import Conversation, Share
from webapp.readers import Readers
from webapp.share_tokens import ShareTokens, is_token_of
from webapp.shared import Node, ShareKind, picked


class ShareListing:
    """Tells what stored shares look like."""

    def __init__(self, shares: ShareStore, readers: Readers, tokens: ShareTokens, public_url: str) -> None:
        """`public_url` is what links begin with; without it they are paths."""
        self._shares, self._readers, self._tokens = shares, readers, tokens
        self._public_url = public_url.rstrip("/")

    def one(self, stored: StoredShare) -> Share:
        """A share. Raises `NotFound` when its conversation was deleted at this moment."""
        for share in self.all([stored]):
            return share
        raise NotFound("There is no such link.")

    def all(self, stored: Sequence[StoredShare]) -> list[Share]:
        """The same of several, without those whose conversation was deleted at this moment."""
        trees: dict[str, tuple[Conversation, list[Node]]] = {}
        shares = []
        for one in stored:
            place = one.conversation_id
            if one.kind is ShareKind.LIVE and place not in trees:
                with suppress(NotFound):
                    trees[place] = self._shares.tree(one.visitor_id, place)
            if one.kind is ShareKind.SNAPSHOT:
                shares.append(self._share(one, len(one.chosen)))
            elif place in trees:
                conversation, nodes = trees[place]
                shares.append(self._share(one, len(picked(nodes, one.selection, conversation.leaf).parents)))
        return shares

    def _share(self, stored: StoredShare, messages: int) -> Share:
        token = self._tokens.token(stored.id)
        # With another SECRET_KEY than when it was made the link still works, but nobody can tell it any more.
        known = is_token_of(token, stored.token_hash)
        return Share(
            id=stored.id,
            conversation=stored.conversation_id,
            conversation_title=stored.conversation_title,
            kind=stored.kind,
            scope=stored.scope,
            leaf=stored.leaf,
            messages=messages,
            masked=stored.masked,
            title=stored.title,
            author=stored.author,
            may_continue=stored.may_continue,
            has_password=stored.password_hash is not None,
            expires_at_ms=stored.expires_at_ms,
            most_views=stored.most_views,
            views=stored.views,
            viewed_at_ms=stored.viewed_at_ms,
            created_at_ms=stored.created_at_ms,
            updated_at_ms=stored.updated_at_ms,
            state=stored.state,
            readers=self._readers.count(stored.id),
            url=f"{self._public_url}/s/{token}" if known else "",
        )
