"""Embeds: chats inside other sites. Their profiles, their visitors' sessions and questions, and who is there. No Flask.

A visitor of an embed is one of the same kind as the site's own, with an id that names the embed: so all that looks
things up by visitor keeps embeds apart. The profile's system prompt and options are put in when an answer is made.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import msgspec

from webapp import frames
from webapp.embed_crowd import Crowd
from webapp.embed_handovers import EmbedHandovers
from webapp.embed_origins import allows, parse_site
from webapp.embed_profiles import Embed, embed_of
from webapp.embed_register import UNAVAILABLE, EmbedRegister
from webapp.embed_sessions import EmbedAccess, EmbedSessions
from webapp.errors import Conflict, EmbedUnavailable, HistoryUnavailable, LimitReached
from webapp.history.embeds import BlockedSite as BlockedSite
from webapp.history.store import History
from webapp.limits import Limits
from webapp.messages import Turn
from webapp.purge import PAUSE_S, Purge
from webapp.turns import Turns

ShowOut = Callable[[], None]
Question = frames.Ask | frames.Again | frames.Continue

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
        self._history, self._register, self._handovers = history, register, handovers
        self.sessions = sessions
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
        if all(embed.id != other.id for other in self.all()):
            self._hide_removed()  # one that has the id of a removed one has nothing of what was asked there
        saved = self._register.save(embed)
        self.check_doors()
        return saved

    def remove(self, embed_id: str) -> None:
        """Forget a profile with all that was asked by way of it. Raises `NotFound`, `InvalidInput` for the default."""
        with self._turns.holding():
            self._register.remove(embed_id)
        self._turns.stop_of(lambda visitor_id: embed_of(visitor_id) == embed_id)
        self._show_out(embed_id)
        with suppress(HistoryUnavailable):  # it is removed; housekeeping does what is left
            self._hide_removed()
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
        return self.sessions.secret(embed_id)

    def new_secret(self, embed_id: str) -> str:
        """Another one; who came in by the old one has to come in anew. Raises `NotFound`."""
        self._register.renew_secret(embed_id)
        self._show_out(embed_id)
        return self.secret(embed_id)

    def asked_today(self, embed_id: str) -> int:
        """How many questions were asked by way of it today (UTC)."""
        return self._store.asked_today(embed_id)

    def _hide_removed(self) -> None:
        while not self._store.hide_removed():
            self._purge.start(finish=True)
            time.sleep(PAUSE_S)

    # --- who is there ----------------------------------------------------------------------------------------------

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
            self.sessions.standing(access)  # looked at after it was noted: what changes meanwhile finds it there
        except BaseException:
            leave()
            raise
        return leave

    # --- asking --------------------------------------------------------------------------------------------------

    def ask(self, access: EmbedAccess, frame: frames.Ask, *, asker: object = None, address: str | None = None) -> Turn:
        """A question; of what its page says beside the text only the model counts, where the profile leaves a choice.

        Raises as `Turns.ask` does, and `NotSignedIn`, `EmbedUnavailable`.
        """

        def begin(embed: Embed) -> Turn:
            model = self._offered(access, frame.model if frame.model in embed.models else embed.model)
            bare = msgspec.structs.replace(
                frame, model=model, options=None, attachments=(), private=False, context=None
            )
            ask = partial(self._turns.ask, context=frame.context)
            return self._crowded(access, ask, bare, asker, address)

        return self._once(access, frame.id, begin)

    def again(
        self, access: EmbedAccess, frame: frames.Again, *, asker: object = None, address: str | None = None
    ) -> Turn:
        """Another answer, by the profile as it is now. Raises as `ask` does."""

        def begin(embed: Embed) -> Turn:
            wanted = frame.model or self._history.answer(access.visitor_id, frame.answer).model
            model = self._offered(access, wanted if wanted in embed.models else embed.model) or self._default()
            again = msgspec.structs.replace(frame, model=model)
            return self._crowded(access, self._turns.again, again, asker, address)

        return self._once(access, frame.id, begin)

    def go_on(
        self, access: EmbedAccess, frame: frames.Continue, *, asker: object = None, address: str | None = None
    ) -> Turn:
        """Go on with a cut answer, by the profile as it is now. Raises as `ask` does."""

        def begin(embed: Embed) -> Turn:
            model = self._offered(access, self._history.answer(access.visitor_id, frame.answer).model)
            if model not in {*embed.models, embed.model or self._default()}:
                raise Conflict("This answer's model is not in use any more; ask for another answer.")
            return self._crowded(access, self._turns.go_on, frame, asker, address)

        return self._once(access, frame.id, begin)

    def _once(self, access: EmbedAccess, turn_id: str, begin: Callable[[Embed], Turn]) -> Turn:
        """The turn of this id, begun when there is none: what is said twice passed checks and limits the first time."""
        embed = self.sessions.standing(access)
        turn = self._turns.known(access.visitor_id, turn_id) or begin(embed)
        with suppress(HistoryUnavailable):  # the answer runs: its visitor is to hear of it, and asks again some day
            self.sessions.asked(access)
        return turn

    def _crowded(
        self, access: EmbedAccess, begin: Callable[..., Turn], frame: Question, asker: object, address: str | None
    ) -> Turn:
        """Begin a turn among all that are asked from this address; None is no address of a network."""
        visitor_id = access.visitor_id
        ready = partial(begin, visitor_id, frame, asker=asker, address=address, entry=visitor_id)
        return ready() if address is None else self._crowd.begin(access.embed, address, ready)

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

    def saw_blocked(self, embed: Embed, origin: str, address: str = "") -> None:
        """Note that a page of this origin tried to show an embed that it may not; a few a minute of one network."""
        with suppress(ValueError, LimitReached):  # none that could be listed, such as that of a file
            site = parse_site(origin)
            if "*" not in site and not allows(embed, site):
                self._limits.embed_turned_away(embed.id, address)
                self._store.saw_blocked(embed.id, site)

    def blocked(self, embed_id: str) -> list[BlockedSite]:
        """The sites that tried in the last seven days, the latest first."""
        return self._store.blocked(embed_id)

    def forget_blocked(self, embed_id: str, origin: str) -> None:
        """Note no more that this site tried."""
        self._store.forget_blocked(embed_id, origin)

    # --- hand-overs ----------------------------------------------------------------------------------------------

    def hand_over(self, access: EmbedAccess, conversation_id: str) -> str:
        """The token of a link that takes a conversation to the site itself. Raises `NotSignedIn`, `NotFound`."""
        self.sessions.standing(access)
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
