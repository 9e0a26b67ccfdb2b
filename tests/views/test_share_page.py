"""What the shared page's template is given: bounded work, taken message by message."""

from __future__ import annotations

from typing import Any

import pytest

from webapp.messages import Answer, Attachment, Message, Status
from webapp.shared import SharedConversation
from webapp.views import share_page
from webapp.views.share_page import MOST_RENDERED_CHARS, shortened, values
from webapp.views.shared_branch import Placed


def question(id_: str, text: str, *files: Attachment) -> Message:
    return Message(id=id_, conversation="c", parent=None, role="user", text=text, created_at_ms=0, attachments=files)


def answer(id_: str, text: str) -> Answer:
    made = {"status": Status.DONE, "next": 7, "model": "m", "created_at_ms": 0}
    return Answer(id=id_, conversation="c", parent=None, role="assistant", text=text, **made)


def given(*messages: Message) -> dict[str, Any]:
    about = {"title": "t", "author": None, "live": False, "may_continue": False, "leaf": None}
    conversation = SharedConversation(messages=list(messages), created_at_ms=0, updated_at_ms=0, **about)
    return values(conversation, [Placed(message) for message in messages])


def test_beyond_its_bound_a_page_shows_texts_as_they_were_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share_page, "MOST_RENDERED_CHARS", 30)
    shown = list(given(answer("1", "*a*"), answer("2", "*b* <i>" * 4), answer("3", "*c*"))["entries"])
    assert "<em>a</em>" in shown[0].html
    assert shown[1].html == f'<div class="as-written">{"*b* &lt;i&gt;" * 4}</div>'
    assert "<em>c</em>" not in shown[2].html
    assert MOST_RENDERED_CHARS >= 500_000  # far more than most conversations have


def test_questions_are_listed_by_their_first_words() -> None:
    picture = Attachment(id="f", name="cat.png", media_type="image/png", size_bytes=1_234)
    asked = [question(str(n), f"  Number\n {n}  ") for n in range(4)]
    assert given(*asked)["questions"] == []
    listed = given(*asked, question("p", "", picture))
    assert [line for _, line in listed["questions"]] == ["Number 0", "Number 1", "Number 2", "Number 3", "cat.png"]
    assert listed["description"] == "Number 0"
    assert [entry.sizes for entry in listed["entries"]][-1] == {"f": "1.2 kB"}


def test_a_line_is_cut_behind_its_last_word_with_a_mark() -> None:
    assert shortened("a  b\nc", 10) == "a b c"
    assert shortened("a" * 20, 10) == "a" * 9 + "…"
    assert shortened("abcdefgh ijk", 10) == "abcdefgh…"
