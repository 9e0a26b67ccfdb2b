"""Both twins of `GPROChat` against a real server: what they send, and that no character is lost or damaged."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from tests.providers.conftest import HELLO, SECRET, Twin
from tests.scripted_server import LAST_CHUNK, Repeat, ScriptedServer, chunk, reply_head, whole
from webapp.errors import EmptyReply, InvalidInput, UpstreamCut, UpstreamTimeout, WrongSignature
from webapp.messages import Image
from webapp.providers import GPROChat, gprochat_protocol

ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "tests/vectors/signing.json").read_text("utf-8"))
CASES = pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
CHUNKED = reply_head("Content-Type: text/plain", "Transfer-Encoding: chunked")
TEXT = "Прив 世界\n\n👩‍👩‍👧 e\u0301 x\n\n"
DATA = TEXT.encode()


@CASES
def test_generates_the_golden_signature(case: dict[str, Any]) -> None:
    signature = GPROChat.generate_signature(case["timestamp_ms"], case["signed_text"], VECTORS["secret"])
    assert signature == case["signature"]


def test_signs_with_the_secret_a_developer_set(monkeypatch: pytest.MonkeyPatch) -> None:
    case = VECTORS["cases"][0]
    monkeypatch.setattr(GPROChat, "secret", VECTORS["secret"])
    assert GPROChat.generate_signature(case["timestamp_ms"], case["signed_text"]) == case["signature"]


@CASES
def test_sends_the_golden_body(case: dict[str, Any], twin: Twin, server: ScriptedServer) -> None:
    server.play([whole(b"ok")])
    before_ms = time.time_ns() // 1_000_000
    asked = twin.ask(
        server.url, case["messages"], secret=VECTORS["secret"], dialect=case["dialect"], temperature=0.5, password="p"
    )
    assert (asked.text, asked.error) == ("ok", None)
    request = server.requests[0]
    sent = request.json()
    assert (request.method, request.target) == ("POST", "/api/generate")
    assert sent["messages"] == case["body_messages"]
    assert before_ms <= sent["time"] <= time.time_ns() // 1_000_000
    assert sent["sign"] == gprochat_protocol.sign(sent["time"], case["signed_text"], VECTORS["secret"])
    assert (sent["pass"], sent["model"]) == ("p", "gemini-1.5-pro")
    assert sent["temperature"] == 0.5
    assert request.headers["accept-encoding"] == "identity"
    assert "cookie" not in request.headers


def test_chunks_may_end_anywhere(twin: Twin, server: ScriptedServer) -> None:
    for cut in range(len(DATA) + 1):
        parts = [chunk(part) for part in (DATA[:cut], DATA[cut:]) if part]
        server.play([CHUNKED, *(step for part in parts for step in (part, 0.002)), LAST_CHUNK])
        asked = twin.ask(server.url)
        assert (asked.text, asked.error) == (TEXT, None), cut
        assert "" not in asked.pieces


def test_every_byte_may_be_its_own_chunk_and_packet(twin: Twin, server: ScriptedServer) -> None:
    server.play([CHUNKED, *(step for byte in DATA for step in (chunk(bytes([byte])), 0.001)), LAST_CHUNK])
    asked = twin.ask(server.url)
    assert (asked.text, asked.error) == (TEXT, None)
    assert len(asked.pieces) > 5


@pytest.mark.parametrize("framing", ["chunked", "mid-chunk", "content-length"])
def test_a_reply_may_be_cut_anywhere(framing: str, twin: Twin, server: ScriptedServer) -> None:
    for cut in range(1, len(DATA)):
        server.play([*framed(framing, cut), "close"])
        asked = twin.ask(server.url)
        # Whole characters only: the answer can be continued, and U+FFFD would stay in its middle.
        assert asked.text == DATA[:cut].decode("utf-8", "ignore"), cut
        assert isinstance(asked.error, UpstreamCut)
        assert "middle of the answer" in asked.error.message


def framed(framing: str, cut: int) -> list[bytes]:
    if framing == "chunked":
        return [CHUNKED + chunk(DATA[:cut])]
    if framing == "mid-chunk":
        return [CHUNKED + chunk(DATA)[: len(b"%x\r\n" % len(DATA)) + cut]]
    return [reply_head(f"Content-Length: {len(DATA)}"), DATA[:cut]]


def test_a_slow_consumer_loses_nothing_to_a_cut(twin: Twin, server: ScriptedServer) -> None:
    server.play([CHUNKED, *(step for word in range(8) for step in (chunk(b"%d " % word), 0.005)), "close"])
    asked = twin.ask(server.url, pause_s=0.05)
    assert asked.text == "0 1 2 3 4 5 6 7 "
    assert isinstance(asked.error, UpstreamCut)


def test_a_reply_without_length_ends_with_its_connection(twin: Twin, server: ScriptedServer) -> None:
    server.play([reply_head("Connection: close"), DATA, "close"])
    asked = twin.ask(server.url)
    assert (asked.text, asked.error) == (TEXT, None)


def test_bytes_that_are_no_text_become_replacement_characters(twin: Twin, server: ScriptedServer) -> None:
    server.play([whole(b"a\xffb\xe4\xb8")])
    asked = twin.ask(server.url)
    assert (asked.text, asked.error) == ("a\ufffdb\ufffd", None)


def test_compressed_replies_are_read_all_the_same(twin: Twin, server: ScriptedServer) -> None:
    packed = gzip.compress(DATA)
    head = reply_head("Content-Encoding: gzip", "Transfer-Encoding: chunked")
    server.play([head, *(step for byte in packed for step in (chunk(bytes([byte])), 0.0005)), LAST_CHUNK])
    asked = twin.ask(server.url)
    assert (asked.text, asked.error) == (TEXT, None)


def test_text_comes_while_it_is_written(twin: Twin, server: ScriptedServer) -> None:
    server.play([reply_head("Content-Length: 4"), b"ab", "hang"])
    asked = twin.ask(server.url, silence_timeout_s=0.2)
    assert asked.pieces == ["ab"]
    assert isinstance(asked.error, UpstreamTimeout)


@pytest.mark.parametrize("reply", [whole(b""), CHUNKED + LAST_CHUNK])
def test_an_empty_answer_is_an_error(reply: bytes, twin: Twin, server: ScriptedServer) -> None:
    server.play([reply])
    assert isinstance(twin.ask(server.url).error, EmptyReply)


def test_an_answer_may_be_html(twin: Twin, server: ScriptedServer) -> None:
    server.play([whole(b"<html>as asked for</html>", "Content-Type: text/plain")])
    assert twin.ask(server.url).text == "<html>as asked for</html>"


@pytest.mark.parametrize(
    "wrong", [{"dialect": "x"}, {"base_url": "ftp://h"}, {"silence_timeout_s": 0}, {"connect_timeout_s": -1}]
)
def test_refuses_options_that_make_no_sense(wrong: dict[str, Any], twin: Twin) -> None:
    assert isinstance(twin.ask(**{"base_url": "http://127.0.0.1:9", **wrong}).error, InvalidInput)


def test_refuses_a_history_that_ends_with_an_answer(twin: Twin) -> None:
    asked = twin.ask("http://127.0.0.1:9", [*HELLO, {"role": "assistant", "content": "Hi"}])
    assert isinstance(asked.error, InvalidInput)


def test_misspelt_options_are_noticed(twin: Twin) -> None:
    with pytest.raises(TypeError, match="secrte"):
        twin.ask("http://127.0.0.1:9", secrte="x")


def test_an_answer_stopped_before_it_began_is_not_sent() -> None:
    sent = gprochat_protocol.to_body_messages([*HELLO, {"role": "assistant", "content": ""}, *HELLO], "parts")
    assert sent == [{"role": "user", "parts": [{"text": "Hello\n\nHello"}]}]


def test_lone_surrogates_are_replaced_before_signing(twin: Twin, server: ScriptedServer) -> None:
    server.play([whole(b"ok")])
    twin.ask(server.url, [{"role": "user", "content": "a\ud83d!"}])
    sent = server.requests[0].json()
    assert sent["messages"][0]["parts"][0]["text"] == "a\ufffd!"
    assert sent["sign"] == gprochat_protocol.sign(sent["time"], "a\ufffd!", "s3cret")


def test_a_proxy_gets_the_whole_address(twin: Twin, server: ScriptedServer) -> None:
    server.play([whole(b"through the proxy")])
    asked = twin.ask("http://upstream.invalid:8080/base/", proxy=f"127.0.0.1:{server.port}")
    assert asked.text == "through the proxy"
    assert server.requests[0].target == "http://upstream.invalid:8080/base/api/generate"


def test_the_environment_names_no_proxy(twin: Twin, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    server.play([whole(b"direct", "Set-Cookie: a=b")])
    assert [twin.ask(server.url).text for _ in range(2)] == ["direct", "direct"]
    assert "cookie" not in server.requests[1].headers


def test_closing_the_generator_closes_the_connection(server: ScriptedServer) -> None:
    server.play([CHUNKED, Repeat(chunk(b"word "), 0.01)])
    answer = GPROChat.create_completion("", HELLO, base_url=server.url)
    next(iter(answer))
    del answer
    assert server.requests[0].closed.wait(1)


def test_connections_are_kept_and_a_dead_one_is_replaced(server: ScriptedServer) -> None:
    server.play([whole(b"one")], [whole(b"two"), 0.05, "close"], [whole(b"three")], ["close"], [whole(b"four")])
    twin = Twin("requests")
    assert [twin.ask(server.url).text for _ in range(2)] == ["one", "two"]
    time.sleep(0.1)
    assert [twin.ask(server.url).text for _ in range(2)] == ["three", "four"]
    assert [request.connection for request in server.requests] == [1, 1, 2, 2, 3]


def test_needs_no_flask_and_the_server_no_aiohttp() -> None:
    program = (
        "import sys; from webapp.providers import GPROChat, Guide; "
        "print(sorted({'flask', 'werkzeug', 'aiohttp', 'gevent'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_example_in_the_docstring_runs(server: ScriptedServer) -> None:
    server.play([CHUNKED, chunk("Здрав".encode()), chunk("ствуй!\n".encode()), LAST_CHUNK])
    found = re.search(r"\n\n(        import asyncio.*?asyncio\.run\(main\(\)\))", GPROChat.__doc__ or "", re.DOTALL)
    assert found is not None
    program = f"URL, SECRET = {server.url!r}, 's3cret'\n" + textwrap.dedent(found[1])
    command = [sys.executable, "-X", "utf8", "-W", "error", "-c", program]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True)
    assert ran.stdout == "Здравствуй!\n"


def test_the_dialect_is_found_by_asking_and_kept(twin: Twin, server: ScriptedServer) -> None:
    """As a chatgpt-demo server does it: it sees no text in parts, so the signature of one looks wrong to it."""
    refused = whole(b'{"error":{"message":"Invalid signature."}}', status="401 Unauthorized")
    answer = [reply_head("Transfer-Encoding: chunked"), chunk(b"Hi"), LAST_CHUNK]
    server.play([refused], answer, answer)
    assert [twin.ask(server.url, dialect="auto").text for _ in range(2)] == ["Hi", "Hi"]
    lasts = [request.json()["messages"][-1] for request in server.requests]
    assert lasts == [{"role": "user", "parts": [{"text": "Hello"}]}, *[{"role": "user", "content": "Hello"}] * 2]
    server.play([refused], answer)  # another kind of server took its place
    assert twin.ask(server.url, dialect="auto").text == "Hi"
    assert server.requests[1].json()["messages"][-1] == {"role": "user", "parts": [{"text": "Hello"}]}


def test_the_other_dialect_is_signed_afresh(twin: Twin, server: ScriptedServer) -> None:
    refused = whole(b'{"error":{"message":"Invalid signature."}}', status="401 Unauthorized")
    server.play([refused], [reply_head("Transfer-Encoding: chunked"), chunk(b"Hi"), LAST_CHUNK])
    assert twin.ask(server.url, dialect="auto").text == "Hi"
    times = [request.json()["time"] for request in server.requests]
    assert server.requests[1].json()["sign"] == gprochat_protocol.sign(times[1], "Hello", SECRET)


def test_a_wrong_secret_is_told_after_both_dialects(twin: Twin, server: ScriptedServer) -> None:
    server.play([whole(b'{"error":{"message":"Invalid signature."}}', status="401 Unauthorized")])
    assert isinstance(twin.ask(server.url, dialect="auto").error, WrongSignature)
    assert ["parts" in request.json()["messages"][-1] for request in server.requests] == [True, False]


def test_pictures_are_not_asked_again_in_a_dialect_without_them(twin: Twin, server: ScriptedServer) -> None:
    server.play([whole(b'{"error":{"message":"Invalid signature."}}', status="401 Unauthorized")])
    asked = twin.ask(
        server.url, dialect="auto", messages=[{"role": "user", "content": "?", "images": [Image("image/png", b"p")]}]
    )
    assert isinstance(asked.error, WrongSignature)
    assert len(server.requests) == 1
