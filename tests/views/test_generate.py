"""The gateway over real HTTP: who is answered, who is refused and how, and our own client as its client."""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.parley_server import ROOT, ParleyServer, Visitor
from tests.scripted_server import LAST_CHUNK, Repeat, ScriptedServer, Step, chunk, reply_head, whole
from tests.test_media_types import png
from tests.views.http import Reply, call
from webapp.errors import ModelMissing, UpstreamCut, WrongPassword, WrongSignature
from webapp.messages import ChatMessage
from webapp.providers import GPROChat
from webapp.providers.gprochat_gateway import FRESH_MS
from webapp.providers.gprochat_protocol import sign, signed_text
from webapp.providers.guide import answer as guide

VECTORS = json.loads((ROOT / "tests/vectors/signing.json").read_text())
SECRET = VECTORS["secret"]  # the GATEWAY_SECRET of the server `gateway`
SHORT = "Do you remember?"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    """A server whose guide answers, with a secret and passwords of its own."""
    running = ParleyServer(
        tmp_path_factory.mktemp("gateway"),
        log_level="debug",
        trusted_proxies=1,
        gateway_secret=SECRET,
        gateway_passwords="open sesame, hunter2",
    )
    running.start()
    yield running
    running.kill()


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
def test_what_is_accepted(gateway: ParleyServer, case: dict[str, Any]) -> None:
    assert sign(case["timestamp_ms"], signed_text(case["messages"]), SECRET) == case["signature"]
    reply = generate(gateway, request(case["messages"]))
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert reply.body.decode() == guide([{"role": "user", "content": signed_text(case["messages"])}])


@pytest.mark.parametrize("case", [case for case in VECTORS["cases"] if case["dialect"] == "parts"][4:5])
def test_the_clients_own_bodies_are_accepted(gateway: ParleyServer, case: dict[str, Any]) -> None:
    assert generate(gateway, request(case["body_messages"])).status == 200


def test_both_dialects_carry_the_history(gateway: ParleyServer) -> None:
    first, question = fresh(), fresh()
    history: list[ChatMessage] = [
        {"role": "user", "content": first},
        {"role": "assistant", "content": "Yes."},
        {"role": "user", "content": question},
    ]
    expected = guide(history)
    assert first in expected
    as_parts = [parts(first), parts("Yes.", role="model"), parts(question)]
    assert generate(gateway, request(as_parts)).body.decode() == expected
    time.sleep(0.002)
    assert generate(gateway, request([dict(message) for message in history])).body.decode() == expected


def test_the_content_type_of_a_request_does_not_matter(gateway: ParleyServer) -> None:
    for kind in ("text/plain;charset=UTF-8", "application/json", "application/x-www-form-urlencoded"):
        reply = generate(gateway, request([parts(fresh())]), **{"Content-Type": kind})
        assert reply.status == 200


def test_the_answer_comes_while_it_is_written(gateway: ParleyServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=30)
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


def test_a_client_that_leaves_ends_the_answer(gateway: ParleyServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=30)
    connection.request("POST", "/api/generate", json.dumps(request([parts("a long answer of 2000")])))
    assert connection.getresponse().read1()
    connection.close()
    assert generate(gateway, request([parts(fresh())])).status == 200
    assert "Traceback" not in gateway.log().split("a long")[-1]


# --- refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", VECTORS["gateway_refuses"], ids=lambda case: case["name"])
def test_what_is_refused(gateway: ParleyServer, case: dict[str, Any]) -> None:
    body = request(case["messages"])
    if case["status"] == 401:
        body["sign"] = case["signature"]
    reply = generate(gateway, body)
    assert reply.status == case["status"]
    assert reply.error()["message"] == case.get("message", reply.error()["message"])
    stale = {**body, "time": case["timestamp_ms"], "sign": case["signature"]}
    assert generate(gateway, stale).status == case["status"]


def check_refusal(reply: Reply, status: int, code: str, message: str) -> None:
    assert (reply.status, reply.error()["code"], reply.error()["message"]) == (status, code, message)


def test_a_request_is_answered_once(gateway: ParleyServer) -> None:
    body = request([parts(fresh())])
    assert generate(gateway, body).status == 200
    check_refusal(generate(gateway, body), 401, "replayed", "Invalid signature.")
    as_content = {**body, "messages": [{"role": "user", "content": body["messages"][0]["parts"][0]["text"]}]}
    check_refusal(generate(gateway, as_content), 401, "replayed", "Invalid signature.")


@pytest.mark.parametrize("away_ms", [-FRESH_MS - 2000, FRESH_MS + 2000, -1_000_000_000])
def test_a_request_of_another_time_is_refused(gateway: ParleyServer, away_ms: int) -> None:
    reply = generate(gateway, request([parts(fresh())], at_ms=now_ms() + away_ms))
    check_refusal(reply, 401, "stale", "Invalid signature.")


@pytest.mark.parametrize("away_ms", [-FRESH_MS + 5000, FRESH_MS - 5000])
def test_clocks_may_differ_by_minutes(gateway: ParleyServer, away_ms: int) -> None:
    assert generate(gateway, request([parts(fresh())], at_ms=now_ms() + away_ms)).status == 200


@pytest.mark.parametrize("sign", ["", "x", "é", None, 7, ["x"], "f" * 64])
def test_a_wrong_signature(gateway: ParleyServer, sign: object) -> None:
    body = {**request([parts(fresh())]), "sign": sign}
    check_refusal(generate(gateway, body), 401, "wrong_signature", "Invalid signature.")


@pytest.mark.parametrize("password", ["wrong", "", None, 7, "Hunter2", "hunter2 ", "é"])
def test_a_wrong_password(gateway: ParleyServer, password: object) -> None:
    body = {**request([parts(fresh())]), "pass": password}
    check_refusal(generate(gateway, body), 401, "wrong_password", "Invalid password.")


def test_each_password_opens(gateway: ParleyServer) -> None:
    for password in ("open sesame", "hunter2"):
        assert generate(gateway, {**request([parts(fresh())]), "pass": password}).status == 200


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
def test_what_cannot_be_understood(gateway: ParleyServer, body: object) -> None:
    reply = generate(gateway, body)
    assert reply.status == 400
    assert reply.error()["code"] in {"invalid_input", "invalid_history"}


def test_a_request_of_more_than_sixteen_megabytes(gateway: ParleyServer) -> None:
    assert generate(gateway, request([parts("x" * 17_000_000)])).status == 413


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
def test_auth(gateway: ParleyServer, server: ParleyServer, body: object, code: int) -> None:
    reply = call(gateway, "POST", "/api/auth", body)
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
def test_gprochat_as_a_client_of_this_server(gateway: ParleyServer, twin: str, dialect: str) -> None:
    messages: list[ChatMessage] = [
        {"role": "user", "content": f"Привет 👩\u200d👩\u200d👧 {twin} {dialect}"},
        {"role": "assistant", "content": "Hello."},
        {"role": "user", "content": fresh()},
    ]
    options = {"base_url": gateway.url, "secret": SECRET, "password": "hunter2", "dialect": dialect}
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


# --- whatever model is on offer --------------------------------------------------------------------------------------

WORDS: list[Step] = [reply_head("Transfer-Encoding: chunked"), chunk(b"Hel"), 0.1, chunk(b"lo"), LAST_CHUNK]


@pytest.fixture(scope="module")
def source() -> Iterator[ScriptedServer]:
    """What the server `serving` asks."""
    with ScriptedServer() as running:
        yield running


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory, source: ScriptedServer) -> Iterator[ParleyServer]:
    """A server with two upstreams of its own."""
    folder = tmp_path_factory.mktemp("serving")
    (folder / "upstreams.toml").write_text(
        f"""
        [plain]
        kind = "gprochat"
        base_url = "{source.url}"
        models = ["small", "large"]

        [seeing]
        kind = "openai"
        base_url = "{source.url}/v1"
        api_key = "k"
        models = ["seer"]
        images = true
        """
    )
    running = ParleyServer(
        folder, gateway_secret=SECRET, trusted_proxies=1, max_answer_mb=1, upstream_silence_s=2, log_level="debug"
    )
    running.start()
    yield running
    running.kill()


def streamed(*texts: str) -> list[Step]:
    lines = [json.dumps({"choices": [{"delta": {"content": text}}]}) for text in texts] + ["[DONE]"]
    body = "".join(f"data: {line}\n\n" for line in lines).encode()
    return [whole(body, "Content-Type: text/event-stream")]


def read_until_cut(server: ParleyServer) -> str:
    """What came of an answer before it was cut."""
    came = []
    question: list[ChatMessage] = [{"role": "user", "content": fresh()}]
    try:
        for piece in GPROChat.create_completion("small", question, base_url=server.url, secret=SECRET):
            came.append(piece)
    except UpstreamCut:
        return "".join(came)
    raise AssertionError("the answer came whole")


@pytest.mark.parametrize(("asked", "model"), [("large", "large"), ("", "small"), (GPROChat.default_model, "small")])
def test_a_model_of_an_upstream_answers(serving: ParleyServer, source: ScriptedServer, asked: str, model: str) -> None:
    source.play(WORDS)
    reply = generate(serving, request([parts(fresh())], model=asked))
    assert (reply.status, reply.body) == (200, b"Hello")
    assert source.requests[0].json()["model"] == model


def test_an_unknown_model_is_refused_with_the_choice(serving: ParleyServer, source: ScriptedServer) -> None:
    source.play(WORDS)
    reply = generate(serving, request([parts(fresh())], model="huge"))
    said = "model: 'huge' is not on offer here; choose one of small, large, seer."
    check_refusal(reply, 400, ModelMissing.code, said)
    assert source.requests == []


def test_history_options_and_pictures_are_passed_on(serving: ParleyServer, source: ScriptedServer) -> None:
    source.play(streamed("Hello"))
    picture = base64.b64encode(png()).decode()
    seen = {"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": picture}}, {"text": fresh()}]}
    messages = [parts("first"), parts("Yes.", role="model"), seen]
    signature_at = now_ms()
    body = {
        **request([parts(seen["parts"][1]["text"])], at_ms=signature_at, model="seer"),
        "messages": messages,
        "temperature": 0.25,
        "top_p": 0.5,
        "max_tokens": 7,
    }
    reply = generate(serving, body)
    assert (reply.status, reply.body) == (200, b"Hello"), reply.body
    asked = source.requests[0].json()
    assert (asked["model"], asked["temperature"], asked["top_p"], asked["max_tokens"]) == ("seer", 0.25, 0.5, 7)
    assert [message["role"] for message in asked["messages"]] == ["user", "assistant", "user"]
    assert picture in json.dumps(asked["messages"][2])


def test_what_goes_wrong_before_the_first_word_is_an_error_reply(serving: ParleyServer, source: ScriptedServer) -> None:
    cases: list[tuple[list[Step], int, str]] = [
        ([whole(b'{"error": {"message": "Invalid signature."}}', status="401 Unauthorized")], 502, "wrong_signature"),
        ([whole(b"busy", "Retry-After: 99", status="429 Too Many Requests")], 429, "upstream_busy"),
        ([whole(b"")], 502, "empty_reply"),
        (["hang"], 504, "upstream_timeout"),
    ]
    for script, status, code in cases:
        source.play(script)
        reply = generate(serving, request([parts(fresh())]))
        assert (reply.status, reply.error()["code"]) == (status, code)
        assert f":{source.port}" not in reply.error()["message"]  # not everybody's business where the models are
    assert "gateway: no whole answer from small: upstream_busy" in serving.log()


def test_what_goes_wrong_after_it_cuts_the_reply(serving: ParleyServer, source: ScriptedServer) -> None:
    source.play([reply_head("Transfer-Encoding: chunked"), chunk(b"Hello"), 0.1, "close"])
    assert read_until_cut(serving) == "Hello"
    assert "gateway: no whole answer from small: upstream_cut" in serving.log()
    assert "Traceback" not in serving.log()


def test_the_longest_answer(serving: ParleyServer, source: ScriptedServer) -> None:
    source.play([reply_head("Transfer-Encoding: chunked"), Repeat(chunk(b"x" * 65_536), 0.001)])
    assert 800_000 < len(read_until_cut(serving)) <= 1_000_000
    assert source.requests[0].closed.wait(3)
    assert "answer_too_long: The limit is MAX_ANSWER_MB=1." in serving.log()


def test_what_fits_comes_in_whole_characters(serving: ParleyServer, source: ScriptedServer) -> None:
    source.play([reply_head("Transfer-Encoding: chunked"), *[chunk("世".encode() * 50_000)] * 7, "hang"])
    assert read_until_cut(serving) == "世" * 333_333  # 999,999 of a million bytes
    assert source.requests[0].closed.wait(3)


@pytest.mark.parametrize("words", [[], [chunk(b"Hello")]], ids=["before the first word", "after it"])
def test_a_client_that_leaves_a_silent_upstream_ends_it(
    serving: ParleyServer, source: ScriptedServer, words: list[Step]
) -> None:
    source.play([reply_head("Transfer-Encoding: chunked"), *words, "hang"])
    connection = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=30)
    connection.request("POST", "/api/generate", json.dumps(request([parts(fresh())])))
    if words:
        assert connection.getresponse().read1() == b"Hello"
    asked = source.wait_for_request()
    time.sleep(0.1)
    assert not asked.closed.is_set()
    connection.sock.close()
    connection.close()
    assert asked.closed.wait(1)  # sooner than the upstream's silence would have ended it


# --- a server that asks a server -------------------------------------------------------------------------------------


def chained(folder: Path, to: ParleyServer, **settings: object) -> ParleyServer:
    return ParleyServer(folder, gprochat_url=to.url, gprochat_secret=SECRET, gateway_secret=SECRET, **settings)


def test_one_parley_is_the_upstream_of_another(tmp_path: Path, serving: ParleyServer, source: ScriptedServer) -> None:
    with chained(tmp_path, serving, gprochat_models="large") as server:
        visitor = Visitor(server)
        source.play(WORDS)
        answer = visitor.wait_for(visitor.ask("Hello?")["answer"]["id"])
        assert (answer["status"], answer["text"]) == ("done", "Hello")
        asked = source.requests[0]
        assert asked.json()["model"] == "large"
        assert len(asked.headers["via"].split(", ")) == 2
        source.play([reply_head("Transfer-Encoding: chunked"), chunk(b"Hello"), 0.1, "close"])
        answer = visitor.wait_for(visitor.ask("Hello?")["answer"]["id"])
        assert (answer["status"], answer["text"], answer["error"]["code"]) == ("failed", "Hello", "upstream_cut")
        source.play([reply_head("Transfer-Encoding: chunked"), chunk(b"Hello"), "hang"])
        answer_id = visitor.ask("Hello?")["answer"]["id"]
        asked = source.wait_for_request()
        visitor.request("POST", f"/api/answers/{answer_id}/stop")
        assert asked.closed.wait(2)  # through both


def test_two_parleys_that_ask_each_other_say_so(tmp_path: Path) -> None:
    one, other = ParleyServer(tmp_path / "one"), ParleyServer(tmp_path / "other")
    for server, to in ((one, other), (other, one)):
        server.settings.update(
            {"GPROCHAT_URL": to.url, "GPROCHAT_SECRET": SECRET, "GATEWAY_SECRET": SECRET, "GPROCHAT_MODELS": "m"}
        )
    with one, other:
        visitor = Visitor(one)
        began_s = time.monotonic()
        answer = visitor.wait_for(visitor.ask("Hello?")["answer"]["id"])
        assert time.monotonic() - began_s < 5
        assert (answer["status"], answer["text"]) == ("failed", "")
        assert "This question came back to a server that had asked it already" in answer["error"]["message"]
        assert "gateway: no whole answer from m: loop_detected: The upstreams of this server" in one.log()
        assert "Traceback" not in one.log() + other.log()


def test_a_way_that_is_too_long_is_no_answer(serving: ParleyServer, source: ScriptedServer) -> None:
    source.play(WORDS)
    for hops, status in ((8, 200), (9, 508)):
        via = ", ".join(f"1.1 parley-{hop:016x}" for hop in range(hops))
        reply = generate(serving, request([parts(fresh())], model="small"), Via=via)
        assert reply.status == status
    assert reply.error()["code"] == "loop_detected"
    assert len(source.requests) == 1
    assert len(source.requests[0].headers["via"].split(", ")) == 9


def test_only_servers_are_named_on_the_way(serving: ParleyServer, source: ScriptedServer) -> None:
    source.play(WORDS)
    assert generate(serving, request([parts(fresh())], model="small"), Via="1.1 proxy, 1.1 parley-xyz").status == 200
    assert "proxy" not in source.requests[0].headers["via"]
    assert "xyz" not in source.requests[0].headers["via"]
