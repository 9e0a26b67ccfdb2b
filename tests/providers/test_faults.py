"""Every way an upstream can fail, each provider, both twins, against a real server.

What holds in every row: one error that says what the visitor can do and names neither host nor setting; an
advice that names the host, quotes nothing that was written and holds no secret; the text that came is kept;
and exactly as many attempts as can help.
"""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import subprocess
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.providers.conftest import HELLO, KEY, NAMES, SECRET, Asked, Chat, Twin, event
from tests.providers.test_gprochat_errors import date, dated
from tests.scripted_server import LAST_CHUNK, Repeat, ScriptedServer, Step, chunk, reply_head, whole
from webapp.errors import (
    ChatError,
    ClockSkew,
    ConversationRefused,
    ConversationTooLong,
    EmptyReply,
    ModelMissing,
    NoCredit,
    UpstreamBusy,
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

WRITTEN = "zebra-in-pyjamas"  # what somebody wrote: upstreams like to quote it, and it may not reach the log
PAGE = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head>"
CHUNKED = "Transfer-Encoding: chunked"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "FIRST_RETRY_DELAY_S", 0.001)


def json_error(status: str, message: str, *headers: str, **more: str) -> list[Step]:
    """An error in the shape that both protocols share, quoting the question."""
    body = {"error": {"message": f"{message} ({WRITTEN}, {SECRET}, {KEY})", **more}}
    return [whole(json.dumps(body).encode(), "Content-Type: application/json", *headers, status=status)]


# Name, script, error, words of the message, words of the advice, number of requests.
BOTH: list[tuple[str, list[Step], type[ChatError], str, str, int]] = [
    ("404", [whole(b"nothing here", status="404 x")], UpstreamRefused, "tell the owner", "THE_BASE_URL", 1),
    ("429", json_error("429 x", "Slow down"), UpstreamBusy, "in a while", "(429)", 1),
    ("429 soon", json_error("429 x", "Slow down", "Retry-After: 0"), UpstreamBusy, "in 0 s", "(429)", 3),
    ("429 late", json_error("429 x", "Slow down", "Retry-After: 30"), UpstreamBusy, "in 30 s", "(429)", 1),
    ("400", json_error("400 x", "Bad form"), ConversationRefused, "It said: “Bad form", "(400)", 1),
    ("413", json_error("413 x", "Large"), ConversationTooLong, "grown too long", "(413)", 1),
    ("500", json_error("500 x", "exploded"), UpstreamRefused, "It said: “exploded", "failed (500)", 1),
    ("502 page", [whole(PAGE, "Content-Type: text/html", status="502 x")], UpstreamRefused, "“502 Bad Gateway”",
     "(502), or THE_BASE_URL", 3),
    ("503", json_error("503 x", "starting"), UpstreamRefused, "Ask again", "failed (503)", 3),
    ("page as 200", [whole(PAGE, "Content-Type: text/html")], UpstreamRefused, "web page", "sign-in", 1),
    ("403", json_error("403 x", "Country"), UpstreamRefused, "let this site in", "(403)", 1),
    ("407", [whole(b"", status="407 x")], UpstreamUnreachable, "cannot be reached", "THE_PROXY", 1),
    ("empty, length", [whole(b"")], EmptyReply, "empty answer", "empty answer", 1),
    ("empty, chunked", [reply_head(CHUNKED), LAST_CHUNK], EmptyReply, "empty answer", "empty answer", 1),
    ("silent", ["hang"], UpstreamTimeout, "silent for 0.4 seconds", "sent nothing", 1),
    ("silent after headers", [reply_head(CHUNKED), "hang"], UpstreamTimeout, "silent for", "sent nothing", 1),
    ("silent error", [reply_head("Content-Length: 9", status="500 x"), "hang"], UpstreamRefused, "failed", "(500)", 1),
    ("reset at once", ["reset"], UpstreamCut, "before it answered", "before it answered", 1),
    ("reset after headers", [reply_head(CHUNKED), "reset"], UpstreamCut, "before it answered", "before it", 1),
    ("closed at once", ["close"], UpstreamCut, "before it answered", "before it answered", 1),
    ("closed in the headers", [b"HTTP/1.1 200 OK\r\nX: ", "close"], UpstreamError, "", "", 1),
    ("no HTTP", [b"SSH-2.0-OpenSSH_9.2\r\n", "close"], UpstreamCut, "cannot be read", "no HTTP", 1),
    ("no gzip", [whole(b"this is not gzip", "Content-Encoding: gzip")], UpstreamCut, "before it answered", "", 1),
    ("many headers", [b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000 + b"\r\n"], UpstreamCut, "cannot be read",
     "too many", 1),
    ("headers without end", [b"HTTP/1.1 200 OK\r\n", Repeat(b"X: y\r\n" * 500, 0)], UpstreamCut, "cannot be read",
     "too many", 1),
    ("a long header", [b"HTTP/1.1 200 OK\r\nX: " + b"y" * 10_000_000 + b"\r\n\r\n"], UpstreamCut, "cannot be read",
     "too long", 1),
    ("a header without end", [b"HTTP/1.1 200 OK\r\nX: ", Repeat(b"y" * 5_000, 0)], UpstreamCut, "cannot be read",
     "too long", 1),
]  # fmt: skip


def assert_told_rightly(client: Twin, asked: Asked, server: ScriptedServer, message: str, advice: str) -> None:
    error = asked.error
    assert error is not None
    assert isinstance(error, UpstreamError)
    assert message in error.message
    assert advice in error.advice
    assert f"127.0.0.1:{server.port}" in error.advice
    assert "127.0.0.1" not in error.message
    assert not any(name in error.message for name in NAMES.values())
    assert WRITTEN not in error.advice
    assert (KEY if client.kind == "openai" else SECRET) not in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("script", "error", "message", "advice", "count"), [r[1:] for r in BOTH], ids=[r[0] for r in BOTH]
)
def test_a_failure_before_the_first_text(
    script: list[Step],
    error: type[ChatError],
    message: str,
    advice: str,
    count: int,
    client: Twin,
    server: ScriptedServer,
) -> None:
    server.play(script)
    asked = client.ask(server.url, silence_timeout_s=0.4 if "silent" in message or "hang" in script else 5)
    assert_told_rightly(client, asked, server, message, advice)
    if error is not UpstreamError:
        locked_out = client.kind == "openai" and script == json_error("403 x", "Country")
        assert type(asked.error) is (WrongKey if locked_out else error)
    assert asked.text == ""
    assert len(server.requests) == count


GPROCHAT: list[tuple[str, list[Step], dict[str, Any], type[ChatError], str]] = [
    ("password", json_error("401 x", "Invalid password."), {"password": "p4ss"}, WrongPassword, "correct THE_PASSWORD"),
    ("no password", json_error("401 x", "Invalid password."), {}, WrongPassword, "set THE_PASSWORD"),
    ("signature", json_error("401 x", "Invalid signature.", date()), {}, WrongSignature, "set THE_SECRET"),
    ("clock behind", json_error("401 x", "Invalid signature.", date(600)), {}, ClockSkew, "seconds behind its clock"),
    ("clock ahead", json_error("401 x", "Invalid signature.", date(-600)), {}, ClockSkew, "seconds ahead of its clock"),
    ("stale", json_error("401 x", "Invalid signature.", date(), code="stale"), {}, ClockSkew, "network time"),
    ("other 401", json_error("401 x", "Who?"), {}, UpstreamRefused, "(401)"),
    ("too long there", json_error("502 x", "Long", code="conversation_too_long"), {}, ConversationTooLong, "too long"),
    ("no model there", json_error("502 x", "No", code="model_missing"), {}, ModelMissing, "(502)"),
    ("failed there", json_error("504 x", "Slow", code="upstream_timeout"), {}, UpstreamRefused, "(504)"),
    ("refused there", json_error("502 x", "No", code="conversation_refused"), {}, ConversationRefused, "(502)"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("script", "options", "error", "advice"), [r[1:] for r in GPROCHAT], ids=[r[0] for r in GPROCHAT]
)
@pytest.mark.parametrize("dialect", ["parts", "content"])
def test_what_a_signed_server_refuses(
    script: list[Step],
    options: dict[str, Any],
    error: type[ChatError],
    advice: str,
    dialect: str,
    twin: Twin,
    server: ScriptedServer,
) -> None:
    server.play(dated(script))
    asked = twin.ask(server.url, dialect=dialect, **options)
    assert_told_rightly(twin, asked, server, "", advice)
    assert type(asked.error) is error
    assert "p4ss" not in str(asked.error)
    assert len(server.requests) == 1


def openai_reply(status: int, document: Any, *headers: str) -> list[Step]:
    return [whole(json.dumps(document).encode(), "Content-Type: application/json", *headers, status=f"{status} x")]


def openai_error(status: int, message: str, **more: Any) -> list[Step]:
    return openai_reply(status, {"error": {"message": f"{message} {WRITTEN}", **more}})


# Bodies in the shapes that the servers document or send; the words are shortened.
OPENAI: list[tuple[str, list[Step], type[ChatError], str, str]] = [
    ("OpenAI key", openai_error(401, f"Incorrect API key provided: {KEY}", code="invalid_api_key"), WrongKey,
     "let this site in", "set THE_API_KEY"),
    ("Gemini key", openai_reply(400, [{"error": {"code": 400, "message": "API key not valid. Please pass one.",
                                                 "status": "INVALID_ARGUMENT"}}]), WrongKey, "let this", "THE_API_KEY"),
    ("OpenRouter key", openai_error(401, "No auth credentials found", code=401), WrongKey, "let this", "THE_API_KEY"),
    ("OpenAI quota", openai_error(429, "You exceeded your current quota", code="insufficient_quota"), NoCredit,
     "no credit left", "THE_API_KEY"),
    ("OpenRouter credit", openai_error(402, "Insufficient credits", code=402), NoCredit, "no credit left", "credit"),
    ("DeepSeek credit", openai_error(402, "Insufficient Balance"), NoCredit, "no credit left", "credit"),
    ("OpenAI model", openai_error(404, "The model `x` does not exist", code="model_not_found"), ModelMissing,
     "does not have this model", "(404)"),
    ("Ollama model", openai_reply(404, {"error": f'model "{WRITTEN}" not found, try pulling it first'}), ModelMissing,
     "Choose another", "(404)"),
    ("vLLM model", openai_reply(404, {"object": "error", "message": "The model `x` does not exist.",
                                      "type": "NotFoundError", "code": 404}), ModelMissing, "this model", "(404)"),
    ("LM Studio model", openai_error(400, "No models loaded. Please load a model"), ModelMissing, "Choose", "(400)"),
    ("OpenRouter model", openai_error(400, "x is not a valid model ID", code=400), ModelMissing, "Choose", "(400)"),
    ("Mistral model", openai_reply(400, {"object": "error", "message": "Invalid model: x", "type": "invalid_model",
                                         "code": "1500"}), ModelMissing, "Choose", "(400)"),
    ("OpenAI length", openai_error(400, "This model's maximum context length is 8192 tokens.",
                                   code="context_length_exceeded"), ConversationTooLong, "grown too long", "too long"),
    ("llama.cpp length", openai_reply(400, {"error": {"code": 400, "message": "the request exceeds the available "
                                                      "context size", "type": "exceed_context_size_error"}}),
     ConversationTooLong, "begin a new one", "too long"),
    ("vLLM length", openai_reply(400, {"object": "error", "message": "This model's maximum context length is 4096"}),
     ConversationTooLong, "begin a new one", "too long"),
    ("Gemini length", openai_reply(400, [{"error": {"message": "The input token count (2) exceeds the maximum"}}]),
     ConversationTooLong, "begin a new one", "too long"),
    ("Azure filter", openai_error(400, "The response was filtered", code="content_filter"), ConversationRefused,
     "rules on content", "content filter"),
    ("OpenRouter filter", openai_error(403, "Your input was flagged", code=403), ConversationRefused, "rules on",
     "content filter"),
    ("Gemini busy", openai_reply(503, [{"error": {"message": "The model is overloaded.", "status": "UNAVAILABLE"}}]),
     UpstreamBusy, "too much to do", "(503)"),
    ("Gemini quota", openai_reply(429, [{"error": {"message": "You exceeded your current quota, see plan and billing",
                                                   "status": "RESOURCE_EXHAUSTED",
                                                   "details": [{"retryDelay": "17.5s"}]}}]),
     UpstreamBusy, "in 18 s", "(429)"),
    ("llama.cpp loads", openai_reply(503, {"error": {"code": 503, "message": "Loading model",
                                                     "type": "unavailable_error"}}),
     UpstreamRefused, "failed", "(503)"),
    ("Mistral detail", openai_reply(422, {"detail": [{"loc": ["body", "top_p"], "msg": "must be less", "type": "v"}]}),
     ConversationRefused, "“body.top_p: must be less”", "(422)"),
    ("Mistral text", openai_reply(400, {"detail": f"Unexpected role {WRITTEN}"}), ConversationRefused,
     "“Unexpected role", "(400)"),
    ("behind OpenRouter", openai_error(400, "Provider returned error", metadata={"raw": "odd temperature"}),
     ConversationRefused, "(odd temperature)”", "(400)"),
    ("no pictures", openai_error(400, "This model does not support image input"), ConversationRefused,
     "takes no pictures", "pictures"),
    ("llama.cpp pictures", openai_error(500, "image input is not supported - hint: provide the mmproj"),
     ConversationRefused, "takes no pictures", "pictures"),
    ("error as 200", openai_reply(200, {"error": {"message": "upstream went away"}}), UpstreamRefused,
     "“upstream went away”", "in the middle"),
    ("text as 200", [whole(b"It works!")], UpstreamCut, "cannot be read", "no chat completion"),
    ("another protocol", openai_reply(200, [1, 2]), UpstreamRefused, "failed", ""),
    ("filtered to nothing", [whole(event({"choices": [{"delta": {}, "finish_reason": "content_filter"}]}))],
     ConversationRefused, "rules on content", "content filter"),
    ("tool", [whole(event({"choices": [{"delta": {"tool_calls": [{"id": "1"}]}, "finish_reason": "tool_calls"}]}))],
     ConversationRefused, "asked for a tool, and this site has none", "tool call"),
    ("length of nothing", [whole(event({"choices": [{"delta": {}, "finish_reason": "length"}]}))], EmptyReply,
     "greatest length", "length"),
    ("done at once", [whole(b"data: [DONE]\n\n")], EmptyReply, "empty answer", "empty"),
    ("no end", [whole(event({"choices": [{"delta": {"role": "assistant", "content": ""}}]}))], UpstreamCut,
     "before it answered", "before"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "error", "message", "advice"), [r[1:] for r in OPENAI], ids=[r[0] for r in OPENAI])
def test_what_a_chat_server_refuses(
    script: list[Step], error: type[ChatError], message: str, advice: str, chat: Chat, server: ScriptedServer
) -> None:
    server.play(script)
    asked = chat.ask(server.url)
    assert_told_rightly(chat, asked, server, message, advice)
    assert type(asked.error) is error
    assert asked.text == ""
    assert len(server.requests) == (3 if b"HTTP/1.1 503" in bytes(script[0]) else 1)


ENDINGS: list[tuple[str, Step, type[ChatError], str]] = [
    ("silence", "hang", UpstreamTimeout, "silent for 0.4 seconds"),
    ("reset", "reset", UpstreamCut, "what had come is kept"),
    ("close", "close", UpstreamCut, "what had come is kept"),
]


@pytest.mark.parametrize(("ending", "error", "message"), [row[1:] for row in ENDINGS], ids=[row[0] for row in ENDINGS])
@pytest.mark.parametrize("framing", ["chunked", "content-length"])
def test_a_failure_in_the_middle_keeps_the_text(
    framing: str, ending: Step, error: type[ChatError], message: str, client: Twin, server: ScriptedServer
) -> None:
    begun = client.piece("so far")
    head = [client.head, chunk(begun)] if framing == "chunked" else [reply_head("Content-Length: 9999"), begun]
    server.play([*head, 0.02, ending])
    asked = client.ask(server.url, silence_timeout_s=0.4)
    assert asked.text == "so far"
    assert_told_rightly(client, asked, server, message, "")
    assert type(asked.error) is error
    assert len(server.requests) == 1


@pytest.mark.parametrize("framing", ["chunked", "content-length"])
def test_a_reply_may_be_cut_after_any_byte(framing: str, client: Twin, server: ScriptedServer) -> None:
    """Each whole piece that came is there, and never a part of a character."""
    data = b"".join(client.piece(piece) for piece in ("世界", "é\n"))
    for count in range(1, len(data)):
        head = [client.head, chunk(data[:count])] if framing == "chunked" else [reply_head("Content-Length: 9999")]
        server.play([*head, *([] if framing == "chunked" else [data[:count]]), "close"])
        asked = client.ask(server.url)
        assert type(asked.error) is UpstreamCut, count
        assert "世界é\n".startswith(asked.text)
        if client.kind == "gprochat":
            assert asked.text == data[:count].decode("utf-8", "ignore")
        else:
            assert asked.text == ("世界" if count >= len(client.piece("世界")) else "")


def test_a_chunk_that_is_none_ends_the_answer(client: Twin, server: ScriptedServer) -> None:
    server.play([client.head, chunk(client.piece("so far")), 0.02, b"zzz\r\n", "hang"])
    asked = client.ask(server.url, silence_timeout_s=0.4)
    assert asked.text == "so far"
    # aiohttp does not tell its reader about it, so that twin finds out by the silence.
    assert type(asked.error) is (UpstreamCut if client.name == "requests" else UpstreamTimeout)


def test_nobody_listens(client: Twin) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    asked = client.ask(f"http://user:{SECRET}word@127.0.0.1:{port}/")
    assert type(asked.error) is UpstreamUnreachable
    assert f"No connection to 127.0.0.1:{port}: nothing listens there" in asked.error.advice
    assert SECRET not in str(asked.error)


def test_a_server_that_is_just_starting_is_waited_for(
    client: Twin, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "FIRST_RETRY_DELAY_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    late: list[socket.socket] = []

    def start() -> None:
        listener = socket.create_server(("127.0.0.1", port))
        late.append(listener)
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(whole(client.piece("at last") + client.ending))

    timer = threading.Timer(0.1, start)
    timer.start()
    asked = client.ask(f"http://127.0.0.1:{port}")
    timer.join()
    late[0].close()
    assert (asked.text, asked.error) == ("at last", None)


def test_a_name_nobody_knows(client: Twin) -> None:
    asked = client.ask("http://upstream.invalid")
    assert type(asked.error) is UpstreamUnreachable
    assert asked.error.advice == "No connection to upstream.invalid: the name is unknown; check THE_BASE_URL."


def test_a_proxy_nobody_runs(client: Twin) -> None:
    asked = client.ask("http://upstream.invalid", proxy="http://someone:p4ss@127.0.0.1:1")
    assert type(asked.error) is UpstreamUnreachable
    assert "THE_PROXY" in asked.error.advice
    assert "p4ss" not in str(asked.error)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A certificate that nobody vouches for."""
    folder: Path = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "1"]
    subprocess.run([*command, *names, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def test_a_certificate_nobody_vouches_for(client: Twin, tls: ssl.SSLContext) -> None:
    with ScriptedServer(tls) as server:
        server.play(client.script("secret"))
        asked = client.ask(server.url)
        assert type(asked.error) is UpstreamUnreachable
        assert "TLS certificate" in asked.error.advice
        assert server.requests == [], "nothing is told to a server that proved nothing"
        assert server.connections == 1


def test_tls_that_is_none(client: Twin, server: ScriptedServer) -> None:
    server.play([])
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_in_the_clear() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 400 This is no TLS\r\n\r\n")

        thread = threading.Thread(target=answer_in_the_clear)
        thread.start()
        asked = client.ask(f"https://127.0.0.1:{listener.getsockname()[1]}")
        thread.join()
    assert type(asked.error) is UpstreamUnreachable
    assert "TLS" in asked.error.advice


@pytest.fixture
def elsewhere() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


@pytest.mark.parametrize("status", ["301 x", "302 x", "303 x", "307 x", "308 x"])
def test_a_redirect_is_never_followed(
    status: str, client: Twin, server: ScriptedServer, elsewhere: ScriptedServer
) -> None:
    elsewhere.play(client.script("stolen"))
    server.play([whole(b"", f"Location: {elsewhere.url}{client.path}?key=1", status=status)])
    asked = client.ask(server.url)
    assert_told_rightly(client, asked, server, "has moved", f"to {elsewhere.url}{client.path};")
    assert type(asked.error) is UpstreamRefused
    assert elsewhere.connections == 0
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", ["502 x", "503 x", "504 x"])
def test_each_attempt_is_made_afresh(status: str, client: Twin, server: ScriptedServer) -> None:
    server.play([0.005, *json_error(status, "starting")], [0.005, *json_error(status, "starting")], client.script("ok"))
    asked = client.ask(server.url)
    assert (asked.text, asked.error) == ("ok", None)
    sent = [request.json() for request in server.requests]
    assert len(sent) == 3
    if client.kind == "gprochat":
        assert sent[0]["time"] < sent[1]["time"] < sent[2]["time"]
        assert len({one["sign"] for one in sent}) == 3
    else:
        assert sent[0] == sent[1] == sent[2]


LONG = 50_000_000


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_fifty_megabytes_take_little_memory(packed: bool, client: Twin, server: ScriptedServer) -> None:
    piece = client.piece("a" * 50_000)
    head = client.head.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n" if packed else b"\r\n\r\n")
    body = [chunk(piece)] * (LONG // 50_000)
    if packed:
        zipped = gzip.compress(piece * (LONG // 50_000) + client.ending, compresslevel=1)
        body = [chunk(zipped[start : start + 65_536]) for start in range(0, len(zipped), 65_536)]
    server.play([head, *body, *([LAST_CHUNK] if packed else client.script()[1:])])
    length = 0

    class Counted(list[str]):
        def append(self, text: str) -> None:
            nonlocal length
            length += len(text)

    tracemalloc.start()
    try:
        asked = client.ask(server.url, into=Counted())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert asked.error is None
    assert length == LONG
    assert peak < 30_000_000


def test_a_consumer_that_does_not_read_holds_the_upstream_back(client: Twin, server: ScriptedServer) -> None:
    """Without end, and nobody takes it: the sockets fill up and the server waits."""
    sent = [0]

    def more(_: Any) -> bytes:
        sent[0] += 1
        return chunk(client.piece("a" * 50_000))

    server.play([client.head, *[more] * 2_000])
    tracemalloc.start()
    try:
        asked = client.ask(server.url, pause_s=0.6, most=2)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert asked.error is None
    assert peak < 30_000_000
    assert sent[0] < 1_000


def test_an_error_page_without_end_is_not_read_to_its_end(client: Twin, server: ScriptedServer) -> None:
    server.play([reply_head(CHUNKED, status="500 x"), Repeat(chunk(b"x" * 9_000), 0)])
    assert type(client.ask(server.url).error) is UpstreamRefused
    assert server.requests[0].closed.wait(1)


def test_no_question_is_asked_twice_once_an_answer_has_begun(client: Twin, server: ScriptedServer) -> None:
    server.play([client.head, chunk(client.piece("begun")), "reset"], client.script("again"))
    assert client.ask(server.url).text == "begun"
    assert len(server.requests) == 1
    assert client.sent_text(server.requests[0].json()) == HELLO[0]["content"]
