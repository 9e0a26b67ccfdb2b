"""What a model is sent: whole turns within a budget, files with their names, pictures where they can be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.errors import NotFound
from webapp.history.rows import PathMessage, StoredFile
from webapp.messages import Image, ModelOptions
from webapp.prompts import CONTINUE_PROMPT, IMAGE_CHARS, MOST_IMAGE_BYTES, Budget, Prompt, build, quoted

PLENTY = Budget(messages=1000, chars=1_000_000)
NONE = ModelOptions()
FILES = {"notes": b"one\ntwo\n", "family": "👩\u200d👩".encode(), "cat": b"\x89PNG cat", "dog": b"GIF8 dog"}


def text(name: str, size: int | None = None) -> StoredFile:
    size = len(FILES.get(name, b"")) if size is None else size
    return StoredFile(id=f"f-{name}", name=f"{name}.txt", media_type="text/plain", size_bytes=size, sha256=name)


def picture(name: str, size: int | None = None) -> StoredFile:
    size = len(FILES.get(name, b"")) if size is None else size
    return StoredFile(id=f"f-{name}", name=f"{name}.png", media_type="image/png", size_bytes=size, sha256=name)


def conversation(*texts: str) -> list[PathMessage]:
    """Questions and answers in turn, with ids m0, m1, …"""
    return [PathMessage(f"m{at}", ("user", "assistant")[at % 2], said) for at, said in enumerate(texts)]


class Shelf:
    """Files by hash, and which were read."""

    def __init__(self, files: Mapping[str, bytes] = FILES) -> None:
        self.files, self.asked = files, list[str]()

    def read(self, sha256: str) -> bytes:
        self.asked.append(sha256)
        if sha256 not in self.files:
            raise NotFound("There is no such file.")
        return self.files[sha256]


def made(
    path: Sequence[PathMessage],
    budget: Budget = PLENTY,
    *,
    options: ModelOptions = NONE,
    takes_images: bool = True,
    continued: str = "",
    shelf: Shelf | None = None,
) -> Prompt:
    return build(path, options, budget, (shelf or Shelf()).read, takes_images, continued=continued)


def contents(prompt: Prompt) -> list[str]:
    return [message["content"] for message in prompt.messages]


# --- roles, system prompt, going on ----------------------------------------------------------------------------------


def test_a_conversation_is_sent_as_roles() -> None:
    prompt = made(conversation("one", "answer", "two"))
    assert prompt.messages == [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "answer"},
        {"role": "user", "content": "two"},
    ]
    assert prompt.history_from is None


@pytest.mark.parametrize("system", [None, ""])
def test_no_system_prompt_is_no_message(system: str | None) -> None:
    assert [one["role"] for one in made(conversation("one"), options=ModelOptions(system=system)).messages] == ["user"]


def test_the_system_prompt_comes_first_whatever_is_left_out() -> None:
    prompt = made(conversation("one", "answer", "two"), Budget(1, 100), options=ModelOptions(system="Be brief."))
    assert prompt.messages[0] == {"role": "system", "content": "Be brief."}
    assert contents(prompt) == ["Be brief.", "two"]


def test_a_model_that_goes_on_gets_what_it_said() -> None:
    prompt = made(conversation("one", "answer", "two"), continued="So f")
    assert prompt.messages[2:] == [
        {"role": "user", "content": "two"},
        {"role": "assistant", "content": "So f"},
        {"role": "user", "content": CONTINUE_PROMPT},
    ]


# --- the budget ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("budget", "kept"),
    [
        (Budget(5, 100), 0),
        (Budget(4, 100), 2),
        (Budget(3, 100), 2),
        (Budget(2, 100), 4),
        (Budget(1, 100), 4),
        (Budget(0, 100), 4),  # the question is sent in any case
        (Budget(5, 15), 0),
        (Budget(5, 14), 2),
        (Budget(5, 9), 2),
        (Budget(5, 8), 4),
        (Budget(5, 0), 4),
    ],
)
def test_the_oldest_turns_are_left_out_whole(budget: Budget, kept: int) -> None:
    path = conversation("111", "222", "333", "444", "555")
    prompt = made(path, budget)
    assert contents(prompt) == [message.text for message in path[kept:]]
    assert prompt.history_from == (path[kept].id if kept else None)


def test_a_turn_is_left_out_with_all_of_its_messages_and_without_a_gap() -> None:
    """Also where an answer failed and the path has two questions in a row; a small old turn does not come back."""
    path = [
        PathMessage("a", "user", "tiny"),
        PathMessage("b", "user", "x" * 50),
        PathMessage("c", "assistant", "answer"),
        PathMessage("d", "user", "last"),
    ]
    assert contents(made(path, Budget(10, 59))) == ["last"]
    prompt = made(path, Budget(10, 60))
    assert (contents(prompt), prompt.history_from) == (["x" * 50, "answer", "last"], "b")


def test_system_prompt_and_continuation_count() -> None:
    path = conversation("one", "answer", "two")
    assert len(made(path, Budget(3, 12)).messages) == 3
    assert made(path, Budget(3, 12), options=ModelOptions(system="!")).history_from == "m2"
    assert made(path, Budget(3, 100), continued="So far").history_from == "m2"
    assert made(path, Budget(5, 17), continued="So far").history_from == "m2"
    assert made(path, Budget(5, 18), continued="So far").history_from is None


def test_files_count_and_those_left_out_are_not_read() -> None:
    shelf = Shelf()
    path = [
        PathMessage("m0", "user", "", (text("notes", 900),)),
        PathMessage("m1", "user", "", (picture("cat"), picture("dog"))),
        PathMessage("m2", "user", "two"),
    ]
    assert made(path, Budget(10, 2 * IMAGE_CHARS + 902), shelf=shelf).history_from == "m1"
    assert shelf.asked == ["cat", "dog"]
    assert made(path, Budget(10, 2 * IMAGE_CHARS + 903)).history_from is None
    assert made(path, Budget(10, 2 * IMAGE_CHARS + 2)).history_from == "m2"


@given(st.lists(st.text(max_size=9), min_size=1, max_size=12), st.integers(0, 14), st.integers(0, 60))
def test_any_budget_holds_or_only_the_last_question_is_left(texts: list[str], most: int, chars: int) -> None:
    path = conversation(*texts, *([] if len(texts) % 2 else ["?"]))
    prompt = made(path, Budget(most, chars))
    sent = contents(prompt)
    assert sent == [message.text for message in path[len(path) - len(sent) :]]
    assert prompt.messages[0]["role"] == "user"
    assert len(sent) == 1 or (len(sent) <= most and sum(map(len, sent)) <= chars)
    assert prompt.history_from == (None if len(sent) == len(path) else path[-len(sent)].id)
    if prompt.history_from is not None:  # and not a turn less than would have fitted
        more = path[len(path) - len(sent) - 2 :]
        assert len(more) > most or sum(len(message.text) for message in more) > chars


# --- files -----------------------------------------------------------------------------------------------------------


def test_texts_are_quoted_after_the_message_in_their_order() -> None:
    prompt = made([PathMessage("m", "user", "Compare.", (text("notes"), text("family")))])
    assert contents(prompt) == [
        'Compare.\n\nFile "notes.txt":\n```\none\ntwo\n```\n\nFile "family.txt":\n```\n👩\u200d👩\n```'
    ]
    assert "images" not in prompt.messages[0]


@pytest.mark.parametrize(
    ("inside", "fence"),
    [("plain `code`", "```"), ("```py\nx\n```", "````"), ("`````` and ````", "```````"), ("", "```")],
)
def test_the_fence_is_longer_than_any_inside(inside: str, fence: str) -> None:
    first, *_, last = quoted("a.md", inside).split("\n")[1:]
    assert (first, last) == (fence, fence)
    assert f"{fence}\n{inside}\n{fence}" in quoted("a.md", inside)


def test_pictures_go_beside_the_text() -> None:
    prompt = made([PathMessage("m", "user", "What is it?", (picture("cat"), text("notes"), picture("dog")))])
    (message,) = prompt.messages
    assert message["images"] == [Image("image/png", FILES["cat"]), Image("image/png", FILES["dog"])]
    assert message["content"].startswith('What is it?\n\nFile "notes.txt"')


def test_a_model_that_takes_no_pictures_is_told_of_them() -> None:
    shelf = Shelf()
    path = [PathMessage("m", "user", "What is it?", (picture("cat"), text("notes"))), *conversation("a", "b")[1:]]
    message = made(path, takes_images=False, shelf=shelf).messages[0]
    assert "images" not in message
    assert message["content"].startswith(
        'What is it?\n\n[The picture "cat.png" is left out: this model takes none.]\n\nFile "notes.txt"'
    )
    assert shelf.asked == ["notes"]


@pytest.mark.parametrize("file", [text("gone"), picture("gone")])
def test_a_file_that_is_gone_is_named(file: StoredFile) -> None:
    (message,) = made([PathMessage("m", "user", "Look.", (file,))]).messages
    assert message["content"] == f'Look.\n\n[The file "{file.name}" is missing: it is not kept any more.]'
    assert "images" not in message


def test_the_pictures_of_a_request_have_a_bound_and_the_newest_are_kept() -> None:
    half = MOST_IMAGE_BYTES // 2
    shelf = Shelf({name: name.encode() * half for name in "abcd"})
    path = [
        PathMessage("m0", "user", "first", (picture("a", 1),)),
        PathMessage("m1", "user", "second", (picture("b", half),)),
        PathMessage("m2", "user", "third", (picture("c", half),)),
        PathMessage("m3", "user", "last", (picture("d", half),)),
    ]
    sent = made(path, shelf=shelf).messages
    assert ["images" in message for message in sent] == [False, False, True, True]
    for message, said, name in zip(sent, ("first", "second"), "ab", strict=False):
        assert message["content"] == (
            f'{said}\n\n[The picture "{name}.png" is left out: there are too many in this conversation.]'
        )
    assert sorted(shelf.asked) == ["c", "d"]


@pytest.mark.parametrize(("old", "sent"), [(4_000_000, True), (4_000_001, False)])
def test_older_pictures_get_the_room_beside_those_of_the_question(old: int, sent: bool) -> None:
    shelf = Shelf({"a": bytes(old), "b": bytes(4_000_000)})
    path = [
        PathMessage("m0", "user", "first", (picture("a", old),)),
        PathMessage("m1", "user", "last", (picture("b", 4_000_000), picture("b", 4_000_000))),
    ]
    first, last = made(path, shelf=shelf).messages
    assert ("images" in first, len(last["images"])) == (sent, 2)


def test_the_pictures_of_the_last_question_are_sent_however_large() -> None:
    """Such a question was stored before there was a bound; nothing is left for older pictures."""
    shelf = Shelf({"a": bytes(MOST_IMAGE_BYTES + 1), "b": b"b"})
    path = [
        PathMessage("m0", "user", "first", (picture("b", 1),)),
        PathMessage("m1", "user", "look", (picture("a", MOST_IMAGE_BYTES + 1),)),
    ]
    first, last = made(path, shelf=shelf).messages
    assert ("images" in first, len(last["images"])) == (False, 1)
