"""What is private in texts: found, masked, line by line, in linear time."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.redaction import MOST_KEY_LINES, Kind, Redactor

EVERYTHING = Redactor(Kind)

# Put together here, so that no scanner takes this file for one that leaks keys.
GITHUB = "gh" + "p_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
OPENAI = "sk" + "-proj-" + "Ab12Cd34Ef56Gh78Ij90"
AMAZON = "AK" + "IA" + "IOSFODNN7EXAMPLE"
SLACK = "xo" + "xb-" + "123456789012-abcdefABCDEF"
GITLAB = "gl" + "pat-" + "a1b2c3d4e5f6g7h8i9j0"
GOOGLE = "AI" + "za" + "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N"
BEGIN, END = "-----BEGIN RSA PRIVATE" + " KEY-----", "-----END RSA PRIVATE KEY-----"

FOUND = [
    ("email", "write to bob.smith+news@mail.example.co.uk, please", "bob.smith+news@mail.example.co.uk"),
    ("email", "<jörg@müller.de>", "jörg@müller.de"),
    ("email", "the end: a@b.org.", "a@b.org"),
    ("phone", "call +49 (0)30 1234567 now", "+49 (0)30 1234567"),
    ("phone", "tel:+14155550123", "+14155550123"),
    ("phone", "0049 30 1234567", "0049 30 1234567"),
    ("phone", "ring 0171/1234567.", "0171/1234567"),
    ("phone", "(030) 1234567", "(030) 1234567"),
    ("phone", "(555) 123-4567", "(555) 123-4567"),
    ("phone", "1-800-555-0123", "1-800-555-0123"),
    ("phone", "06 12 34 56 78", "06 12 34 56 78"),
    ("phone", "020 7946 0958 2nd floor", "020 7946 0958"),
    ("phone", "01.02.2024 030 1234567", "030 1234567"),
    ("key", f"export KEY={GITHUB}", GITHUB),
    ("key", f"'{OPENAI}'", OPENAI),
    ("key", AMAZON, AMAZON),
    ("key", SLACK, SLACK),
    ("key", GITLAB, GITLAB),
    ("key", f"?key={GOOGLE}&x=1", GOOGLE),
    ("key", f"token is {JWT}", JWT),
    ("key", "Authorization: Bearer abc123def456ghi789", "abc123def456ghi789"),
    ("key", "authorization: Basic dXNlcjpwYXNzd29yZDE=", "dXNlcjpwYXNzd29yZDE="),
    ("key", "postgres://bob:hunter2@database/x", "bob:hunter2"),
    ("key", "password=hunter2", "hunter2"),
    ("key", 'api_key: "9f8e7d6c5b4a"', "9f8e7d6c5b4a"),
    ("key", "DB_PASSWORD = 'k3ks und tee'", "k3ks und tee"),
    ("key", '"client_secret" => "a1b2c3d4e5",', "a1b2c3d4e5"),
    ("key", 'os.environ["DB_PASSWORD"] = "s3cretpass1"', "s3cretpass1"),
    ("key", """config['token']:'abcd1234efgh'""", "abcd1234efgh"),
    ("key", f"[k]{GITHUB}", GITHUB),
    ("key", f"[1]{JWT}", JWT),
    ("email", "[1]bob@x.com", "bob@x.com"),
    ("ip", "x]10.0.0.6", "10.0.0.6"),
    ("ip", "x]2001:db8::1", "2001:db8::1"),
    ("phone", "[2]+49 30 1234567", "+49 30 1234567"),
    ("path", "[3]/home/alice", "/home/alice"),
    ("ip", "from 192.168.17.4:8080", "192.168.17.4"),
    ("ip", "10.0.0.1.", "10.0.0.1"),
    ("ip", "to 2001:db8::8a2e:370:7334, and on", "2001:db8::8a2e:370:7334"),
    ("ip", "[fe80::1%eth0]", "fe80::1%eth0"),
    ("ip", "fe80::17: no answer", "fe80::17"),
    ("path", "in /home/alice/notes.txt", "/home/alice"),
    ("path", "file:///Users/bob", "/Users/bob"),
    ("path", r"C:\Users\Jane Doe\Documents", r"C:\Users\Jane Doe"),
    ("path", r"c:\\users\\jane\\x", r"c:\\users\\jane"),
    ("path", "/mnt/c/Users/jane/x", "/mnt/c/Users/jane"),
]

HARMLESS = [
    "2024-01-02 12:30:45, 01.02.2024, 1/2/24, 2024-01-02 10 11 12",
    "1234567890, 3.141592653589, 0.1234567890, 1,234,567,890, 12 345 678",
    "version 1.2.3.4, v1.2.3.4, 1.2.3.4-beta, 1.2.3.4.5, tool-1.2.3.4.tar.gz, 256.1.2.3",
    "127.0.0.1, ::1, 0.0.0.0, ::, 255.255.255.0, 12:30:45, aa:bb:cc:dd:ee:ff, std::vector, a::b",
    "DE89 3704 0044 0532 0130 00, NL91ABNA0417164300, NL91 ABNA 0417 1643 00",
    "123e4567-e89b-12d3-a456-426614174000, 4111-1111-1111-1111",
    "task-list-of-all-the-things, sk-learn-something-about-it, ask-me-anything-you-like",
    "Bearer authentication-scheme, bearer of good news",
    "password=os.environ['PASSWORD1'], token = tokens[0], password: <your-password-1>, secret: ${SECRET_1}",
    "password: correct horse, the token is gone, api_key=YOUR_API_KEY_1",
    "git@github.com:somebody/something.git, user@host, a @ b, @somebody",
    "https://example.org/home/page, /home/, /Users/Shared/x, ~/home, C:\\Users\\Public",
    "-----BEGIN CERTIFICATE-----",
]


@pytest.mark.parametrize(("kind", "text", "private"), FOUND)
def test_private_things_are_found_and_masked(kind: str, text: str, private: str) -> None:
    assert list(EVERYTHING.findings(text)) == [(Kind(kind), private)]
    masked = Redactor([kind]).text(text)
    assert private not in masked
    before, after = text.split(private)
    assert masked.startswith(f"{before}[")
    assert masked.endswith(f"]{after}")
    assert Redactor({*Kind} - {Kind(kind)}).text(text) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_not_private_stays(text: str) -> None:
    assert EVERYTHING.text(text) == text


def test_a_private_key_goes_from_its_first_line_to_its_last() -> None:
    body = "MIIEpAIBAAKCAQEA1234+/abcd\nAAAA==\n"
    assert EVERYTHING.text(f"mine:\n{BEGIN}\n{body}{END}\nthat was it") == "mine:\n[key]\nthat was it"
    quoted = f"> {BEGIN}\n> Proc-Type: 4,ENCRYPTED\n>\n> MIIEpAIBAAKC\n> {END}\n> no more"
    assert EVERYTHING.text(quoted) == "> [key]\n> no more"
    one_line = f'"private_key": "{BEGIN}\\nMIIEpAIBA\\n{END}\\n", "x": 1'
    assert EVERYTHING.text(one_line) == '"private_key": "[key]\\n", "x": 1'
    assert EVERYTHING.text(f"{BEGIN}\nMIIEpAIBAAKC") == "[key]\n"  # it may still grow


KEY_LINES = ["MIIEpAIBAAKCAQEA1234/abcdMIIEpAIBAAKCAQEA1234+/abcd", "MIIEvQIBADANBgkqhki9w0BAQEFAASCBKcwggSj", "Ab3="]


@pytest.mark.parametrize(
    "form",
    [
        "-{}",
        "+{}",
        "{}  ",
        " 17  {}",
        "// {}",
        "`{}`",
        "{}<br>",
        "    '{}\\n' +",
        "2024-01-02 INFO app: {}",
        "| {} |",
        "\u203a {}",
    ],
)
def test_a_private_key_is_one_whatever_stands_around_its_lines(form: str) -> None:
    header = "DEK-Info: AES-128-CBC,1234567890ABCDEF"
    lines = [form.format(line) for line in (BEGIN, header, "", *KEY_LINES, END)]
    masked = EVERYTHING.text("\n".join([*lines, "that was it"]))
    assert masked.startswith(form.partition("{")[0] + "[key]\n")
    assert masked.endswith("that was it")
    assert not any(line in masked for line in [*KEY_LINES, header, "END"])


@pytest.mark.parametrize("words", ["and goes on, for long", "и так далее, и так далее", "密钥就是这样开始的"])
def test_a_sentence_ends_a_key_whose_last_line_never_comes(words: str) -> None:
    text = f"a key begins with {BEGIN}\n{words}\n\n```sh\nls -l\n{KEY_LINES[1]}\n```"
    assert EVERYTHING.text(text) == f"a key begins with [key]\n{words}\n\n```sh\nls -l\n```"


def test_so_do_more_lines_than_a_key_has() -> None:
    text = "\n".join([BEGIN, *["x = 1"] * MOST_KEY_LINES, "y = 2", KEY_LINES[0], "z = 3", END, KEY_LINES[0]])
    assert EVERYTHING.text(text) == f"[key]\ny = 2\nz = 3\n{KEY_LINES[0]}"


def test_nothing_is_masked_without_kinds() -> None:
    nothing = Redactor(())
    assert not nothing
    assert nothing.text("bob@example.org") == "bob@example.org"
    with pytest.raises(ValueError, match="everything"):
        Redactor(["everything"])


def test_what_is_found_is_counted() -> None:
    found = EVERYTHING.findings("a@b.org and a@b.org\n/home/ann and a@b.org")
    assert found == {(Kind.EMAIL, "a@b.org"): 3, (Kind.PATH, "/home/ann"): 1}


# Texts that are made of what the patterns look for: almost every one of them brings some close together.
_parts = st.one_of(
    st.sampled_from(
        [example[2] for example in FOUND]
        + [BEGIN, END, "password=", "token: ", "Bearer ", "://", "@", ".", "/home/", "C:\\Users\\", "+49", "0", "1.2."]
        + ["-", ":", "::", " ", "\n", "[key]", "[", "]", '"', "'", "a", "é", "\t", "=", "_", "%", "(", ")", "MIIE"]
    ),
    st.text(max_size=4),
)
_texts = st.lists(_parts, max_size=14).map("".join)
_kinds = st.sets(st.sampled_from(list(Kind)))


@settings(max_examples=600, deadline=None)
@given(_texts, _kinds)
def test_masking_twice_is_masking_once(text: str, kinds: set[Kind]) -> None:
    redactor = Redactor(kinds)
    masked = redactor.text(text)
    assert redactor.text(masked) == masked
    assert not redactor.findings(masked)


@settings(max_examples=400, deadline=None)
@given(_texts, _kinds, st.lists(st.integers(0, 200)))
def test_a_text_that_grows_is_masked_as_the_whole_and_takes_nothing_back(
    text: str, kinds: set[Kind], cuts: list[int]
) -> None:
    redactor = Redactor(kinds)
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    growing, shown = redactor.growing(), ""
    for start, end in pairwise(places):
        shown += growing.add(text[start:end])
        finished = text[:end].rpartition("\n")
        assert shown == redactor.growing().add(finished[0] + finished[1])
    assert shown + growing.end() == redactor.text(text)


MEGABYTE = 1_000_000
HOSTILE = [
    "a",
    "a@",
    "a@b.",
    "a.",
    "1.1.",
    "1 ",
    "(1",
    "+1",
    "01.02.2024 ",
    "1-1-11 ",
    "AA00 AAAA AAAA 1 ",
    "sk-",
    "eyJ",
    "eyJaaaaaa.",
    "://a:",
    "password=",
    "secret: 'aaaaaa",
    "bearer ",
    "fe:",
    "/home/",
    "C:\\Users\\a ",
    BEGIN,
    END,
    "%",
    "[",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_line_takes_a_time_in_proportion(piece: str) -> None:
    """Were it quadratic, a megabyte would take minutes."""
    begun_s = time.process_time()
    EVERYTHING.text((piece * MEGABYTE)[: MEGABYTE // 2] + "!")
    assert time.process_time() - begun_s < 3
