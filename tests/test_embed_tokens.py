"""The signed values of embeds: each is good for what it was made for, as long as it was made for, and nothing else."""

from __future__ import annotations

import itertools

import pytest

from webapp.embed_tokens import LONGEST, TICKET_S, Claim, EmbedTokens, hash_of

NOW_S = 1_800_000_000.5
CLAIM = Claim("acme", "embed.acme.Zm9vYmFyYmF6cXV4cXV1eA", 3, "c2Vzc2lvbg", 1_800_000_900)
SECRET = "a-secret-of-the-site-that-is-long-enough"


@pytest.fixture
def tokens() -> EmbedTokens:
    return EmbedTokens(SECRET)


def test_an_access_token_says_who_somebody_is_until_its_time_is_over(tokens: EmbedTokens) -> None:
    token = tokens.access(CLAIM)
    assert tokens.claim(token, NOW_S) == CLAIM
    assert tokens.claim(token, CLAIM.until_s - 1) == CLAIM
    assert tokens.claim(token, CLAIM.until_s) is None


def test_the_longest_ids_fit(tokens: EmbedTokens) -> None:
    claim = Claim("a" * 40, f"embed.{'a' * 40}.u-{tokens.identified('a' * 40, 'x' * 255)}", 2**53, "s" * 22, 2**40)
    token = tokens.access(claim)
    assert len(token) <= LONGEST
    assert tokens.claim(token, NOW_S) == claim


def test_a_ticket_is_of_one_embed_and_generation_for_ten_minutes(tokens: EmbedTokens) -> None:
    ticket = tokens.ticket("acme", 3, NOW_S)
    assert tokens.is_ticket(ticket, "acme", 3, NOW_S + TICKET_S - 1)
    assert not tokens.is_ticket(ticket, "acme", 3, NOW_S + TICKET_S)
    assert not tokens.is_ticket(ticket, "acme", 4, NOW_S)
    assert not tokens.is_ticket(ticket, "other", 3, NOW_S)


def test_one_kind_is_never_another(tokens: EmbedTokens) -> None:
    access, ticket = tokens.access(CLAIM), tokens.ticket("acme", 3, NOW_S)
    assert tokens.claim(ticket, NOW_S) is None
    assert not tokens.is_ticket(access, "acme", 3, NOW_S)
    assert tokens.claim(tokens.refresh("s", 0), NOW_S) is None


def test_what_was_changed_or_made_by_others_is_none(tokens: EmbedTokens) -> None:
    token = tokens.access(CLAIM)
    for position in range(len(token) - 1):  # of the last character not all bits count
        other = "A" if token[position] != "A" else "B"
        assert tokens.claim(token[:position] + other + token[position + 1 :], NOW_S) is None
    assert EmbedTokens(SECRET + "x").claim(token, NOW_S) is None
    for nonsense in ("", ".", "a.b", "a.b.c", "ä", "\ud800", "." + token, token + "x", token * 10, token[:-2]):
        assert tokens.claim(nonsense, NOW_S) is None
        assert not tokens.is_ticket(nonsense, "acme", 3, NOW_S)


def test_what_is_derived_differs_by_all_it_is_derived_from(tokens: EmbedTokens) -> None:
    derived = [
        *(tokens.refresh(session, number) for session, number in itertools.product(("s", "s 1"), (0, 1, 11))),
        *(tokens.secret(embed, salt) for embed, salt in itertools.product(("acme", "other"), ("", "salt"))),
        *(tokens.identified(embed, who) for embed, who in itertools.product(("acme", "other"), ("ann", "ann "))),
        EmbedTokens(SECRET + "x").refresh("s", 0),
    ]
    assert len(set(derived)) == len(derived)
    assert all(len(each.rpartition(".")[2]) == 32 for each in derived)
    assert tokens.refresh("s", 1) == EmbedTokens(SECRET).refresh("s", 1)
    assert hash_of(derived[0]) != derived[0]
    assert hash_of("\ud800")


def test_two_pages_have_two_tickets(tokens: EmbedTokens) -> None:
    assert tokens.ticket("acme", 3, NOW_S) != tokens.ticket("acme", 3, NOW_S)


def test_a_refresh_token_tells_its_session_to_who_made_it(tokens: EmbedTokens) -> None:
    token = tokens.refresh("a-session", 7)
    assert tokens.session_of(token) == "a-session"
    for other in (
        token[:-1],
        token.replace(".7.", ".8."),
        "a-session.7.",
        "",
        "..",
        "s.x.y",
        "s.\u0663.y",
        "\ud800.1.a",
    ):
        assert tokens.session_of(other) is None
