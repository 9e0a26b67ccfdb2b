"""What every provider promises, whatever its protocol: each dialect, both twins, one real server."""

from __future__ import annotations

import asyncio
import gzip
import threading
import time
from base64 import b64encode
from typing import Any

import pytest

from tests.providers.conftest import CLIENTS, HELLO, Twin
from tests.scripted_server import LAST_CHUNK, Repeat, ScriptedServer, Step, chunk, reply_head, whole
from webapp.errors import InvalidInput, UpstreamCut, UpstreamTimeout
from webapp.messages import ChatMessage, Image
from webapp.providers.base import StopSignal

TEXT = 'Прив 世界\n\n👩‍👩‍👧 e\u0301 "quoted" \\n x\n\n'
PIECES = ["Прив ", "世", "界\n", "\n", "👩‍👩‍👧 e", '\u0301 "quoted"', " \\n x", "\n\n"]
SYNCHRONOUS = pytest.mark.parametrize(
    "client", [client for client in CLIENTS.values() if client.name == "requests"], ids=lambda client: client.kind
)
ASYNCHRONOUS = pytest.mark.parametrize(
    "client", [client for client in CLIENTS.values() if client.name == "aiohttp"], ids=lambda client: client.kind
)


def test_the_text_is_what_was_sent(client: Twin, server: ScriptedServer) -> None:
    assert "".join(PIECES) == TEXT
    server.play(client.script(*PIECES))
    asked = client.ask(server.url)
    assert (asked.text, asked.error) == (TEXT, None)
    assert "" not in asked.pieces
    request = server.requests[0]
    assert (request.method, request.target) == ("POST", client.path)
    assert client.sent_text(request.json()) == "Hello"


def test_every_byte_may_be_its_own_chunk_and_packet(client: Twin, server: ScriptedServer) -> None:
    body = b"".join(client.piece(piece) for piece in PIECES) + client.ending
    server.play([client.head, *(step for byte in body for step in (chunk(bytes([byte])), 0.0005)), LAST_CHUNK])
    asked = client.ask(server.url)
    assert (asked.text, asked.error) == (TEXT, None)
    assert len(asked.pieces) > 5


def test_text_comes_while_it_is_written(client: Twin, server: ScriptedServer) -> None:
    server.play([client.head, chunk(client.piece("ab")), "hang"])
    asked = client.ask(server.url, silence_timeout_s=0.2)
    assert asked.pieces == ["ab"]
    assert type(asked.error) is UpstreamTimeout
    assert client.first(server.url) == "ab"
    assert server.wait_for_request(2).closed.wait(1), "who leaves closes the connection"


def test_a_slow_consumer_loses_nothing_to_a_cut(client: Twin, server: ScriptedServer) -> None:
    steps = (step for word in range(8) for step in (chunk(client.piece(f"{word} ")), 0.005))
    server.play([client.head, *steps, "close"])
    asked = client.ask(server.url, pause_s=0.05)
    assert asked.text == "0 1 2 3 4 5 6 7 "
    assert type(asked.error) is UpstreamCut


def test_a_slow_consumer_is_not_taken_for_a_silent_upstream(client: Twin, server: ScriptedServer) -> None:
    server.play([client.head, chunk(client.piece("one ")), 0.05, chunk(client.piece("two")), *client.script()[1:]])
    asked = client.ask(server.url, pause_s=0.4, silence_timeout_s=0.2)
    assert (asked.text, asked.error) == ("one two", None)


PLACES = {
    "before the headers": "",
    "in the headers": "HTTP/1.1 200 OK\r\nX: ",
    "before the first byte": "head",
    "between two pieces": "head piece",
    "in a chunk": "head part",
    "in a steady stream": "head repeat",
}


def script_until(client: Twin, place: str) -> list[Step]:
    piece = chunk(client.piece("word "))
    if place.startswith("HTTP"):
        return [place.encode(), "hang"]
    steps: dict[str, Step] = {"head": client.head, "piece": piece, "part": b"fff\r\n" + client.piece("word ")}
    if place.endswith("repeat"):
        return [client.head, Repeat(piece, 0.005)]
    return [*(steps[word] for word in place.split()), "hang"]


@SYNCHRONOUS
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_stop_closes_the_upstream(client: Twin, place: str, server: ScriptedServer) -> None:
    server.play(script_until(client, place))
    stop, outcome = StopSignal(), []
    thread = threading.Thread(target=lambda: outcome.append(client.ask(server.url, stop=stop)))
    thread.start()
    request = server.wait_for_request()
    time.sleep(0.05)
    stopped_at_s = time.monotonic()
    stop.set()
    thread.join(1)
    assert outcome[0].error is None
    assert set(outcome[0].text) <= set("word ")
    assert request.closed.wait(1)
    assert request.closed_at_s - stopped_at_s < 0.2


@ASYNCHRONOUS
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_cancelled_task_closes_the_upstream(client: Twin, place: str, server: ScriptedServer) -> None:
    server.play(script_until(client, place))

    async def ask() -> float:
        answer = client.provider.create_async_generator("", HELLO, base_url=server.url, **client.own)

        async def read() -> None:
            async for _ in answer:
                pass

        reading = asyncio.create_task(read())
        await asyncio.to_thread(server.wait_for_request)
        await asyncio.sleep(0.05)
        stopped_at_s = time.monotonic()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        return stopped_at_s

    stopped_at_s = asyncio.run(ask())
    assert server.requests[0].closed.wait(1)
    assert server.requests[0].closed_at_s - stopped_at_s < 0.2


@SYNCHRONOUS
def test_a_connection_is_kept_and_a_dead_one_replaced(client: Twin, server: ScriptedServer) -> None:
    one, two, three = (client.script(word) for word in ("one", "two", "three"))
    server.play(one, [*two, 0.05, "close"], three)
    assert [client.ask(server.url).text for _ in range(2)] == ["one", "two"]
    time.sleep(0.1)
    assert client.ask(server.url).text == "three"
    assert [request.connection for request in server.requests] == [1, 1, 2]


def test_options_that_were_given_are_sent_and_no_others(client: Twin, server: ScriptedServer) -> None:
    server.play(client.script("ok"))
    client.ask(server.url, temperature=0.5, top_p=0.9, max_tokens=77, headers={"via": "1.1 x", "User-Agent": "mine"})
    client.ask(server.url, temperature=None)
    first, second = server.requests
    sent = first.json()
    assert (sent["temperature"], sent["top_p"], sent["max_tokens"]) == (0.5, 0.9, 77)
    assert {"temperature", "top_p", "max_tokens"} & set(second.json()) == set()
    assert (first.headers["via"], first.headers["user-agent"]) == ("1.1 x", "mine")
    assert (second.headers["user-agent"], second.headers["accept-encoding"]) == ("Parley/0.1", "identity")


PICTURES = [Image("image/png", b"\x89PNG..."), Image("image/jpeg", b"\xff\xd8\xff")]


def test_pictures_go_with_their_message(client: Twin, server: ScriptedServer) -> None:
    server.play(client.script("a cat"))
    first: ChatMessage = {"role": "user", "content": "What is this?", "images": PICTURES}
    asked = client.ask(server.url, [first, {"role": "assistant", "content": "A cat."}, *HELLO])
    if client.own.get("dialect") == "content":
        assert type(asked.error) is InvalidInput
        assert server.requests == []
        return
    assert asked.text == "a cat"
    sent = server.requests[0].json()["messages"]
    png, jpeg = (b64encode(picture.data).decode() for picture in PICTURES)
    if client.kind == "openai":
        assert sent[0]["content"] == [
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{png}"}},
            {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{jpeg}"}},
        ]
        assert sent[2]["content"] == "Hello"
    else:
        assert sent[0]["parts"] == [
            {"text": "What is this?"},
            {"inlineData": {"mimeType": "image/png", "data": png}},
            {"inlineData": {"mimeType": "image/jpeg", "data": jpeg}},
        ]
        assert sent[2]["parts"] == [{"text": "Hello"}]


def test_an_answer_stopped_before_it_began_is_not_sent(client: Twin, server: ScriptedServer) -> None:
    server.play(client.script("ok"))
    client.ask(server.url, [*HELLO, {"role": "assistant", "content": ""}, {"role": "user", "content": "There?"}])
    sent = server.requests[0].json()["messages"]
    if client.own.get("dialect") == "content":
        assert [message["content"] for message in sent] == ["Hello", "There?"]
    else:
        assert len(sent) == 1
        assert client.sent_text(server.requests[0].json()) == "Hello\n\nThere?"


def test_a_history_that_ends_with_an_answer_is_refused(client: Twin) -> None:
    asked = client.ask("http://127.0.0.1:9", [*HELLO, {"role": "assistant", "content": "Hi"}])
    assert type(asked.error) is InvalidInput


def test_lone_surrogates_are_replaced(client: Twin, server: ScriptedServer) -> None:
    server.play(client.script("ok"))
    assert client.ask(server.url, [{"role": "user", "content": "a\ud83d!"}]).text == "ok"
    assert client.sent_text(server.requests[0].json()) == "a\ufffd!"


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "ftp://h"}, {"base_url": "h:80"}, {"silence_timeout_s": 0}, {"connect_timeout_s": -1},
        {"temperature": float("nan")}, {"max_tokens": "many"}, {"headers": {"a b": "c"}},
        {"headers": {"A": "b\r\nC: d"}}, {"headers": {"A": "é"}},
    ],
    ids=repr,
)  # fmt: skip
def test_options_that_make_no_sense_are_refused(wrong: dict[str, Any], client: Twin) -> None:
    assert type(client.ask(**{"base_url": "http://127.0.0.1:9", **wrong}).error) is InvalidInput


def test_misspelt_options_are_noticed(client: Twin) -> None:
    with pytest.raises(TypeError, match="secrte"):
        client.ask("http://127.0.0.1:9", secrte="x")


def test_a_proxy_gets_the_whole_address_and_its_own_password(client: Twin, server: ScriptedServer) -> None:
    server.play(client.script("through the proxy"))
    asked = client.ask("http://upstream.invalid:8080", proxy=f"someone:p%40ss@127.0.0.1:{server.port}")
    assert (asked.text, asked.error) == ("through the proxy", None)
    assert server.requests[0].target == f"http://upstream.invalid:8080{client.path}"
    assert server.requests[0].headers["proxy-authorization"] == "Basic " + b64encode(b"someone:p@ss").decode()


def test_the_environment_names_no_proxy_and_cookies_are_not_kept(
    client: Twin, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    server.play([client.head.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b\r\n\r\n"), *client.script("direct")[1:]])
    assert [client.ask(server.url).text for _ in range(2)] == ["direct", "direct"]
    assert "cookie" not in server.requests[1].headers


def test_compressed_replies_are_read_all_the_same(client: Twin, server: ScriptedServer) -> None:
    packed = gzip.compress(b"".join(client.piece(piece) for piece in PIECES) + client.ending)
    head = client.head.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
    server.play([head, *(step for byte in packed for step in (chunk(bytes([byte])), 0.0005)), LAST_CHUNK])
    asked = client.ask(server.url)
    assert (asked.text, asked.error) == (TEXT, None)


def test_bytes_that_are_no_text_become_replacement_characters(client: Twin, server: ScriptedServer) -> None:
    server.play([client.head, chunk(client.piece(b"a\xffb\xe4\xb8") + client.ending), LAST_CHUNK])
    asked = client.ask(server.url)
    assert (asked.text, asked.error) == ("a\ufffdb\ufffd", None)


def test_a_reply_may_have_a_length_or_end_with_its_connection(client: Twin, server: ScriptedServer) -> None:
    body = client.piece(TEXT) + client.ending
    server.play([whole(body)], [reply_head("Connection: close"), body, "close"])
    assert [client.ask(server.url).text for _ in range(2)] == [TEXT, TEXT]
