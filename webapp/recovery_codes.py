"""The code that brings a visitor's history to another browser: how it is written, and how it is read back. No I/O.

Seven groups of four characters of Crockford's base32, which has no letters that look like a digit: 27 for a number of
135 bits, and one more that tells a typing error. It is the number's remainder by 37, so any single wrong character and
any two neighbours that changed places are noticed; numbers whose remainder has no plain character are not used.
"""

from __future__ import annotations

from webapp.errors import InvalidInput

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DIGITS, GROUP = 27, 4
NUMBERS = 32**DIGITS
_CHECK = 37
_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None})


def is_usable(number: int) -> bool:
    """Whether a number can be written as a code; five of 37 cannot."""
    return 0 <= number < NUMBERS and number % _CHECK < len(ALPHABET)


def written(number: int) -> str:
    """A usable number as people are shown it: `XXXX-XXXX-…`."""
    digits = [ALPHABET[number >> 5 * at & 31] for at in reversed(range(DIGITS))]
    code = "".join(digits) + ALPHABET[number % _CHECK]
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def read(typed: str) -> str:
    """What somebody typed as `written` writes it, whatever the case, blanks and hyphens.

    Raises `InvalidInput` for what cannot be a code.
    """
    plain = "".join(typed[:200].upper().split()).translate(_MEANT)
    if len(plain) != DIGITS + 1 or not set(plain) <= set(ALPHABET):
        raise _wrong()
    number = 0
    for character in plain[:-1]:
        number = number * 32 + ALPHABET.index(character)
    if number % _CHECK != ALPHABET.index(plain[-1]):
        raise _wrong()
    return written(number)


def _wrong() -> InvalidInput:
    return InvalidInput("code: there is a typing error in it; it has seven groups of four letters and digits.")
