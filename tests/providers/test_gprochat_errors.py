"""What both twins make of a failing upstream, against a real server: one error each, and a sentence that helps."""

from __future__ import annotations

import re
import socket
import threading
import time
from email.utils import formatdate
from typing import Any

import pytest

from tests.providers.conftest import Twin
from tests.scripted_server import LAST_CHUNK, ScriptedServer, Step, chunk, reply_head, whole
from webapp.errors import (
    ChatError,
    ClockSkew,
    ConversationRefused,
    InvalidInput,
    UpstreamBusy,
    UpstreamCut,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnreachable,
    WrongPassword,
    WrongSignature,
)
from webapp.providers import failures
from webapp.providers.error_reply import seconds_until

CHUNKED = reply_head("Transfer-Encoding: chunked")
LOGIN = b"<!DOCTYPE html><html><head><title>Sign in &amp; go</title></head>"


def date(offset_s: float = 0) -> str:
    """A header whose time is put in by `dated` when the test runs, which may be minutes after this is read."""
    return f"Date: @{offset_s}@"


def dated(script: list[Step]) -> list[Step]:
    """The script with the present time, moved by each header's offset."""

    def now(found: re.Match[bytes]) -> bytes:
        return formatdate(time.time() + float(found[1]), usegmt=True).encode()

    return [re.sub(rb"@([-\d.]+)@", now, step) if isinstance(step, bytes) else step for step in script]


def refused(status: str, message: str, *headers: str, code: str = "") -> list[Step]:
    fields = f'"code": "{code}", ' if code else ""
    body = f'{{"error": {{{fields}"message": "{message}"}}}}'
    return [whole(body.encode(), "Content-Type: text/plain", *(headers or (date(),)), status=status)]


TABLE: list[tuple[str, list[Step], dict[str, Any], type[ChatError], str]] = [
    ("secret", refused("401 x", "Invalid signature."), {}, WrongSignature, "THE_SECRET"),
    ("no date", refused("401 x", "Invalid signature.", "X: y"), {}, WrongSignature, "THE_SECRET"),
    ("we are behind", refused("401 x", "Invalid signature.", date(400)), {}, ClockSkew, "seconds behind its clock"),
    ("we are ahead", refused("401 x", "Invalid signature.", date(-7200)), {}, ClockSkew, "seconds ahead of"),
    ("stale", refused("401 x", "Invalid signature.", code="stale"), {}, ClockSkew, "network time"),
    ("no password", refused("401 x", "Invalid password."), {}, WrongPassword, "set THE_PASSWORD"),
    ("password", refused("401 x", "Invalid password."), {"password": "p"}, WrongPassword, "correct THE_P"),
    ("other 401", refused("401 x", "Who are you?"), {}, UpstreamRefused, "(401)"),
    ("history", refused("400 x", "Invalid history: bad"), {}, ConversationRefused, "“Invalid history: bad”"),
    ("path", [whole(b"nothing here", status="404 x")], {}, UpstreamRefused, "THE_BASE_URL"),
    ("busy", refused("429 x", "Slow down", "Retry-After: 30"), {}, UpstreamBusy, "in 30 s"),
    ("failed", refused("500 x", "model exploded"), {}, UpstreamRefused, "It said: “model exploded”"),
    ("failed, text", [whole(b"went\r\nwrong", status="500 x")], {}, UpstreamRefused, "went wrong"),
    ("page", [whole(LOGIN, "Content-Type: text/html", status="502 x")], {}, UpstreamRefused, '“Sign in & go”'),
    ("page as 200", [whole(LOGIN, "Content-Type: text/html")], {}, UpstreamRefused, "web page"),
    ("redirect", [whole(b"", "Location: https://evil.example/x?k=1", status="307 x")], {}, UpstreamRefused,
     "(307) to https://evil.example/x; a request with our secrets is never sent on"),
    ("silent", ["hang"], {"silence_timeout_s": 0.15}, UpstreamTimeout, "silent for 0.15 seconds"),
    ("silent after headers", [CHUNKED, "hang"], {"silence_timeout_s": 0.15}, UpstreamTimeout, "silent for"),
    ("reset at once", ["reset"], {}, UpstreamCut, "before it answered"),
    ("closed at once", ["close"], {}, UpstreamCut, "before it answered"),
    ("no HTTP", [b"SSH-2.0-OpenSSH_9.2\r\n", "close"], {}, UpstreamCut, "no HTTP"),
    ("cut error reply", [reply_head("Content-Length: 99", status="500 x"), b"half", "close"], {}, UpstreamRefused,
     "It said: “half”"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "options", "error", "words"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE])
def test_a_failure_before_the_first_byte(
    script: list[Step],
    options: dict[str, Any],
    error: type[ChatError],
    words: str,
    twin: Twin,
    server: ScriptedServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(failures, "FIRST_RETRY_DELAY_S", 0.001)
    server.play(dated(script))
    asked = twin.ask(server.url, **options)
    assert asked.text == ""
    assert type(asked.error) is error
    assert words in str(asked.error)
    assert "s3cret" not in str(asked.error)
    assert "\n" not in str(asked.error)


@pytest.mark.parametrize(
    ("ending", "error", "words"),
    [
        ("hang", UpstreamTimeout, "silent for 0.15 seconds"),
        ("reset", UpstreamCut, "middle of the answer"),
    ],
)
def test_a_failure_in_the_middle_keeps_the_text(
    ending: Step, error: type[ChatError], words: str, twin: Twin, server: ScriptedServer
) -> None:
    server.play([CHUNKED, chunk(b"so far"), 0.02, ending])
    asked = twin.ask(server.url, silence_timeout_s=0.15)
    assert asked.text == "so far"
    assert type(asked.error) is error
    assert words in str(asked.error)
    assert len(server.requests) == 1


def test_a_chunk_that_is_none_ends_the_answer(twin: Twin, server: ScriptedServer) -> None:
    server.play([CHUNKED, chunk(b"so far"), 0.02, b"zzz\r\n", "hang"])
    asked = twin.ask(server.url, silence_timeout_s=0.15)
    assert asked.text == "so far"
    # aiohttp does not tell its reader about it, so that twin finds out by the silence.
    assert type(asked.error) is (UpstreamCut if twin.name == "requests" else UpstreamTimeout)


def test_a_gzip_reply_that_is_none_is_cut(twin: Twin, server: ScriptedServer) -> None:
    server.play([whole(b"this is not gzip", "Content-Encoding: gzip")])
    assert type(twin.ask(server.url).error) is UpstreamCut


def test_nobody_listens(twin: Twin, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "FIRST_RETRY_DELAY_S", 0.01)
    asked = twin.ask("http://user:word@127.0.0.1:1/")
    assert type(asked.error) is UpstreamUnreachable
    assert asked.error.advice.startswith("No connection to 127.0.0.1:1: nothing listens there")


def test_a_name_nobody_knows(twin: Twin) -> None:
    asked = twin.ask("http://upstream.invalid")
    assert type(asked.error) is UpstreamUnreachable
    assert "THE_BASE_URL" in str(asked.error)


def test_a_proxy_nobody_runs(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "FIRST_RETRY_DELAY_S", 0.01)
    asked = twin.ask("http://upstream.invalid", proxy="http://127.0.0.1:1")
    assert type(asked.error) is UpstreamUnreachable
    assert "THE_PROXY" in str(asked.error)


def test_a_tls_handshake_that_takes_too_long(twin: Twin, server: ScriptedServer) -> None:
    asked = twin.ask(server.url.replace("http:", "https:"), connect_timeout_s=0.2)
    assert type(asked.error) is UpstreamUnreachable
    assert "no answer within 0.2 seconds" in str(asked.error)


def test_tls_that_is_none(twin: Twin) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_in_the_clear() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 400 This is no TLS\r\n\r\n")

        thread = threading.Thread(target=answer_in_the_clear)
        thread.start()
        asked = twin.ask(f"https://127.0.0.1:{listener.getsockname()[1]}")
        thread.join()
    assert type(asked.error) is UpstreamUnreachable
    assert "TLS" in str(asked.error)


@pytest.mark.parametrize("address", ["http://", "http://a b/", "http://127.0.0.1:99999", "http://[::1"])
def test_an_address_that_is_none(address: str, twin: Twin) -> None:
    assert type(twin.ask(address).error) in (InvalidInput, UpstreamUnreachable)


@pytest.mark.parametrize(
    "first",
    [
        refused("503 x", "starting"),
        [whole(b"<html>Bad gateway", "Content-Type: text/html", status="502 x")],
        refused("504 x", "late", "Retry-After: 0"),
        refused("429 x", "busy", "Retry-After: 0"),
        refused("401 x", "Invalid signature.", code="replayed"),
    ],
)
def test_retries_are_signed_afresh(first: list[Step], twin: Twin, server: ScriptedServer) -> None:
    server.play([0.005, *first], [whole(b"at last")])
    asked = twin.ask(server.url)
    assert (asked.text, asked.error) == ("at last", None)
    one, two = (request.json() for request in server.requests)
    assert two["time"] > one["time"]
    assert two["sign"] != one["sign"]


def test_retries_are_bounded(twin: Twin, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "FIRST_RETRY_DELAY_S", 0.001)
    server.play(refused("503 x", "starting"))
    assert type(twin.ask(server.url).error) is UpstreamRefused
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("script", "retry_after"),
    [
        (refused("429 x", "busy"), None),
        (refused("429 x", "busy", "Retry-After: 11"), 11),
        (refused("500 x", "broken"), None),
        (refused("401 x", "Invalid signature."), None),
        ([CHUNKED, chunk(b"begun"), "reset"], None),
        ([CHUNKED, "reset"], None),
    ],
)
def test_no_retry_where_it_cannot_help(
    script: list[Step], retry_after: float | None, twin: Twin, server: ScriptedServer
) -> None:
    server.play(dated(script), [whole(b"never asked")])
    asked = twin.ask(server.url)
    assert asked.error is not None
    assert asked.error.retry_after == retry_after
    assert len(server.requests) == 1


def test_an_error_page_without_end_is_not_read_to_its_end(twin: Twin, server: ScriptedServer) -> None:
    server.play([reply_head("Transfer-Encoding: chunked", status="500 x"), *[chunk(b"x" * 9_000)] * 3, "hang"])
    begun_s = time.monotonic()
    assert type(twin.ask(server.url).error) is UpstreamRefused
    assert time.monotonic() - begun_s < 2


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7), ("Thu, 01 Jan 1970 00:01:40 GMT", 40), ("Thu, 01 Jan 1970 00:00:01 GMT", 0), ("soon", None),
     ("-1", None), ("", None), (None, None), ("٣", None), ("999999999", None),
     ("Mon, 01 Jan 9999 00:00:00 GMT", None), ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
     ("Mon, 01 Jan 2024 00:00:00 +99999999999999999", None), ("Mon, 01 Jan 0001 00:00:00 +2359", None),
     ("Mon, 01 Jan 2024 99999999999999999999:00:00 GMT", None)],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    assert seconds_until(value, 60_000) == seconds


def test_a_whole_reply_may_end_with_its_last_chunk_alone(twin: Twin, server: ScriptedServer) -> None:
    server.play([CHUNKED, chunk(b"\n"), chunk(b"\n"), 0.01, LAST_CHUNK])
    assert twin.ask(server.url).text == "\n\n"
