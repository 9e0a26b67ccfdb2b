"""The machine's own Firefox, driven by WebDriver BiDi, which it speaks by itself (W3C, https://w3c.github.io/webdriver-bidi/).

Playwright drives only builds of its own, which nobody uses to browse; this is the Firefox that a visitor has.

with Firefox(folder, names=["shop.test"]) as firefox:
    page = firefox.tab("https://shop.test:4711/plain")
    page.wait_until("() => document.title")
"""

from __future__ import annotations

import itertools
import json
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import websocket

PLACES = ["firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"]
ENTER = "\ue007"
LISTENING = "WebDriver BiDi listening on "
START_S = 60.0
TIMEOUT_S = 20.0


def firefox_path() -> str | None:
    """Where this machine's Firefox is, when it has one."""
    found = (shutil.which(place) or (place if Path(place).is_file() else None) for place in PLACES)
    return next(filter(None, found), None)


class Firefox:
    """One Firefox with a profile of its own in `folder`, its settings as it comes; `names` lead to this machine."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._folder, self._ids = folder, itertools.count(1)
        self._problems: list[str] = []
        # Nothing but where our names lead, and what would go out to its makers.
        self._settings: dict[str, str | int | bool] = {
            "network.dns.localDomains": ",".join(names),
            "app.update.disabledForTesting": True,
            "browser.shell.checkDefaultBrowser": False,
            "datareporting.policy.dataSubmissionEnabled": False,
            "network.captive-portal-service.enabled": False,
            "network.connectivity-service.enabled": False,
            "toolkit.telemetry.server": "",
        }

    def __enter__(self) -> Self:
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in self._settings.items()]
        (self._folder / "user.js").write_text("\n".join(lines))
        program = firefox_path()
        assert program, "There is no Firefox."
        self._process = subprocess.Popen(
            [program, "--headless", "--no-remote", "--profile", str(self._folder), "--remote-debugging-port=0"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self._socket = websocket.create_connection(
                f"{self._address()}/session", timeout=TIMEOUT_S, suppress_origin=True
            )
            self.do("session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})
            self.do("session.subscribe", events=["log.entryAdded"])
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._end()

    def do(self, method: str, **params: object) -> Any:
        """One command; returns its result. Raises `AssertionError` with what Firefox says when it can't."""
        number = next(self._ids)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            said = json.loads(self._socket.recv())
            if said.get("method") == "log.entryAdded" and said["params"]["level"] == "error":
                self._problems.append(said["params"]["text"])
            if said.get("id") == number:
                assert said["type"] == "success", f"{method}: {said.get('message')}"
                return said["result"]

    def problems(self) -> list[str]:
        """The errors in the consoles of all its pages since this was asked the last time."""
        self.do("session.status")  # what was said before its answer has been heard then
        heard, self._problems = self._problems, []
        return heard

    def tab(self, url: str) -> FirefoxPage:
        """Open a page in a tab and wait until it has loaded."""
        page = FirefoxPage(self, self.do("browsingContext.create", type="tab")["context"])
        page.goto(url)
        return page

    def _read(self) -> None:
        assert self._process.stderr
        for line in self._process.stderr:
            self._lines.put(line)

    def _address(self) -> str:
        deadline = time.monotonic() + START_S
        seen: list[str] = []
        while True:
            try:
                seen.append(self._lines.get(timeout=max(0.0, deadline - time.monotonic())))
            except queue.Empty:
                raise AssertionError("Firefox did not start:\n" + "".join(seen)) from None
            if LISTENING in seen[-1]:
                return seen[-1].split(LISTENING)[1].strip()

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        assert self._process.stderr
        self._process.stderr.close()


class FirefoxPage:
    """A page, or a frame in one."""

    def __init__(self, firefox: Firefox, context: str) -> None:
        self._firefox, self._context = firefox, context

    def goto(self, url: str) -> None:
        """Go there, and wait until it has loaded."""
        self._firefox.do("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def evaluate(self, function: str, *arguments: object) -> Any:
        """Call a JavaScript function; both its arguments and its result are JSON."""
        given = [{"type": "string", "value": json.dumps(argument)} for argument in arguments]
        wrapped = f"async (...given) => JSON.stringify(await ({function})(...given.map(JSON.parse)) ?? null)"
        target = {"context": self._context}
        done = self._firefox.do(
            "script.callFunction", functionDeclaration=wrapped, awaitPromise=True, target=target, arguments=given
        )
        assert done["type"] == "success", done.get("exceptionDetails", {}).get("text")
        return json.loads(done["result"]["value"])

    def wait_until(self, function: str, *arguments: object, timeout_s: float = TIMEOUT_S) -> Any:
        """Wait until a JavaScript function says yes; returns what it said."""
        deadline = time.monotonic() + timeout_s
        while not (said := self.evaluate(function, *arguments)):
            assert time.monotonic() < deadline, f"never came true: {function} {arguments}"
            time.sleep(0.05)
        return said

    def frame(self, url: str) -> FirefoxPage:
        """Wait for a frame whose address begins like this."""
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            tree = self._firefox.do("browsingContext.getTree", root=self._context)["contexts"][0]
            for child in tree["children"]:
                if child["url"].startswith(url):
                    return FirefoxPage(self._firefox, child["context"])
            assert time.monotonic() < deadline, f"no frame {url}: {[child['url'] for child in tree['children']]}"
            time.sleep(0.05)

    def type(self, text: str) -> None:
        """Press and let go one key after the other, as a person does; `ENTER` is that key."""
        keys = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        source = {"type": "key", "id": "keys", "actions": keys}
        self._firefox.do("input.performActions", context=self._context, actions=[source])

    def click(self, selector: str, shadow_host: str = "") -> None:
        """Click the middle of an element, in a shadow root when one is named."""
        place = """(selector, host) => {
          const root = host ? document.querySelector(host)?.shadowRoot : document;
          const box = root?.querySelector(selector)?.getBoundingClientRect();
          return box?.width && { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
        }"""
        at = self.wait_until(place, selector, shadow_host)
        presses = [
            {"type": "pointerMove", **at},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self._firefox.do(
            "input.performActions",
            context=self._context,
            actions=[{"type": "pointer", "id": "mouse", "actions": presses}],
        )
