"""The commands: `python -m webapp serve | ask | models | settings | check`."""

from __future__ import annotations

import argparse
import logging
import os
import resource
import socket
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from werkzeug.serving import make_server

from webapp import data_folder, environment, frames, keys, services
from webapp.access import OWNER
from webapp.app import create_app
from webapp.errors import ChatError
from webapp.messages import Status
from webapp.settings import InvalidSettings, Settings, table
from webapp.upstream import LIST_TIMEOUT_S

ROOT = Path(__file__).resolve().parent.parent
TERMINAL_VISITOR = "terminal"
FILES_WANTED = 65536


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the process's exit status."""
    parser = argparse.ArgumentParser(prog="python -m webapp", description="Parley, a self-hosted web chat.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve the chat")
    ask = commands.add_parser("ask", help="ask a question and print the answer as it is written")
    ask.add_argument("text", help="the question; - reads it from standard input")
    ask.add_argument("--model", help="one of the models on offer")
    models = commands.add_parser("models", help="list the upstreams, their models, and whether they answer now")
    models.add_argument("--ask", action="store_true", help="ask each upstream a short question, not its list alone")
    commands.add_parser("settings", help="print the table of all settings")
    commands.add_parser("check", help="say what is wrong with settings and upstreams.toml, if anything is")
    given = parser.parse_args(arguments)
    if given.command == "settings":
        return print_settings()
    try:
        return _run(given)
    except InvalidSettings as problem:
        print("These settings are wrong:", *(f"  {line}" for line in problem.problems), sep="\n", file=sys.stderr)
        return 2
    except (ChatError, data_folder.DataFolderInUse, keys.EmptySecret) as problem:
        print(problem, file=sys.stderr)
        return 1


def _run(given: argparse.Namespace) -> int:
    settings = environment.load()
    if given.command == "check":
        services.declared_upstreams(settings)
        services.places(settings)
        print("All settings are right.")
        return 0
    if given.command == "models":
        return print_models(settings, ask=given.ask)
    if given.command == "serve":
        prepare(settings)
        return serve()
    return ask_one(settings, sys.stdin.read() if given.text == "-" else given.text, given.model)


def print_settings() -> int:
    """The settings table as Markdown, the way `docs/settings.md` holds it."""
    print("| name | default | what it does |\n|---|---|---|")
    for row in table():
        print(f"| `{row.name}` | {f'`{row.default}`' if row.default else 'empty'} | {row.help} |")
    return 0


def print_models(settings: Settings, *, ask: bool) -> int:
    """Each upstream with its models and whether it answers now. 1 when one that was declared does not.

    A signed upstream has no list of its models, so it is asked a short question; with `ask` all of them are.
    """
    with _parts(settings) as parts:
        parts.upstreams.refresh()
        status = 0
        for upstream in parts.upstreams:
            upstream.models.wait_for_server(LIST_TIMEOUT_S + 1)
            if upstream.found and not upstream.models.names:
                continue
            problem = upstream.problem() if ask or not upstream.models.is_read else upstream.models.problem
            print(upstream.title + (": answers" if problem is None else f": does not answer\n  {problem}"))
            for model in upstream.models.names:
                print(f"  - {model}" + (" (takes pictures)" if upstream.models.takes_images(model) else ""))
            status = status or int(problem is not None)
    return status


def prepare(settings: Settings) -> None:
    """Build everything once, database and secrets too, where what goes wrong is a sentence and not a traceback.

    Raises `InvalidSettings`, `DataFolderInUse`, `EmptySecret`, `HistoryUnavailable`.
    """
    services.declared_upstreams(settings)
    folder, _ = services.places(settings)
    with data_folder.hold(folder, settings.shutdown_grace_s + 5):
        services.build(settings).close()


def serve() -> int:
    """Become gunicorn; does not return."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_WANTED if hard == resource.RLIM_INFINITY else min(FILES_WANTED, hard)
    if soft < wanted:  # every socket is a file, and many systems allow 256 or 1024 unless asked
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    os.chdir(ROOT)
    gunicorn = ["-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "webapp.app:create_app()"]
    os.execv(sys.executable, [sys.executable, *gunicorn])


def ask_one(settings: Settings, text: str, model: str | None) -> int:
    """Ask through the same turns as the server; prints the answer as it comes. 1 when it failed."""
    with _parts(settings) as parts:
        try:
            return _print_answer(parts, frames.Ask(id=str(uuid.uuid4()), text=text, model=model))
        except ChatError as problem:
            print(problem, file=sys.stderr)
            return 1


def _print_answer(parts: services.Services, ask: frames.Ask) -> int:
    turn = parts.turns.ask(TERMINAL_VISITOR, ask, entry=OWNER)
    grown = threading.Event()
    follower = parts.turns.follow(TERMINAL_VISITOR, turn.answer.id, turn.answer.next, grown.set)
    try:
        while True:
            grown.clear()
            piece = follower.take()
            print(piece.text, end="", flush=True)
            if piece.ending is not None:
                break
            if not piece.more:
                grown.wait()
    except BrokenPipeError:  # the reader of our output left, as `head` does
        parts.turns.stop(TERMINAL_VISITOR, turn.answer.id)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        parts.turns.stop(TERMINAL_VISITOR, turn.answer.id)
        print("\nStopped.", file=sys.stderr)
        return 130
    print()
    if piece.ending.status != Status.DONE:
        message = (piece.ending.error or {}).get("message", f"The answer is {piece.ending.status}.")
        print(message, file=sys.stderr)
        return 1
    return 0


@contextmanager
def _parts(settings: Settings) -> Iterator[services.Services]:
    """The services; with no upstream declared also our own gateway, for the time of one question.

    So no server needs to be running, and one that is running is not disturbed.
    """
    if services.declared_upstreams(settings):
        parts = services.build(settings)
        try:
            yield parts
        finally:
            parts.close()
        return
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        app = create_app(settings, own_address=f"http://127.0.0.1:{port}")
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # the terminal is for the answer
        server = make_server("127.0.0.1", port, app, threaded=True, fd=listener.fileno())
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        parts = app.extensions["parley"]
        try:
            yield parts
        finally:
            parts.close()
            server.shutdown()
            thread.join()
            server.server_close()
