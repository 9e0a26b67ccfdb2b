"""Sharing: links that a visitor makes, changes and ends, and what readers get by them and by nothing else."""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.pdfs import pdf
from tests.scripted_server import ScriptedServer, Step, chunk, reply_head
from tests.test_conversations import Tab
from tests.waiting import until
from webapp import frames, share_doors, sharing, snapshots
from webapp.errors import ChatError, Conflict, DoorClosed, Forbidden, InvalidInput, NotFound, SharePassword
from webapp.messages import Answer, ModelOptions, Share, Status, Usage, Written
from webapp.redaction import Kind
from webapp.services import Services, build
from webapp.settings import Settings
from webapp.share_requests import NewShare, ShareChange
from webapp.shared import Scope, ShareKind
from webapp.sharing import Opened

NEVER_ENDS: list[Step] = [reply_head("Transfer-Encoding: chunked"), chunk(b"to bob@example.org\nand bob@exam"), "hang"]
PRIVATE = "mail bob@example.org"


@pytest.fixture
def upstream() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        running.play(NEVER_ENDS)
        yield running


@pytest.fixture
def parts(tmp_path: Path, upstream: ScriptedServer) -> Iterator[Services]:
    with closing(build(Settings(data_dir=str(tmp_path), gprochat_url=upstream.url))) as parts:
        yield parts


@dataclass
class Talk:
    """A conversation of ann's, written without any upstream; ids by the names of the messages."""

    parts: Services
    id: str
    ids: dict[str, str]

    def ask(self, name: str, parent: str | None, text: str = "", **fields: Any) -> None:
        """Question `q<name>` and its answer `a<name>`."""
        turn, _ = self.parts.history.begin_turn(
            "ann",
            str(uuid.uuid4()),
            conversation=self.id or None,
            parent=None if parent is None else self.ids[parent],
            text=text or f"question {name}",
            model="guide",
            **fields,
        )
        self.id = turn.conversation.id
        self.ids |= {f"q{name}": turn.message.id}
        self.end(f"a{name}", turn.answer.id)

    def again(self, name: str, answer: str) -> None:
        """Another answer to the same question."""
        turn, _ = self.parts.history.begin_again("ann", str(uuid.uuid4()), self.ids[answer], model=None)
        self.end(name, turn.answer.id)

    def go_on(self, name: str, answer: str) -> None:
        """An answer that goes on with one that was stopped."""
        turn, _ = self.parts.history.begin_continue("ann", str(uuid.uuid4()), self.ids[answer])
        self.end(name, turn.answer.id)

    def end(self, name: str, answer_id: str, status: Status = Status.STOPPED) -> None:
        self.ids[name] = answer_id
        usage = Usage(upstream="host-7", duration_ms=3, finish_reason="stop")
        self.parts.history.end_answer(answer_id, Written(f"answer {name}"), status, usage=usage)

    def share(self, kind: str = "snapshot", scope: str = "whole", **fields: Any) -> Share:
        for name in ("leaf", "messages"):
            if name in fields:
                named = fields[name]
                fields[name] = self.ids[named] if isinstance(named, str) else tuple(self.ids[one] for one in named)
        wanted = NewShare(conversation=self.id, kind=ShareKind(kind), scope=Scope(scope), **fields)
        return self.parts.sharing.create("ann", wanted)

    def names(self, opened: Opened) -> str:
        """What a reader gets, as names."""
        by_id = {id_: name for name, id_ in self.ids.items()}
        return " ".join(by_id[message.id] for message in opened.content().messages)


@pytest.fixture
def talk(parts: Services) -> Talk:
    """q1 with two answers; the first goes on with q2 and then q3, the second with q4. Branch q3 is shown."""
    talk = Talk(parts, "", {})
    talk.ask("1", None, PRIVATE)
    talk.again("a1b", "a1")
    talk.ask("2", "a1")
    talk.ask("4", "a1b")
    talk.ask("3", "a2")
    return talk


def token(share: Share) -> str:
    return share.url.rpartition("/")[2]


def opened(parts: Services, share: Share, **fields: Any) -> Opened:
    return parts.sharing.open(token(share), **fields)


def gone(parts: Services, share: Share) -> bool:
    """Whether the link leads nowhere, in the same words as one that never was."""
    with pytest.raises(NotFound) as caught:
        opened(parts, share)
    assert caught.value.body() == {"code": "not_found", "message": "Nothing is shared here."}
    return True


# --- what is shared ------------------------------------------------------------------------------------------------

WHOLE = "q1 a1 a1b q2 a2 q4 a4 q3 a3"


@pytest.mark.parametrize(
    ("scope", "fields", "now", "snapshot_later", "live_later"),
    [
        ("whole", {}, WHOLE, WHOLE, f"{WHOLE} q5 a5 q6 a6"),
        ("branch", {}, "q1 a1 q2 a2 q3 a3", "q1 a1 q2 a2 q3 a3", "q1 a1 q2 a2 q3 a3 q5 a5"),
        ("branch", {"leaf": "a4"}, "q1 a1b q4 a4", "q1 a1b q4 a4", "q1 a1b q4 a4 q6 a6"),
        ("chosen", {"messages": ("a1b", "q3")}, "a1b q3", "a1b q3", "a1b q3"),
    ],
)
def test_every_scope_now_and_later(
    parts: Services, talk: Talk, scope: str, fields: dict[str, Any], now: str, snapshot_later: str, live_later: str
) -> None:
    snapshot, live = talk.share("snapshot", scope, **fields), talk.share("live", scope, **fields)
    for share in (snapshot, live):
        assert talk.names(opened(parts, share)) == now
        assert share.messages == len(now.split())
    talk.ask("5", "a3")
    talk.ask("6", "a4")
    assert talk.names(opened(parts, snapshot)) == snapshot_later
    assert talk.names(opened(parts, live)) == live_later
    live_ids = {talk.ids[name] for name in live_later.split() if name.startswith("a")}
    assert opened(parts, live).answer_ids() == live_ids
    assert not opened(parts, live).may_follow(talk.ids["q1"])
    assert opened(parts, snapshot).answer_ids() == set()  # it stays as it is
    moved_on = parts.sharing.take_again("ann", snapshot.id)
    assert (moved_on.url, moved_on.messages) == (snapshot.url, len(live_later.split()))
    assert talk.names(opened(parts, snapshot)) == live_later


def test_a_branch_that_ends_before_the_newest_message_goes_on_only_when_live_or_moved_on(
    parts: Services, talk: Talk
) -> None:
    snapshot, live = talk.share("snapshot", "branch", leaf="a1"), talk.share("live", "branch", leaf="a1")
    assert talk.names(opened(parts, snapshot)) == "q1 a1"
    assert talk.names(opened(parts, live)) == "q1 a1 q2 a2 q3 a3"


def test_an_answer_that_goes_on_stands_in_the_place_of_the_one_it_goes_on_with(parts: Services, talk: Talk) -> None:
    branch = talk.share("live", "branch")
    chosen = talk.share("live", "chosen", messages=("a3",))
    talk.go_on("a3+", "a3")
    assert talk.names(opened(parts, branch)) == "q1 a1 q2 a2 q3 a3+"
    assert talk.names(opened(parts, chosen)) == "a3"  # that message and no other
    (continued,) = [one for one in opened(parts, branch).content().messages if one.id == talk.ids["a3+"]]
    assert isinstance(continued, Answer)
    assert continued.continues is None  # names nothing that is not there


def test_one_answer_is_what_it_is_among_all(parts: Services, talk: Talk) -> None:
    live = opened(parts, talk.share("live", "branch", masked=(Kind.EMAIL,)))
    for message in live.content().messages:
        assert live.has(message.id)
        if isinstance(message, Answer):
            assert live.answer(message.id) == message
    snapshot = opened(parts, talk.share("snapshot", "branch"))
    assert snapshot.has(talk.ids["a3"])
    assert not snapshot.has(talk.ids["a4"])
    for share, name in ((live, "q1"), (live, "a4"), (snapshot, "a1")):
        with pytest.raises(NotFound):
            share.answer(talk.ids[name])


def test_a_snapshot_is_too_long_before_it_is_masked(
    parts: Services, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "LONGEST_CONTENT", 20_000)
    talk.ask("5", "a3", "a" * 20_000 + "@example.org")
    with pytest.raises(InvalidInput, match="A snapshot may have"):
        talk.share(masked=(Kind.EMAIL,))
    talk.share("live", masked=(Kind.EMAIL,))


class Visit:
    """A reader's connection. One that `breaks` cannot be told anything."""

    def __init__(self, *, breaks: bool = False) -> None:
        self.heard, self.last, self._breaks = threading.Event(), "", breaks

    def announce(self, frame: bytes) -> None:
        if self._breaks:
            raise RuntimeError("broken")
        self.heard.set()

    def go_away(self) -> None:
        raise AssertionError("nobody said so")

    def dismiss(self, frame: bytes) -> None:
        self.last = json.loads(frame)["code"]
        self.heard.set()

    def cut(self) -> None:
        """It is gone already."""


def test_one_broken_reader_leaves_the_others_theirs(parts: Services, talk: Talk) -> None:
    broken, well = Visit(breaks=True), Visit()
    leaves = [parts.live_shares.join(opened(parts, talk.share("live")), one) for one in (broken, well)]
    talk.ask("5", "a3")
    parts.conversations.look_at("ann", talk.id, talk.ids["a5"])
    assert well.heard.wait(5)
    for leave in leaves:
        leave()


def test_masks_that_change_while_somebody_comes_in_send_them_back(parts: Services, talk: Talk) -> None:
    share, reader = talk.share("live"), Visit()
    before = opened(parts, share)
    parts.sharing.change("ann", share.id, ShareChange(masked=(Kind.EMAIL,)))
    leave = parts.live_shares.join(before, reader)
    assert reader.heard.wait(5)
    assert reader.last == "share_changed"
    leave()


def test_what_readers_get_is_not_what_the_visitor_has(parts: Services, talk: Talk) -> None:
    parts.conversations.set_options("ann", talk.id, ModelOptions(system="my system prompt"))
    for kind in ShareKind:
        share = talk.share(kind, author="Ann B.", title="A title", may_continue=True)
        content = opened(parts, share).content()
        assert (content.title, content.author, content.live) == ("A title", "Ann B.", kind is ShareKind.LIVE)
        assert content.leaf == talk.ids["a3"]
        assert content.created_at_ms == content.messages[0].created_at_ms
        said = repr(content)
        assert "host-7" not in said
        assert "system prompt" not in said
        assert talk.id not in said
        assert {message.conversation for message in content.messages} == {share.id}


def test_a_running_answer_is_taken_with_the_text_it_has(parts: Services, talk: Talk) -> None:
    turn = parts.turns.ask("ann", frames.Ask(id=str(uuid.uuid4()), text="run", conversation=talk.id))
    follower = parts.turns.follow("ann", turn.answer.id, 0, lambda: None)
    while not follower.take().text:
        pass
    plain, masked = talk.share(scope="branch"), talk.share(scope="branch", masked=(Kind.EMAIL,))
    live = talk.share("live", "branch", masked=(Kind.EMAIL,))
    texts = {
        plain.id: ("to bob@example.org\nand bob@exam", Status.INTERRUPTED),
        masked.id: ("to [e-mail address]\n", Status.INTERRUPTED),  # half an address is not shown either
        live.id: ("to [e-mail address]\n", Status.RUNNING),
    }
    for share in (plain, masked, live):
        answer = opened(parts, share).content().messages[-1]
        assert isinstance(answer, Answer)
        assert (answer.text, answer.status) == texts[share.id]
    assert opened(parts, live).may_follow(turn.answer.id)
    parts.turns.stop("ann", turn.answer.id)
    assert opened(parts, live).content().messages[-1].text == "to [e-mail address]\nand bob@exam"


def test_nothing_of_another_conversation_or_of_another_visitors(parts: Services, talk: Talk) -> None:
    other = Talk(parts, "", {})
    other.ask("1", None)
    wrong: list[dict[str, Any]] = [
        {"scope": Scope.CHOSEN, "messages": (talk.ids["q1"], other.ids["q1"])},
        {"scope": Scope.CHOSEN, "messages": ("missing",)},
        {"scope": Scope.BRANCH, "leaf": other.ids["a1"]},
        {"conversation": "missing"},
    ]
    for fields in wrong:
        wanted = NewShare(**{"conversation": talk.id} | fields)
        for attempt in (parts.sharing.create, parts.sharing.preview):
            with pytest.raises(NotFound):
                attempt("ann", wanted)
    for attempt in (parts.sharing.create, parts.sharing.preview):
        with pytest.raises(NotFound):
            attempt("bob", NewShare(conversation=talk.id))
        with pytest.raises(InvalidInput, match="choose"):
            attempt("ann", NewShare(conversation=talk.id, scope=Scope.CHOSEN))
    share = talk.share()
    for act in (parts.sharing.revoke, parts.sharing.remove, parts.sharing.take_again, parts.sharing.find):
        with pytest.raises(NotFound):
            act("bob", share.id)
    with pytest.raises(NotFound):
        parts.sharing.change("bob", share.id, ShareChange(title="mine"))
    assert parts.sharing.of("bob") == []


def test_a_private_conversation_cannot_be_shared(parts: Services) -> None:
    turn = parts.turns.ask("ann", frames.Ask(id=str(uuid.uuid4()), text="unwritten", private=True))
    for attempt in (parts.sharing.create, parts.sharing.preview):
        with pytest.raises(InvalidInput, match="never written to disk"):
            attempt("ann", NewShare(conversation=turn.conversation.id))


# --- masks ---------------------------------------------------------------------------------------------------------


def test_a_preview_tells_what_could_be_masked_and_where(parts: Services, talk: Talk) -> None:
    file = parts.attachments.upload("ann", "of a@b.org (1).txt", b"from 10.1.2.3")
    talk.ask("5", "a3", "bob@example.org, once more", attachments=(file.id,))
    findings, messages = parts.sharing.preview("ann", NewShare(conversation=talk.id))
    assert messages == 8
    assert [(found.kind, found.text, found.count, found.message) for found in findings] == [
        ("email", "bob@example.org", 3, None),  # the title is made of the first question
        ("email", "a@b.org", 1, talk.ids["q5"]),
        ("ip", "10.1.2.3", 1, talk.ids["q5"]),
    ]
    chosen = NewShare(conversation=talk.id, scope=Scope.CHOSEN, messages=(talk.ids["q2"],))
    assert parts.sharing.preview("ann", chosen)[1] == 1


@pytest.mark.parametrize("kind", list(ShareKind))
def test_masks_can_be_set_and_taken_away(parts: Services, talk: Talk, kind: ShareKind) -> None:
    share = talk.share(kind, "branch")
    assert opened(parts, share).content().messages[0].text == PRIVATE
    talk.ask("5", "a3")
    changed = parts.sharing.change("ann", share.id, ShareChange(masked=(Kind.EMAIL, Kind.EMAIL)))
    assert changed.masked == ("email",)
    content = opened(parts, share).content()
    assert content.title == content.messages[0].text == "mail [e-mail address]"
    assert len(content.messages) == (8 if kind is ShareKind.LIVE else 6)  # a snapshot shows no more than before
    stored = parts.history.shares.content(share.id)
    assert stored is None or "bob@" not in stored
    parts.sharing.change("ann", share.id, ShareChange(masked=()))
    assert opened(parts, share).content().messages[0].text == PRIVATE


def test_masks_bring_nothing_newer_and_hold_after_an_expiry(parts: Services, talk: Talk) -> None:
    share = talk.share(scope="branch")
    talk.go_on("a3+", "a3")
    parts.history.shares.change("ann", share.id, {"expires_at_ms": 1})
    parts.sharing.change("ann", share.id, ShareChange(masked=(Kind.EMAIL,)))
    parts.sharing.change("ann", share.id, ShareChange(expires_at_ms=None))
    assert talk.names(opened(parts, share)) == "q1 a1 q2 a2 q3 a3"
    content = opened(parts, share).content()
    assert (content.leaf, content.messages[0].text) == (talk.ids["a3"], "mail [e-mail address]")
    parts.sharing.take_again("ann", share.id)
    assert talk.names(opened(parts, share)) == "q1 a1 q2 a2 q3 a3+"


# --- files ---------------------------------------------------------------------------------------------------------


def read(opened: Opened, file_id: str) -> bytes:
    with opened.file(file_id)[1] as content:
        return content.read()


@pytest.mark.parametrize("kind", list(ShareKind))
def test_files_of_shared_messages_and_no_others(parts: Services, talk: Talk, kind: ShareKind) -> None:
    mine, other = (parts.attachments.upload("ann", f"{name}.txt", name.encode()) for name in ("mine", "other"))
    unsent = parts.attachments.upload("ann", "unsent.txt", b"unsent")
    talk.ask("5", "a3", attachments=(mine.id,))
    talk.ask("6", "a4", attachments=(other.id,))
    share = talk.share(kind, "branch", leaf="a5")
    reader = opened(parts, share)
    shown, content = reader.file(mine.id)
    with content:
        assert (shown, content.read()) == (mine, b"mine")
    for file_id in (other.id, unsent.id, "missing"):
        with pytest.raises(NotFound):
            reader.file(file_id)
    parts.conversations.prune("ann", talk.ids["q5"])
    until(lambda: parts.history.deletions.next_due_s() is None)
    with pytest.raises(NotFound):
        reader.file(mine.id)
    assert talk.names(opened(parts, share)).endswith("q5 a5") == (kind is ShareKind.SNAPSHOT)


def test_text_files_are_masked_too(parts: Services, talk: Talk) -> None:
    file = parts.attachments.upload("ann", "bob@example.org (1).txt", b"from 10.1.2.3 to bob@example.org")
    talk.ask("5", "a3", attachments=(file.id,))
    reader = opened(parts, talk.share(masked=(Kind.EMAIL,)))
    shown, content = reader.file(file.id)
    assert (shown.name, content.read()) == ("[e-mail address] (1).txt", b"from 10.1.2.3 to [e-mail address]")
    assert shown.size_bytes == len(b"from 10.1.2.3 to [e-mail address]")
    for kind in ShareKind:  # the size in the conversation does not tell how long what is masked is
        listed = opened(parts, talk.share(kind, masked=(Kind.EMAIL,))).content().messages
        assert [one.size_bytes for message in listed for one in message.attachments] == [1000]
    assert read(opened(parts, talk.share()), file.id) == b"from 10.1.2.3 to bob@example.org"


def test_a_pdf_cannot_be_masked_and_is_kept_back(parts: Services, talk: Talk) -> None:
    file = parts.attachments.upload("ann", "bob@example.org (1).pdf", pdf("from 10.1.2.3"))
    talk.ask("5", "a3", attachments=(file.id,))
    findings, _ = parts.sharing.preview("ann", NewShare(conversation=talk.id))
    assert ("ip", "10.1.2.3") in [(found.kind, found.text) for found in findings]
    for kind in ShareKind:
        reader = opened(parts, talk.share(kind, masked=(Kind.EMAIL,)))
        (shown,) = [file for message in reader.content().messages for file in message.attachments]
        assert (shown.name, shown.pages, shown.withheld) == ("[e-mail address] (1).pdf", 1, True)
        with pytest.raises(NotFound):
            reader.file(file.id)
        assert reader.transcript().files[0].read() is None
        free = opened(parts, talk.share(kind))
        assert read(free, file.id) == pdf("from 10.1.2.3")
        assert not [one for message in free.content().messages for one in message.attachments if one.withheld]


# --- the door ------------------------------------------------------------------------------------------------------


def test_a_password_and_the_pass_that_it_gives(parts: Services, talk: Talk) -> None:
    share = talk.share(password="open sesame")
    assert share.has_password
    for password in (None, "", "open", "open sesame ", "x" * 1000):
        with pytest.raises(SharePassword) as caught:
            opened(parts, share, password=password, count=True)
        assert caught.value.body()["code"] == "wrong_password"
        assert not caught.value.counted
    assert parts.sharing.find("ann", share.id).views == 0
    reader = opened(parts, share, password="open sesame", count=True)
    view = parts.sharing.pass_for(reader)
    assert talk.names(opened(parts, share, view=view)) == WHOLE
    assert parts.sharing.find("ann", share.id).views == 1
    other = talk.share(password="open sesame")
    for wrong in ("", "x", view + "x", view[1:]):
        with pytest.raises(SharePassword):
            opened(parts, share, view=wrong)
    with pytest.raises(SharePassword):
        opened(parts, other, view=view)
    parts.sharing.change("ann", share.id, ShareChange(password="another"))
    with pytest.raises(SharePassword):
        opened(parts, share, view=view)
    with pytest.raises(SharePassword):
        opened(parts, share, password="open sesame")
    assert not parts.sharing.change("ann", share.id, ShareChange(password=None)).has_password
    opened(parts, share)


def test_a_pass_is_over_in_the_end(parts: Services, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    share = talk.share(password="open")
    monkeypatch.setattr(sharing, "PASS_S", 0)
    view = parts.sharing.pass_for(opened(parts, share, password="open"))
    with pytest.raises(SharePassword):
        opened(parts, share, view=view)


def test_views_are_counted_and_run_out(parts: Services, talk: Talk) -> None:
    share = talk.share(most_views=2)
    with pytest.raises(DoorClosed) as caught:
        opened(parts, share)
    assert caught.value.counted
    assert not isinstance(caught.value, SharePassword)

    def look(_: int) -> str | None:
        try:
            return parts.sharing.pass_for(opened(parts, share, count=True))
        except NotFound:
            return None

    with ThreadPoolExecutor(6) as threads:
        passes = [view for view in threads.map(look, range(12)) if view is not None]
    assert len(passes) == 2
    assert gone(parts, share)
    assert parts.sharing.find("ann", share.id).state == "used_up"
    assert talk.names(opened(parts, share, view=passes[0])) == WHOLE  # whoever is in may stay
    parts.sharing.change("ann", share.id, ShareChange(most_views=3))
    opened(parts, share, count=True)
    parts.sharing.revoke("ann", share.id)
    with pytest.raises(NotFound):
        opened(parts, share, view=passes[0])


def test_a_knock_is_counted_once(parts: Services, talk: Talk) -> None:
    share, other = talk.share(most_views=1), talk.share(most_views=1)
    knock = parts.sharing.knock_for(token(share))
    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(lambda _: opened(parts, share, count=True, knock=knock), range(6)))
    assert [talk.names(one) for one in found] == [WHOLE] * 6
    assert parts.sharing.find("ann", share.id).views == 1
    for wrong in ("", "x", None, knock[:-1], parts.sharing.knock_for(token(share))):
        with pytest.raises(NotFound):
            opened(parts, share, count=True, knock=wrong)
    for knocked in (knock, "made up", "made up"):  # that of another door is none
        parts.sharing.change("ann", other.id, ShareChange(most_views=5))
        opened(parts, other, count=True, knock=knocked)
    assert parts.sharing.find("ann", other.id).views == 3
    parts.sharing.change("ann", share.id, ShareChange(password="open"))
    with pytest.raises(SharePassword):
        opened(parts, share, count=True, knock=knock)


def test_a_knock_is_forgotten_after_a_while(parts: Services, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share_doors, "REMEMBERED_S", 0.0)
    share = talk.share(most_views=5)
    knock = parts.sharing.knock_for(token(share))
    for _ in range(3):
        opened(parts, share, count=True, knock=knock)
    assert parts.sharing.find("ann", share.id).views == 3


def test_a_pass_does_not_renew_itself(parts: Services, talk: Talk) -> None:
    share = talk.share(password="open")
    view = parts.sharing.pass_for(opened(parts, share, password="open"))
    time.sleep(0.002)
    assert parts.sharing.pass_for(opened(parts, share, view=view)) == view
    assert parts.sharing.pass_for(opened(parts, share, view=view + "x", password="open")) != view


def test_an_open_share_counts_who_looks(parts: Services, talk: Talk) -> None:
    share = talk.share()
    assert opened(parts, share).share.views == 0
    assert opened(parts, share, count=True).share.views == 1
    seen = parts.sharing.find("ann", share.id)
    assert seen.views == 1
    assert seen.viewed_at_ms is not None


# --- the end -------------------------------------------------------------------------------------------------------


def still_open(parts: Services, share_id: str) -> bool:
    """Whether those who read it may go on."""
    try:
        parts.sharing.masks_now(share_id)
    except NotFound:
        return False
    return True


def test_expired(parts: Services, talk: Talk) -> None:
    share = talk.share("live", password="open", expires_at_ms=time.time_ns() // 1_000_000 + 60_000)
    view = parts.sharing.pass_for(opened(parts, share, password="open"))
    assert still_open(parts, share.id)
    parts.history.shares.change("ann", share.id, {"expires_at_ms": time.time_ns() // 1_000_000})
    assert not still_open(parts, share.id)
    assert gone(parts, share)
    with pytest.raises(NotFound):
        opened(parts, share, view=view)
    with pytest.raises(NotFound):
        parts.sharing.open_now(share.id)
    assert parts.sharing.change("ann", share.id, ShareChange(expires_at_ms=None)).state == "open"
    with pytest.raises(InvalidInput, match="expires_at_ms"):
        parts.sharing.change("ann", share.id, ShareChange(expires_at_ms=1))


@pytest.mark.parametrize("kind", list(ShareKind))
def test_revoked_for_good(parts: Services, talk: Talk, kind: ShareKind) -> None:
    share = talk.share(kind)
    reader = opened(parts, share)
    assert parts.sharing.revoke("ann", share.id).state == "revoked"
    assert gone(parts, share)
    assert not still_open(parts, share.id)
    if kind is ShareKind.SNAPSHOT:
        with pytest.raises(NotFound):
            reader.content()
    for attempt in (
        lambda: parts.sharing.change("ann", share.id, ShareChange(title="x")),
        lambda: parts.sharing.take_again("ann", share.id),
    ):
        with pytest.raises(Conflict):
            attempt()
    parts.sharing.remove("ann", share.id)
    assert parts.sharing.of("ann") == []


def test_deleted_and_brought_back(parts: Services, talk: Talk) -> None:
    share, live = talk.share(), talk.share("live")
    parts.conversations.delete("ann", [talk.id])
    assert gone(parts, share)
    assert gone(parts, live)
    assert not still_open(parts, live.id)
    parts.conversations.restore("ann", [talk.id])
    assert talk.names(opened(parts, share)) == talk.names(opened(parts, live)) == WHOLE


def test_a_message_that_is_deleted_leaves_a_live_share_and_a_snapshot_when_it_moves_on(
    parts: Services, talk: Talk
) -> None:
    snapshot, live = talk.share(scope="branch"), talk.share("live", "branch")
    chosen = talk.share("live", "chosen", messages=("q1", "q3"))
    parts.conversations.prune("ann", talk.ids["q3"])
    assert talk.names(opened(parts, snapshot)) == "q1 a1 q2 a2 q3 a3"
    assert talk.names(opened(parts, live)) == "q1 a1 q2 a2"
    assert talk.names(opened(parts, chosen)) == "q1"
    parts.sharing.take_again("ann", snapshot.id)
    assert talk.names(opened(parts, snapshot)) == "q1 a1 q2 a2"
    parts.conversations.prune("ann", talk.ids["q1"])
    assert opened(parts, live).content().messages == []
    with pytest.raises(InvalidInput, match="no messages"):
        parts.sharing.take_again("ann", snapshot.id)


SIBLINGS = [
    # what is deleted, the end of the branch when it was shared, and what is left of it
    ("q2", "a2", "q1 a1"),
    ("a2", "a2", "q1 a1 q2"),
    ("q3", "a2", "q1 a1 q2 a2"),
    ("q2", "q2", "q1 a1"),
    ("a1", "a1", "q1"),
]


@pytest.mark.parametrize(("deleted", "leaf", "left"), SIBLINGS)
@pytest.mark.parametrize("kind", list(ShareKind))
def test_what_stood_beside_a_deleted_message_is_never_shared_in_its_place(
    parts: Services, kind: ShareKind, deleted: str, leaf: str, left: str
) -> None:
    talk = Talk(parts, "", {})
    talk.ask("1", None)
    talk.again("a1old", "a1")
    talk.ask("old", "a1")
    talk.ask("2", "a1")
    talk.ids["a2old"] = talk.ids.pop("a2")
    talk.again("a2half", "a2old")
    talk.go_on("a2", "a2half")
    talk.ask("older", "a2")
    talk.ask("3", "a2")
    share = talk.share(kind, "branch", leaf=leaf)
    parts.conversations.prune("ann", talk.ids[deleted])

    def shown() -> str:
        if kind is ShareKind.SNAPSHOT:
            parts.sharing.take_again("ann", share.id)
        return talk.names(opened(parts, share))

    assert shown() == left
    talk.ask("new", "a1" if "a1" in left else "a1old")
    assert shown() == left
    assert parts.sharing.find("ann", share.id).messages == len(left.split())


def test_a_branch_goes_on_from_where_its_end_was_deleted_if_nothing_else_is_there(parts: Services) -> None:
    talk = Talk(parts, "", {})
    talk.ask("1", None)
    talk.ask("2", "a1")
    live, snapshot = talk.share("live", "branch"), talk.share("snapshot", "branch")
    parts.conversations.prune("ann", talk.ids["q2"])
    talk.ask("3", "a1")
    parts.sharing.take_again("ann", snapshot.id)
    assert talk.names(opened(parts, live)) == talk.names(opened(parts, snapshot)) == "q1 a1 q3 a3"
    assert parts.sharing.find("ann", live.id).scope == "branch"


# --- tokens --------------------------------------------------------------------------------------------------------


def test_a_token_is_long_and_nowhere(
    parts: Services, talk: Talk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    share = talk.share(password="open sesame")
    opened(parts, share, password="open sesame")
    assert len(token(share)) == 32
    assert len({token(talk.share()) for _ in range(5)} | {token(share)}) == 6
    for secret in (token(share), "open sesame"):
        assert secret not in caplog.text
        for path in tmp_path.rglob("*"):
            assert path.is_dir() or secret.encode() not in path.read_bytes(), path
    for wrong in ("", "x", token(share)[:-1], token(share) + "A", share.id, "\ud800", "%00", "é" * 32):
        with pytest.raises(NotFound, match="Nothing is shared here"):
            parts.sharing.open(wrong)


def test_with_another_secret_links_go_on_but_are_not_told(
    parts: Services, talk: Talk, tmp_path: Path, upstream: ScriptedServer
) -> None:
    share = talk.share()
    parts.close()
    with closing(build(Settings(data_dir=str(tmp_path), gprochat_url=upstream.url, secret_key="k" * 40))) as later:
        assert later.sharing.find("ann", share.id).url == ""
        assert talk.names(later.sharing.open(token(share))) == WHOLE


def test_public_links_are_whole_addresses(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path), public_url="https://chat.example.org")
    with closing(build(settings)) as parts:
        talk = Talk(parts, "", {})
        talk.ask("1", None)
        assert talk.share().url.startswith("https://chat.example.org/s/")


# --- a copy --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(ShareKind))
def test_a_reader_continues_in_a_conversation_of_their_own(parts: Services, talk: Talk, kind: ShareKind) -> None:
    file = parts.attachments.upload("ann", "notes.txt", b"of bob@example.org")
    talk.ask("5", "a3", attachments=(file.id,))
    parts.conversations.set_options("ann", talk.id, ModelOptions(system="my system prompt"))
    tab = Tab()
    parts.announcements.listen("eve", tab)
    with pytest.raises(Forbidden):
        parts.sharing.copy(opened(parts, talk.share(kind)), "eve")
    reader = opened(parts, talk.share(kind, title="Ours", masked=(Kind.EMAIL,), may_continue=True))
    copy = parts.sharing.copy(reader, "eve")
    conversation, messages = parts.conversations.read("eve", copy.id)
    assert (conversation.title, conversation.options) == ("Ours", ModelOptions())
    assert [message.text for message in messages] == [message.text for message in reader.content().messages]
    assert not {message.id for message in messages} & set(talk.ids.values())
    assert [message.parent is None for message in messages].count(True) == 1
    assert conversation.leaf == messages[-1].id
    (copied,) = [file for message in messages for file in message.attachments]
    with parts.attachments.open("eve", copied.id)[1] as content:
        assert content.read() == b"of [e-mail address]"
    assert [frame["conversation"] for frame in tab.of("created")] == [copy.id]
    assert parts.turns.ask("eve", frames.Ask(id=str(uuid.uuid4()), text="and?", conversation=copy.id))


# --- lists ---------------------------------------------------------------------------------------------------------


def test_tabs_hear_of_what_changes(parts: Services, talk: Talk) -> None:
    tab = Tab()
    parts.announcements.listen("ann", tab)
    share = talk.share()
    parts.sharing.change("ann", share.id, ShareChange(title="x", author="Ann", may_continue=True))
    parts.sharing.take_again("ann", share.id)
    parts.sharing.revoke("ann", share.id)
    parts.sharing.remove("ann", share.id)
    assert [frame["conversation"] for frame in tab.of("shares")] == [talk.id] * 5


def test_settings_that_cannot_be(parts: Services, talk: Talk) -> None:
    share = talk.share()
    for change, field in (
        (ShareChange(), "title"),
        (ShareChange(title="x" * 201), "title"),
        (ShareChange(author="x" * 81), "author"),
    ):
        with pytest.raises(InvalidInput, match=field):
            parts.sharing.change("ann", share.id, change)
    assert talk.share(title=" A  \n title ").title == "A title"
    assert opened(parts, talk.share(title="")).content().title == "A conversation"
    assert parts.sharing.change("ann", share.id, ShareChange(title=None)).title == PRIVATE
    with pytest.raises(Conflict):
        parts.sharing.take_again("ann", talk.share("live").id)


def test_a_list_of_ones_links(parts: Services, talk: Talk) -> None:
    other = Talk(parts, "", {})
    other.ask("1", None)
    shares = [talk.share(), other.share(), talk.share("live", "branch")]
    assert {share.id for share in parts.sharing.of("ann")} == {share.id for share in shares}
    listed = parts.sharing.of("ann", talk.id)
    assert {share.id: share.messages for share in listed} == {shares[0].id: 9, shares[2].id: 6}
    assert all(share.url and share.state == "open" and share.readers == 0 for share in listed)


def test_the_owner_sees_and_ends_all(parts: Services, talk: Talk) -> None:
    ids = {talk.share().id for _ in range(3)}
    page = parts.sharing.all_open(limit=2)
    rest = parts.sharing.all_open(page.cursor, limit=2)
    assert {share.id for share in page.shares + rest.shares} == ids
    assert rest.cursor is None
    for cursor in ("x", "1", "1.", ".x", "9" * 30 + ".x"):
        with pytest.raises(InvalidInput):
            parts.sharing.all_open(cursor)
    assert parts.sharing.end(page.shares[0].id).state == "revoked"
    assert parts.sharing.end_all() == 2
    assert parts.sharing.all_open().shares == []
    with pytest.raises(ChatError):
        parts.sharing.end("missing")
