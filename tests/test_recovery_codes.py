"""Recovery codes: written so that people can copy them, read back as they may be typed, typing errors told."""

from __future__ import annotations

import pytest

from webapp.errors import InvalidInput
from webapp.recovery_codes import ALPHABET, NUMBERS, is_usable, read, written

NUMBER = next(n for n in range(NUMBERS // 3, NUMBERS) if is_usable(n))
CODE = written(NUMBER)


def test_a_code_has_seven_groups_and_at_least_128_bits() -> None:
    groups = CODE.split("-")
    assert [len(group) for group in groups] == [4] * 7
    assert set("".join(groups)) <= set(ALPHABET)
    assert sum(map(is_usable, range(3700))) / 3700 * NUMBERS > 2**128
    assert written(0) == "-".join(["0000"] * 7)
    assert not is_usable(NUMBERS)
    assert not is_usable(-1)


def test_a_code_is_read_however_it_is_typed() -> None:
    written_with_o = next(code for n in range(NUMBER, NUMBERS) if is_usable(n) and "0" in (code := written(n)))
    assert read(CODE) == CODE
    assert read(f"  {CODE.lower()}\n") == CODE
    assert read(CODE.replace("-", "")) == CODE
    assert read(CODE.replace("-", " - ")) == CODE
    assert read(written_with_o.replace("0", "o").replace("1", "l")) == written_with_o


def test_every_single_wrong_character_is_noticed() -> None:
    for at, right in enumerate(CODE):
        for wrong in ALPHABET.replace(right, "") if right != "-" else "":
            with pytest.raises(InvalidInput, match="typing error"):
                read(CODE[:at] + wrong + CODE[at + 1 :])


def test_neighbours_that_changed_places_are_noticed() -> None:
    plain = CODE.replace("-", "")
    for at in range(len(plain) - 1):
        if plain[at] != plain[at + 1]:
            with pytest.raises(InvalidInput, match="typing error"):
                read(plain[:at] + plain[at + 1] + plain[at] + plain[at + 2 :])


@pytest.mark.parametrize("typed", ["", "-", CODE[:-1], CODE + "0", "U" + CODE[1:], "é" * 28, "²" * 28, "0" * 10_000])
def test_what_cannot_be_a_code_is_told(typed: str) -> None:
    with pytest.raises(InvalidInput, match="typing error"):
        read(typed)
