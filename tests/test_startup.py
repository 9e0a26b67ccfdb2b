"""Before the first request: one server for one data folder, recovery, the greeting; and what is logged."""

from __future__ import annotations

import http.client
import logging
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.parley_server import ROOT, ParleyServer, Visitor, free_port
from tests.scripted_server import ScriptedServer, whole
from webapp import data_folder, frames, startup
from webapp.messages import Status, Written
from webapp.services import Services, build
from webapp.settings import Settings
from webapp.views.owner import sign_in_key


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Any]:
    """Builds services over one data folder."""
    made: list[Services] = []

    def build_one(**settings: Any) -> Services:
        made.append(build(Settings(**{"data_dir": str(tmp_path), "find_local_upstreams": "no", **settings})))
        return made[-1]

    yield build_one
    for parts in made:
        parts.close()


def test_a_second_server_on_one_data_folder_says_why_it_does_not_start(server: ParleyServer, tmp_path: Path) -> None:
    second = ParleyServer(server.data_dir, shutdown_grace_s=0)
    second.log_path = tmp_path / "second.log"
    try:
        with pytest.raises(AssertionError) as caught:
            second.start()
    finally:
        second.kill()
    said = str(caught.value)
    assert f"Another Parley server uses {server.data_dir}; stop it, or set DATA_DIR to another folder." in said
    assert "Traceback" not in said
    assert "Parley is at" not in said
    assert Visitor(server).get("/readyz") == {"status": "ok"}


def test_the_second_waits_for_one_that_is_about_to_stop(tmp_path: Path) -> None:
    held = data_folder.hold(tmp_path, 0)
    with pytest.raises(data_folder.DataFolderInUse):
        data_folder.hold(tmp_path, 0.1)
    held.close()
    data_folder.hold(tmp_path, 0).close()


def test_answers_of_a_process_that_died_become_interrupted(make: Any, caplog: pytest.LogCaptureFixture) -> None:
    parts: Services = make()
    turn, _ = parts.history.begin_turn("ann", "turn", conversation=None, parent=None, text="Hi", model="m")
    parts.history.save_running({turn.answer.id: Written("so far")})
    startup.recover(parts)
    answer = parts.history.answer("ann", turn.answer.id)
    assert (answer.status, answer.text) == (Status.INTERRUPTED, "so far")
    assert "1 answers were interrupted" in caplog.text
    caplog.clear()
    startup.recover(parts)
    assert caplog.text == ""


def test_the_greeting_of_a_server_for_this_machine_alone(make: Any) -> None:
    parts = make(port=8123)
    lines = startup.greeting(parts).splitlines()
    assert "  Parley is at        http://127.0.0.1:8123" in lines
    assert "  Models from         guide" in lines
    assert f"  Sign in as owner    http://127.0.0.1:8123/admin/enter/{sign_in_key(parts.secret_key)}" in lines
    network = startup.network_address()
    expected = [f"  In your network     http://{network}:8123   (after a start with HOST=0.0.0.0)"] if network else []
    assert [line for line in lines if "network" in line] == expected


def test_the_greeting_of_an_open_server_and_of_one_behind_a_proxy(make: Any) -> None:
    opened = startup.greeting(make(host="0.0.0.0"))
    assert "HOST=" not in opened
    behind = startup.greeting(make(public_url="https://chat.example.org"))
    assert "  Parley is at        https://chat.example.org\n" in behind
    assert "  Sign in as owner    https://chat.example.org/admin/enter/" in behind


def test_the_greeting_names_who_answers_and_who_does_not(make: Any, tmp_path: Path) -> None:
    down = f"http://127.0.0.1:{free_port()}"
    (tmp_path / "upstreams.toml").write_text(f'[cloud]\nkind = "openai"\nbase_url = "{down}"\n[help]\nkind = "guide"')
    assert "  Models from         cloud (does not answer), help\n" in startup.greeting(make())


def test_an_upstream_that_is_this_server_itself_stops_the_start(tmp_path: Path) -> None:
    server = ParleyServer(tmp_path)
    server.settings["GPROCHAT_URL"] = f"http://localhost:{server.port}"
    with pytest.raises(AssertionError) as caught:
        server.start()
    assert "GPROCHAT_URL: it leads to this server itself" in str(caught.value)
    assert "Traceback" not in str(caught.value)
    assert not (tmp_path / "parley.db").exists()


def test_an_upstream_that_lists_its_models_and_one_that_is_silent(tmp_path: Path) -> None:
    with ScriptedServer() as upstream:
        upstream.play([whole(b'{"data": [{"id": "small"}, {"id": "large"}]}')])
        with ParleyServer(tmp_path / "listed", openai_base_url=upstream.url) as server:
            assert "  Models from         openai\n" in server.log()
            assert Visitor(server).get("/api/models")["models"] == [
                {"id": name, "name": name, "upstream": "openai", "images": True, "found": False, "default": is_first}
                for name, is_first in (("small", True), ("large", False))
            ]
        upstream.play(["hang"])
        with ParleyServer(tmp_path / "silent", openai_base_url=upstream.url) as server:
            assert "  Models from         openai (does not answer)\n" in server.log()
            visitor = Visitor(server)
            assert visitor.get("/api/models") == {"models": []}
            status, body = visitor.request("POST", "/api/ask", {"id": str(uuid.uuid4()), "text": "Hello?"})
            assert (status, body["error"]["code"]) == (502, "upstream_unreachable")


def test_a_start_prints_the_greeting_once_and_no_secret(server: ParleyServer) -> None:
    said = server.log()
    assert said.count("Parley is at") == 1
    link = next(line.split()[-1] for line in said.splitlines() if "Sign in as owner" in line)
    assert link.startswith(f"{server.url}/admin/enter/")
    for name in ("secret_key", "gateway_secret"):
        assert (server.data_dir / name).read_text() not in said


def test_every_wrong_setting_stops_the_server_by_name(tmp_path: Path) -> None:
    server = ParleyServer(tmp_path, asks_per_minute="often", web_concurrency=3, redis_url="redis://:hunter2@localhost")
    with pytest.raises(AssertionError) as caught:
        server.start()
    said = str(caught.value)
    assert all(name in said for name in ("ASKS_PER_MINUTE", "WEB_CONCURRENCY", "REDIS_URL"))
    assert "Traceback" not in said
    assert "hunter2" not in said
    assert not (tmp_path / "parley.db").exists()


def test_gunicorn_by_itself_says_the_same(tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "webapp.app:create_app()"],
        cwd=ROOT,
        env={"PATH": "", "DATA_DIR": str(tmp_path), "PORT": "many", "SHUTDOWN_GRACE_S": "-1"},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert found.returncode != 0
    assert "PORT: 'many' is not a whole number." in found.stderr
    assert "SHUTDOWN_GRACE_S" in found.stderr
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize("level", ["error", "info"])
def test_the_log_level_governs_our_own_lines_which_say_when(tmp_path: Path, level: str) -> None:
    with ScriptedServer() as upstream:
        upstream.play([whole(b"no", status="403 Forbidden")])
        with ParleyServer(tmp_path, gprochat_url=upstream.url, log_level=level) as server:
            visitor = Visitor(server)
            answer_id = visitor.ask()["answer"]["id"]
            assert visitor.wait_for(answer_id)["status"] == "failed"
            lines = [line for line in server.log().splitlines() if answer_id in line]
    assert len(lines) == (level == "info")
    for line in lines:
        assert re.search(r"\d\d:\d\d:\d\d", line), line


def test_idle_connections_do_not_hold_up_the_stop(tmp_path: Path) -> None:
    """Every browser keeps one open for a while, and so does our own client to the embedded upstream."""
    with ParleyServer(tmp_path, shutdown_grace_s=4) as server:
        visitor = Visitor(server)
        visitor.wait_for(visitor.ask("Do you remember?")["answer"]["id"])
        browser = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        browser.request("GET", "/healthz")
        browser.getresponse().read()
        began_s = time.monotonic()
        server.terminate()
        took_s = time.monotonic() - began_s
        browser.close()
    assert took_s < 6  # the grace period is for answers, and none runs


def test_an_own_address_in_use_by_nobody_fails_the_answer_kindly(make: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The gateway of this very process is asked by default; here nobody serves it."""
    parts: Services = make(port=free_port())
    with caplog.at_level(logging.CRITICAL):
        turn = parts.turns.ask("ann", frames.Ask(id=str(uuid.uuid4()), text="Hi"))
        parts.turns.drain(10)
    answer = parts.history.answer("ann", turn.answer.id)
    assert answer.error is not None
    assert answer.error["code"] == "upstream_unreachable"


def test_an_empty_secret_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()
    server = ParleyServer(tmp_path)
    with pytest.raises(AssertionError) as caught:
        server.start()
    assert f"The secret in {tmp_path / 'secret_key'} is empty; delete the file" in str(caught.value)
    assert "Traceback" not in str(caught.value)
