"""Several upstreams: the models on offer, and who answers when one fails, against real scripted servers."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from typing import Any

import pytest

from tests.parley_server import free_port
from tests.scripted_server import LAST_CHUNK, ScriptedServer, Step, chunk, reply_head, whole
from tests.waiting import until
from webapp.errors import (
    ChatError,
    ConversationRefused,
    InvalidInput,
    UpstreamCut,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from webapp.local_upstreams import local_upstreams
from webapp.messages import ChatMessage, Image, ModelOptions
from webapp.model_lists import ModelList
from webapp.providers import Notes
from webapp.providers.base import Facts, StopSignal
from webapp.providers.openai_models import ListedModel
from webapp.upstream import Upstream, declared, embedded_guide
from webapp.upstream_settings import UpstreamSettings
from webapp.upstreams import OfferedModel, Upstreams, display_name

HELLO: list[Step] = [reply_head("Transfer-Encoding: chunked"), chunk(b"Hello"), LAST_CHUNK]
WORLD: list[Step] = [reply_head("Transfer-Encoding: chunked"), chunk(b"World"), LAST_CHUNK]
QUESTION: list[ChatMessage] = [{"role": "user", "content": "a question nobody may log"}]


class Memory(Notes):
    """Remembers all it is told."""

    def __init__(self) -> None:
        self.thought, self.known = "", Facts()

    def reasoning(self, text: str) -> None:
        self.thought += text

    def facts(self, facts: Facts) -> None:
        self.known = facts


@pytest.fixture
def first() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


@pytest.fixture
def second() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        running.play(WORLD)
        yield running


def signed(name: str, url: str, *models: str, silence_s: float = 5, **fields: Any) -> Upstream:
    names = {"base_url": f"base_url of [{name}]", "secret": f"secret of [{name}]"}
    entry = UpstreamSettings(name=name, kind="gprochat", base_url=url, models=models or ("m",), names=names, **fields)
    return declared(entry, silence_s)


def openai(name: str, url: str, *models: str, silence_s: float = 5, **fields: Any) -> Upstream:
    return declared(UpstreamSettings(name=name, kind="openai", base_url=url, models=models, **fields), silence_s)


def sse(*events: object) -> list[Step]:
    """A streamed reply of the OpenAI protocol."""
    lines = b"".join(b"data: %b\n\n" % json.dumps(event).encode() for event in events) + b"data: [DONE]\n\n"
    return [reply_head("Content-Type: text/event-stream", "Transfer-Encoding: chunked"), chunk(lines), LAST_CHUNK]


def delta(finish: str | None = None, **fields: object) -> dict[str, object]:
    return {"model": "m-really", "choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}


def listed(*models: str) -> list[Step]:
    body = {"object": "list", "data": [{"id": model, "object": "model"} for model in models]}
    return [whole(json.dumps(body).encode(), "Content-Type: application/json")]


def complete(upstreams: Upstreams, model: str = "m", **fields: Any) -> Generator[str, None, None]:
    fields = {"messages": QUESTION, "options": ModelOptions(), "stop": StopSignal(), "notes": Notes(), **fields}
    return upstreams.complete(model, **fields)


def ids(upstreams: Upstreams) -> list[str]:
    return [model.id for model in upstreams.models()]


# --- the next one steps in -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ([whole(b'{"error": {"message": "Invalid signature."}}', status="401 Unauthorized")], "wrong_signature"),
        ([whole(b'{"error": {"message": "gone"}}', status="404 Not Found")], ""),
        ([whole(b"<html>bad</html>", "Content-Type: text/html", status="500 Internal Server Error")], ""),
        ([whole(b"busy", "Retry-After: 99", status="429 Too Many Requests")], "upstream_busy"),
        ([reply_head("Transfer-Encoding: chunked"), "close"], "upstream_cut"),
        ([whole(b"")], "empty_reply"),
        (["hang"], "upstream_timeout"),
    ],
    ids=["wrong secret", "not there", "broken", "busy", "cut before the first byte", "empty", "silent"],
)
def test_an_upstream_that_fails_before_its_first_word_is_replaced(
    first: ScriptedServer, second: ScriptedServer, caplog: pytest.LogCaptureFixture, script: list[Step], code: str
) -> None:
    first.play(script)
    answered: list[str] = []
    upstreams = Upstreams([signed("one", first.url, silence_s=0.5), signed("two", second.url)])
    with caplog.at_level(logging.WARNING):
        assert "".join(complete(upstreams, answered_by=answered.append)) == "World"
    assert answered == ["two"]
    (line,) = [record.getMessage() for record in caplog.records if record.name == "webapp.upstreams"]
    assert line.startswith("one does not answer for m, asking two: " + code)
    assert "a question nobody may log" not in caplog.text


def test_nobody_listens_at_the_first(second: ScriptedServer) -> None:
    upstreams = Upstreams([signed("one", f"http://127.0.0.1:{free_port()}"), signed("two", second.url)])
    assert "".join(complete(upstreams)) == "World"


def test_when_all_fail_the_last_ones_error_is_raised(first: ScriptedServer) -> None:
    first.play([whole(b"no", status="403 Forbidden")])
    last = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(UpstreamUnreachable) as caught:
        list(complete(Upstreams([signed("one", first.url), signed("two", last)])))
    assert "[two]" in caught.value.advice


def test_after_the_first_word_nobody_steps_in(first: ScriptedServer, second: ScriptedServer) -> None:
    first.play([reply_head("Transfer-Encoding: chunked"), chunk(b"Hel"), "close"])
    answered: list[str] = []
    answer = complete(Upstreams([signed("one", first.url), signed("two", second.url)]), answered_by=answered.append)
    assert next(answer) == "Hel"
    with pytest.raises(UpstreamCut):
        next(answer)
    assert answered == ["one"]
    assert second.requests == []


def test_after_the_first_thought_nobody_steps_in(first: ScriptedServer, second: ScriptedServer) -> None:
    (head, body, _), memory = sse(delta(reasoning_content="Hm.")), Memory()
    assert isinstance(body, bytes)
    first.play([head, chunk(b'data: {"choices":[{"delta":{"reasoning_content":"Hm."}}]}\n\n'), "close"])
    upstreams = Upstreams([openai("one", first.url, "m", images=True), signed("two", second.url)])
    with pytest.raises(UpstreamCut):
        list(complete(upstreams, notes=memory))
    assert memory.thought == "Hm."
    assert second.requests == []


@pytest.mark.parametrize("status", ["400 Bad Request", "413 Payload Too Large"])
def test_a_refused_conversation_is_not_offered_elsewhere(
    first: ScriptedServer, second: ScriptedServer, status: str
) -> None:
    first.play([whole(b'{"error": {"message": "a question nobody may log is bad"}}', status=status)])
    with pytest.raises(ConversationRefused):
        list(complete(Upstreams([signed("one", first.url), signed("two", second.url)])))
    assert second.requests == []


def test_a_stop_is_not_a_failure(first: ScriptedServer, second: ScriptedServer) -> None:
    first.play(["hang"])
    stop = StopSignal()
    upstreams = Upstreams([signed("one", first.url), signed("two", second.url)])
    threading.Timer(0.2, stop.set).start()
    assert list(complete(upstreams, stop=stop)) == []
    assert first.requests[0].closed.wait(2)
    assert second.requests == []


def test_closing_the_answer_closes_the_upstream(first: ScriptedServer) -> None:
    first.play([reply_head("Transfer-Encoding: chunked"), chunk(b"Hel"), "hang"])
    with closing(complete(Upstreams([signed("one", first.url)]))) as answer:
        assert next(answer) == "Hel"
    assert first.requests[0].closed.wait(2)


def test_only_those_who_have_the_model_are_asked(first: ScriptedServer, second: ScriptedServer) -> None:
    upstreams = Upstreams([signed("one", first.url, "small"), signed("two", second.url, "large")])
    assert "".join(complete(upstreams, "large")) == "World"
    assert first.requests == []
    assert second.requests[0].json()["model"] == "large"


def test_a_model_nobody_has_is_told_with_the_choice() -> None:
    upstreams = Upstreams([signed("one", "http://one.invalid", *(f"m-{n}" for n in range(30)))])
    for ask in (lambda: list(complete(upstreams, "huge")), lambda: upstreams.model("huge")):
        with pytest.raises(InvalidInput) as caught:
            ask()
        assert "'huge' is not on offer here; choose one of m-0, m-1, " in caught.value.message
        assert caught.value.message.endswith("m-19 and 10 more.")


def test_facts_of_one_that_only_failed_are_nobodys(first: ScriptedServer, second: ScriptedServer) -> None:
    first.play([reply_head("Content-Type: text/event-stream", "Transfer-Encoding: chunked"),
                chunk(b'data: {"model":"m-1","choices":[{"delta":{"role":"assistant"}}]}\n\n'), "close"])  # fmt: skip
    memory = Memory()
    upstreams = Upstreams([openai("one", first.url, "m", images=True), signed("two", second.url)])
    assert "".join(complete(upstreams, notes=memory)) == "World"
    assert memory.known == Facts()


def test_what_an_upstream_says_beside_the_text_is_handed_on(first: ScriptedServer) -> None:
    first.play(sse(delta(reasoning_content="Hm."), delta(content="Hello"), delta("length")))
    memory, answered = Memory(), []
    upstreams = Upstreams([openai("one", first.url, "m", images=True)])
    assert "".join(complete(upstreams, notes=memory, answered_by=answered.append)) == "Hello"
    assert (memory.thought, memory.known.finish_reason, memory.known.model) == ("Hm.", "length", "m-really")
    assert answered == ["one"]


def test_options_headers_and_the_way_go_with_the_question(first: ScriptedServer) -> None:
    first.play(sse(delta(content="Hello"), delta("stop")))
    upstreams = Upstreams([openai("one", first.url, "m", images=True, headers={"X-Title": "Parley"}, api_key="k")])
    options = ModelOptions(temperature=0.25, top_p=0.5, max_tokens=7)
    before = "parley-" + "0" * 16
    assert "".join(complete(upstreams, options=options, via=[before])) == "Hello"
    request = first.requests[0]
    body = request.json()
    assert (body["temperature"], body["top_p"], body["max_tokens"]) == (0.25, 0.5, 7)
    assert (request.headers["x-title"], request.headers["authorization"]) == ("Parley", "Bearer k")
    assert request.headers["via"] == f"1.1 {before}, 1.1 {upstreams.via_id}"


def test_a_signed_upstream_gets_them_too(first: ScriptedServer) -> None:
    first.play(HELLO)
    upstreams = Upstreams([signed("one", first.url, headers={"X-Title": "Parley"})])
    assert "".join(complete(upstreams, options=ModelOptions(temperature=0.25))) == "Hello"
    assert first.requests[0].json()["temperature"] == 0.25
    assert first.requests[0].headers["x-title"] == "Parley"
    assert first.requests[0].headers["via"] == f"1.1 {upstreams.via_id}"


def test_pictures_go_to_who_takes_them(first: ScriptedServer, second: ScriptedServer) -> None:
    first.play(HELLO)
    blind, seeing = signed("one", first.url), signed("two", second.url, images=True)
    upstreams = Upstreams([blind, seeing])
    assert upstreams.takes_images("m")
    picture: list[ChatMessage] = [{"role": "user", "content": "What?", "images": [Image("image/png", b"\x89PNG")]}]
    assert "".join(complete(upstreams, messages=picture)) == "World"
    assert "".join(complete(upstreams)) == "Hello"
    assert not Upstreams([blind]).takes_images("m")


# --- models on offer -------------------------------------------------------------------------------------------------


def test_models_of_one_name_are_one_and_the_first_is_the_default() -> None:
    upstreams = Upstreams(
        [signed("one", "http://one.invalid", "a", "b"), signed("two", "http://two.invalid", "b", "c")]
    )
    assert upstreams.models() == [
        OfferedModel("a", "a", "one", images=False, found=False, default=True),
        OfferedModel("b", "b", "one", images=False, found=False, default=False),
        OfferedModel("c", "c", "two", images=False, found=False, default=False),
    ]
    assert upstreams.model(None) == "a"
    assert upstreams.model("c") == "c"


def test_the_server_says_which_models_it_has(first: ScriptedServer) -> None:
    first.play(listed("chat-1", "text-embedding-3-small", "whisper-1", "models/gemini-x", "/home/me/m.gguf"))
    upstreams = Upstreams([openai("one", first.url)])
    assert [(model.id, model.name) for model in upstreams.models()] == [
        ("chat-1", "chat-1"),
        ("gemini-x", "gemini-x"),
        ("/home/me/m.gguf", "m.gguf"),
    ]
    assert upstreams.model("chat-1") == "chat-1"
    assert len(first.requests) == 1
    assert first.requests[0].target == "/v1/models"


def test_models_that_are_written_down_are_offered_whatever_the_server_lists(first: ScriptedServer) -> None:
    first.play(listed("other"))
    assert ids(Upstreams([openai("one", first.url, "text-embedding-3-small")])) == ["text-embedding-3-small"]


def test_a_silent_server_holds_up_the_first_who_asks_only(first: ScriptedServer, second: ScriptedServer) -> None:
    first.play(["hang"])
    upstreams = Upstreams([openai("one", first.url), signed("two", second.url, "m")], first_wait_s=0.5)
    began_s = time.monotonic()
    assert ids(upstreams) == ["m"]
    assert 0.4 < time.monotonic() - began_s < 1
    began_s = time.monotonic()
    assert ids(upstreams) == ["m"]
    assert upstreams.model(None) == "m"
    assert time.monotonic() - began_s < 0.1


def test_several_silent_servers_hold_up_no_longer_than_one(first: ScriptedServer) -> None:
    first.play(["hang"])
    upstreams = Upstreams([openai(name, first.url) for name in "abc"], first_wait_s=0.5)
    began_s = time.monotonic()
    assert ids(upstreams) == []
    assert time.monotonic() - began_s < 1


def test_without_any_model_the_owner_reads_why() -> None:
    port = free_port()
    names = {"base_url": "OPENAI_BASE_URL"}
    upstreams = Upstreams([openai("one", f"http://127.0.0.1:{port}", names=names)])
    for wanted in (None, "m"):
        with pytest.raises(UpstreamUnreachable) as caught:
            upstreams.model(wanted)
        assert "OPENAI_BASE_URL" in caught.value.advice
        assert str(port) not in caught.value.message


def test_a_list_is_read_again_in_the_background_and_kept_while_the_server_is_down() -> None:
    replies: list[Sequence[ListedModel] | ChatError] = [
        [ListedModel("a", None)],
        [ListedModel("b", True)],
        UpstreamUnreachable("It is down."),
        [ListedModel("c", None)],
    ]
    asked = threading.Event()

    def ask() -> Sequence[ListedModel]:
        asked.set()
        reply = replies.pop(0)
        if isinstance(reply, ChatError):
            raise reply
        return reply

    models = ModelList((), ask, fresh_s=0.05)
    models.refresh()
    models.refresh()  # one is asking already
    models.wait(2)
    assert list(models.names) == ["a"]
    time.sleep(0.1)
    assert list(models.names) == ["a"]  # nobody asked for it again
    for expected, left in (["b"], 2), (["b"], 1), (["c"], 0):
        time.sleep(0.06)
        models.refresh()
        until(lambda left=left: len(replies) == left)
        until(lambda expected=expected: list(models.names) == expected)


def test_what_the_server_says_of_pictures_holds_unless_the_owner_says_otherwise() -> None:
    def ask() -> Sequence[ListedModel]:
        return [ListedModel("yes", True), ListedModel("no", False), ListedModel("unsaid", None)]

    def seen(**options: Any) -> list[bool]:
        models = ModelList((), ask, **options)
        models.refresh()
        models.wait(2)
        return [models.takes_images(name) for name in ("yes", "no", "unsaid")]

    assert seen(images_when_unknown=True) == [True, False, True]
    assert seen() == [True, False, False]
    assert seen(images=False, images_when_unknown=True) == [False, False, False]
    assert seen(images=True) == [True, True, True]


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gpt-4.1", "gpt-4.1"),
        ("/a/b.gguf", "b.gguf"),
        ("C:\\m\\b.gguf", "b.gguf"),
        ("org/model", "org/model"),
        ("/", "/"),
    ],
)
def test_the_name_of_a_model_to_read(model: str, name: str) -> None:
    assert display_name(model) == name


# --- found on this machine -------------------------------------------------------------------------------------------


def test_a_server_on_this_machine_is_found_and_comes_last(first: ScriptedServer, second: ScriptedServer) -> None:
    first.play(listed("llama"))
    ports = {"ollama": first.port, "vllm": free_port()}
    found = local_upstreams(5, ports=ports)
    upstreams = Upstreams([signed("one", second.url, "m"), *found])
    assert upstreams.models()[1:] == [OfferedModel("llama", "llama", "ollama", images=True, found=True, default=False)]
    first.play(sse(delta(content="Hello"), delta("stop")))
    assert "".join(complete(upstreams, "llama")) == "Hello"


def test_nothing_is_sent_before_models_are_asked_for(first: ScriptedServer) -> None:
    first.play(listed("llama"))
    upstreams = Upstreams([signed("one", "http://one.invalid"), *local_upstreams(5, ports={"ollama": first.port})])
    assert upstreams.model(None) == "m"
    assert upstreams.model("m") == "m"
    time.sleep(0.1)
    assert first.requests == []


def test_a_program_that_is_no_model_server_is_not_offered(first: ScriptedServer) -> None:
    for script in (
        [whole(b"<html>hello</html>", "Content-Type: text/html")],
        [whole(b'{"error": "no"}', status="404 Not Found")],
        [whole(b'{"object": "list", "data": []}')],
        [whole(b"[]")],
        ["close"],
    ):
        first.play(script)
        assert ids(Upstreams(local_upstreams(5, ports={"ollama": first.port}))) == [], script


def test_a_silent_program_is_given_up_after_a_second() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        upstreams = Upstreams(local_upstreams(5, ports={"ollama": silent.getsockname()[1]}))
        began_s = time.monotonic()
        assert ids(upstreams) == []
        assert time.monotonic() - began_s < 1.9


def test_a_server_that_was_found_and_ended_is_offered_no_more() -> None:
    replies: list[Sequence[ListedModel] | None] = [[ListedModel("llama", None)], None]

    def ask() -> Sequence[ListedModel]:
        reply = replies.pop(0)
        if reply is None:
            raise UpstreamUnreachable("It is gone.")
        return reply

    models = ModelList((), ask, forgets=True, fresh_s=0.05)
    models.refresh()
    models.wait(2)
    assert list(models.names) == ["llama"]
    time.sleep(0.06)
    models.refresh()
    until(lambda: not models.names)


def test_a_server_that_was_found_and_is_slow_once_stays() -> None:
    slow, reply = UpstreamTimeout("It is slow."), [ListedModel("llama", None)]
    replies: list[Sequence[ListedModel] | ChatError] = [reply, slow, reply, slow, slow, reply]

    threads: list[threading.Thread] = []

    def ask() -> Sequence[ListedModel]:
        threads.append(threading.current_thread())
        given = replies.pop(0)
        if isinstance(given, ChatError):
            raise given
        return given

    models, seen = ModelList((), ask, forgets=True, fresh_s=0), list[tuple[list[str], bool]]()
    for count in range(1, 7):
        models.refresh()
        until(lambda count=count: len(threads) == count)
        threads[-1].join()
        seen.append((list(models.names), models.problem is None))
    assert seen == [
        (["llama"], True),
        (["llama"], False),
        (["llama"], True),
        (["llama"], False),
        ([], False),
        (["llama"], True),
    ]


def test_a_server_of_which_all_is_said_is_not_asked() -> None:
    def ask() -> Sequence[ListedModel]:
        raise AssertionError("it was asked")

    models = ModelList(["small"], ask, images=True)
    models.refresh()
    models.wait(0)
    assert (models.is_read, list(models.names), models.takes_images("small")) == (False, ["small"], True)
    assert ModelList(["small"], ask).is_read  # it may say of pictures


def test_places_that_are_taken_are_left_alone_and_names_too() -> None:
    ports = {"ollama": 11434, "vllm": 8000}
    (found,) = local_upstreams(5, taken={("localhost", 8000)}, names={"ollama"}, ports=ports)
    assert (found.name, found.found) == ("ollama on this machine", True)


# --- one upstream ----------------------------------------------------------------------------------------------------


def test_trying_an_upstream_out(first: ScriptedServer) -> None:
    first.play([reply_head("Transfer-Encoding: chunked"), chunk(b"Hel"), "hang"])
    assert signed("one", first.url).problem() is None
    assert first.requests[0].closed.wait(2)  # one word is enough
    first.play([whole(b'{"error": {"message": "Invalid signature."}}', status="401 Unauthorized")])
    problem = signed("one", first.url).problem()
    assert problem is not None
    assert (problem.code, "secret of [one]" in problem.advice) == ("wrong_signature", True)


def test_a_title_says_where_and_no_password() -> None:
    assert signed("one", "http://user:pw@one.example:81/x").title == "one at one.example:81"
    assert embedded_guide("http://127.0.0.1:8000", "s", None).title == "guide (built in)"
    (found,) = local_upstreams(5, ports={"ollama": 11434})
    assert found.title == "ollama at 127.0.0.1:11434 (found on this machine)"
