"""Each program's export comes in with roles, order, branches and times. The samples are written by hand."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from tests.test_media_types import png
from webapp.errors import InvalidInput
from webapp.messages import ModelOptions, Status
from webapp.transcripts import as_json
from webapp.transcripts.importing import conversations
from webapp.transcripts.transcript import CarriedMessage, Transcript, Unreadable, shown_branch

SAMPLES = Path(__file__).parent / "samples"
MEGABYTE = 1_000_000


def found(data: bytes) -> list[Transcript | Unreadable]:
    return list(conversations(data, 10 * MEGABYTE))


def sample(name: str) -> list[Transcript]:
    all_of_it = found((SAMPLES / name).read_bytes())
    assert all(isinstance(one, Transcript) for one in all_of_it)
    return [one for one in all_of_it if isinstance(one, Transcript)]


def tree(transcript: Transcript) -> list[tuple[str | None, str, str]]:
    """Each message with the text of the one it follows, its role and its text, in their order."""
    texts = {message.id: message.text for message in transcript.messages}
    return [(texts[m.parent] if m.parent else None, m.role, m.text) for m in transcript.messages]


def branch(transcript: Transcript) -> list[str]:
    return [message.text for message in shown_branch(transcript)]


def one(transcript: Transcript, text: str) -> CarriedMessage:
    (message,) = [message for message in transcript.messages if message.text == text]
    return message


def test_chatgpt() -> None:
    bread, broken, morning = found((SAMPLES / "chatgpt.json").read_bytes())
    assert isinstance(bread, Transcript)
    assert tree(bread) == [
        (None, "user", "Why does my dough not rise?"),
        ("Why does my dough not rise?", "assistant", "It is too cold."),
        ("Why does my dough not rise?", "assistant", "Use **warm water**."),
        ("Use **warm water**.", "user", "Is this enough?"),
        ("Is this enough?", "assistant", "Almost"),
    ]
    assert branch(bread)[1:] == ["Use **warm water**.", "Is this enough?", "Almost"]
    assert (bread.title, bread.archived) == ("Bread in a cold kitchen", True)
    assert (bread.created_at_ms, bread.updated_at_ms) == (1_712_345_678_250, 1_712_349_999_500)
    assert [m.created_at_ms // 1000 - 1_712_345_000 for m in bread.messages] == [679, 690, 790, 800, 810]
    first, second = one(bread, "It is too cold."), one(bread, "Use **warm water**.")
    assert (first.model, first.reasoning, first.usage and first.usage.finish_reason) == ("gpt-4o", "", "length")
    assert second.reasoning == "Yeast is slow below 20 degrees.\n\nprint(20 * 2)\n\n40"
    assert one(bread, "Almost").status is Status.INTERRUPTED
    assert broken == Unreadable("Something that went wrong", "It has no messages that can be found.")
    assert isinstance(morning, Transcript)
    assert tree(morning) == [(None, "user", "Good morning"), ("Good morning", "assistant", "Hello.")]
    assert {message.created_at_ms for message in morning.messages} == {1_712_360_000_000}


def test_chatgpt_in_its_zip_with_pictures() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("chat.html", "<html><script>var jsonData = [];</script></html>")
        archive.writestr("user.json", '{"id": "user-1"}')
        archive.write(SAMPLES / "chatgpt.json", "conversations.json")
        archive.writestr("file_0a1b2c-sanitized.png", png())
    bread = found(packed.getvalue())[0]
    assert isinstance(bread, Transcript)
    (index,) = one(bread, "Is this enough?").files
    assert (bread.files[index].name, bread.files[index].read()) == ("file_0a1b2c-sanitized.png", png())


def test_librechat() -> None:
    (boat,) = sample("librechat.json")
    assert tree(boat) == [
        (None, "user", "A name for my boat?"),
        ("A name for my boat?", "assistant", "Albatross."),
        ("A name for my boat?", "assistant", "Swift, or"),
        (None, "user", "A name for my dinghy?"),
        ("A name for my dinghy?", "assistant", "Something went wrong."),
    ]
    assert (boat.title, boat.created_at_ms) == ("Names for a boat", 1_716_919_735_014)
    assert boat.options == ModelOptions(system="Be brief.", temperature=0.7, top_p=1)
    swift = one(boat, "Swift, or")
    assert (swift.status, swift.model, swift.reasoning) == (Status.STOPPED, "claude", "Something quick.")
    assert one(boat, "Something went wrong.").status is Status.FAILED


def test_librechat_as_a_tree_of_trees() -> None:
    (trees,) = sample("librechat-recursive.json")
    assert tree(trees) == [
        (None, "user", "Which trees are evergreen?"),
        ("Which trees are evergreen?", "assistant", "Pines and hollies."),
        ("Pines and hollies.", "user", "Thanks"),
        ("Thanks", "assistant", "You are welcome."),
        ("Thanks", "assistant", "Any time."),
    ]
    # Those without a time have that of the message before them.
    assert [m.created_at_ms - 1_714_581_311_000 for m in trees.messages] == [530, 1604, 1604, 1604, 1604]


def test_open_webui() -> None:
    (tides,) = sample("open_webui.json")
    assert tree(tides) == [
        (None, "user", "When is high tide?"),
        ("When is high tide?", "assistant", "Twice a day."),
        ("When is high tide?", "assistant", "Aye, every twelve hours."),
        ("Aye, every twelve hours.", "user", "And low tide?"),
        ("And low tide?", "assistant", ""),
    ]
    assert branch(tides) == ["When is high tide?", "Aye, every twelve hours.", "And low tide?", ""]
    assert (tides.created_at_ms, tides.updated_at_ms, tides.pinned) == (1_700_000_000_000, 1_700_000_100_000, True)
    assert tides.tags == ("sea",)
    assert tides.options == ModelOptions(system="Answer like a sailor.", temperature=0.2)
    aye = one(tides, "Aye, every twelve hours.")
    assert (aye.model, aye.reasoning) == ("qwen3", "The moon & the sun.\nBoth pull.")
    assert tides.files[one(tides, "When is high tide?").files[0]].media_type == "image/gif"
    assert one(tides, "").status is Status.INTERRUPTED


def test_nextchat() -> None:
    (packing,) = sample("nextchat.json")
    assert tree(packing) == [
        (None, "user", "What do I take to Iceland?"),
        ("What do I take to Iceland?", "assistant", "A warm coat."),
        ("A warm coat.", "user", "And this?"),
        ("And this?", "assistant", "No."),
    ]
    assert [m.created_at_ms - 1_716_217_000_000 for m in packing.messages] == [445_000, 449_000, 800_000, 800_000]
    assert (packing.title, packing.updated_at_ms) == ("Packing list", 1_716_217_800_000)
    assert packing.options == ModelOptions(system="You are a travel agent.", temperature=0.5, top_p=1)
    assert (one(packing, "A warm coat.").model, one(packing, "No.").status) == ("gpt-4o-mini", Status.FAILED)
    assert one(packing, "And this?").files == (0,)


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_what_came_in_goes_out_and_comes_in_again(path: Path) -> None:
    for transcript in found(path.read_bytes()):
        if isinstance(transcript, Transcript):
            written = b"".join(as_json.pieces(transcript))
            (again,) = found(written)
            assert isinstance(again, Transcript)
            assert b"".join(as_json.pieces(again)) == written
            assert tree(again) == tree(transcript)


@pytest.mark.parametrize(
    "value",
    [
        '[{"mapping": {"a": {"parent": "b", "message": null}, "b": {"parent": "a", "message": null}}}]',
        '{"conversationId": 1, "messages": [{"messageId": "a", "parentMessageId": "b", "text": "x"}, '
        '{"messageId": "b", "parentMessageId": "a", "text": "y"}]}',
    ],
)
def test_messages_in_a_circle(value: str) -> None:
    assert found(value.encode()) == [Unreadable("", "Its messages follow each other in a circle.")]


@pytest.mark.parametrize(
    "value",
    [
        '[{"mapping": {"a": null, "b": [], "c": {"message": []}}}]',
        '[{"mapping": {"a": {"parent": 5, "message": {"author": 1,"content": {"content_type": "text", "parts": 1}}}}}]',
        '{"conversationId": null, "messages": [null, 1, {}, {"messageId": []}]}',
        '[{"chat": {"history": {"messages": {"a": 1, "b": null, "c": {"content": {"x": 1}, "role": []}}}}}]',
        '{"chat-next-web-store": {"sessions": [null, 1, {"messages": 5}, {"messages": [[], {"role": 1}]}]}}',
    ],
)
def test_nonsense_holds_no_conversations(value: str) -> None:
    with pytest.raises(InvalidInput, match="no conversations"):
        found(value.encode())
