"""The gateway: the signed protocol, served for every model on offer, so that its clients can use Parley as a server."""

from __future__ import annotations

import errno
import logging
import re
from collections.abc import Iterator

import msgspec
from flask import Blueprint, Response, request

from webapp.errors import AnswerTooLong, ChatError, InvalidInput, LoopDetected, ModelMissing, UpstreamCut
from webapp.providers import GPROChat, Guide, Notes
from webapp.providers.base import StopSignal
from webapp.providers.gprochat_gateway import MAX_BODY_BYTES, GatewayRefused, GenerateRequest
from webapp.services import MEGABYTE
from webapp.upstreams import Upstreams
from webapp.views.bodies import whole_body
from webapp.views.departure import Departure, client_socket
from webapp.views.json import json_response
from webapp.views.parts import services

blueprint = Blueprint("generate", __name__)
log = logging.getLogger(__name__)

MAX_AUTH_BYTES = 4096
MOST_HOPS = 8
GUESSES = frozenset({"wrong_password"})  # the refusals that somebody may be trying to get past


class _Password(msgspec.Struct):
    given: object = msgspec.field(name="pass", default=None)


@blueprint.post("/api/generate")
def generate() -> Response:
    """Check a signed request and stream the model's answer as plain text. 400 and 401 as the originals say.

    What goes wrong before the first text is an error reply; after it the reply is cut, which the client notices.
    """
    accepted = _accepted()
    upstreams = services().upstreams
    model = _model(upstreams, accepted.model)
    stop, bound = StopSignal(), _Bound(services().settings.max_answer_mb)
    texts = _texts(upstreams, model, accepted, stop, bound)
    answer = _answer(texts, bound, Departure(client_socket(request.environ), stop.set))
    try:
        first = next(answer, None)
    except ChatError as problem:
        _log(model, problem)
        raise
    if first is None:
        raise UpstreamCut("The answer was stopped before it began.")  # the client left: nobody reads this
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    return Response(_whole_or_cut(first, answer, stop, model), mimetype="text/plain", headers=headers)


@blueprint.post("/api/auth")
def auth() -> Response:
    """`{"code": 0}` when the password is right, `{"code": -1}` when it is wrong."""
    limits, address = services().limits, request.remote_addr or ""
    try:
        given = msgspec.json.decode(whole_body(MAX_AUTH_BYTES), type=_Password).given
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        given = None
    limits.may_guess("gateway", address)
    verdict = services().gateway.check_auth(given)
    if verdict["code"] != 0:
        limits.guessed_wrong("gateway", address)
    return json_response(verdict)


def _accepted() -> GenerateRequest:
    limits, address = services().limits, request.remote_addr or ""
    try:
        return services().gateway.accept(whole_body(MAX_BODY_BYTES))
    except GatewayRefused as refused:
        # Only for who is refused: our own chat comes from loopback too, and nobody's guesses may lock it out.
        limits.may_guess("gateway", address)
        if refused.code in GUESSES:
            limits.guessed_wrong("gateway", address)
        raise


def _model(upstreams: Upstreams, wanted: str) -> str:
    """The model to ask. Raises `GatewayRefused` with the choice for one that is not on offer."""
    try:
        return upstreams.model(wanted or None)
    except InvalidInput as problem:
        if wanted == GPROChat.default_model:  # what clients of the protocol name when nobody chose a model
            return upstreams.model(None)
        raise GatewayRefused(400, ModelMissing.code, problem.message) from None


class _Bound(Notes):
    """Counts an answer's bytes; what the model thinks aloud counts too, though it is not sent on."""

    def __init__(self, most_mb: int) -> None:
        self._most_mb, self._left = most_mb, most_mb * MEGABYTE

    def reasoning(self, text: str) -> None:
        self.fitting(text.encode())
        self.check()

    def fitting(self, data: bytes) -> bytes:
        """As much of the next bytes as the answer may have, in whole characters."""
        fits = data[: max(self._left, 0)]
        self._left -= len(data)
        return data if len(fits) == len(data) else fits.decode(errors="ignore").encode()

    def check(self) -> None:
        """Raises `AnswerTooLong` when the answer has become longer than the site allows."""
        if self._left < 0:
            raise AnswerTooLong(
                f"The answer reached {self._most_mb} MB, the most this site allows, and was ended there.",
                advice=f"The limit is MAX_ANSWER_MB={self._most_mb}.",
            )


def _texts(
    upstreams: Upstreams, model: str, accepted: GenerateRequest, stop: StopSignal, bound: _Bound
) -> Iterator[str]:
    """The answer, by the guide itself or by whichever upstream has the model. Raises `LoopDetected`."""
    if upstreams.is_embedded(model):
        return Guide.create_completion(model, accepted.messages, stop=stop)
    hops = re.findall(r"\bparley-[0-9a-f]{16}\b", request.headers.get("Via", ""))
    if upstreams.via_id in hops or len(hops) > MOST_HOPS:
        problem = LoopDetected(
            "This question came back to a server that had asked it already, so nobody would ever answer it. "
            "The owner of this site has to correct where its models come from.",
            advice="The upstreams of this server, or of one that it asks, lead in a circle: see their addresses in "
            "GPROCHAT_URL, OPENAI_BASE_URL and upstreams.toml.",
        )
        _log(model, problem)
        raise problem
    return upstreams.complete(model, accepted.messages, accepted.options, stop, bound, via=hops)


def _answer(texts: Iterator[str], bound: _Bound, departure: Departure) -> Iterator[bytes]:
    """The answer's bytes; the upstream is left as soon as the client leaves."""
    with departure:
        for text in texts:
            if data := bound.fitting(text.encode()):
                yield data
            bound.check()


def _whole_or_cut(first: bytes, answer: Iterator[bytes], stop: StopSignal, model: str) -> Iterator[bytes]:
    """The reply's body. Raises `ConnectionResetError`, upon which the server drops the connection."""
    try:
        yield first
        yield from answer
    except ChatError as problem:
        _log(model, problem)
        # Without the last chunk the client sees that something is missing; gunicorn ignores this error quietly.
        raise ConnectionResetError(errno.ECONNRESET, "the upstream failed in the middle of its answer") from None
    if stop.is_set():
        raise ConnectionResetError(errno.ECONNRESET, "the client left")


def _log(model: str, problem: ChatError) -> None:
    log.warning("gateway: no whole answer from %s: %s: %s", model, problem.code, problem.advice)
