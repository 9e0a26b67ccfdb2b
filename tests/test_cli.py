"""The commands, as a person at a terminal runs them."""

from __future__ import annotations

import io
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from tests.parley_server import ROOT, free_port
from tests.scripted_server import LAST_CHUNK, Request, ScriptedServer, chunk, reply_head, whole
from webapp import cli
from webapp.messages import ChatMessage
from webapp.providers import GPROChat
from webapp.providers.guide import answer
from webapp.settings import NOT_IN_THIS_VERSION, table
from webapp.upstream import openai_compatible
from webapp.upstreams import FIRST_WAIT_S

FAMILY = "Привет, 世界 👩\u200d👩\u200d👧 é\n\n- done"


@pytest.fixture
def upstream() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """This process's environment, with the settings a test sets and no others."""
    for name in [row.name for row in table()] + list(NOT_IN_THIS_VERSION):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("FIND_LOCAL_UPSTREAMS", "no")
    return monkeypatch


def command(folder: Path, *arguments: str, **settings: str) -> subprocess.Popen[bytes]:
    """A command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "webapp", *arguments],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(folder),
            "FIND_LOCAL_UPSTREAMS": "no",
            "PYTHONUTF8": "1",
            **settings,
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def stored(folder: Path) -> list[tuple[str, str]]:
    """Status and text of all answers."""
    with closing(sqlite3.connect(folder / "parley.db")) as connection:
        return list(connection.execute("SELECT status, text FROM messages WHERE status IS NOT NULL"))


# --- settings, check, serve ------------------------------------------------------------------------------------------


def test_settings_prints_every_setting_even_when_one_is_wrong(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environ.setenv("PORT", "many")
    assert cli.main(["settings"]) == 0
    said = capsys.readouterr().out
    assert all(f"| `{row.name}` |" in said and row.help in said for row in table())


def test_check_of_right_settings(environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check"]) == 0
    assert capsys.readouterr() == ("All settings are right.\n", "")


@pytest.mark.parametrize("arguments", [["check"], ["serve"], ["models"], ["ask", "Hello"]])
def test_all_wrong_settings_are_named_and_nothing_is_begun(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str]
) -> None:
    wrong = {
        "PORT": "many",
        "LOG_LEVEL": "loud",
        "GPROCHAT_SECRET": "hunter2",
        "TRUSTED_PROXIES": "11",
        "REDIS_URL": "redis://hunter2@localhost",
    }
    for name, value in wrong.items():
        environ.setenv(name, value)
    assert cli.main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split(":")[0].strip() for line in err.splitlines()[1:]] == [
        "PORT",
        "TRUSTED_PROXIES",
        "LOG_LEVEL",
        "REDIS_URL",
        "GPROCHAT_SECRET",
    ]
    assert "hunter2" not in err
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("arguments", [["check"], ["serve"], ["models"], ["ask", "Hello"]])
def test_all_that_is_wrong_in_the_file_of_upstreams_is_named(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str]
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "upstreams.toml").write_text('[a]\nkind = "openai"\nimages = 1\n[b]\nkind = "hunter2"')
    assert cli.main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split(":")[0].strip() for line in err.splitlines()[1:]] == [
        "images of [a] in upstreams.toml",
        "base_url of [a] in upstreams.toml",
        "kind of [b] in upstreams.toml",
    ]
    assert "hunter2" not in err
    assert not (tmp_path / "data" / "parley.db").exists()


# --- models ----------------------------------------------------------------------------------------------------------


def test_models_of_a_fresh_installation(environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models"]) == 0
    assert capsys.readouterr() == ("guide (built in): answers\n  - guide\n", "")


def test_models_says_who_answers_and_what_to_do_about_the_rest(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, upstream: ScriptedServer
) -> None:
    def reply(request: Request) -> bytes:
        if request.method == "GET":
            return whole(b'{"data": [{"id": "small"}, {"id": "large"}]}', "Content-Type: application/json")
        return whole(b'{"error": {"message": "Invalid signature."}}', status="401 Unauthorized")

    upstream.play([reply])
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "upstreams.toml").write_text(
        f"""
        [listed]
        kind = "openai"
        base_url = "{upstream.url}"
        [signed]
        kind = "gprochat"
        base_url = "{upstream.url}"
        secret = "hunter2"
        images = true
        """
    )
    assert cli.main(["models"]) == 1
    out, err = capsys.readouterr()
    lines = out.splitlines()
    place = f"127.0.0.1:{upstream.port}"
    assert lines[:3] == [f"listed at {place}: answers", "  - small (takes pictures)", "  - large (takes pictures)"]
    assert lines[3] == f"signed at {place}: does not answer"
    assert "secret of [signed] in upstreams.toml" in lines[4]
    assert lines[5:] == [f"  - {GPROChat.default_model} (takes pictures)"]
    assert err == ""
    assert "hunter2" not in out
    assert cli.main(["models", "--ask"]) == 1
    out = capsys.readouterr().out
    assert f"listed at {place}: does not answer\n" in out
    assert "api_key of [listed] in upstreams.toml" in out


def test_models_waits_for_servers_that_are_slow(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, upstream: ScriptedServer
) -> None:
    """Longer than the page would; one that takes the connection and says nothing does not answer."""
    wait = FIRST_WAIT_S + 0.7
    environ.setattr("webapp.upstream.openai_compatible", partial(openai_compatible, list_timeout_s=wait))
    upstream.play([wait - 0.3, whole(b'{"data": [{"id": "small"}]}')])
    with socket.create_server(("127.0.0.1", 0)) as silent:
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "upstreams.toml").write_text(
            f"""
            [slow]
            kind = "openai"
            base_url = "{upstream.url}"
            [silent]
            kind = "openai"
            base_url = "http://127.0.0.1:{silent.getsockname()[1]}"
            """
        )
        assert cli.main(["models"]) == 1
    first, model, second, problem = capsys.readouterr().out.splitlines()
    assert (first, model) == (f"slow at 127.0.0.1:{upstream.port}: answers", "  - small (takes pictures)")
    assert (second.split()[0], second.endswith(": does not answer")) == ("silent", True)
    assert "silent for" in problem


@pytest.mark.parametrize("models", ["", 'models = ["small"]', 'models = ["small"]\nimages = true'])
def test_models_of_a_server_that_is_down(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, models: str
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "upstreams.toml").write_text(
        f'[down]\nkind = "openai"\nbase_url = "http://127.0.0.1:{free_port()}"\n{models}'
    )
    assert cli.main(["models"]) == 1
    assert "does not answer" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["dance"], ["ask"]])
def test_a_wrong_command_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 2
    assert "usage" in capsys.readouterr().err


# --- ask -------------------------------------------------------------------------------------------------------------


def test_ask_prints_what_the_guide_says(tmp_path: Path) -> None:
    question = "Привет 👩\u200d👩\u200d👧?"
    out, err = command(tmp_path, "ask", question).communicate(timeout=30)
    history: list[ChatMessage] = [{"role": "user", "content": question}]
    assert (out.decode(), err.decode()) == (answer(history) + "\n", "")
    assert stored(tmp_path) == [("done", answer(history))]


def test_ask_reads_the_question_from_standard_input(tmp_path: Path) -> None:
    asking = command(tmp_path, "ask", "-")
    out, err = asking.communicate("Do you remember?\nÄhm.".encode(), timeout=30)
    history: list[ChatMessage] = [{"role": "user", "content": "Do you remember?\nÄhm."}]
    assert (out.decode(), err.decode(), asking.returncode) == (answer(history) + "\n", "", 0)


def test_ask_prints_what_a_signed_upstream_says(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], upstream: ScriptedServer, tmp_path: Path
) -> None:
    text = FAMILY.encode()
    pieces = [chunk(text[at : at + 1]) for at in range(len(text))]  # every character is cut
    upstream.play([reply_head("Content-Type: text/plain", "Transfer-Encoding: chunked"), *pieces, LAST_CHUNK])
    environ.setenv("GPROCHAT_URL", upstream.url)
    environ.setenv("GPROCHAT_SECRET", "s3cret")
    environ.setenv("GPROCHAT_MODELS", "small,large")
    assert cli.main(["ask", "What is it?", "--model", "large"]) == 0
    assert capsys.readouterr() == (FAMILY + "\n", "")
    body = upstream.requests[0].json()
    assert body["sign"] == GPROChat.generate_signature(body["time"], "What is it?", "s3cret")
    assert body["model"] == "large"
    assert stored(tmp_path / "data") == [("done", FAMILY)]


def test_ask_of_a_failing_upstream(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], upstream: ScriptedServer
) -> None:
    upstream.play([whole(b'{"error": {"message": "Invalid signature."}}', status="401 Unauthorized")])
    environ.setenv("GPROCHAT_URL", upstream.url)
    assert cli.main(["ask", "Hello"]) == 1
    out, err = capsys.readouterr()
    assert out == "\n"
    assert "GPROCHAT_SECRET" in err
    assert len(err.splitlines()) == 1


def test_ask_of_an_upstream_that_breaks_off_prints_what_came(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], upstream: ScriptedServer
) -> None:
    upstream.play([reply_head("Transfer-Encoding: chunked"), chunk(b"so far"), "close"])
    environ.setenv("GPROCHAT_URL", upstream.url)
    assert cli.main(["ask", "Hello"]) == 1
    out, err = capsys.readouterr()
    assert out == "so far\n"
    assert "broke off" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["ask", " "], "nothing to answer"), (["ask", "Hi", "--model", "huge"], "'huge' is not on offer")],
)
def test_a_question_that_cannot_be_asked(
    environ: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    upstream: ScriptedServer,
    arguments: list[str],
    words: str,
) -> None:
    environ.setenv("GPROCHAT_URL", upstream.url)
    environ.setattr("sys.stdin", io.StringIO(""))
    assert cli.main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert upstream.requests == []


def test_an_interrupt_stops_the_upstream_too(tmp_path: Path, upstream: ScriptedServer) -> None:
    upstream.play([reply_head("Transfer-Encoding: chunked"), chunk(b"so far"), "hang"])
    asking = command(tmp_path, "ask", "Hello", GPROCHAT_URL=upstream.url)
    assert asking.stdout is not None
    assert asking.stdout.read(6) == b"so far"  # while it is being written
    asking.send_signal(signal.SIGINT)
    out, err = asking.communicate(timeout=10)
    assert (out, err.decode(), asking.returncode) == (b"", "\nStopped.\n", 130)
    assert upstream.requests[0].closed.is_set()
    assert stored(tmp_path) == [("stopped", "so far")]


def test_a_reader_that_leaves_stops_it_without_a_traceback(tmp_path: Path, upstream: ScriptedServer) -> None:
    upstream.play([reply_head("Transfer-Encoding: chunked"), chunk(b"so far"), 0.3, chunk(b"more"), "hang"])
    asking = command(tmp_path, "ask", "Hello", GPROCHAT_URL=upstream.url)
    assert asking.stdout is not None
    assert asking.stderr is not None
    assert asking.stdin is not None
    asking.stdin.close()
    assert asking.stdout.read(6) == b"so far"
    asking.stdout.close()
    assert asking.wait(10) == 141
    assert asking.stderr.read() == b""
    asking.stderr.close()
    assert stored(tmp_path)[0][0] == "stopped"


def test_a_data_folder_that_cannot_be_made_is_told_in_a_sentence(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, upstream: ScriptedServer
) -> None:
    (tmp_path / "file").write_text("not a folder")
    environ.setenv("DATA_DIR", str(tmp_path / "file" / "data"))
    environ.setenv("GPROCHAT_URL", upstream.url)
    assert cli.main(["ask", "Hello"]) != 0
    assert "DATA_DIR" in capsys.readouterr().err


def test_a_database_that_cannot_be_opened_is_told_in_a_sentence(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, upstream: ScriptedServer
) -> None:
    environ.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/missing/parley.db")
    environ.setenv("GPROCHAT_URL", upstream.url)
    assert cli.main(["ask", "Hello"]) != 0
    assert str(tmp_path / "missing") in capsys.readouterr().err
