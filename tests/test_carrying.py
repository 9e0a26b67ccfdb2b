"""What visitors carry away and bring in, without the web: running answers, lost files, imports that go wrong."""

from __future__ import annotations

import base64
import io
import json
import threading
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.pdfs import pdf
from tests.scripted_server import ScriptedServer, Step, chunk, reply_head
from tests.test_media_types import png
from tests.waiting import until
from webapp import carrying, frames
from webapp.carrying import Format
from webapp.errors import HistoryUnavailable, InvalidInput, LimitReached, NotFound
from webapp.files import Files
from webapp.messages import Answer, Status
from webapp.services import Services, build
from webapp.settings import Settings
from webapp.startup import recover

NEVER_ENDS: list[Step] = [reply_head("Transfer-Encoding: chunked"), chunk(b"so far"), "hang"]


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Services]:
    with ScriptedServer() as upstream:
        upstream.play(NEVER_ENDS)
        settings = Settings(data_dir=str(tmp_path), gprochat_url=upstream.url, max_import_mb=1)
        with closing(build(settings)) as parts:
            yield parts


class Tab:
    """One open connection of ann's."""

    def __init__(self, parts: Services) -> None:
        self.heard: list[Any] = []
        parts.announcements.listen("ann", self)

    def announce(self, frame: bytes) -> None:
        self.heard.append(json.loads(frame))

    def go_away(self) -> None:
        pass


def value(title: str = "Boats", text: str = "Hi", files: tuple[bytes, ...] = (), **fields: Any) -> dict[str, Any]:
    carried = [
        {"name": f"{n}.png", "media_type": "x/y", "data": base64.b64encode(f).decode()} for n, f in enumerate(files)
    ]
    message = {
        "id": 1,
        "parent": None,
        "role": "user",
        "created_at_ms": 5,
        "text": text,
        "files": list(range(len(files))),
    }
    about = {"format": "parley-transcript", "version": 1, "title": title, "created_at_ms": 5, "updated_at_ms": 6}
    return {**about, "messages": [message], "files": carried, **fields}


def bring_in(parts: Services, *values: dict[str, Any]) -> carrying.Imported:
    with parts.carrying.arriving("ann") as arrival:
        return parts.carrying.bring_in(arrival, json.dumps(values).encode())


def exported(parts: Services, conversation_id: str) -> Any:
    return json.loads(b"".join(parts.carrying.export("ann", conversation_id, Format.JSON).pieces))


def test_a_running_answer_goes_out_as_an_interrupted_one_with_what_there_is(parts: Services) -> None:
    turn = parts.turns.ask("ann", frames.Ask(id=str(uuid.uuid4()), text="Hello"))
    follower = parts.turns.follow("ann", turn.answer.id, 0, lambda: None)
    while not follower.take().text:
        pass
    answer = exported(parts, turn.conversation.id)["messages"][1]
    assert (answer["text"], answer["status"]) == ("so far", "interrupted")
    current = parts.conversations.read("ann", turn.conversation.id)[1][1]
    assert isinstance(current, Answer)
    assert current.status is Status.RUNNING


def test_files_come_in_as_what_they_are(parts: Services) -> None:
    (place,) = bring_in(parts, value(files=(png(), b"%PDF-1.4", b"plain"))).conversations
    attached = parts.conversations.read("ann", place.id)[1][0].attachments
    assert [(file.name, file.media_type) for file in attached] == [("0.png", "image/png"), ("2.png", "text/plain")]


def test_a_pdf_is_carried_as_it_is_and_its_text_is_taken_out_again(parts: Services) -> None:
    (place,) = bring_in(parts, value(files=(pdf("Total: 7"),))).conversations
    (file,) = exported(parts, place.id)["files"]
    assert (file["media_type"], base64.b64decode(file["data"])) == ("application/pdf", pdf("Total: 7"))
    (attached,) = parts.conversations.read("ann", place.id)[1][0].attachments
    assert attached.pages == 1
    with parts.attachments.open_text("ann", attached.id) as text:
        assert text.read() == b"[page 1]\nTotal: 7\n"
    page = b"".join(parts.carrying.export("ann", place.id, Format.HTML).pieces)
    assert b"data:application/pdf;base64," in page


def test_a_file_whose_content_is_lost_is_told_in_the_file(parts: Services, tmp_path: Path) -> None:
    (place,) = bring_in(parts, value(files=(b"gone", b"here"))).conversations
    name = Files.name_of(b"gone")
    (tmp_path / "files" / name[:2] / name).unlink()
    assert [file["data"] for file in exported(parts, place.id)["files"]] == [None, base64.b64encode(b"here").decode()]


def test_all_in_one_zip_without_one_that_goes_meanwhile(parts: Services) -> None:
    first, second = bring_in(parts, value("First"), value("Second", updated_at_ms=7)).conversations
    pieces = parts.carrying.export_all("ann", Format.MARKDOWN).pieces
    parts.conversations.delete("ann", [first.id])
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert archive.namelist() == ["00001 Second.md", "index.json"]
        assert archive.getinfo("00001 Second.md").date_time[0] == 1980  # as early as a zip file knows
        (entry,) = json.loads(archive.read("index.json"))["conversations"]
        assert entry == {"file": "00001 Second.md", "title": "Second", "updated_at_ms": 7}
    assert second.title == "Second"


def test_options_out_of_bounds_leave_only_that_conversation_out(parts: Services) -> None:
    found = bring_in(parts, value("Good"), value("Bad", options={"temperature": 99}))
    assert [place.title for place in found.conversations] == ["Good"]
    assert (found.skipped, found.problems[0].title) == (1, "Bad")
    with pytest.raises(
        InvalidInput, match=r"No conversation in this file can be read. It cannot be read: .*temperature"
    ):
        bring_in(parts, value("Bad", options={"temperature": 99}))


def test_only_the_newest_of_many_are_announced(parts: Services) -> None:
    tab = Tab(parts)
    bring_in(parts, *(value(str(number), updated_at_ms=number + 6) for number in range(60)))
    assert [frame["what"] for frame in tab.heard] == ["created"] * carrying.ANNOUNCED
    assert [frame["title"] for frame in tab.heard] == [str(number) for number in range(10, 60)]
    assert parts.conversations.page("ann").conversations[0].title == "59"


def test_an_import_that_fails_leaves_nothing(parts: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    store, tab, stored = parts.history.carried.store, Tab(parts), list[Any]()

    def full(*given: Any) -> Any:
        if len(stored) == 2:
            raise HistoryUnavailable("The disk is full.")
        stored.append(store(*given))
        return stored[-1]

    monkeypatch.setattr(parts.history.carried, "store", full)
    with pytest.raises(HistoryUnavailable):
        bring_in(parts, value("One"), value("Two"), value("Three"))
    assert len(stored) == 2
    assert parts.conversations.page("ann").conversations == []
    with pytest.raises(NotFound):
        parts.conversations.restore("ann", [one.id for one in stored])
    assert tab.heard == []


def test_while_an_import_goes_on_nothing_of_it_is_there(parts: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    store, seen = parts.history.carried.store, list[int]()

    def watched(*given: Any) -> Any:
        stored = store(*given)
        seen.append(len(parts.conversations.page("ann").conversations))
        return stored

    monkeypatch.setattr(parts.history.carried, "store", watched)
    bring_in(parts, value("One"), value("Two"))
    assert seen == [0, 0]
    assert len(parts.conversations.page("ann").conversations) == 2


def test_an_import_that_was_cut_off_goes_at_the_next_start(parts: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*given: Any) -> None:
        raise HistoryUnavailable("The disk is full.")

    with monkeypatch.context() as dying:
        dying.setattr(parts.history.carried, "show", die)
        dying.setattr(parts.history.carried, "give_up", die)  # not even that can be stored
        with pytest.raises(HistoryUnavailable):
            bring_in(parts, value("One"), value("Two"))
    assert parts.conversations.page("ann").conversations == []
    assert parts.history.deletions.next_due_s() is None
    recover(parts)
    until(lambda: parts.history.deletions.next_due_s() is None)
    assert parts.conversations.page("ann").conversations == []


def test_a_file_that_is_too_long(parts: Services) -> None:
    with pytest.raises(InvalidInput, match="up to 1 MB"):
        bring_in(parts, value(text="x" * 1_000_000))


def test_one_import_at_a_time(parts: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrying, "LONGEST_WAIT_S", 0.05)
    store, begun, go_on = parts.history.carried.store, threading.Event(), threading.Event()

    def slow(*given: Any) -> Any:
        begun.set()
        go_on.wait(10)
        return store(*given)

    monkeypatch.setattr(parts.history.carried, "store", slow)
    first = threading.Thread(target=bring_in, args=(parts, value("One")))
    first.start()
    assert begun.wait(10)
    with pytest.raises(LimitReached, match="Others are importing"):
        bring_in(parts, value("Two"))
    go_on.set()
    first.join()
    bring_in(parts, value("Two"))
    assert len(parts.conversations.page("ann").conversations) == 2
