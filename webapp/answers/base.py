"""The answer log: an answer is a growing text, a follower has an offset.

The contract, which every implementation keeps and `tests/answers/test_contract.py` checks:

- `open` begins a log, once per answer id; ids are never used again, so an id is also the log's epoch.
- `append` adds text at the end, `append_reasoning` adds to a second text beside it: what the model thought aloud.
  `finish` sets the final status of both, once. All three belong to the producer alone.
- `read` gives everything from an offset on, and the status *as of that text*: when the status is not
  `running`, no text will ever follow `next`, and no reasoning `reasoning_next`.
- `read_reasoning` gives the reasoning from an offset of its own on, never with an ending: whoever has all of both
  texts knows the ending from `read`.
- `follow` calls `wake` after every append and finish from now on, until the returned function is called.
  `wake` is called in the producer's thread: it must be quick and must not block. It carries nothing; the
  follower reads. So a slow follower costs nothing and gets fewer, larger pieces.
- Offsets are UTF-8 bytes. Only those that `read` or an answer's `next` gave out are valid; any other inside the
  text is moved back to the beginning of its character, one beyond the end raises `InvalidInput`.
- A log may be forgotten some time after it was finished; then `read` and `follow` raise `LogGone`, and the text is
  in the history.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import msgspec

from webapp.errors import InvalidInput, NotFound
from webapp.messages import Status, Usage


class LogGone(NotFound):
    """This log is not here (any more): the answer's text is in the history."""


class Ending(msgspec.Struct, frozen=True):
    """How an answer ended: the final status, the error if it failed, and its usage."""

    status: Status
    usage: Usage
    error: dict[str, object] | None = None


class Piece(msgspec.Struct, frozen=True):
    """What `read` found: `text` from `offset` to `next`; `ending` once nothing will follow.

    `more` says that `limit` held text back. `reasoning_next` is the offset after the reasoning that there is by now;
    `reasoning` is filled in by a follower that reads both.
    """

    offset: int
    next: int
    text: str
    ending: Ending | None
    more: bool = False
    reasoning_next: int = 0
    reasoning: Piece | None = None


class AnswerLog(ABC):
    """Where running answers live. See the module's text for the contract."""

    @abstractmethod
    def open(self, answer_id: str, text: str = "", reasoning: str = "") -> None:
        """Begin a log, with the texts it goes on from. Raises `Conflict` when the id was used before."""

    @abstractmethod
    def append(self, answer_id: str, text: str) -> int:
        """Add text at the end; returns the offset after it. Raises `LogGone`, or `Conflict` when it was finished."""

    @abstractmethod
    def append_reasoning(self, answer_id: str, text: str) -> int:
        """The same for the reasoning; its offset is its own."""

    @abstractmethod
    def finish(self, answer_id: str, ending: Ending) -> bool:
        """Set the final status; False when it was finished already (the first ending stays)."""

    @abstractmethod
    def read(self, answer_id: str, offset: int, limit: int | None = None) -> Piece:
        """The text from `offset` on, at most about `limit` bytes of it. Raises `LogGone`."""

    @abstractmethod
    def read_reasoning(self, answer_id: str, offset: int, limit: int | None = None) -> Piece:
        """The same for the reasoning; its `ending` is always None."""

    @abstractmethod
    def follow(self, answer_id: str, wake: Callable[[], None]) -> Callable[[], None]:
        """Have `wake` called at every change; returns what ends that. Raises `LogGone`."""


def cut(
    data: bytes | bytearray, offset: int, limit: int | None, ending: Ending | None, reasoning: bytes | bytearray = b""
) -> Piece:
    """The piece of `data` from `offset` on; `ending` is handed out only with the last byte. All in bytes.

    `reasoning` may be growing, too: its size is taken after that of `data`, so that whoever reads so far in both has
    every thought that came before a text. Raises `InvalidInput` for an offset beyond the end.
    """
    size = len(data)
    if offset > size:
        raise InvalidInput(f"offset: {offset} is beyond the end of this answer, which is {size}.")
    end = size if limit is None else min(size, offset + max(limit, 4))  # 4: no character is longer
    start, stop = _character(data, offset), _character(data, end)
    text = data[start:stop].decode()
    return Piece(start, stop, text, ending if stop == size else None, stop < size, len(reasoning))


def cut_reasoning(data: bytes | bytearray, offset: int, limit: int | None) -> Piece:
    """The same for reasoning, which has no ending of its own."""
    try:
        return cut(data, offset, limit, None)
    except InvalidInput:
        size = len(data)
        raise InvalidInput(f"reasoning_offset: {offset} is beyond the end of the reasoning, which is {size}.") from None


def _character(data: bytes | bytearray, at: int) -> int:
    """The beginning of the character that byte `at` belongs to."""
    while 0 < at < len(data) and data[at] & 0xC0 == 0x80:
        at -= 1
    return at
