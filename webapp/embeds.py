"""Embeds: chats inside other sites. Their profiles, their visitors' sessions and questions, and who is there. No Flask.

A visitor of an embed is one of the same kind as the site's own, with an id that names the embed: so all that looks
things up by visitor keeps embeds apart. The profile's system prompt and options are put in when an answer is made.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import msgspec

from webapp import frames
from webapp.embed_handovers import EmbedHandovers
from webapp.embed_origins import parse_site
from webapp.embed_profiles import Embed, embed_of
from webapp.embed_register import UNAVAILABLE, Crowd, EmbedRegister
from webapp.embed_sessions import EmbedAccess as EmbedAccess
from webapp.embed_sessions import EmbedSession as EmbedSession
from webapp.embed_sessions import EmbedSessions
from webapp.errors import Conflict, EmbedUnavailable, LimitReached, NotFound
from webapp.history.embeds import BlockedSite as BlockedSite
from webapp.history.store import History
from webapp.limits import Limits
from webapp.messages import Turn
from webapp.purge import Purge
from webapp.turns import Turns

ShowOut = Callable[[], None]

log = logging.getLogger(__name__)


class Embeds:
    """All embeds of the site. Thread-safe; every method may raise `HistoryUnavailable`."""

    def __init__(
        self,
        *,
        history: History,
        register: EmbedRegister,
        sessions: EmbedSessions,
        handovers: EmbedHandovers,
        turns: Turns,
        limits: Limits,
        purge: Purge,
        offers: Callable[[str], bool],
        default: Callable[[], str],
    ) -> None:
        """`offers` tells whether a model is on offer, `default` which one the site takes where none is named."""
        self._history, self._register, self._sessions, self._handovers = history, register, sessions, handovers
        self._turns, self._limits, self._purge, self._offers, self._default = turns, limits, purge, offers, default
        self._crowd = Crowd(limits, turns.is_running)
        self._store = history.embeds
        self._present: defaultdict[str, dict[object, ShowOut]] = defaultdict(dict)
        self._lock = threading.Lock()

    # --- profiles ------------------------------------------------------------------------------------------------

    def find(self, embed_id: str) -> Embed:
        """A profile, paused or not. Raises `NotFound`."""
        return self._register.find(embed_id)

    def open(self, embed_id: str) -> Embed:
        """A profile that answers. Raises `EmbedUnavailable` for one that is paused as for one that is not there."""
        return self._register.open(embed_id)

    def all(self) -> list[Embed]:
        """All profiles by their ids, `default` among them."""
        return self._register.all()

    def save(self, embed: Embed) -> Embed:
        """Make a profile or change it; whether it is paused stays. Raises `InvalidInput`, naming the field."""
        saved = self._register.save(embed)
        self.check_doors()
        return saved

    def remove(self, embed_id: str) -> None:
        """Forget a profile with all that was asked by way of it. Raises `NotFound`, `InvalidInput` for the default."""
        with self._turns.holding():
            self._register.remove(embed_id)
        self._turns.stop_of(lambda visitor_id: embed_of(visitor_id) == embed_id)
        self._show_out(embed_id)
        self._purge.start(finish=True)

    def pause(self, embed_id: str) -> Embed:
        """Show everybody out and let nobody ask; running answers finish. Raises `NotFound`."""
        embed = self._register.set_paused(embed_id, True)
        self._show_out(embed_id)
        return embed

    def resume(self, embed_id: str) -> Embed:
        """Let it go on. Raises `NotFound`."""
        embed = self._register.set_paused(embed_id, False)
        self._show_out(embed_id)
        return embed

    def check_doors(self) -> None:
        """Show out everybody whose embed is open to nobody now."""
        with self._lock:
            present = tuple(self._present)
        for embed_id in present:
            try:
                self.open(embed_id)
            except EmbedUnavailable:
                self._show_out(embed_id)

    def secret(self, embed_id: str) -> str:
        """By what its site signs who somebody is. Raises `NotFound`."""
        return self._sessions.secret(embed_id)

    def new_secret(self, embed_id: str) -> str:
        """Another one; who came in by the old one has to come in anew. Raises `NotFound`."""
        self._register.renew_secret(embed_id)
        self._show_out(embed_id)
        return self.secret(embed_id)

    def asked_today(self, embed_id: str) -> int:
        """How many questions were asked by way of it today (UTC)."""
        return self._store.asked_today(embed_id)

    # --- sessions ------------------------------------------------------------------------------------------------

    def ticket(self, embed: Embed) -> str:
        """See `EmbedSessions`."""
        return self._sessions.ticket(embed)

    def begin(
        self, embed_id: str, ticket: str, refresh: str | None, address: str, *, in_host: bool = False
    ) -> EmbedSession:
        """See `EmbedSessions`."""
        return self._sessions.begin(embed_id, ticket, refresh, address, in_host=in_host)

    def restore(self, embed: Embed, refresh: str) -> EmbedSession | None:
        """See `EmbedSessions`."""
        return self._sessions.restore(embed, refresh)

    def identify(self, access: EmbedAccess, jwt: str | None, address: str, *, in_host: bool = False) -> EmbedSession:
        """See `EmbedSessions`."""
        return self._sessions.identify(access, jwt, address, in_host=in_host)

    def check(self, token: str) -> EmbedAccess:
        """See `EmbedSessions`."""
        return self._sessions.check(token)

    def standing(self, access: EmbedAccess) -> Embed:
        """See `EmbedSessions`."""
        return self._sessions.standing(access)

    def stay(self, access: EmbedAccess, show_out: ShowOut) -> Callable[[], None]:
        """Be there until the returned function is called; `show_out` is called when the access holds no more.

        It may not block. Raises `NotSignedIn` when the access does not hold now.
        """
        present, embed_id = object(), access.embed.id
        with self._lock:
            self._present[embed_id][present] = show_out

        def leave() -> None:
            with self._lock:
                self._present[embed_id].pop(present, None)
                if not self._present[embed_id]:
                    del self._present[embed_id]

        try:
            self._sessions.standing(access)  # looked at after it was noted: what changes meanwhile finds it there
        except BaseException:
            leave()
            raise
        return leave

    # --- asking --------------------------------------------------------------------------------------------------

    def ask(self, access: EmbedAccess, frame: frames.Ask, *, asker: object = None, address: str | None = None) -> Turn:
        """A question; of what its page says beside the text only the model counts, where the profile leaves a choice.

        Raises as `Turns.ask` does, and `NotSignedIn`, `EmbedUnavailable`.
        """
        embed = self._sessions.standing(access)
        model = self._offered(access, frame.model if frame.model in embed.models else embed.model)
        bare = msgspec.structs.replace(frame, model=model, options=None, attachments=(), private=False, context=None)
        return self._begun(
            access,
            address,
            partial(
                self._turns.ask,
                access.visitor_id,
                bare,
                asker=asker,
                address=address,
                entry=access.visitor_id,
                context=frame.context,
            ),
        )

    def again(
        self, access: EmbedAccess, frame: frames.Again, *, asker: object = None, address: str | None = None
    ) -> Turn:
        """Another answer, by the profile as it is now. Raises as `ask` does."""
        embed = self._sessions.standing(access)
        wanted = frame.model or self._history.answer(access.visitor_id, frame.answer).model
        model = self._offered(access, wanted if wanted in embed.models else embed.model)
        again = partial(
            self._turns.again,
            access.visitor_id,
            msgspec.structs.replace(frame, model=model or self._default()),
            asker=asker,
            address=address,
            entry=access.visitor_id,
        )
        return self._begun(access, address, again)

    def go_on(
        self, access: EmbedAccess, frame: frames.Continue, *, asker: object = None, address: str | None = None
    ) -> Turn:
        """Go on with a cut answer, by the profile as it is now. Raises as `ask` does."""
        embed = self._sessions.standing(access)
        model = self._offered(access, self._history.answer(access.visitor_id, frame.answer).model)
        if model not in {*embed.models, embed.model or self._default()}:
            raise Conflict("This answer's model is not in use any more; ask for another answer.")
        go_on = partial(
            self._turns.go_on, access.visitor_id, frame, asker=asker, address=address, entry=access.visitor_id
        )
        return self._begun(access, address, go_on)

    def _begun(self, access: EmbedAccess, address: str | None, begin: Callable[[], Turn]) -> Turn:
        turn = begin() if address is None else self._crowd.begin(access.embed, address, begin)
        self._sessions.asked(access)
        return turn

    def _offered(self, access: EmbedAccess, model: str | None) -> str | None:
        # Said here, or the visitor would be told which models the site has.
        if model is None or self._offers(model):
            return model
        self._limits.embed_ask(access.embed.id, access.visitor_id, access.embed.per_visitor_minute)
        with suppress(LimitReached):
            self._limits.embed_model_gone(access.embed.id)
            log.warning("the model %r of an embed is not on offer", model)
        raise EmbedUnavailable(UNAVAILABLE)

    # --- sites that were turned away -----------------------------------------------------------------------------

    def saw_blocked(self, embed_id: str, origin: str, address: str = "") -> None:
        """Note that a page of this origin tried to show an embed; a few a minute that come from one network address."""
        with suppress(ValueError, NotFound, LimitReached):
            site = parse_site(origin)
            if "*" not in site and self.find(embed_id):
                self._limits.embed_turned_away(embed_id, address)
                self._store.saw_blocked(embed_id, site)

    def blocked(self, embed_id: str) -> list[BlockedSite]:
        """The sites that tried in the last seven days, the latest first."""
        return self._store.blocked(embed_id)

    def forget_blocked(self, embed_id: str, origin: str) -> None:
        """Note no more that this site tried."""
        self._store.forget_blocked(embed_id, origin)

    # --- hand-overs ----------------------------------------------------------------------------------------------

    def hand_over(self, access: EmbedAccess, conversation_id: str) -> str:
        """The token of a link that takes a conversation to the site itself. Raises `NotSignedIn`, `NotFound`."""
        self._sessions.standing(access)
        return self._handovers.give(access.visitor_id, conversation_id)

    def peek(self, token: str) -> bool:
        """Whether such a link still leads somewhere."""
        return self._handovers.peek(token)

    def take_over(self, token: str, visitor_id: str) -> str:
        """Give the conversation to this visitor of the site; returns its id. Raises `NotFound`."""
        return self._handovers.take(token, visitor_id)

    # --- inside --------------------------------------------------------------------------------------------------

    def _show_out(self, embed_id: str) -> None:
        with self._lock:
            everybody = tuple(self._present.get(embed_id, {}).values())
        for show_out in everybody:
            show_out()
