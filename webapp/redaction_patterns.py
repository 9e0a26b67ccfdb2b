"""What private things look like: patterns that read a line once, and what a pattern alone cannot tell. Pure.

What stands right after a mask never begins a match: masking twice has to give what masking once gave.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv6Address

MASK_WORDS = ("[e-mail address]", "[phone number]", "[key]", "[IP address]", "[home folder]")
# Anything else in brackets, as `[1]`, ends nothing.
_FREE = r"(?>(?<!\])|" + "".join(f"(?<!{re.escape(words)})" for words in MASK_WORDS) + ")"

EMAIL = re.compile(r"(?<![\w.%+-])" + _FREE + r"[\w.%+-]++@(?:[\w-]++\.)+[^\W\d_]{2,63}+")

# Keys and tokens that their makers marked, in the order: OpenAI and those who copied it, Stripe, GitHub, GitLab, Slack,
# Amazon, Google, Hugging Face, npm, SendGrid, age.
TOKEN = re.compile(
    r"(?<![A-Za-z0-9])" + _FREE + r"(?:"
    r"sk-[\w-]{16,}+|[sr]k_(?:live|test)_\w{16,}+"
    r"|gh[oprsu]_\w{20,}+|github_pat_\w{20,}+|glpat-[\w-]{16,}+"
    r"|xox[abeprs]-[\w-]{10,}+"
    r"|A(?:KI|SI)A[0-9A-Z]{16}+(?!\w)"
    r"|AIza[\w-]{30,}+|ya29\.[\w-]{20,}+"
    r"|hf_\w{20,}+|npm_\w{30,}+|SG\.[\w-]{16,}+\.[\w-]{16,}+|AGE-SECRET-KEY-1\w{40,}+"
    r")"
)
# What one of them has, and what a name in `ASSIGNMENT` has in lower case.
BEGINNINGS: tuple[str, ...] = (
    "sk-",
    "sk_",
    "rk_",
    "gho_",
    "ghp_",
    "ghr_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "xox",
)
BEGINNINGS += ("AKIA", "ASIA", "AIza", "ya29.", "hf_", "npm_", "SG.", "AGE-")
NAMES = ("passw", "passphrase", "kennwort", "pwd", "secret", "token", "key")
JWT = re.compile(r"(?<![\w.-])" + _FREE + r"eyJ[\w-]{5,}+(?:\.[\w-]*+){2,4}+")
BEARER = re.compile(
    r"(?i)(?<!\w)" + _FREE + r"(?:bearer|authorization:[ \t]?basic)[ \t]{1,5}(?P<secret>[\w.~+/-]{12,}+=*+)"
)
CREDENTIALS = re.compile(r"(?<=://)(?P<secret>[^\s/:@?#\[\]]{0,100}+:[^\s/@?#\[\]]{1,200}+)(?=@)")
ASSIGNMENT = re.compile(
    r"(?i)(?:passw(?:or)?d|passphrase|passwort|kennwort|pwd|secret|token|(?:api|access|private|auth)[_-]?key)"
    r"[\w-]{0,20}+[\"'`]?\]?[ \t]{0,4}(?::=|=>|[:=])[ \t]{0,4}"
    r"(?:\"(?P<double>[^\"]{6,400}+)\"|'(?P<single>[^']{6,400}+)'|(?P<bare>[^\s\"'`,;&]{6,400}+))"
)
KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
KEY_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
# Between the two stands base64, whatever is written before and behind it in a line, and lines such as `Proc-Type:
# 4,ENCRYPTED`. So what tells that there is no key, or that it never ends, is a sentence.
_SENTENCE = re.compile(r"(?<![^\W\d_])(?:[^\W\d_]{1,30}+[,.;:]? ){3}[^\W\d_]{2}|[^\W\d_a-zA-Z]{4}")
_KEY_HEADER = re.compile(r"[^A-Za-z]{0,20}+[A-Z][A-Za-z-]{2,30}+: ")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{16,}+")

_NAME = r"[\w@+-]++(?:\.[\w@+-]++)*+"
HOME = re.compile(
    rf"(?<![\w.~-]){_FREE}(?:/mnt/[a-z])?/(?:home|Users)/(?P<unix>{_NAME})"
    rf"|(?<!\w){_FREE}"
    r"[A-Za-z]:[\\/]{1,2}(?i:Users)[\\/]{1,2}"
    rf"(?P<windows>[\w.@+-]{{1,40}}(?: [\w.@+-]{{1,40}}){{1,3}}(?=[\\/])|{_NAME})"
)
NOBODY = frozenset({"shared", "public", "default"})

IPV4 = re.compile(r"(?<![\w.])(?<![A-Za-z]-)" + _FREE + r"(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\w|-[A-Za-z])")
IPV6 = re.compile(
    rf"(?<![\w:.]){_FREE}" + r"(?=[0-9A-Fa-f]{0,4}:)[0-9A-Fa-f:]{2,}+(?:\.\d{1,3}){0,3}+(?:%\w{1,15}+)?(?!\w)"
)
_BEFORE_A_VERSION = re.compile(r"(?i)(?:version|release|build|ver|v)\.?[\s:=\"']{0,3}$")
HARMLESS_IPS = frozenset({"127.0.0.1", "0.0.0.0"})

PHONE = re.compile(r"(?<![\w+./()-])" + _FREE + r"\(?\+?\(?\d(?:[ \u00a0\u2009\u202f./()\u2010-\u2013-]{0,2}+\d)*+")
IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?!\w)")
_DATE = re.compile(
    r"\+?(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:\d{4}|\d{2}))(?![-./]?\d)[ T-]{0,2}"
)
_ENOUGH_DIGITS = re.compile(r"(?:\d[ \u00a0\u2009\u202f./()\u2010-\u2013-]{0,2}){9}")
LONGEST_PHONE = 60  # characters, with all that separates its digits
LONGEST_WORD = 40
_LAST_DIGITS = re.compile(r"[^\d]*+\d++\Z")
_AMERICAN = re.compile(r"\(?(?:1[ .-])?(?:\(?\d{3}\)[ -]?|\d{3}[ .-])\d{3}[ .-]\d{4}")
_OTHERS = re.compile(r"(?:\(?0[1-9]|\(0\d)")
_PAIRS = re.compile(r"\d{1,2}(?:[ .-]\d{1,2})+")


def phones(line: str) -> Iterator[tuple[int, int]]:
    """Where telephone numbers stand in a line: international ones, and such as people write them at home."""
    if _ENOUGH_DIGITS.search(line) is None:
        return
    accounts = IBAN.finditer(line)
    account = next(accounts, None)
    for found in PHONE.finditer(line):
        start, end = found.span()
        while account is not None and account.end() <= start:
            account = next(accounts, None)
        if account is not None and account.start() < end:
            continue
        if end < len(line) and (line[end].isalnum() or line[end] == "_"):  # "030 123456 2nd"
            last = _LAST_DIGITS.search(line, max(start, end - LONGEST_WORD), end)
            end = last.start() if last is not None else start
        date = _DATE.match(line, start, end)
        while date is not None:
            start = date.end()
            date = _DATE.match(line, start, end)
        if end - start <= LONGEST_PHONE and is_phone(line[start:end]):
            yield start, end


def is_phone(run: str) -> bool:
    """Whether digits with what separates them are a telephone number, and not a plain number."""
    digits = sum(character.isdigit() for character in run)
    if run.lstrip("(").startswith("+"):
        return 9 <= digits <= 15 and run.lstrip("(+")[0] != "0"
    if run.startswith("00"):
        return 11 <= digits <= 17 and run[2:3] not in {"", "0"} and run[2].isdigit()
    if _OTHERS.match(run):
        pairs = _PAIRS.fullmatch(run)
        shortest = 10 if run.isdigit() else 9
        return shortest <= digits <= 12 and (pairs is None or digits == 10)
    return _AMERICAN.fullmatch(run) is not None


def may_be_key(line: str) -> bool:
    """Whether a line after the first of a private key may belong to it: whatever is no sentence."""
    return has_base64(line) or _KEY_HEADER.match(line) is not None or _SENTENCE.search(line) is None


def has_base64(line: str) -> bool:
    """Whether something in a line looks as if it were a part of a key."""
    return any(_is_mixed(found.group()) for found in _BASE64.finditer(line))


def _is_mixed(run: str) -> bool:
    return any(map(str.isupper, run)) and any(map(str.islower, run)) and any(map(str.isdigit, run))


def is_token(value: str) -> bool:
    """Whether what begins as a token goes on as one: words between hyphens do not."""
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value))


def is_secret(value: str, *, quoted: bool) -> bool:
    """Whether what is given to a name such as `password` is one, rather than code or a placeholder."""
    if not is_token(value) or len(set(value)) < 5:
        return False
    if not quoted and any(character in "()[]{}<>$" for character in value):
        return False
    return not value.startswith(("<", "[", "{", "$", "%")) and _PLACEHOLDER.search(value) is None


_PLACEHOLDER = re.compile(r"(?i)your[_-]|example|placeholder|xxxx|\*\*\*\*|environ|getenv|process\.env")


def is_ipv4(line: str, start: int, end: int) -> bool:
    """Whether four numbers are an address that tells something, and no version."""
    address = line[start:end]
    parts = address.split(".")
    if any(int(part) > 255 or str(int(part)) != part for part in parts):
        return False
    if address in HARMLESS_IPS or parts[0] == "255":
        return False
    return _BEFORE_A_VERSION.search(line, max(0, start - 12), start) is None


def is_ipv6(address: str) -> bool:
    """Whether it is an address of IPv6 that tells something, and not a time or a name in a program."""
    plain = address.partition("%")[0]
    try:
        parsed = IPv6Address(plain)
    except AddressValueError:
        return False
    groups = [group for group in plain.split(":") if group]
    tells = any(map(str.isdigit, plain)) or len(groups) > 2
    return tells and len(groups) > 1 and not parsed.is_loopback and not parsed.is_unspecified
