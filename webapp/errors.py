"""The errors Parley shows to people and programs, and their one shape on the wire. Imports nothing of ours."""

from __future__ import annotations

from typing import Any


class ChatError(Exception):
    """Something went wrong that its receiver can act on: a stable code and one sentence in plain words."""

    code = "internal"
    status = 500

    def __init__(
        self, message: str, *, retry_after: float | None = None, advice: str = "", unquoted: str | None = None
    ) -> None:
        """`retry_after` is in seconds, when trying again later can help.

        `message` is for whoever reads the page; where it quotes another server, which may have written anything that
        it was sent, `unquoted` is the same without. `advice` is for who runs the site or calls the library: it may
        name hosts and settings, never a secret, and never what somebody wrote, for it goes to the log.
        """
        super().__init__(f"{message} {advice}" if advice else message)
        self.message = message
        self.unquoted = message if unquoted is None else unquoted
        self.retry_after = retry_after
        self.advice = advice

    def body(self, *, advise: bool = False, quote: bool = True) -> dict[str, Any]:
        """The inside of `{"error": …}`: `code`, `message` and, when it is known, `retry_after` in seconds.

        `advise` adds the advice to the message, for a reader who runs the site. Without `quote` the message has
        neither quotation nor advice, for a reader on somebody else's site.
        """
        message = (str(self) if advise else self.message) if quote else self.unquoted
        body: dict[str, Any] = {"code": self.code, "message": message}
        if self.retry_after is not None:
            body["retry_after"] = self.retry_after
        return body


class InvalidInput(ChatError):
    """The request cannot be understood or breaks a rule; the message names the field."""

    code, status = "invalid_input", 400


class NotSignedIn(ChatError):
    """The caller has to identify itself first."""

    code, status = "not_signed_in", 401


class Forbidden(ChatError):
    """The caller may not do this, whoever it is."""

    code, status = "forbidden", 403


class DoorClosed(ChatError):
    """A reader has to come in by the shared page's door first: `counted` says that this share counts who opens it."""

    code, status = "door_closed", 403

    def __init__(self, message: str, *, counted: bool = False) -> None:
        """The message is for the reader."""
        super().__init__(message)
        self.counted = counted


class SharePassword(DoorClosed):
    """The share has a password, which was not given or is another one."""

    code = "wrong_password"


class NotFound(ChatError):
    """It does not exist, or belongs to somebody else: the two look the same on purpose."""

    code, status = "not_found", 404


class EmbedUnavailable(ChatError):
    """There is no such embed, or its owner paused it: the two look the same on purpose."""

    code, status = "unavailable", 404


class Conflict(ChatError):
    """It cannot be done in the present state, such as continuing a finished answer."""

    code, status = "conflict", 409


class LimitReached(ChatError):
    """A limit of this site; `retry_after` says when it opens again."""

    code, status = "limit_reached", 429


class ShuttingDown(ChatError):
    """This server process is about to stop; the same request works on the next one."""

    code, status = "shutting_down", 503


class SiteClosed(ChatError):
    """The owner put up the closed sign, whose text the message is; what is there can be read."""

    code, status = "site_closed", 503


class HistoryUnavailable(ChatError):
    """The database cannot be read or written now: locked, full, or gone."""

    code, status = "history_unavailable", 503


class UpstreamError(ChatError):
    """The upstream failed; the message says what to do about it."""

    code, status = "upstream_failed", 502


class UpstreamUnreachable(UpstreamError):
    """No connection: nothing listens there, the name is unknown, or TLS failed."""

    code = "upstream_unreachable"


class UpstreamTimeout(UpstreamError):
    """The upstream was silent for longer than allowed."""

    code, status = "upstream_timeout", 504


class UpstreamRefused(UpstreamError):
    """The upstream answered with an error status."""

    code = "upstream_refused"


class WrongSignature(UpstreamRefused):
    """The upstream refused the signature: another secret is set on its side."""

    code = "wrong_signature"


class WrongPassword(UpstreamRefused):
    """The upstream asks for a site password and did not accept ours."""

    code = "wrong_password"


class ClockSkew(UpstreamRefused):
    """The upstream refused the signature and its clock differs from ours."""

    code = "clock_skew"


class WrongKey(UpstreamRefused):
    """The upstream did not accept our API key, or asks for one."""

    code = "wrong_key"


class NoCredit(UpstreamRefused):
    """The account at the upstream has no credit or quota left."""

    code = "no_credit"


class ModelMissing(UpstreamRefused):
    """The upstream does not have this model (any more)."""

    code = "model_missing"


class ConversationRefused(UpstreamRefused):
    """The upstream does not answer this conversation, whoever asks: its form, or its rules on content."""

    code = "conversation_refused"


class ConversationTooLong(ConversationRefused):
    """The conversation is longer than the model can read."""

    code = "conversation_too_long"


class UpstreamBusy(UpstreamRefused):
    """The upstream is over its own limit (429)."""

    code, status = "upstream_busy", 429


class UpstreamCut(UpstreamError):
    """The reply ended before it was complete; what had come is kept."""

    code = "upstream_cut"


class EmptyReply(UpstreamError):
    """The upstream said yes and then nothing."""

    code = "empty_reply"


class AnswerTooLong(ChatError):
    """The answer reached the site's limit and was ended there; what had come is kept."""

    code, status = "answer_too_long", 502


class LoopDetected(ChatError):
    """The request came back to the server that sent it: somewhere an upstream's address leads to ourselves."""

    code, status = "loop_detected", 508
