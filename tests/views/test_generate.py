"""The gateway over real HTTP: who is answered, who is refused and how, and our own client as its client."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
import uuid
from typing import Any

import pytest

from tests.parley_server import ROOT, ParleyServer
from tests.views.http import Reply, call
from webapp.errors import WrongPassword, WrongSignature
from webapp.messages import ChatMessage
from webapp.providers import GPROChat
from webapp.providers.gprochat_gateway import FRESH_MS
from webapp.providers.gprochat_protocol import sign, signed_text
from webapp.providers.guide import answer as guide

VECTORS = json.loads((ROOT / "tests/vectors/signing.json").read_text())
SECRET = VECTORS["secret"]  # also the GATEWAY_SECRET of the server `configured`
SHORT = "Do you remember?"


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def request(messages: list[Any], *, secret: str = SECRET, at_ms: int | None = None, **fields: Any) -> dict[str, Any]:
    """The body of a request, signed now."""
    time_ms = now_ms() if at_ms is None else at_ms
    signature = sign(time_ms, signed_text(messages) if messages else "", secret)
    return {"messages": messages, "time": time_ms, "pass": "hunter2", "sign": signature, **fields}


def parts(*texts: str, role: str = "user") -> dict[str, Any]:
    return {"role": role, "parts": [{"text": text} for text in texts]}


def generate(server: ParleyServer, body: object, **headers: str) -> Reply:
    return call(server, "POST", "/api/generate", body, headers)


def fresh() -> str:
    """A text nobody signed yet, with a short answer."""
    return f"Do you remember {uuid.uuid4().hex}?"


# --- accepted --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", VECTORS["gateway_accepts"], ids=lambda case: case["name"])
def test_what_is_accepted(configured: ParleyServer, case: dict[str, Any]) -> None:
    assert sign(case["timestamp_ms"], signed_text(case["messages"]), SECRET) == case["signature"]
    reply = generate(configured, request(case["messages"]))
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert reply.body.decode() == guide([{"role": "user", "content": signed_text(case["messages"])}])


@pytest.mark.parametrize("case", [case for case in VECTORS["cases"] if case["dialect"] == "parts"][4:5])
def test_the_clients_own_bodies_are_accepted(configured: ParleyServer, case: dict[str, Any]) -> None:
    assert generate(configured, request(case["body_messages"])).status == 200


def test_both_dialects_carry_the_history(configured: ParleyServer) -> None:
    first, question = fresh(), fresh()
    history: list[ChatMessage] = [
        {"role": "user", "content": first},
        {"role": "assistant", "content": "Yes."},
        {"role": "user", "content": question},
    ]
    expected = guide(history)
    assert first in expected
    as_parts = [parts(first), parts("Yes.", role="model"), parts(question)]
    assert generate(configured, request(as_parts)).body.decode() == expected
    time.sleep(0.002)
    assert generate(configured, request([dict(message) for message in history])).body.decode() == expected


def test_the_content_type_of_a_request_does_not_matter(configured: ParleyServer) -> None:
    for kind in ("text/plain;charset=UTF-8", "application/json", "application/x-www-form-urlencoded"):
        reply = generate(configured, request([parts(fresh())]), **{"Content-Type": kind})
        assert reply.status == 200


def test_the_answer_comes_while_it_is_written(configured: ParleyServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", configured.port, timeout=30)
    began_s = time.monotonic()
    connection.request("POST", "/api/generate", json.dumps(request([parts("a long answer of 3")])))
    response = connection.getresponse()
    assert response.headers["X-Accel-Buffering"] == "no"
    assert response.headers["Cache-Control"] == "no-store"
    text, first_s = response.read1(), time.monotonic() - began_s
    while piece := response.read1():
        text += piece
    whole_s = time.monotonic() - began_s
    connection.close()
    assert text.decode() == guide([{"role": "user", "content": "a long answer of 3"}])
    assert first_s < 0.5 < 1 < whole_s


def test_a_client_that_leaves_ends_the_answer(configured: ParleyServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", configured.port, timeout=30)
    connection.request("POST", "/api/generate", json.dumps(request([parts("a long answer of 2000")])))
    assert connection.getresponse().read1()
    connection.close()
    assert generate(configured, request([parts(fresh())])).status == 200
    assert "Traceback" not in configured.log().split("a long")[-1]


# --- refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", VECTORS["gateway_refuses"], ids=lambda case: case["name"])
def test_what_is_refused(configured: ParleyServer, case: dict[str, Any]) -> None:
    body = request(case["messages"])
    if case["status"] == 401:
        body["sign"] = case["signature"]
    reply = generate(configured, body)
    assert reply.status == case["status"]
    assert reply.error()["message"] == case.get("message", reply.error()["message"])
    stale = {**body, "time": case["timestamp_ms"], "sign": case["signature"]}
    assert generate(configured, stale).status == case["status"]


def check_refusal(reply: Reply, status: int, code: str, message: str) -> None:
    assert (reply.status, reply.error()["code"], reply.error()["message"]) == (status, code, message)


def test_a_request_is_answered_once(configured: ParleyServer) -> None:
    body = request([parts(fresh())])
    assert generate(configured, body).status == 200
    check_refusal(generate(configured, body), 401, "replayed", "Invalid signature.")
    as_content = {**body, "messages": [{"role": "user", "content": body["messages"][0]["parts"][0]["text"]}]}
    check_refusal(generate(configured, as_content), 401, "replayed", "Invalid signature.")


@pytest.mark.parametrize("away_ms", [-FRESH_MS - 2000, FRESH_MS + 2000, -1_000_000_000])
def test_a_request_of_another_time_is_refused(configured: ParleyServer, away_ms: int) -> None:
    reply = generate(configured, request([parts(fresh())], at_ms=now_ms() + away_ms))
    check_refusal(reply, 401, "stale", "Invalid signature.")


@pytest.mark.parametrize("away_ms", [-FRESH_MS + 5000, FRESH_MS - 5000])
def test_clocks_may_differ_by_minutes(configured: ParleyServer, away_ms: int) -> None:
    assert generate(configured, request([parts(fresh())], at_ms=now_ms() + away_ms)).status == 200


@pytest.mark.parametrize("sign", ["", "x", "é", None, 7, ["x"], "f" * 64])
def test_a_wrong_signature(configured: ParleyServer, sign: object) -> None:
    body = {**request([parts(fresh())]), "sign": sign}
    check_refusal(generate(configured, body), 401, "wrong_signature", "Invalid signature.")


@pytest.mark.parametrize("password", ["wrong", "", None, 7, "Hunter2", "hunter2 ", "é"])
def test_a_wrong_password(configured: ParleyServer, password: object) -> None:
    body = {**request([parts(fresh())]), "pass": password}
    check_refusal(generate(configured, body), 401, "wrong_password", "Invalid password.")


def test_each_password_opens(configured: ParleyServer) -> None:
    for password in ("open sesame", "hunter2"):
        assert generate(configured, {**request([parts(fresh())]), "pass": password}).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"[" * 50_000,
        {"messages": "hi"},
        {"messages": [7]},
        {"messages": [{"role": "user"}]},
        {"messages": [{"role": "robot", "content": "hi"}]},
        {"messages": [{"role": "user", "parts": []}]},
        {"messages": [{"role": "user", "parts": [{"text": 7}]}]},
        {"messages": [{"role": "user", "content": "hi"}], "time": "now"},
        {"messages": [{"role": "user", "content": "hi"}], "time": True},
        {"messages": [{"role": "user", "content": "hi"}], "time": 1, "model": 7},
        {"messages": [{"role": "user", "content": "hi"}], "time": 1, "temperature": "hot"},
    ],
    ids=lambda body: str(body)[:60],
)
def test_what_cannot_be_understood(configured: ParleyServer, body: object) -> None:
    reply = generate(configured, body)
    assert reply.status == 400
    assert reply.error()["code"] in {"invalid_input", "invalid_history"}


def test_a_request_of_more_than_sixteen_megabytes(configured: ParleyServer) -> None:
    assert generate(configured, request([parts("x" * 17_000_000)])).status == 413


# --- the password question -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"pass": "open sesame"}, 0),
        ({"pass": "hunter2"}, 0),
        ({"pass": "wrong"}, -1),
        ({"pass": None}, -1),
        ({"pass": 7}, -1),
        ({}, -1),
        ([], -1),
        (b"{", -1),
        (b"\xff", -1),
    ],
    ids=str,
)
def test_auth(configured: ParleyServer, server: ParleyServer, body: object, code: int) -> None:
    reply = call(configured, "POST", "/api/auth", body)
    assert (reply.status, reply.json()) == (200, {"code": code})
    assert call(server, "POST", "/api/auth", body).json() == {"code": 0}  # no password is set there


# --- our own client --------------------------------------------------------------------------------------------------


def ask_twin(twin: str, messages: list[ChatMessage], **options: Any) -> list[str]:
    async def collect() -> list[str]:
        return [piece async for piece in GPROChat.create_async_generator("", messages, **options)]

    if twin == "requests":
        return list(GPROChat.create_completion("", messages, **options))
    return asyncio.run(collect())


@pytest.mark.parametrize("dialect", ["parts", "content"])
@pytest.mark.parametrize("twin", ["requests", "aiohttp"])
def test_gprochat_as_a_client_of_this_server(configured: ParleyServer, twin: str, dialect: str) -> None:
    messages: list[ChatMessage] = [
        {"role": "user", "content": f"Привет 👩\u200d👩\u200d👧 {twin} {dialect}"},
        {"role": "assistant", "content": "Hello."},
        {"role": "user", "content": fresh()},
    ]
    options = {"base_url": configured.url, "secret": SECRET, "password": "hunter2", "dialect": dialect}
    pieces = ask_twin(twin, messages, **options)
    assert "".join(pieces) == guide(messages)
    assert len(pieces) > 5  # as it came
    for wrong, problem in (({"secret": "wrong"}, WrongSignature), ({"password": "wrong"}, WrongPassword)):
        with pytest.raises(problem):
            ask_twin(twin, messages, **{**options, **wrong})


def test_gprochat_with_the_secret_the_server_made(server: ParleyServer) -> None:
    secret = (server.data_dir / "gateway_secret").read_text()
    messages: list[ChatMessage] = [{"role": "user", "content": SHORT}]
    assert "".join(ask_twin("requests", messages, base_url=server.url, secret=secret)) == guide(messages)
