"""What the owner declares: settings and `upstreams.toml`, read without any I/O."""

from __future__ import annotations

import pytest

from webapp import addresses
from webapp.settings import InvalidSettings, Settings
from webapp.upstream_settings import OPENAI, UpstreamSettings, declared

NOWHERE: frozenset[tuple[str, int]] = frozenset()

EVERYTHING = """
[work]
kind = "openai"
base_url = "https://models.example.org/v1"
api_key = "k-1"
proxy = "http://proxy.example.org:3128"
models = ["m-1", "m-2"]
images = false
headers = { X-Title = "Parley" }

[school]
kind = "gprochat"
base_url = "https://chat.example.org"
secret = "s"
password = "p"
dialect = "content"

["the guide"]
kind = "guide"
"""


def of_file(text: str, **settings: str) -> list[UpstreamSettings]:
    return declared(Settings.from_mapping({name.upper(): value for name, value in settings.items()}), text, NOWHERE)


def problems(text: str, own: frozenset[tuple[str, int]] = NOWHERE, **settings: str) -> list[str]:
    given = Settings.from_mapping({name.upper(): value for name, value in settings.items()})
    with pytest.raises(InvalidSettings) as caught:
        declared(given, text, own)
    return caught.value.problems


def test_nothing_declared() -> None:
    assert declared(Settings(), None, NOWHERE) == []
    assert of_file("") == []


def test_every_key_of_the_file() -> None:
    work, school, guide = of_file(EVERYTHING)
    assert (work.name, work.kind, work.base_url) == ("work", "openai", "https://models.example.org/v1")
    assert (work.api_key, work.proxy, work.models) == ("k-1", "http://proxy.example.org:3128", ("m-1", "m-2"))
    assert (work.images, work.headers) == (False, {"X-Title": "Parley"})
    assert (school.name, school.kind, school.secret, school.password) == ("school", "gprochat", "s", "p")
    assert (school.dialect, school.images, school.models) == ("content", None, ())
    assert (guide.name, guide.kind) == ("the guide", "guide")
    assert work.names["api_key"] == "api_key of [work] in upstreams.toml"


def test_the_settings_come_before_the_file_and_have_their_own_names() -> None:
    entries = of_file(EVERYTHING, openai_api_key="k-0", gprochat_url="https://up.example", gprochat_secret="s-0")
    assert [entry.name for entry in entries] == ["gprochat", "openai", "work", "school", "the guide"]
    signed, openai = entries[:2]
    assert (signed.base_url, signed.secret, signed.dialect) == ("https://up.example", "s-0", "auto")
    assert signed.names["base_url"] == "GPROCHAT_URL"
    assert (signed.names["secret"], signed.names["password"]) == ("GPROCHAT_SECRET", "GPROCHAT_PASSWORD")
    assert (openai.base_url, openai.api_key, openai.names["api_key"]) == (OPENAI, "k-0", "OPENAI_API_KEY")
    assert openai.names["base_url"] == "OPENAI_BASE_URL"


def test_a_key_alone_is_for_the_service_that_gave_the_protocol_its_name() -> None:
    (entry,) = of_file('[cloud]\nkind = "openai"\napi_key = "k"')
    assert entry.base_url == OPENAI


def test_every_problem_is_named_by_key_table_and_file() -> None:
    text = """
stray = 1
[one]
kind = "openai"
base_url = "ftp://one.example"
models = []
images = "yes"
colour = "red"
[two]
kind = "gprochat"
secret = 5
[three]
kind = "robot"
[four]
base_url = "http://four.example"
[five]
kind = "guide"
base_url = "http://five.example"
[six]
kind = "openai"
base_url = "http://six.example"
headers = { Via = "x", "a b" = "y", X-A = "ü", X-B = "a\\nb" }
api_key = "ключ"
proxy = "six"
[openai]
kind = "guide"
["two\\nlines"]
kind = "guide"
"""
    found = problems(text, openai_api_key="k")
    starts = [problem.split(":")[0] for problem in found]
    of_one = [f"{key} of [one] in upstreams.toml" for key in ("models", "images", "colour", "base_url")]
    assert sorted(starts) == sorted(
        [
            "stray in upstreams.toml",
            *of_one,
            "secret of [two] in upstreams.toml",
            "base_url of [two] in upstreams.toml",
            "kind of [three] in upstreams.toml",
            "kind of [four] in upstreams.toml",
            "base_url of [five] in upstreams.toml",
            *["headers of [six] in upstreams.toml"] * 4,
            "api_key of [six] in upstreams.toml",
            "proxy of [six] in upstreams.toml",
            "[openai] in upstreams.toml",
            "[two\nlines] in upstreams.toml",
        ]
    )
    assert all(problem.endswith(".") for problem in found)


@pytest.mark.parametrize(
    "text",
    [
        '[a]\nkind = "gprochat"\nbase_url = "http://a.example"\nsecret = ["hunter2"]',
        '[a]\nkind = "guide"\nsecret = "hunter2"',
        '[a]\nkind = "openai"\nbase_url = "http://a.example"\napi_key = "hunter2é"',
        '[a]\nkind = "openai"\nbase_url = "http://a.example"\nproxy = "http//user:hunter2@proxy"',
        '[a]\nkind = "openai"\nbase_url = "http://a.example"\nheaders = {Authorization = "hunter2é"}',
    ],
)
def test_no_problem_quotes_a_secret(text: str) -> None:
    assert "hunter2" not in "".join(problems(text))


def test_what_is_no_toml_is_told_with_its_line() -> None:
    (problem,) = problems("[one]\nkind = openai\n")
    assert problem.startswith("upstreams.toml: ")
    assert "line 2" in problem


def test_no_secret_in_the_repr() -> None:
    said = repr(of_file(EVERYTHING))
    assert all(f"'{secret}'" not in said for secret in ("k-1", "s", "p"))


# --- an upstream that is ourselves -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({"port": "8123"}, "http://127.0.0.1:8123"),
        ({"port": "8123"}, "http://localhost:8123/v1"),
        ({"port": "8123"}, "http://[::1]:8123"),
        ({"port": "8123", "host": "0.0.0.0"}, "http://127.0.0.9:8123"),
        ({"port": "8123", "host": "::"}, "http://LocalHost.:8123"),
        ({"public_url": "https://chat.example.org"}, "https://Chat.Example.org/api/generate"),
        ({"public_url": "https://chat.example.org"}, "https://chat.example.org:443"),
        ({"public_url": "https://chat.example.org"}, "https://chat.example.org/"),
        ({"public_url": "https://chat.example.org"}, "https://chat.example.org/api/generate/"),
        ({"host": "192.0.2.7", "port": "80"}, "http://192.0.2.7"),
    ],
)
def test_an_address_of_our_own_is_refused_by_the_name_of_its_setting(settings: dict[str, str], address: str) -> None:
    own = addresses.own_places(Settings.from_mapping({name.upper(): value for name, value in settings.items()}))
    (problem,) = problems("", own, gprochat_url=address, **settings)
    assert problem.startswith("GPROCHAT_URL: it leads to this server itself")
    (problem,) = problems(f'[me]\nkind = "openai"\nbase_url = "{address}"', own, **settings)
    assert problem.startswith("base_url of [me] in upstreams.toml: it leads to this server itself")


@pytest.mark.parametrize(
    ("host", "is_own"), [("0.0.0.0", True), ("::", True), ("127.0.0.1", False), ("192.0.2.7", False)]
)
def test_the_address_in_the_network_is_our_own_when_we_listen_there(
    monkeypatch: pytest.MonkeyPatch, host: str, is_own: bool
) -> None:
    """A server that listens on this machine only leaves its port free there, to another program."""
    monkeypatch.setattr(addresses, "network_address", lambda: "198.51.100.5")  # whatever network a test runs in
    settings = Settings(port=8123, host=host, gprochat_url="http://198.51.100.5:8123")
    own = addresses.own_places(settings)
    if is_own:
        with pytest.raises(InvalidSettings, match="GPROCHAT_URL: it leads to this server itself"):
            declared(settings, None, own)
    else:
        assert [entry.base_url for entry in declared(settings, None, own)] == ["http://198.51.100.5:8123"]


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({}, "http://127.0.0.1:8001"),
        ({"public_url": "https://chat.example.org"}, "http://chat.example.org"),
        ({"host": "192.0.2.7"}, "http://127.0.0.1:8000"),  # nobody but another program can be there
        # A proxy may lead other paths and ports of the site's host to other servers.
        ({"public_url": "https://chat.example.org"}, "https://chat.example.org/llm/v1"),
        ({"public_url": "https://chat.example.org"}, "https://chat.example.org/other/api/generate"),
        ({"public_url": "https://chat.example.org"}, "https://chat.example.org:8443"),
    ],
)
def test_another_server_is_not_ourselves(settings: dict[str, str], address: str) -> None:
    given = Settings.from_mapping(
        {name.upper(): value for name, value in {**settings, "gprochat_url": address}.items()}
    )
    (entry,) = declared(given, None, addresses.own_places(given))
    assert entry.base_url == address
