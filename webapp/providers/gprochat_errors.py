"""What an error of a `/api/generate` server means. No I/O.

The originals answer `{"error": {"code"?, "message"}}` as text/plain, with the same 401 for a wrong password
and a wrong signature; servers that are Parley add the codes of `webapp.errors` and of `gprochat_gateway`.
"""

from __future__ import annotations

import json

from webapp.errors import (
    ClockSkew,
    ConversationRefused,
    ConversationTooLong,
    EmptyReply,
    LoopDetected,
    ModelMissing,
    NoCredit,
    UpstreamCut,
    UpstreamError,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnreachable,
    WrongKey,
    WrongPassword,
    WrongSignature,
)
from webapp.providers import failures
from webapp.providers.error_reply import MAX_ERROR_BODY_BYTES, Reply, word
from webapp.providers.failures import ASK_AGAIN, ASK_THE_OWNER, Asked, AttemptFailed

# `Date` counts whole seconds and the reply took its time, so small differences say nothing; synchronised
# clocks are never a minute apart.
SKEW_WORTH_TELLING_S = 60
# What a server that is Parley says of the upstream behind it, which it has asked as often as can help.
_TRIED_ALREADY = frozenset(
    error.code
    for error in (
        EmptyReply, LoopDetected, NoCredit, UpstreamCut, UpstreamError, UpstreamRefused, UpstreamTimeout,
        UpstreamUnreachable, WrongKey, WrongPassword, WrongSignature, ClockSkew,
    )
)  # fmt: skip
MOST_CODE = 200
LOCKED_OUT = f"The model's server does not let this site in. {ASK_THE_OWNER}"


def explain(reply: Reply, asked: Asked, now_ms: int, *, has_password: bool) -> AttemptFailed:
    """The error an error reply stands for; `now_ms` is compared with the upstream's `Date`."""
    code, said = _error_in(reply.body)
    if reply.status == 429:
        retry_after_s = reply.retry_after_s(now_ms)
        return AttemptFailed(failures.busy(asked, retry_after_s), retry_after_s)
    if reply.status == 401 and code == "replayed":
        # Two visitors asked the same within one millisecond; the next millisecond signs differently.
        message, advice = f"The model's server took the question for an old one. {ASK_AGAIN}", "has seen it before."
        return AttemptFailed(UpstreamRefused(message, advice=f"{asked.host} {advice}"), 0.005)
    if reply.status == 401 and (known := _unauthorised(code, said, reply.skew_s(now_ms), asked, has_password)):
        return AttemptFailed(known)
    if reply.status == 413 or code == ConversationTooLong.code:
        return AttemptFailed(failures.too_long(asked, reply.status))
    if reply.status in (400, 422) or code == ConversationRefused.code:
        return AttemptFailed(failures.conversation_refused(asked, reply.status, said))
    if code == ModelMissing.code:
        return AttemptFailed(failures.model_missing(asked, reply.status))
    failed = failures.failed(reply, asked, said, now_ms)
    return AttemptFailed(failed.error) if code in _TRIED_ALREADY else failed


def _unauthorised(
    code: str, said: str, skew_s: float | None, asked: Asked, has_password: bool
) -> UpstreamRefused | None:
    """The known reasons for a 401; None for one that is not the protocol's."""
    words, password = f"{code} {said}".lower(), asked.name("password")
    if "password" in words:
        if has_password:
            advice = f"{asked.host} did not accept the site password; correct {password}."
        else:
            advice = f"{asked.host} asks for a site password; set {password}."
        return WrongPassword(LOCKED_OUT, advice=advice)
    clocks_differ = skew_s is not None and abs(skew_s) > SKEW_WORTH_TELLING_S
    if code == "stale" or ("signature" in words and clocks_differ):
        return ClockSkew(LOCKED_OUT, advice=_clock_sentence(asked, skew_s))
    if "signature" in words:
        return WrongSignature(
            LOCKED_OUT,
            advice=f"{asked.host} refused the signature and the clocks agree as far as can be seen; "
            f"set {asked.name('secret')} to that server's secret.",
        )
    return None


def _clock_sentence(asked: Asked, skew_s: float | None) -> str:
    if skew_s is None or abs(skew_s) <= SKEW_WORTH_TELLING_S:
        return f"{asked.host} refused the request as too old or too new; set both clocks by network time."
    side = "behind" if skew_s > 0 else "ahead of"
    return (
        f"{asked.host} refused the signature, and our clock is {abs(skew_s):.0f} seconds {side} its clock; "
        f"set the clock by network time, and only if it is still refused look at {asked.name('secret')}."
    )


def _error_in(body: bytes) -> tuple[str, str]:
    """Code and message of a JSON error, whatever the content type says; plain text is its own message."""
    text = body.decode("utf-8", "replace")
    try:
        error = json.loads(text)
    except (ValueError, RecursionError):
        return "", text
    if isinstance(error, dict):
        error = error.get("error", error)
    if isinstance(error, dict):
        return word(error.get("code"), MOST_CODE), word(error.get("message"), MAX_ERROR_BODY_BYTES)
    return "", error if isinstance(error, str) else ""
