"""The gateway against the golden cases, and everything a stranger may send it."""

from __future__ import annotations

import json
import threading
import time
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.providers.conftest import HELLO
from webapp.messages import ChatMessage, Image, ModelOptions
from webapp.providers.gprochat_gateway import FRESH_MS, MAX_BODY_BYTES, Gateway, GatewayRefused
from webapp.providers.gprochat_protocol import Options, sign, sign_request, to_body_messages

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/signing.json").read_text("utf-8"))
SECRET = VECTORS["secret"]
NOW_MS = 1_700_000_000_000


def body(messages: object, time_ms: object = NOW_MS, signature: object = None, **more: Any) -> bytes:
    return json.dumps({"messages": messages, "time": time_ms, "pass": None, "sign": signature, **more}).encode()


def signed(text: str = "hi", time_ms: int = NOW_MS, **more: Any) -> bytes:
    return body([{"role": "user", "content": text}], time_ms, sign(time_ms, text, SECRET), **more)


def gateway(*passwords: str, now_ms: int = NOW_MS, **limits: int) -> Gateway:
    return Gateway(SECRET, passwords, lambda: now_ms, **limits)


def refusal(asked: Gateway, sent: bytes) -> GatewayRefused:
    with pytest.raises(GatewayRefused) as caught:
        asked.accept(sent)
    return caught.value


@pytest.mark.parametrize("case", VECTORS["gateway_accepts"] + VECTORS["cases"], ids=lambda case: case["name"])
def test_accepts_the_golden_cases(case: dict[str, Any]) -> None:
    sent = case.get("body_messages", case["messages"])
    accepted = gateway(now_ms=case["timestamp_ms"]).accept(body(sent, case["timestamp_ms"], case["signature"]))
    last = sent[-1]
    assert accepted.messages[-1]["role"] == "user"
    assert accepted.messages[-1]["content"] == last.get("content", "".join(p["text"] for p in last.get("parts", [])))
    assert {message["role"] for message in accepted.messages} <= {"user", "assistant", "system"}


@pytest.mark.parametrize("case", VECTORS["gateway_refuses"], ids=lambda case: case["name"])
def test_refuses_the_golden_cases(case: dict[str, Any]) -> None:
    sent = body(case["messages"], case["timestamp_ms"], case["signature"])
    error = refusal(gateway(now_ms=case["timestamp_ms"]), sent)
    assert error.status == case["status"]
    assert error.message == case.get("message", "Invalid message history: The last message must be from user role.")


@pytest.mark.parametrize("dialect", ["parts", "content"])
def test_understands_our_own_client(dialect: Any) -> None:
    options = Options(base_url="http://h", secret=SECRET, password="pw", dialect=dialect, temperature=0.7)
    request = sign_request(options, "some-model", to_body_messages(HELLO, dialect), NOW_MS)
    accepted = gateway("other", "pw").accept(request.body)
    assert accepted.messages == HELLO
    assert accepted.model == "some-model"
    assert accepted.options == ModelOptions(temperature=0.7)


PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0"
PICTURE = {"inlineData": {"mimeType": "image/png", "data": b64encode(PNG).decode()}}


def test_takes_the_pictures_and_options_of_our_own_client() -> None:
    said: list[ChatMessage] = [
        {"role": "user", "content": "What is this?", "images": [Image("image/png", PNG)]},
    ]
    options = Options(base_url="http://h", secret=SECRET, top_p=0.5, max_tokens=9)
    accepted = gateway().accept(sign_request(options, "", to_body_messages(said, "parts"), NOW_MS).body)
    assert accepted.messages == said
    assert accepted.options == ModelOptions(top_p=0.5, max_tokens=9)


def test_a_picture_alone_is_a_question_and_the_signature_covers_the_texts_only() -> None:
    sent = body([{"role": "user", "parts": [PICTURE]}], NOW_MS, sign(NOW_MS, "", SECRET))
    assert gateway().accept(sent).messages == [
        {"role": "user", "content": "", "images": [Image("image/png", PNG)]},
    ]
    parts = [{"text": "a"}, PICTURE, {"text": "b"}]
    mixed = gateway().accept(body([{"role": "user", "parts": parts}], NOW_MS, sign(NOW_MS, "ab", SECRET)))
    assert mixed.messages[0]["content"] == "ab"


@pytest.mark.parametrize(
    "picture",
    [{"mimeType": "image/svg+xml", "data": "AAAA"}, {"mimeType": "image/png", "data": "no base64!"},
     {"mimeType": "image/png", "data": ""}, {"mimeType": "image/png"}, {"data": "AAAA"}, {"mimeType": [], "data": 5},
     {"mimeType": "image/jpeg", "data": b64encode(PNG).decode()}, {"mimeType": "image/png", "data": "aGVsbG8="},
     {"mimeType": "image/png", "data": b64encode(PNG.replace(b"\x01", b"\x7f")).decode() + "AAAA"},
     {"mimeType": "image/png", "data": b64encode(PNG.replace(b"\0\0\0\x01", b"\0\1\0\x01")).decode()}],
)  # fmt: skip
def test_refuses_what_is_no_picture(picture: dict[str, Any]) -> None:
    sent = body([{"role": "user", "parts": [{"inlineData": picture}]}], NOW_MS, sign(NOW_MS, "", SECRET))
    assert refusal(gateway(), sent).status == 400


@pytest.mark.parametrize("given_password", [None, "", "wrong", 5, "\ud800"])
def test_asks_for_the_password(given_password: object) -> None:
    asked = gateway("right", "also")
    error = refusal(asked, signed(**{"pass": given_password}))
    assert (error.status, error.body()) == (401, {"code": "wrong_password", "message": "Invalid password."})
    assert asked.check_auth(given_password) == {"code": -1}
    assert asked.check_auth("also") == {"code": 0}
    assert gateway().check_auth(given_password) == {"code": 0}


@pytest.mark.parametrize(("offset_ms", "code"), [(0, ""), (FRESH_MS, ""), (-FRESH_MS, ""), (FRESH_MS + 1, "stale"),
                                                 (-FRESH_MS - 1, "stale")])  # fmt: skip
def test_a_request_is_fresh_for_five_minutes(offset_ms: int, code: str) -> None:
    asked = gateway(now_ms=NOW_MS + offset_ms)
    if code:
        error = refusal(asked, signed())
        assert (error.status, error.body()) == (401, {"code": code, "message": "Invalid signature."})
    else:
        assert asked.accept(signed()).messages == [{"role": "user", "content": "hi"}]


def test_a_request_is_accepted_once_as_long_as_it_is_fresh() -> None:
    now = [NOW_MS]
    asked = Gateway(SECRET, [], lambda: now[0])
    ahead = signed(time_ms=NOW_MS + FRESH_MS)
    asked.accept(ahead)
    for now[0] in (NOW_MS, NOW_MS + FRESH_MS, NOW_MS + 2 * FRESH_MS):
        error = refusal(asked, ahead)
        assert (error.status, error.code, error.message) == (401, "replayed", "Invalid signature.")
    now[0] += 1
    assert refusal(asked, ahead).code == "stale"


def test_what_it_remembers_is_bounded_and_expires() -> None:
    now = [NOW_MS]
    asked = Gateway(SECRET, [], lambda: now[0], max_seen=3)
    for n in range(3):
        asked.accept(signed(str(n)))
    error = refusal(asked, signed("one too many"))
    assert (error.status, error.code, error.retry_after) == (429, "busy", pytest.approx(600, abs=1))
    now[0] += 2 * FRESH_MS + 1
    asked.accept(signed("room again", now[0]))


def test_of_many_threads_with_one_request_one_wins() -> None:
    asked, barrier = gateway(), threading.Barrier(8)
    outcomes: list[str] = []

    def send() -> None:
        barrier.wait()
        try:
            asked.accept(signed())
        except GatewayRefused as error:
            outcomes.append(error.code)
        else:
            outcomes.append("accepted")

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["accepted", *["replayed"] * 7]


def test_a_stranger_learns_nothing_about_freshness() -> None:
    error = refusal(gateway(now_ms=NOW_MS + 10 * FRESH_MS), body([{"role": "user", "content": "hi"}], NOW_MS, "0" * 64))
    assert error.code == "wrong_signature"


@pytest.mark.parametrize(
    "sent",
    [
        b"", b"\xff", b"[]", b"null", b'"x"', b"{", b"[" * 100_000, b'{"messages": 1' + b"0" * 5000 + b"}", b"{}",
        body("hi"), body([1]), body([{}]), body([{"role": "user"}]), body([{"role": ["user"], "content": "x"}]),
        body([{"role": "user", "content": 5}]), body([{"role": "user", "parts": []}]),
        body([{"role": "user", "parts": [{"text": 5}]}]), body([{"role": "user", "parts": ["x"]}]),
        body([{"role": "model", "content": "x"}]), body([{"role": "assistant", "parts": [{"text": "x"}]}]),
        body([{"role": "user", "parts": [{"text": "x"}]}, {"role": "user", "content": "x"}]),
        signed(time_ms=NOW_MS).replace(b"1700000000000", b"1.7e12"), body(HELLO, True), body(HELLO, "1700000000000"),
        body(HELLO, None), signed(model=5), signed(model="x" * 201), signed(temperature="warm"),
        signed(temperature=float("nan")), signed(temperature=3), signed(temperature=True),
        signed(top_p=0), signed(top_p="x"), signed(max_tokens=0), signed(max_tokens=1.5), signed(max_tokens=[]),
        body(HELLO * 20_001),
    ],
)  # fmt: skip
def test_refuses_what_is_no_request(sent: bytes) -> None:
    assert refusal(gateway(), sent).status == 400


def test_refuses_what_is_too_long() -> None:
    assert refusal(gateway(), b" " * (MAX_BODY_BYTES + 1)).status == 413


@pytest.mark.parametrize("signature", [None, 5, "", "\ud800", "é" * 64, sign(NOW_MS, "hi", SECRET).upper()])
def test_refuses_a_signature_that_is_none(signature: object) -> None:
    assert refusal(gateway(), body([{"role": "user", "content": "hi"}], NOW_MS, signature)).code == "wrong_signature"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@given(messages=JSON, time=JSON, password=JSON, signature=JSON)
def test_whatever_comes_is_refused_in_one_shape(messages: Any, time: Any, password: Any, signature: Any) -> None:
    sent = json.dumps({"messages": messages, "time": time, "pass": password, "sign": signature}).encode()
    error = refusal(gateway("pw"), sent)
    assert error.status in (400, 401)
    assert set(error.body()) == {"code", "message"}


@pytest.mark.parametrize("value", [b"{}", b"[]", b"1", b'""', b'{"parts":[]}'])
@pytest.mark.parametrize("key", [b"messages", b"other", b"model"])
def test_millions_of_values_are_refused_before_they_are_read(value: bytes, key: bytes) -> None:
    sent = b'{"%b":[%b]}' % (key, b",".join([value] * (15_000_000 // (len(value) + 1))))
    begun_s = time.process_time()
    error = refusal(gateway(), sent)
    assert error.status == 413
    assert time.process_time() - begun_s < 0.2


def test_a_long_text_with_many_commas_is_no_such_thing() -> None:
    text = "a, b; {c: [d]}\n" * 100_000
    assert gateway().accept(signed(text)).messages == [{"role": "user", "content": text}]
