"""Which upstreams the owner declared: from the settings and from the text of `upstreams.toml`. No I/O.

Their order is the order in which they are asked: those of the settings first, then those of the file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, cast
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from webapp.settings import InvalidSettings, Settings, is_loopback, web_address

FILE = "upstreams.toml"
OPENAI = "https://api.openai.com/v1"
LONGEST_NAME = 40

Kind = Literal["gprochat", "openai", "guide"]
Dialect = Literal["auto", "parts", "content"]
_Text = Annotated[str, Meta(min_length=1)]
_Names = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=200)], ...], Meta(min_length=1)]

_A_TEXT = "a text in quotes that is not empty"
# The keys a table may have: what each must be, for msgspec and for people.
_KEYS: Mapping[str, tuple[Any, str]] = {
    "kind": (Kind, "one of gprochat, openai, guide"),
    "base_url": (_Text, _A_TEXT),
    "secret": (_Text, _A_TEXT),
    "password": (_Text, _A_TEXT),
    "dialect": (Dialect, "auto, parts or content"),
    "api_key": (_Text, _A_TEXT),
    "proxy": (_Text, _A_TEXT),
    "models": (_Names, 'a list of names such as ["small", "large"], none of them longer than 200 characters'),
    "images": (bool, "true or false"),
    "headers": (dict[str, str], 'names with texts such as { X-Title = "Parley" }'),
}
_KINDS: Mapping[str, tuple[str, ...]] = {
    "gprochat": ("kind", "base_url", "secret", "password", "dialect", "proxy", "models", "images", "headers"),
    "openai": ("kind", "base_url", "api_key", "proxy", "models", "images", "headers"),
    "guide": ("kind",),
}
# What frames a request, leads it through proxies or marks its way is the client's business alone.
_OUR_HEADERS = frozenset(
    {"connection", "content-length", "content-type", "host", "te", "trailer", "transfer-encoding", "upgrade", "via"}
)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_KEY = re.compile(r"[A-Za-z0-9_-]{1,30}")
_SENDABLE = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True, kw_only=True)
class UpstreamSettings:
    """One declared upstream; empty or None is what was not said. `names` are what its settings are called."""

    name: str
    kind: Kind
    base_url: str = ""
    secret: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    dialect: Dialect = "auto"
    api_key: str = field(default="", repr=False)
    proxy: str = field(default="", repr=False)
    models: tuple[str, ...] = ()
    images: bool | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    names: Mapping[str, str] = field(default_factory=dict, repr=False)


def declared(settings: Settings, file: str | None, own: frozenset[tuple[str, int]]) -> list[UpstreamSettings]:
    """All upstreams, in order. `file` is the text of `upstreams.toml`; `own` are the places (see `place`) we serve.

    Raises `InvalidSettings` with every problem, each beginning with its setting, or with its key, table and file.
    """
    entries, problems = list(_of_environment(settings)), list[str]()
    if file is not None:
        more, problems = _of_file(file, {entry.name for entry in entries})
        entries += more
    problems += [problem for entry in entries for problem in _problems(entry, own, settings.public_url)]
    if problems:
        raise InvalidSettings(problems)
    return entries


def place(url: str) -> tuple[str, int]:
    """The host and port an address leads to. Every name a machine has for itself reads `localhost`."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    is_own = is_loopback(host) or host in {"0.0.0.0", "::"}
    return "localhost" if is_own else host, parts.port or (443 if parts.scheme == "https" else 80)


def _of_environment(settings: Settings) -> Iterator[UpstreamSettings]:
    if settings.gprochat_url:
        yield UpstreamSettings(
            name="gprochat",
            kind="gprochat",
            base_url=settings.gprochat_url,
            secret=settings.gprochat_secret,
            password=settings.gprochat_password,
            dialect=cast(Dialect, settings.gprochat_dialect),
            proxy=settings.gprochat_proxy,
            models=settings.gprochat_models,
            names={key: f"GPROCHAT_{key.upper()}" for key in _KINDS["gprochat"]} | {"base_url": "GPROCHAT_URL"},
        )
    if settings.openai_base_url or settings.openai_api_key:
        yield UpstreamSettings(
            name="openai",
            kind="openai",
            base_url=settings.openai_base_url or OPENAI,
            api_key=settings.openai_api_key,
            proxy=settings.openai_proxy,
            models=settings.openai_models,
            names={key: f"OPENAI_{key.upper()}" for key in _KINDS["openai"]},
        )


def _of_file(text: str, taken: set[str]) -> tuple[list[UpstreamSettings], list[str]]:
    """The file's upstreams, and what is wrong with its form."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        return [], [f"{FILE}: it is not well-formed TOML: {problem}."]
    except (ValueError, RecursionError):  # a number of thousands of digits, brackets inside brackets without end
        return [], [f"{FILE}: it is not TOML that can be read."]
    entries, problems = [], []
    for name, table in tables.items():
        if not isinstance(table, dict):
            problems.append(f"{name} in {FILE}: it belongs to no upstream; put it below a line such as [my-server].")
            continue
        if not (name.isprintable() and name == name.strip() and 0 < len(name) <= LONGEST_NAME):
            problems.append(f"[{name[:LONGEST_NAME]}] in {FILE}: a name has 1 to {LONGEST_NAME} characters.")
        if name in taken:
            problems.append(f"[{name}] in {FILE}: the settings declare an upstream of this name; choose another.")
        entry, wrong = _of_table(name, table)
        entries += [] if entry is None else [entry]
        problems += wrong
    return entries, problems


def _of_table(name: str, table: Mapping[str, Any]) -> tuple[UpstreamSettings | None, list[str]]:
    where = f"of [{name}] in {FILE}"
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        return None, [f"kind {where}: it must be {_KEYS['kind'][1]}."]
    keys, problems = _KINDS[kind], []
    values: dict[str, Any] = {"base_url": OPENAI} if kind == "openai" and table.get("api_key") else {}
    for key, given in table.items():
        if key not in keys:
            shown = key if _KEY.fullmatch(key) else "a key"  # it may be a secret in the wrong place
            problems.append(f"{shown} {where}: there is no such key; kind {kind} has {', '.join(keys)}.")
            continue
        wanted, description = _KEYS[key]
        try:
            values[key] = msgspec.convert(given, wanted)
        except msgspec.ValidationError:  # not its own words: they may quote the value
            problems.append(f"{key} {where}: it must be {description}.")
    if "base_url" in keys and "base_url" not in table and "base_url" not in values:
        problems.append(f"base_url {where}: it is missing; give the server's address.")
    return UpstreamSettings(name=name, **values, names={key: f"{key} {where}" for key in keys}), problems


def _is_site(address: str, public_url: str) -> bool:
    """Whether an address is the site's public one itself; other paths there may lead to other servers."""
    path = urlsplit(address).path.rstrip("/")
    return bool(address and public_url) and place(address) == place(public_url) and path in {"", "/api/generate"}


def _problems(entry: UpstreamSettings, own: frozenset[tuple[str, int]], public_url: str) -> Iterator[str]:
    """What is wrong with the values of one upstream."""
    for what, address in (("base_url", entry.base_url), ("proxy", entry.proxy)):
        try:
            to = place(web_address(address)) if address else None
        except ValueError as problem:
            yield f"{entry.names[what]}: {problem}."
            continue
        if what == "base_url" and (to in own or _is_site(address, public_url)):
            yield (
                f"{entry.names[what]}: it leads to this server itself, which would ask itself in a circle; give the "
                "address of another server."
            )
    if not _SENDABLE.fullmatch(entry.api_key):
        yield f"{entry.names['api_key']}: a key has Latin letters, digits and signs only."
    for name, value in entry.headers.items():
        shown = repr(name) if _KEY.fullmatch(name) else "one of them"  # it may be a secret in the wrong place
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _OUR_HEADERS:
            yield f"{entry.names['headers']}: {shown} is not a header that may be set here."
        if not _SENDABLE.fullmatch(value):
            yield f"{entry.names['headers']}: the value of {shown} has characters that no header can carry."
