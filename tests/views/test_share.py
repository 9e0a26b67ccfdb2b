"""What a reader gets at `/s/<token>`: the page, its door, JSON, files, a copy to go on with, and nothing else."""

from __future__ import annotations

import gzip
import re
import threading
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.parley_server import ParleyServer, Visitor
from tests.shared_links import attribute, bring_in, knock, message, path_of, read, share, somewhere, text_file
from tests.views.http import Reply, call
from webapp.limits import SHARE_PASSWORDS_PER_MINUTE

FIRST_PAINT_BYTES = 40_000
HTML = {"Accept": "text/html"}
LONG = "# A heading\n\nSome **words** and `code`.\n\n- [x] done\n\n| a |\n|---|\n| 1 |\n\nA note[^1].\n\n[^1]: Why.\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    """A server whose owner has filled in everything that readers are told of."""
    running = ParleyServer(
        tmp_path_factory.mktemp("shared"),
        asks_per_minute=10_000,
        trusted_proxies=1,
        site_title="Example chat",
        report_address="owner@example.org",
        imprint_url="https://example.org/imprint",
        privacy_url="https://example.org/privacy",
    )
    running.start()
    yield running
    running.kill()


@pytest.fixture
def visitor(server: ParleyServer) -> Visitor:
    return Visitor(server)


def talk(visitor: Visitor, **fields: Any) -> dict[str, Any]:
    """A conversation of two questions, the second of which was asked in two ways."""
    return bring_in(
        visitor,
        [
            message(1, None, "user", "What is <b>this</b>?\nTell me.", files=[0]),
            message(2, 1, "assistant", LONG, reasoning="I had to <think>."),
            message(3, 2, "user", "And that?"),
            message(4, 3, "assistant", "Half of i", status="stopped"),
            message(5, 2, "user", "And what else?"),
            message(
                6,
                5,
                "assistant",
                "Nothing.",
                status="failed",
                error={"code": "upstream_failed", "message": "secret host"},
            ),
        ],
        title="Questions & answers",
        leaf=4,
        files=[text_file("notes.txt", "written down")],
        **fields,
    )


def link_to(visitor: Visitor, **fields: Any) -> str:
    """The path of a link to such a conversation."""
    return path_of(share(visitor, talk(visitor)["conversation"]["id"], **fields))


class Outline(HTMLParser):
    """The articles of a page, each with its heading and its text."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.articles: list[dict[str, str]] = []
        self._inside = ""
        self.feed(reply.body.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "article":
            self.articles.append({"class": given["class"] or "", "heading": "", "text": ""})
        if given.get("aria-hidden") == "true":  # which is seen, and not read
            self._inside = ""
        elif tag == "h2" and self.articles:
            self._inside = "heading"
        elif tag in {"p", "div"}:
            self._inside = "text" if given.get("class") in {"question-text", "markdown", "ending"} else self._inside

    def handle_endtag(self, tag: str) -> None:
        self._inside = "" if tag in {"h2", "article", "header"} else self._inside

    def handle_data(self, data: str) -> None:
        if self.articles and self._inside:
            self.articles[-1][self._inside] += data


def test_the_page_says_who_said_what_in_order(server: ParleyServer, visitor: Visitor) -> None:
    reply = read(server, link_to(visitor, author="Ada", title="A title & more"))
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    articles = Outline(reply).articles
    assert [article["class"] for article in articles] == ["question", "answer"] * 2
    assert [article["heading"] for article in articles] == ["Question by Ada", "Answer by tester"] * 2
    texts = [" ".join(article["text"].split()) for article in articles]
    assert texts[0] == "What is <b>this</b>? Tell me."
    assert texts[1].startswith("A heading Some words and code.")
    assert texts[2] == "And that?"
    assert texts[3] == "Half of i Stopped."
    page = reply.body.decode()
    assert "<title>A title &amp; more · Example chat</title>" in page
    assert '<h1 dir="auto">A title &amp; more</h1>' in page
    assert "Shared by \u2068Ada\u2069 from Example chat" in page
    assert '<div class="reasoning-text" dir="auto">I had to &lt;think&gt;.</div></details>' in page
    assert "And what else?" not in page
    assert "secret host" not in page
    assert re.search(r'href="/s/[^/"]+/files/[^/"]+" download="notes.txt"', page)
    for place in ("https://example.org/imprint", "https://example.org/privacy", "mailto:owner@example.org?subject="):
        assert f'href="{place}' in page
    assert re.search(r"body=The%20conversation%3A%20http%3A//[\w.%]+/s/[\w-]{32}%0A", page)  # with its host
    assert "/continue" not in page


def test_the_headers_keep_the_page_to_itself(server: ParleyServer, visitor: Visitor) -> None:
    path = link_to(visitor)
    for part, policy in (("", "no-referrer"), ("/conversation", "no-referrer")):
        reply = read(server, path + part)
        assert reply.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["Referrer-Policy"] == policy
        assert reply.headers["X-Frame-Options"] == "DENY"
        assert reply.cookies() == {}
        assert reply.policy()["script-src"] == ["'self'"]
        assert reply.policy()["frame-ancestors"] == ["'none'"]
    page = read(server, path).body.decode()
    assert '<meta name="robots" content="noindex">' in page
    assert "style=" not in page
    assert not re.search(r"<script(?![^>]* src=)", page)
    # A form is sent without its origin under `no-referrer`, and would be refused.
    form = read(server, link_to(visitor, may_continue=True))
    assert form.headers["Referrer-Policy"] == "same-origin"


def test_a_preview_tells_what_the_page_tells(server: ParleyServer, visitor: Visitor) -> None:
    page = read(server, link_to(visitor, title="My title")).body.decode()
    assert '<meta property="og:title" content="My title">' in page
    assert '<meta property="og:description" content="What is &lt;b&gt;this&lt;/b&gt;? Tell me.">' in page
    guarded = read(server, link_to(visitor, title="My title", password="hush")).body.decode()
    assert '<meta property="og:title" content="A shared conversation">' in guarded
    for private in ("My title", "What is", "tester", "Ada", "og:description"):
        assert private not in guarded


def test_the_first_paint_is_small_and_needs_one_sheet(server: ParleyServer, visitor: Visitor) -> None:
    words = "Some words of an answer that is as long as answers are, with **emphasis** and `code`.\n\n"
    long = [message(n, n - 1 or None, "user" if n % 2 else "assistant", f"{n} {words * 8}") for n in range(1, 41)]
    link = share(visitor, bring_in(visitor, long)["conversation"]["id"])
    reply = read(server, path_of(link))
    page = reply.body.decode()
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    assert len(sheets) == 1
    sheet = read(server, sheets[0])
    assert sheet.status == 200
    assert len(gzip.compress(reply.body, 6)) + len(gzip.compress(sheet.body, 6)) < FIRST_PAINT_BYTES
    assert "@import" not in sheet.body.decode()
    head = page[: page.index("</head>")]
    assert [
        tag for tag in re.findall(r"<(?:script|link)[^>]*>", head) if "stylesheet" not in tag and "icon" not in tag
    ] == [
        tag
        for tag in re.findall(r"<script[^>]*>", head)
        if 'type="module"' in tag  # which waits for the page
    ]


def test_the_page_is_compressed_for_who_takes_that(server: ParleyServer, visitor: Visitor) -> None:
    path = link_to(visitor)
    plain = read(server, path)
    assert plain.headers["Content-Encoding"] is None
    packed = read(server, path, **{"Accept-Encoding": "br;q=1, gzip;q=0.5"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 2
    assert read(server, path, **{"Accept-Encoding": "gzip;q=0"}).body == plain.body


def test_long_conversations_have_a_table_of_questions(server: ParleyServer, visitor: Visitor) -> None:
    def page(count: int) -> str:
        asked = [message(n, n - 1 or None, "user", f"Number {n}\n{'long ' * 50}") for n in range(1, count + 1)]
        return read(server, path_of(share(visitor, bring_in(visitor, asked)["conversation"]["id"]))).body.decode()

    assert "<nav" not in page(4)
    table = page(5)
    links = re.findall(r'<a href="#(m-[^"]+)" dir="auto">([^<]*)</a>', table)
    assert [words.split(" long")[0] for _, words in links] == [f"Number {n}" for n in range(1, 6)]
    assert all(len(words) <= 90 and f'id="{place}"' in table for place, words in links)


def test_the_door_lets_in_by_the_password_alone(server: ParleyServer, visitor: Visitor) -> None:
    path = link_to(visitor, password="sesame", title="A title")
    door = read(server, path)
    assert door.status == 200
    assert "A title" not in door.body.decode()
    assert "counts" not in door.body.decode()
    assert door.headers["Referrer-Policy"] == "same-origin"
    wrong = knock(server, path, password="open")
    assert wrong.status == 403
    assert "That password is not right." in wrong.body.decode()
    assert "A title" not in wrong.body.decode()
    inside = knock(server, path, password="sesame")
    assert inside.status == 200
    assert "A title" in inside.body.decode()
    assert inside.cookies() == wrong.cookies() == {}
    view = attribute(inside, "data-view")
    assert read(server, f"{path}/conversation").error()["code"] == "wrong_password"
    assert read(server, f"{path}/conversation?view={view[:-1]}").status == 403
    assert read(server, f"{path}/conversation?view={view}").json()["title"] == "A title"
    file = re.search(r'href="(/s/[^"]+/files/[^"]+)"', inside.body.decode())
    assert file
    assert read(server, file[1].replace("&amp;", "&")).body == b"written down"
    assert read(server, file[1].partition("?")[0]).status == 403


def test_another_sites_form_knocks_in_vain(server: ParleyServer, visitor: Visitor) -> None:
    path = link_to(visitor, password="sesame")
    headers = {**somewhere(), "Origin": "https://evil.example", "Content-Type": "application/x-www-form-urlencoded"}
    assert call(server, "POST", path, b"password=sesame", headers).status == 403
    assert call(server, "POST", f"{path}/continue", b"", headers).status == 403


def test_guessing_is_limited(server: ParleyServer, visitor: Visitor) -> None:
    path, here = link_to(visitor, password="sesame"), somewhere()
    replies = [knock(server, path, here, password=f"guess {n}") for n in range(12)]
    assert {reply.status for reply in replies[:8]} == {403}
    assert replies[-1].status == 429
    assert int(replies[-1].headers["Retry-After"]) > 0
    assert "try again in" in replies[-1].body.decode()
    assert knock(server, path, here, password="sesame").status == 429  # the right one as well
    assert knock(server, path, password="sesame").status == 200
    there = somewhere()
    found = [call(server, "GET", f"/s/{'A' * 30}{n}", headers=there).status for n in range(70)]
    assert found[0] == 404
    assert found[-1] == 429
    open_to_all = link_to(visitor)  # whoever has a right one does not guess
    assert call(server, "GET", open_to_all, headers=there).status == 200
    assert call(server, "GET", f"{open_to_all}/conversation", headers=there).status == 200


def test_comparing_passwords_is_limited(server: ParleyServer, visitor: Visitor) -> None:
    path, here = link_to(visitor, password="sesame"), somewhere()
    found = [knock(server, path, here, password="sesame").status for _ in range(SHARE_PASSWORDS_PER_MINUTE + 2)]
    assert found[0] == 200
    assert found[-1] == 429
    assert knock(server, path, password="sesame").status == 200


def test_views_are_counted_where_somebody_looks(server: ParleyServer, visitor: Visitor) -> None:
    conversation = talk(visitor)["conversation"]["id"]
    path = path_of(share(visitor, conversation))

    def views() -> int:
        (link,) = visitor.get(f"/api/shares?conversation={conversation}")["shares"]
        return int(link["views"])

    read(server, path, "HEAD")
    read(server, path, **{"Sec-Purpose": "prefetch;prerender"})
    read(server, f"{path}/conversation")
    read(server, path, **{"X-Moz": "prefetch"})
    assert views() == 0
    read(server, path)
    assert views() == 1
    ids = [one["id"] for one in read(server, f"{path}/conversation").json()["messages"]]
    read(server, f"{path}?branch=nonsense")
    read(server, f"{path}?branch=")
    assert views() == 3
    for id_ in ids[:2]:  # of a branch there is no other
        read(server, f"{path}?branch={id_}")
    assert views() == 5
    whole = path_of(share(visitor, conversation, scope="whole"))
    read(server, f"{whole}?branch=nonsense")
    read(server, f"{whole}?branch={ids[1]}")  # this one turns to another version
    assert sorted(link["views"] for link in visitor.get("/api/shares")["shares"]) == [1, 5]


def test_counted_views_have_a_door_that_says_so(server: ParleyServer, visitor: Visitor) -> None:
    path = link_to(visitor, most_views=1)
    for _ in range(2):
        door = read(server, path)
        assert door.status == 200
        assert "counts as one" in door.body.decode()
        assert 'type="password"' not in door.body.decode()
    shown = re.search(r'name="knock" value="([^"]+)"', door.body.decode())
    assert shown
    inside = knock(server, path, knock=shown[1])
    assert "What is" in inside.body.decode()
    assert "What is" in knock(server, path, knock=shown[1]).body.decode()  # sent twice, or loaded anew
    assert read(server, path).status == 404
    assert knock(server, path).status == 404
    view = attribute(inside, "data-view")
    assert read(server, f"{path}/conversation?view={view}").status == 200  # who is in stays in
    assert knock(server, path, view=view).status == 200
    assert knock(server, path, view="another").status == 404


def test_whoever_may_continue_gets_a_copy(server: ParleyServer, visitor: Visitor) -> None:
    path = link_to(visitor, may_continue=True, title="To go on with")
    assert f'action="{path}/continue"' in read(server, path).body.decode()
    reader = Visitor(server)
    headers = somewhere() | {"Accept": "application/json"}
    status, body = reader.request("POST", f"{path}/continue", None, headers)
    assert status == 201
    copy = reader.get(f"/api/conversations/{body['conversation']['id']}")
    assert copy["conversation"]["title"] == "To go on with"
    assert [one["text"] for one in copy["messages"]] == [
        "What is <b>this</b>?\nTell me.",
        LONG,
        "And that?",
        "Half of i",
    ]
    stranger = knock(server, f"{path}/continue")
    assert stranger.status == 303
    assert re.fullmatch(r"/c/[\w-]+", stranger.headers["Location"])
    assert "parley_visitor" in stranger.cookies()
    closed = knock(server, f"{link_to(visitor)}/continue")
    assert closed.status == 403
    assert closed.cookies() == {}
    guarded = link_to(visitor, may_continue=True, password="sesame")
    assert knock(server, f"{guarded}/continue").status == 403
    view = attribute(knock(server, guarded, password="sesame"), "data-view")
    assert knock(server, f"{guarded}/continue", view=view).status == 303


def test_a_reader_of_the_whole_may_see_its_other_versions(server: ParleyServer, visitor: Visitor) -> None:
    path = link_to(visitor, scope="whole")
    page = read(server, path)
    assert "1 of 2" in page.body.decode()
    found = re.search(r'name="branch" value="([^"]+)" aria-label="Next version"', page.body.decode())
    assert found
    other = read(server, f"{path}?branch={found[1]}").body.decode()
    assert "And what else?" in other
    assert "2 of 2" in other
    assert "This answer failed." in other
    assert "secret host" not in other
    guarded = link_to(visitor, scope="whole", password="sesame")
    inside = knock(server, guarded, password="sesame")
    branch = re.search(r'name="branch" value="([^"]+)"', inside.body.decode().replace('value=""', ""))
    assert branch
    assert 'method="post"' in inside.body.decode()
    view = attribute(inside, "data-view")
    assert "And what else?" in knock(server, guarded, view=view, branch=branch[1]).body.decode()


def test_what_is_not_there_looks_the_same_everywhere(server: ParleyServer) -> None:
    def seen(reply: Reply) -> tuple[int, list[tuple[str, str]], bytes]:
        return reply.status, [(name, value) for name, value in reply.headers.items() if name != "Date"], reply.body

    gone = seen(read(server, f"/s/{'A' * 32}"))
    assert gone[0] == 404
    assert b"Nothing is shared here" in gone[2]
    for path in ("/s/x", "/s/%00", "/s/%ff%fe", "/s/a%2Fb", "/s/" + "A" * 2000, "/s/a/b/c", "/s/..%2f..%2fetc"):
        assert seen(read(server, path)) == gone, path
    assert seen(knock(server, "/s/x")) == gone
    assert seen(knock(server, "/s/x", password="x" * 1000)) == gone
    assert read(server, "/s/x/conversation").error()["message"] == "Nothing is shared here."
    assert seen(read(server, "/s/x/conversation", **HTML)) == gone


def test_files_are_handed_out_so_that_a_browser_runs_nothing(server: ParleyServer, visitor: Visitor) -> None:
    path = link_to(visitor)
    attachment = read(server, f"{path}/conversation").json()["messages"][0]["attachments"][0]
    reply = read(server, f"{path}/files/{attachment['id']}")
    assert reply.body == b"written down"
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert reply.headers["Content-Disposition"] == "attachment; filename*=UTF-8''notes.txt"
    assert reply.policy() == {"default-src": ["'none'"], "sandbox": [], "frame-ancestors": ["'none'"]}
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_a_live_share_says_so_and_shows_what_comes(server: ParleyServer, visitor: Visitor) -> None:
    conversation = talk(visitor)
    path = path_of(share(visitor, conversation["conversation"]["id"], kind="live"))
    page = read(server, path).body.decode()
    assert 'data-live="true"' in page
    assert "This conversation is live" in page
    asked = visitor.ask(
        "One more?", conversation=conversation["conversation"]["id"], parent=conversation["conversation"]["leaf"]
    )
    visitor.wait_for(asked["answer"]["id"])
    assert "One more?" in read(server, path).body.decode()


class Pulse:
    """Asks the server for a sign of life again and again, and notes how long each took (seconds)."""

    def __init__(self, server: ParleyServer, waits: list[float]) -> None:
        self._server, self._waits, self._over = server, waits, threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._over.is_set():
            before_s = time.monotonic()
            assert read(self._server, "/healthz").status == 200
            self._waits.append(time.monotonic() - before_s)
            time.sleep(0.02)


def test_a_thousand_messages_hold_nobody_up(server: ParleyServer, visitor: Visitor) -> None:
    texts = [f"{n}: {LONG}" for n in range(1, 1001)]
    long = [message(n, n - 1 or None, "user" if n % 2 else "assistant", text) for n, text in enumerate(texts, 1)]
    path = path_of(share(visitor, bring_in(visitor, long)["conversation"]["id"]))
    waits: list[float] = []
    before_s = time.monotonic()
    with Pulse(server, waits):
        reply = read(server, path)
    took_s = time.monotonic() - before_s
    assert len(Outline(reply).articles) == 1000
    assert max(waits) < max(1.0, took_s / 2), (max(waits), took_s)
    assert read(server, path).body == reply.body
