"""The settings: one table with name, type, default and help, parsed from a mapping. No I/O, no environment.

`python -m webapp settings` prints this table; `docs/settings.md` must equal it. Names in the environment are
the upper-case field names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit


class InvalidSettings(Exception):
    """One or more settings are wrong; `problems` holds a sentence for each, beginning with its name."""

    def __init__(self, problems: list[str]) -> None:
        """Takes every problem that was found, not only the first."""
        super().__init__("\n".join(problems))
        self.problems = problems


def _setting(default: Any, help: str, parse: Callable[[str], Any] | None = None) -> Any:
    return field(default=default, metadata={"help": help, "parse": parse or str})


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        try:
            number = int(value)
        except ValueError:
            raise ValueError(f"{value!r} is not a whole number") from None
        if not low <= number <= high:
            raise ValueError(f"{number} is not between {low} and {high}")
        return number

    return parse


def web_address(value: str) -> str:
    """`value` without its last slash. Raises `ValueError`, without quoting a password, when it is no web address."""
    shown = "this" if "@" in value else repr(value)
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError:  # not its own words: they quote what may be a password
        raise ValueError(f"{shown} is not an address: its host or its port cannot be read") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError(f"{shown} is not an address that begins with http:// or https://")
    if any(character.isspace() for character in value):
        raise ValueError(f"{shown} has a space in it")
    if port == 0:
        raise ValueError(f"{shown} names port 0")
    return value.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host's name or address means the machine it is said on."""
    host = host.lower().rstrip(".")
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _secret(value: str) -> str:
    if len(value) < SHORTEST_SECRET:
        raise ValueError(
            f"it is shorter than {SHORTEST_SECRET} characters and could be guessed; leave it empty and one is made"
        )
    return value


def _origin(value: str) -> str:
    url = web_address(value)
    if urlsplit(url).path or urlsplit(url).query:
        raise ValueError(f"{value!r} has a path; give scheme and host only, such as https://chat.example.org")
    return url.lower()


def _database(value: str) -> str:
    if not value.startswith("sqlite:///"):
        raise ValueError("this version keeps its history in SQLite only; give sqlite:///path or leave it empty")
    return value


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in choices:
            raise ValueError(f"{value!r} is not one of {', '.join(choices)}")
        return value

    return parse


def _names(value: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in value.split(",") if name.strip())


def _line(most: int) -> Callable[[str], str]:
    def parse(value: str) -> str:
        line = " ".join(value.split())
        if len(line) > most:
            raise ValueError(f"it has {len(line)} characters; at most {most} can be shown")
        return line

    return parse


def _email_address(value: str) -> str:
    name, _, host = value.removeprefix("mailto:").rpartition("@")
    if not name or not host or any(character.isspace() or character in '?&<>"' for character in value):
        raise ValueError(f"{value!r} is not an e-mail address")
    return f"{name}@{host}"


def _one_worker(value: str) -> int:
    number = _whole(1, 1024)(value)
    if number > 1:
        raise ValueError(
            "more than one worker needs an answer log that all of them share, and this version has only the "
            "one in memory: readers of an answer would miss it in the other workers. Leave it at 1"
        )
    return number


# Names that other versions of Parley give a meaning: to ignore a password somebody set would be worse than to stop.
NOT_IN_THIS_VERSION = ("REDIS_URL",)


SHORTEST_SECRET = 32


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting of the site. Build it with `from_mapping`; tests may build it directly."""

    host: str = _setting("127.0.0.1", "Address to listen on; 0.0.0.0 opens the chat to your network.")
    port: int = _setting(8000, "Port to listen on.", _whole(1, 65535))
    data_dir: str = _setting("data", "Folder for the database and the generated secrets.")
    database_url: str = _setting("", "SQLAlchemy address of the history; empty: parley.db in DATA_DIR.", _database)
    secret_key: str = _setting("", "Signs cookies; empty: made at first start and kept in DATA_DIR.", _secret)
    public_url: str = _setting("", "The site's address as visitors see it, when a proxy is in front.", _origin)
    trusted_proxies: int = _setting(
        0, "How many proxies in front of the server may say who the visitor is (X-Forwarded-For).", _whole(0, 10)
    )
    web_concurrency: int = _setting(1, "Worker processes; this version runs with one.", _one_worker)
    admin_password: str = _setting("", "Password for /admin, beside the sign-in link printed at start.")
    site_password: tuple[str, ...] = _setting(
        (), "Passwords that let people in, comma separated, beside invitation links; empty: everybody.", _names
    )
    site_title: str = _setting("Parley", "What the site is called, on its pages and in link previews.", _line(60))
    welcome_text: str = _setting("", "A sentence of yours on the empty page.", _line(500))
    imprint_url: str = _setting("", "Address of your imprint, linked on every page.", web_address)
    privacy_url: str = _setting("", "Address of your privacy policy, linked on every page.", web_address)
    report_address: str = _setting(
        "", "E-mail address that readers of shared conversations can report to.", _email_address
    )
    retention_days: int = _setting(
        0, "Days after its last message at which a conversation is deleted; 0: kept.", _whole(0, 36_500)
    )
    log_level: str = _setting(
        "info", "How much the server logs: debug, info, warning, error.", _one_of("debug", "info", "warning", "error")
    )
    gprochat_url: str = _setting("", "Base address of a signed upstream.", web_address)
    gprochat_secret: str = _setting("", "The secret that signs requests to GPROCHAT_URL.")
    gprochat_password: str = _setting("", "The site password GPROCHAT_URL asks for.")
    gprochat_dialect: str = _setting(
        "auto",
        "How GPROCHAT_URL takes messages: parts (GeminiProChat), content (chatgpt-demo); auto finds out.",
        _one_of("auto", "parts", "content"),
    )
    gprochat_proxy: str = _setting("", "HTTP proxy on the way to GPROCHAT_URL.", web_address)
    gprochat_models: tuple[str, ...] = _setting((), "Models GPROCHAT_URL offers, comma separated.", _names)
    openai_base_url: str = _setting(
        "", "Base address of an OpenAI-compatible upstream, with or without /v1.", web_address
    )
    openai_api_key: str = _setting("", "Its API key; alone, without OPENAI_BASE_URL, that of api.openai.com.")
    openai_models: tuple[str, ...] = _setting((), "Models it offers, comma separated; empty: it is asked.", _names)
    openai_proxy: str = _setting("", "HTTP proxy on the way to OPENAI_BASE_URL.", web_address)
    find_local_upstreams: str = _setting(
        "auto",
        "Offer model servers found on this machine: yes, no, or auto (while only this machine can open the site).",
        _one_of("auto", "yes", "no"),
    )
    upstream_silence_s: int = _setting(60, "Seconds an upstream may be silent before it is given up.", _whole(1, 3600))
    gateway_secret: str = _setting("", "Secret of our own /api/generate; empty: made at first start.")
    gateway_passwords: tuple[str, ...] = _setting((), "Passwords of our own /api/generate, comma separated.", _names)
    max_prompt_chars: int = _setting(
        100_000, "Longest message a visitor may send, in characters.", _whole(1, 1_000_000)
    )
    history_messages: int = _setting(
        200, "Messages of a conversation a model is sent at most; the oldest are left out first.", _whole(1, 20_000)
    )
    history_chars: int = _setting(
        400_000, "Characters of a conversation a model is sent at most.", _whole(1000, 10_000_000)
    )
    max_answer_mb: int = _setting(10, "Longest answer, in megabytes; it is ended there and kept.", _whole(1, 50))
    max_attachment_mb: int = _setting(10, "Largest file a visitor may attach, in megabytes.", _whole(1, 15))
    files_mb_per_visitor: int = _setting(
        200, "All files one visitor may keep here, in megabytes.", _whole(1, 1_000_000)
    )
    max_import_mb: int = _setting(50, "Largest file of conversations that is imported, in megabytes.", _whole(1, 1000))
    asks_per_minute: int = _setting(30, "Questions one visitor may ask in a minute.", _whole(1, 100_000))
    asks_per_minute_per_address: int = _setting(
        600, "Questions that may come from one network address in a minute, whoever asks.", _whole(1, 1_000_000)
    )
    running_per_visitor: int = _setting(5, "Answers that may run at once for one visitor.", _whole(1, 1000))
    max_sockets: int = _setting(10_000, "WebSockets open at once, for the whole server.", _whole(1, 1_000_000))
    sockets_per_visitor: int = _setting(50, "WebSockets open at once, for one visitor.", _whole(1, 100_000))
    write_timeout_s: int = _setting(
        20, "Seconds a client may leave what it is sent unread, or a request unfinished.", _whole(1, 600)
    )
    shutdown_grace_s: int = _setting(20, "Seconds running answers get to finish when the server stops.", _whole(0, 600))

    @classmethod
    def from_mapping(cls, environ: Mapping[str, str]) -> Settings:
        """Settings from an environment. Raises `InvalidSettings` with every problem, each named by its variable."""
        values, problems = {}, []
        for entry in fields(cls):
            name = entry.name.upper()
            given = environ.get(name, "").strip()
            if not given:
                continue
            try:
                values[entry.name] = entry.metadata["parse"](given)
            except ValueError as problem:
                problems.append(f"{name}: {problem}.")
        problems += [
            f"{name}: this version of Parley does not have it yet; remove it to start."
            for name in NOT_IN_THIS_VERSION
            if environ.get(name, "").strip()
        ]
        problems += _together(values)
        if problems:
            raise InvalidSettings(problems)
        return cls(**values)

    @property
    def is_local(self) -> bool:
        """Whether only this machine can open the site, as far as the settings tell."""
        return is_loopback(self.host) and not self.public_url

    @property
    def visitor_is_owner(self) -> bool:
        """Whether whoever reads the page runs the site too, so that errors may name hosts and settings."""
        return self.is_local and not self.trusted_proxies

    @property
    def finds_local_upstreams(self) -> bool:
        """Whether model servers on this machine are looked for."""
        return self.visitor_is_owner if self.find_local_upstreams == "auto" else self.find_local_upstreams == "yes"


def _together(values: Mapping[str, Any]) -> list[str]:
    """Problems of settings that do not go with each other."""
    missing = {
        "gprochat_": None if values.get("gprochat_url") else "GPROCHAT_URL",
        "openai_": None if values.get("openai_base_url") or values.get("openai_api_key") else "OPENAI_BASE_URL",
    }
    return [
        f"{name.upper()}: it says how to reach {address}, which is not set."
        for prefix, address in missing.items()
        if address
        for name in values
        if name.startswith(prefix)
    ]


@dataclass(frozen=True)
class Row:
    """One line of the settings table, as `python -m webapp settings` and `docs/settings.md` show it."""

    name: str
    default: str
    help: str


def table() -> list[Row]:
    """The whole table, in the order of the class."""
    rows = []
    for entry in fields(Settings):
        default = ",".join(entry.default) if isinstance(entry.default, tuple) else str(entry.default)
        rows.append(Row(entry.name.upper(), default, entry.metadata["help"]))
    return rows
