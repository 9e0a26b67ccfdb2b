"""The parts of one process: built from settings, secrets made once, the upstream wired as the settings say."""

from __future__ import annotations

import os
import stat
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.scripted_server import LAST_CHUNK, Request, ScriptedServer, chunk, reply_head, whole
from webapp import frames
from webapp.messages import Answer, Status
from webapp.providers import GPROChat, Guide
from webapp.providers.guide import answer as guide
from webapp.services import Services, build, loopback_address
from webapp.settings import InvalidSettings, Settings
from webapp.upstream import Upstream

HELLO = [reply_head("Transfer-Encoding: chunked"), chunk(b"Hello"), LAST_CHUNK]


@pytest.fixture
def upstream() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        running.play(HELLO)
        yield running


@contextmanager
def built(folder: Path, **settings: Any) -> Iterator[Services]:
    with closing(build(Settings(**{"data_dir": str(folder), "find_local_upstreams": "no", **settings}))) as parts:
        yield parts


def only(parts: Services) -> Upstream:
    (upstream,) = parts.upstreams
    return upstream


def asked(parts: Services, text: str = "Hi", model: str | None = None) -> Answer:
    """One question to the configured upstream, and its answer when it has ended."""
    turn = parts.turns.ask("ann", frames.Ask(id=str(uuid.uuid4()), text=text, model=model))
    parts.turns.drain(10)
    return parts.history.answer("ann", turn.answer.id)


def sent(parts: Services, upstream: ScriptedServer, **fields: Any) -> Request:
    answer = asked(parts, **fields)
    assert (answer.status, answer.text) == (Status.DONE, "Hello"), answer.error
    return upstream.requests[0]


def test_secrets_are_made_once_and_readable_by_their_user_alone(tmp_path: Path) -> None:
    with built(tmp_path) as first, built(tmp_path) as second:
        assert first.secret_key == second.secret_key
        assert only(first).options["secret"] == only(second).options["secret"]
        assert first.secret_key != only(first).options["secret"]
    for name in ("secret_key", "gateway_secret"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_secrets_of_the_settings_win_and_none_is_made(tmp_path: Path) -> None:
    with built(tmp_path, secret_key="mine", gateway_secret="ours") as parts:
        assert (parts.secret_key, only(parts).options["secret"]) == ("mine", "ours")
    assert not {"secret_key", "gateway_secret"} & set(os.listdir(tmp_path))


def test_the_history_is_where_the_settings_say(tmp_path: Path) -> None:
    with built(tmp_path / "data", database_url=f"sqlite:///{tmp_path / 'elsewhere.db'}"):
        pass
    assert (tmp_path / "elsewhere.db").exists()
    assert not (tmp_path / "data" / "parley.db").exists()


def test_with_nothing_configured_the_gateway_of_this_process_is_asked(tmp_path: Path) -> None:
    with built(tmp_path, port=8123, gateway_passwords=("first", "second")) as parts:
        assert only(parts).provider is GPROChat
        assert only(parts).models.names == (Guide.default_model,)
        assert only(parts).options["base_url"] == "http://127.0.0.1:8123"
        assert only(parts).options["password"] == "first"
        assert parts.upstreams.is_embedded("guide")
    settings = Settings(data_dir=str(tmp_path), find_local_upstreams="no")
    with closing(build(settings, own_address="http://127.0.0.1:9")) as parts:
        assert only(parts).options["base_url"] == "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("::1", "http://[::1]:8000"),
        ("192.0.2.7", "http://192.0.2.7:8000"),
        ("chat.local", "http://chat.local:8000"),
    ],
)
def test_the_address_under_which_a_process_reaches_itself(host: str, address: str) -> None:
    assert loopback_address(Settings(host=host)) == address


def test_the_parts_dialect_signed_with_the_secret(tmp_path: Path, upstream: ScriptedServer) -> None:
    with built(tmp_path, gprochat_url=upstream.url, gprochat_secret="s3cret") as parts:
        body = sent(parts, upstream, text="Привет").json()
    assert body["messages"] == [{"role": "user", "parts": [{"text": "Привет"}]}]
    assert body["sign"] == GPROChat.generate_signature(body["time"], "Привет", "s3cret")
    assert (body["pass"], body["model"]) == (None, GPROChat.default_model)


def test_the_content_dialect_and_the_password(tmp_path: Path, upstream: ScriptedServer) -> None:
    settings = {"gprochat_url": upstream.url, "gprochat_dialect": "content", "gprochat_password": "open sesame"}
    with built(tmp_path, **settings) as parts:
        body = sent(parts, upstream).json()
    assert body["messages"] == [{"role": "user", "content": "Hi"}]
    assert body["pass"] == "open sesame"


def test_the_models(tmp_path: Path, upstream: ScriptedServer) -> None:
    settings = {"gprochat_url": upstream.url, "gprochat_models": ("small", "large")}
    with built(tmp_path, **settings) as parts:
        assert [model.id for model in parts.upstreams.models()] == ["small", "large"]
        assert sent(parts, upstream, model="large").json()["model"] == "large"
    with built(tmp_path, **settings) as parts:
        answer = asked(parts)
        assert (answer.model, upstream.requests[1].json()["model"]) == ("small", "small")


def test_the_proxy(tmp_path: Path, upstream: ScriptedServer) -> None:
    settings = {"gprochat_url": "http://upstream.invalid", "gprochat_proxy": upstream.url}
    with built(tmp_path, **settings) as parts:
        assert sent(parts, upstream).target == "http://upstream.invalid/api/generate"


def test_the_file_of_upstreams(tmp_path: Path, upstream: ScriptedServer) -> None:
    (tmp_path / "upstreams.toml").write_text(
        f"""
        [mine]
        kind = "gprochat"
        base_url = "{upstream.url}"
        models = ["large"]

        [help]
        kind = "guide"
        """
    )
    settings = {"gprochat_url": "http://127.0.0.1:9", "gprochat_models": ("small",)}
    with built(tmp_path, **settings) as parts:
        assert [upstream.name for upstream in parts.upstreams] == ["gprochat", "mine", "help"]
        assert [model.id for model in parts.upstreams.models()] == ["small", "large", "guide"]
        assert not parts.upstreams.is_embedded("guide")  # it is asked without a detour
        assert sent(parts, upstream, model="large").json()["model"] == "large"
    with built(tmp_path, **settings) as parts:
        assert asked(parts, model="guide").text == guide([{"role": "user", "content": "Hi"}])


def test_a_file_of_upstreams_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "upstreams.toml").write_bytes(b"\xff")
    with pytest.raises(InvalidSettings) as caught, built(tmp_path):
        pass
    assert caught.value.problems == ["upstreams.toml: it cannot be read: it is not UTF-8 text."]
    (tmp_path / "upstreams.toml").unlink()
    (tmp_path / "upstreams.toml").mkdir()
    with pytest.raises(InvalidSettings) as caught, built(tmp_path):
        pass
    assert caught.value.problems[0].startswith("upstreams.toml: it cannot be read: ")


def test_an_openai_upstream(tmp_path: Path, upstream: ScriptedServer) -> None:
    events = b'data: {"choices":[{"delta":{"content":"Hello"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    upstream.play([whole(events, "Content-Type: text/event-stream")])
    settings = {"openai_base_url": upstream.url, "openai_api_key": "k", "openai_models": ("small",)}
    with built(tmp_path, **settings) as parts:
        assert asked(parts).text == "Hello"
        assert not parts.upstreams.is_embedded("small")
    request = next(request for request in upstream.requests if request.method == "POST")
    assert (request.target, request.headers["authorization"]) == ("/v1/chat/completions", "Bearer k")


def test_servers_on_this_machine_are_looked_for_when_the_settings_say_so(tmp_path: Path) -> None:
    def found(**settings: Any) -> list[str]:
        with built(tmp_path, **settings) as parts:
            return [upstream.name for upstream in parts.upstreams if upstream.found]

    assert found(find_local_upstreams="yes", port=8000) == ["ollama", "llama.cpp", "lm-studio"]  # never our own port
    assert found(find_local_upstreams="auto", port=8123) == ["ollama", "llama.cpp", "lm-studio", "vllm"]
    assert found(find_local_upstreams="auto", port=8123, host="0.0.0.0") == []
    assert found(find_local_upstreams="auto", port=8123, trusted_proxies=1) == []
    ours = {"openai_base_url": "http://localhost:11434/v1", "port": 8123}
    assert found(find_local_upstreams="yes", **ours) == ["llama.cpp", "lm-studio", "vllm"]


def test_the_patience_with_a_silent_upstream(tmp_path: Path, upstream: ScriptedServer) -> None:
    upstream.play(["hang"])
    with built(tmp_path, gprochat_url=upstream.url, upstream_silence_s=1) as parts:
        answer = asked(parts)
    assert answer.error is not None
    assert (answer.status, answer.error["code"]) == (Status.FAILED, "upstream_timeout")


def test_no_secret_in_the_upstreams_repr(tmp_path: Path) -> None:
    settings = {"gprochat_url": "http://u.invalid", "gprochat_secret": "s3cret", "gprochat_password": "open sesame"}
    with built(tmp_path, **settings) as parts:
        assert "s3cret" not in repr(list(parts.upstreams))
        assert "open sesame" not in repr(list(parts.upstreams))


def test_the_bounds(tmp_path: Path, upstream: ScriptedServer) -> None:
    upstream.play(["hang"])
    with built(
        tmp_path, gprochat_url=upstream.url, max_prompt_chars=5, running_per_visitor=1, asks_per_minute=2
    ) as parts:
        ask = frames.Ask(id=str(uuid.uuid4()), text="12345")
        turn = parts.turns.ask("ann", ask)
        for text, code in (("123456", "invalid_input"), ("1", "limit_reached")):
            with pytest.raises(Exception) as caught:  # noqa: PT011 which one, says the code
                parts.turns.ask("ann", frames.Ask(id=str(uuid.uuid4()), text=text))
            assert getattr(caught.value, "code", None) == code
        parts.turns.stop("ann", turn.answer.id)


def test_close_interrupts_what_runs(tmp_path: Path, upstream: ScriptedServer) -> None:
    upstream.play([reply_head("Transfer-Encoding: chunked"), chunk(b"so far"), "hang"])
    with built(tmp_path, gprochat_url=upstream.url) as parts:
        turn = parts.turns.ask("ann", frames.Ask(id=str(uuid.uuid4()), text="Hi"))
        request = upstream.wait_for_request()
        follower = parts.turns.follow("ann", turn.answer.id, 0, lambda: None)
        while not follower.take().text:
            pass
    assert request.closed.wait(2)
    with built(tmp_path) as parts:
        answer = parts.history.answer("ann", turn.answer.id)
        assert (answer.status, answer.text) == (Status.INTERRUPTED, "so far")


def test_drain_sends_the_listeners_away(tmp_path: Path) -> None:
    class Tab:
        gone = False

        def announce(self, frame: bytes) -> None:
            raise AssertionError("nothing happened")

        def go_away(self) -> None:
            self.gone = True

    tab = Tab()
    with built(tmp_path, shutdown_grace_s=0) as parts:
        parts.announcements.listen("ann", tab)
        parts.drain()
    assert tab.gone
