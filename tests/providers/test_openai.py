"""`OpenAICompatible`, both twins, against a real server: addresses, reasoning, facts, and how servers differ."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.providers.conftest import HELLO, KEY, Chat, event
from tests.scripted_server import LAST_CHUNK, ScriptedServer, Step, chunk, reply_head, whole
from webapp.errors import InvalidInput, UpstreamBusy, UpstreamCut, UpstreamError, UpstreamRefused, UpstreamTimeout
from webapp.providers import Facts
from webapp.providers.openai_protocol import address

STREAM = reply_head("Content-Type: text/event-stream; charset=utf-8", "Transfer-Encoding: chunked")
DONE = b"data: [DONE]\n\n"


def delta(*, reason: str | None = None, **fields: Any) -> bytes:
    return event({"id": "1", "choices": [{"index": 0, "delta": fields, "finish_reason": reason}]})


def stream(*events: bytes) -> list[Step]:
    return [STREAM, *(chunk(one) for one in events), LAST_CHUNK]


ANSWER = stream(delta(role="assistant", content=""), delta(content="ok"), delta(reason="stop"), DONE)


@pytest.mark.parametrize(
    ("base_url", "full"),
    [
        ("http://h", "http://h/v1/chat/completions"),
        ("http://h/", "http://h/v1/chat/completions"),
        ("http://h:1234/v1", "http://h:1234/v1/chat/completions"),
        ("http://h/v1/", "http://h/v1/chat/completions"),
        ("http://h/v1/chat/completions", "http://h/v1/chat/completions"),
        ("http://h/chat/completions/", "http://h/chat/completions"),
        ("https://h/api/v1", "https://h/api/v1/chat/completions"),
        ("https://h/v1beta/openai/", "https://h/v1beta/openai/chat/completions"),
        ("https://h/api/paas/v4", "https://h/api/paas/v4/chat/completions"),
        ("https://h/ollama", "https://h/ollama/v1/chat/completions"),
        ("https://h/openai/v1?api-version=preview", "https://h/openai/v1/chat/completions?api-version=preview"),
    ],
)
def test_addresses_in_every_form(base_url: str, full: str) -> None:
    assert address(base_url, "/chat/completions") == full
    assert address(full, "/models") == full.replace("/chat/completions", "/models")


def test_what_is_sent(chat: Chat, server: ScriptedServer) -> None:
    server.play(ANSWER)
    said: Any = [{"role": "system", "content": "Be brief."}, *HELLO]
    assert chat.ask(f"{server.url}/proxy/v1/", said).text == "ok"
    request = server.requests[0]
    assert request.target == "/proxy/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["accept"].startswith("text/event-stream")
    assert request.json() == {"messages": said, "stream": True, "stream_options": {"include_usage": True}}


def test_the_model_is_sent_and_no_key_when_there_is_none(chat: Chat, server: ScriptedServer) -> None:
    server.play(ANSWER)
    options = {"base_url": server.url, "api_key": ""}
    assert "".join(chat.provider.create_completion("qwen3", HELLO, **options)) == "ok"
    assert server.requests[0].json()["model"] == "qwen3"
    assert "authorization" not in server.requests[0].headers


def test_a_login_in_the_address_becomes_a_header_unless_there_is_a_key(chat: Chat, server: ScriptedServer) -> None:
    server.play(ANSWER)
    with_login = server.url.replace("http://", "http://me:p%40ss@")
    chat.ask(with_login, api_key="")
    chat.ask(with_login)
    assert [request.headers["authorization"] for request in server.requests] == ["Basic bWU6cEBzcw==", f"Bearer {KEY}"]


@pytest.mark.parametrize("key", ["two\nlines", "é", " padded "])
def test_a_key_that_is_none(key: str, chat: Chat) -> None:
    error = chat.ask("http://127.0.0.1:9", api_key=key).error
    assert type(error) is InvalidInput
    assert error.message.startswith("THE_API_KEY")
    assert key not in error.message


@pytest.mark.parametrize(
    "events",
    [
        [delta(reasoning_content="why "), delta(reasoning_content="not", content=""), delta(content="yes")],
        [delta(reasoning="why "), delta(reasoning="not"), delta(content="yes")],
        [delta(reasoning="why not", reasoning_content="why not"), delta(content="yes")],
        [delta(content="<th"), delta(content="ink>why"), delta(content=" not</"), delta(content="think>\n\nyes")],
        [delta(content=[{"type": "thinking", "thinking": [{"type": "text", "text": "why "}]}]),
         delta(content=[{"type": "thinking", "thinking": [{"type": "text", "text": "not"}]},
                        {"type": "text", "text": "yes"}])],
    ],
    ids=["DeepSeek", "OpenRouter", "both names", "tags", "Mistral"],
)  # fmt: skip
def test_reasoning_is_kept_apart(events: list[bytes], chat: Chat, server: ScriptedServer) -> None:
    server.play(stream(*events, delta(reason="stop"), DONE))
    asked = chat.ask(server.url)
    assert (asked.reasoning, asked.text, asked.error) == ("why not", "yes", None)


def test_reasoning_comes_while_it_is_written(chat: Chat, server: ScriptedServer) -> None:
    server.play([STREAM, chunk(delta(reasoning="hm")), "hang"])
    asked = chat.ask(server.url, silence_timeout_s=0.15)
    assert (asked.reasoning, asked.text) == ("hm", "")
    assert type(asked.error) is UpstreamTimeout


@pytest.mark.parametrize("reason", ["stop", "length", "content_filter"])
def test_reasoning_alone_is_an_answer(reason: str, chat: Chat, server: ScriptedServer) -> None:
    server.play(stream(delta(content="<think>on and on"), delta(reason=reason), DONE))
    asked = chat.ask(server.url)
    assert (asked.reasoning, asked.text, asked.error) == ("on and on", "", None)
    assert asked.facts.finish_reason == reason


USAGE = {"prompt_tokens": 7, "completion_tokens": 20, "completion_tokens_details": {"reasoning_tokens": 12}}


def test_facts_grow(chat: Chat, server: ScriptedServer) -> None:
    first = event({"model": "m-2026", "choices": [{"delta": {"content": "a"}}], "usage": None})
    last = event({"model": "m-2026", "choices": [], "usage": USAGE})
    server.play(stream(first, delta(content="b"), delta(reason="length"), last, DONE))
    asked = chat.ask(server.url)
    assert asked.text == "ab"
    assert asked.told.all_facts == [
        Facts(model="m-2026"),
        Facts(model="m-2026", finish_reason="length"),
        Facts(model="m-2026", finish_reason="length", prompt_tokens=7, completion_tokens=20, reasoning_tokens=12),
    ]


@pytest.mark.parametrize("usage", [5, [], {"prompt_tokens": "7"}, {"prompt_tokens": -1, "completion_tokens": True}])
def test_facts_of_unexpected_kinds_are_ignored(usage: Any, chat: Chat, server: ScriptedServer) -> None:
    odd = event({"model": 5, "id": {}, "choices": [{"delta": {"content": "a", "reasoning": {}}}], "usage": usage})
    server.play(stream(odd, event({"choices": None}), event({"choices": [5]}), delta(reason="stop"), DONE))
    asked = chat.ask(server.url)
    assert (asked.text, asked.error, asked.facts) == ("a", None, Facts(finish_reason="stop"))


def test_facts_are_short_and_plain(chat: Chat, server: ScriptedServer) -> None:
    odd = "\u202e\0\x1b[31m<b>" + "M" * 100_000
    huge = event({"choices": [], "usage": {"prompt_tokens": 2**53 + 1, "completion_tokens": 2**53}})
    endless = b'data: {"choices":[],"usage":{"completion_tokens_details":{"reasoning_tokens":%b}}}\n\n' % (b"9" * 4_000)
    first = event({"model": odd, "choices": [{"delta": {"content": "a"}}]})
    server.play(stream(first, huge, endless, delta(reason=odd), DONE))
    asked = chat.ask(server.url)
    assert (asked.text, asked.error) == ("a", None)
    assert asked.facts == Facts(
        model="[31m<b>" + "M" * 193, finish_reason="[31m<b>" + "M" * 33, completion_tokens=2**53
    )


def test_a_server_that_does_not_stream(chat: Chat, server: ScriptedServer) -> None:
    message = {"role": "assistant", "content": "Прив\n\n", "reasoning_content": "hm"}
    reply = {"model": "m", "choices": [{"message": message, "finish_reason": "stop"}], "usage": USAGE}
    body = json.dumps(reply, indent=1).encode()
    server.play(
        [
            reply_head("Transfer-Encoding: chunked"),
            *(chunk(body[n : n + 7]) for n in range(0, len(body), 7)),
            LAST_CHUNK,
        ]
    )
    asked = chat.ask(server.url)
    assert (asked.text, asked.reasoning, asked.error) == ("Прив\n\n", "hm", None)
    assert (asked.facts.model, asked.facts.finish_reason, asked.facts.reasoning_tokens) == ("m", "stop", 12)
    server.play([reply_head("Content-Length: 999"), body[:60], "close"])
    assert type(chat.ask(server.url).error) is UpstreamCut


LINES = [
    b": OPENROUTER PROCESSING\n\n", b"event: message\nid: 1\n", delta(content="a"), b"\n\n: ping\n\n",
    delta(content="b").replace(b"\n", b"\r\n"), delta(content="c").replace(b"\n", b"\r"), b"data:\n\n",
    delta(content="d").replace(b"data: ", b"data:"), b'data: {"choices":[{"delta":\ndata: {"content":"e"}}]}\n\n',
    delta(reason="stop"), b"data: [DONE]\r\n\r\n",
]  # fmt: skip


def test_comments_line_ends_and_fields_nobody_needs(chat: Chat, server: ScriptedServer) -> None:
    body = b"\xef\xbb\xbf" + b"".join(LINES)
    server.play(stream(body), stream(*(bytes([byte]) for byte in body)))
    for _ in range(2):
        asked = chat.ask(server.url)
        assert (asked.text, asked.error) == ("abcde", None)


def test_half_a_character_written_as_an_escape(chat: Chat, server: ScriptedServer) -> None:
    half = b'data: {"choices":[{"delta":{"content":"a\\ud83d"}}]}\n\n'
    server.play(stream(half, delta(content="b"), delta(reason="stop"), DONE))
    assert chat.ask(server.url).text == "a\ufffdb"


ERRORS: list[tuple[str, bytes, type[UpstreamError], str]] = [
    ("object", event({"error": {"message": "engine died", "code": 500}}), UpstreamRefused, "“engine died”"),
    ("text", event({"error": "engine died"}), UpstreamRefused, "“engine died”"),
    ("OpenRouter", event({"id": "1", "error": {"code": "server_error", "message": "engine died"},
                          "choices": [{"delta": {"content": ""}, "finish_reason": "error"}]}),
     UpstreamRefused, "“engine died”"),
    ("OpenRouter, inside", event({"choices": [{"delta": {}, "finish_reason": "error",
                                               "error": {"code": 429, "message": "engine died"}}]}),
     UpstreamBusy, "too much to do"),
    ("no words", event({"choices": [{"delta": {}, "finish_reason": "error"}]}), UpstreamRefused, "failed while"),
    ("vLLM", event({"object": "error", "message": "engine died", "code": 500}), UpstreamRefused, "“engine died”"),
    ("llama.cpp", b'error: {"code":500,"message":"engine died"}\n\n', UpstreamRefused, "“engine died”"),
    ("Ollama", b'{"error":"engine died"}\n', UpstreamRefused, "“engine died”"),
    ("Gemini", b'data: [{"error":{"code":503,"message":"engine died","status":"UNAVAILABLE"}}]\n\n',
     UpstreamBusy, "much"),
    ("infinite code", b'data: {"error":{"code":1e999,"message":"engine died"}}\n\n', UpstreamRefused, "“engine died”"),
    ("nested code", event({"error": {"code": [[[1]]], "type": {"a": 1}, "message": "engine died"}}), UpstreamRefused,
     "“engine died”"),
    ("long codes", event({"error": {"code": "model no" * 1_000_000, "type": "image " * 1_000_000,
                                    "message": "engine died"}}), UpstreamRefused, "“engine died”"),
    ("many complaints", event({"error": {"detail": [{"loc": ["a"], "msg": "engine died"}] * 100_000}}),
     UpstreamRefused, "a: engine died; a:"),
    ("no JSON", b"data: Internal Server Error\n\n", UpstreamCut, "cannot be read"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "expected", "words"), [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
@pytest.mark.parametrize("before", ["", "so far <thi"])
def test_an_error_inside_the_stream(
    before: str, error: bytes, expected: type[UpstreamError], words: str, chat: Chat, server: ScriptedServer
) -> None:
    server.play(stream(*([delta(content=before)] if before else []), error))
    asked = chat.ask(server.url)
    assert asked.text == before
    assert type(asked.error) is expected
    assert words in asked.error.message
    assert "engine" not in asked.error.advice
    assert len(server.requests) == 1


def test_the_beginning_of_a_tag_is_text_when_the_reply_is_cut(chat: Chat, server: ScriptedServer) -> None:
    server.play([STREAM, chunk(delta(content="<thi")), 0.02, "close"])
    asked = chat.ask(server.url)
    assert asked.text == "<thi"
    assert type(asked.error) is UpstreamCut


@pytest.mark.parametrize("ending", ["close", "reset", "hang"])
def test_after_a_reason_to_finish_nothing_is_missing(ending: Step, chat: Chat, server: ScriptedServer) -> None:
    server.play([STREAM, chunk(delta(content="all")), chunk(delta(reason="stop")), 0.02, ending])
    asked = chat.ask(server.url, silence_timeout_s=0.2)
    assert (asked.text, asked.error, asked.facts.finish_reason) == ("all", None, "stop")


def test_a_stream_that_just_ends_was_cut(chat: Chat, server: ScriptedServer) -> None:
    server.play(stream(delta(content="so far")))
    asked = chat.ask(server.url)
    assert asked.text == "so far"
    assert type(asked.error) is UpstreamCut


def test_after_the_end_nothing_is_waited_for(chat: Chat, server: ScriptedServer) -> None:
    server.play([STREAM, chunk(delta(content="all") + DONE), "hang"])
    asked = chat.ask(server.url, silence_timeout_s=5)
    assert (asked.text, asked.error) == ("all", None)
    assert server.requests[0].closed.wait(1)


def complaint(status: str, text: str) -> list[Step]:
    return [whole(json.dumps({"detail": [{"msg": text, "loc": ["body"]}]}).encode(), status=status)]


def test_what_a_server_does_not_know_is_left_out(chat: Chat, server: ScriptedServer) -> None:
    server.play(
        complaint("400 x", "Unrecognized: stream_options"), complaint("400 x", "use max_completion_tokens"), ANSWER
    )
    asked = chat.ask(server.url, max_tokens=9)
    assert (asked.text, asked.error) == ("ok", None)
    first, second, third = (request.json() for request in server.requests)
    assert (first["max_tokens"], "stream_options" in first) == (9, True)
    assert (second["max_tokens"], "stream_options" in second) == (9, False)
    assert (third["max_completion_tokens"], "max_tokens" in third, "stream_options" in third) == (9, False, False)


def test_a_complaint_that_does_not_end_is_told(chat: Chat, server: ScriptedServer) -> None:
    server.play(complaint("422 x", "Unrecognized: stream_options"))
    asked = chat.ask(server.url)
    assert asked.error is not None
    assert "“body: Unrecognized: stream_options”" in asked.error.message
    assert len(server.requests) == 2


def test_an_event_without_end_is_given_up_and_its_upstream_closed(chat: Chat, server: ScriptedServer) -> None:
    server.play([STREAM, chunk(delta(content="so far")), b"1100000\r\n" + b"data: " + b"x" * 0x1100000, "hang"])
    asked = chat.ask(server.url)
    assert asked.text == "so far"
    assert type(asked.error) is UpstreamCut
    assert server.requests[0].closed.wait(1)


def test_keys_and_headers_are_cut_out_of_what_the_upstream_says(chat: Chat, server: ScriptedServer) -> None:
    said = f"You sent {KEY} and t0ken-of-mine and once more {KEY}"
    server.play([whole(json.dumps({"error": {"message": said}}).encode(), status="400 x")])
    error = chat.ask(server.url, headers={"X-Api-Token": "t0ken-of-mine"}).error
    assert error is not None
    assert "“You sent [secret] and [secret] and once more [secret]”" in error.message
    assert KEY not in repr(error)


def test_logins_are_cut_out_in_every_form(chat: Chat, server: ScriptedServer) -> None:
    said = "Authorization: Basic bWU6cEBzcw== or bWU6cEBzcw or p@ss or p%40ss, and at the proxy eW91OnA0c3M= or p4ss"
    server.play([whole(json.dumps({"error": {"message": said}}).encode(), status="400 x")])
    login = server.url.replace("http://", "http://me:p%40ss@")
    error = chat.ask(login, api_key="", proxy=server.url.replace("http://", "http://you:p4ss@")).error
    assert error is not None
    for secret in ("bWU6cEBzcw", "p@ss", "p%40ss", "eW91OnA0c3M", "p4ss"):
        assert secret not in str(error)
    assert error.message.count("[secret]") == 6
    assert server.requests[0].headers["proxy-authorization"] == "Basic eW91OnA0c3M="
