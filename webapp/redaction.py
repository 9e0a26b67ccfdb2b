"""Finds private things in texts and masks them: addresses, numbers, keys. Pure.

Every line is looked at by itself; only a private key in PEM form goes over several, from its BEGIN line on. Where that
has no END, a sentence or too many lines end it, and then only what looks like a key's lines is masked. So the masked
form of a text that grows line by line grows line by line as well, and never changes what it has shown. Every pattern
takes a time that is proportional to the line's length: runs are possessive and begin where nothing of their kind stands
before them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

from webapp import redaction_patterns as patterns


class Kind(StrEnum):
    """What can be masked."""

    EMAIL = "email"
    PHONE = "phone"
    KEY = "key"
    IP = "ip"
    PATH = "path"


MASKS = dict(zip(Kind, patterns.MASK_WORDS, strict=True))
MOST_KEY_LINES = 400  # far more than a key has
MOST_ROUNDS = 4
LONGEST_SHOWN = 200  # characters of what was found, in a preview


Span = tuple[int, int]  # where in a line something begins and ends


class Redactor:
    """Masks some kinds of private things. It is false when there is nothing to mask."""

    def __init__(self, kinds: Iterable[str]) -> None:
        """Raises `ValueError` for a kind that is none."""
        wanted = {Kind(kind) for kind in kinds}
        # The order matters: a key may hold what looks like an address or a number.
        self._kinds = [kind for kind in _FINDERS if kind in wanted]
        self._keys = Kind.KEY in wanted

    def __bool__(self) -> bool:
        return bool(self._kinds)

    @property
    def kinds(self) -> tuple[str, ...]:
        """What it masks, always in the same order."""
        return tuple(kind.value for kind in self._kinds)

    def text(self, text: str) -> str:
        """The whole text, masked."""
        if not self:
            return text
        growing = self.growing()
        return growing.add(text) + growing.end()

    def growing(self) -> Growing:
        """Masks a text that comes piece by piece."""
        return Growing(self)

    def findings(self, text: str) -> Counter[tuple[Kind, str]]:
        """What would be masked, how often, in the order in which it is found first."""
        found: Counter[tuple[Kind, str]] = Counter()
        growing = Growing(self, lambda kind, what: found.update([(kind, what[:LONGEST_SHOWN])]))
        growing.add(text)
        growing.end()
        return found


class Growing:
    """A text that grows, of which finished lines are shown masked: the rest of one could still change what it is."""

    def __init__(self, redactor: Redactor, tell: Callable[[Kind, str], None] = lambda kind, what: None) -> None:
        """`tell` hears of everything that is found."""
        self._kinds, self._keys, self._tell = redactor._kinds, redactor._keys, tell
        self._waiting: list[str] = []
        self._in_key = self._in_doubt = False  # between BEGIN and END, and whether that may be no key
        self._key_lines = 0

    def add(self, piece: str) -> str:
        """What may be shown more, now that this came."""
        finished, newline, rest = piece.rpartition("\n")
        if not newline:
            self._waiting.append(piece)
            return ""
        whole = "".join([*self._waiting, finished])
        self._waiting = [rest]
        return "".join(self._line(line, "\n") for line in whole.split("\n"))

    def end(self) -> str:
        """The rest, now that no more will come."""
        line, self._waiting = "".join(self._waiting), []
        return self._line(line, "")

    def _line(self, line: str, newline: str) -> str:
        if self._in_key:
            end = patterns.KEY_END.search(line)
            if end is not None:
                self._in_key = False
                line = line[end.end() :]
                if not line.strip(" \t\r\"',;"):
                    return ""
            elif self._is_of_key(line):
                return ""
        if self._keys:
            line = self._without_key(line)
        # A mask can make visible what stood hidden beside it: `1.2.3.4%fe80::1`. Once more is nearly always enough.
        for _ in range(MOST_ROUNDS):
            before = line
            for kind in self._kinds:
                line = self._masked(kind, line)
            if line == before:
                break
        return line + newline

    def _is_of_key(self, line: str) -> bool:
        """Whether a line without an end belongs to the key that began before it."""
        self._key_lines += 1
        if not self._in_doubt:
            self._in_doubt = self._key_lines > MOST_KEY_LINES or not patterns.may_be_key(line)
        return not self._in_doubt or patterns.has_base64(line)

    def _without_key(self, line: str) -> str:
        """The line without private keys: one may begin and end in it, as where a line break is written as `\\n`."""
        if "-----BEGIN" not in line:
            return line
        pieces, at = list[str](), 0
        for begin in patterns.KEY_BEGIN.finditer(line):
            if begin.start() < at:
                continue
            end = patterns.KEY_END.search(line, begin.end())
            pieces += [line[at : begin.start()], MASKS[Kind.KEY]]
            at = len(line) if end is None else end.end()
            self._in_key, self._in_doubt, self._key_lines = end is None, False, 0
            self._tell(Kind.KEY, begin.group())
        return "".join([*pieces, line[at:]])

    def _masked(self, kind: Kind, line: str) -> str:
        pieces, at = list[str](), 0
        for start, end in _FINDERS[kind](line):
            pieces += [line[at:start], MASKS[kind]]
            at = end
            self._tell(kind, line[start:end])
        return "".join([*pieces, line[at:]]) if pieces else line


# Most lines have nothing, and a character they lack tells so far sooner than a pattern that looks at every place.


def _emails(line: str) -> Iterator[Span]:
    if "@" not in line:
        return
    for found in patterns.EMAIL.finditer(line):
        if not found.group().startswith("git@"):  # how addresses of repositories begin
            yield found.span()


def _keys(line: str) -> Iterator[Span]:
    spans: list[Span] = []
    if "eyJ" in line:
        spans += (found.span() for found in patterns.JWT.finditer(line))
    if "://" in line and "@" in line:
        spans += (found.span("secret") for found in patterns.CREDENTIALS.finditer(line))
    if any(beginning in line for beginning in patterns.BEGINNINGS):
        spans += (found.span() for found in patterns.TOKEN.finditer(line) if patterns.is_token(found.group()))
    lower = line.lower()
    if "bearer" in lower or "basic" in lower:
        named = patterns.BEARER.finditer(line)
        spans += (found.span("secret") for found in named if patterns.is_token(found["secret"]))
    if any(name in lower for name in patterns.NAMES):
        for found in patterns.ASSIGNMENT.finditer(line):
            group = found.lastgroup or ""
            if patterns.is_secret(found[group], quoted=group != "bare"):
                spans.append(found.span(group))
    yield from _apart(spans)


def _apart(spans: list[Span]) -> Iterator[Span]:
    """The spans in their order, those that share something as one."""
    joined: Span | None = None
    for start, end in sorted(spans):
        if joined is not None and start < joined[1]:
            joined = joined[0], max(end, joined[1])
            continue
        if joined is not None:
            yield joined
        joined = start, end
    if joined is not None:
        yield joined


def _homes(line: str) -> Iterator[Span]:
    if "/home/" not in line and "users" not in line.lower():
        return
    for found in patterns.HOME.finditer(line):
        if (found["unix"] or found["windows"]).lower() not in patterns.NOBODY:
            yield found.span()


def _ips(line: str) -> Iterator[Span]:
    spans: list[Span] = []
    if line.count(".") >= 3:
        spans += (found.span() for found in patterns.IPV4.finditer(line) if patterns.is_ipv4(line, *found.span()))
    for found in patterns.IPV6.finditer(line) if line.count(":") >= 2 else ():
        address = found.group()
        if address.endswith(":") and not address.endswith("::"):  # "fe80::1: no answer"
            address = address[:-1]
        if patterns.is_ipv6(address):
            spans.append((found.start(), found.start() + len(address)))
    yield from _apart(spans)


_FINDERS: dict[Kind, Callable[[str], Iterator[Span]]] = {
    Kind.KEY: _keys,
    Kind.EMAIL: _emails,
    Kind.PATH: _homes,
    Kind.IP: _ips,
    Kind.PHONE: patterns.phones,
}
