"""What an embed may be: everything out of bounds is refused with its field named, everything else has one form."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.embed_profiles import LONGEST, Embed, checked, embed_of, is_embed_id
from webapp.errors import InvalidInput
from webapp.messages import ModelOptions


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""),
        ("id", "Acme"),
        ("id", "-acme"),
        ("id", "a" * 41),
        ("id", "a.b"),
        ("id", "acme\n"),
        ("id", "ä"),
        ("name", "x" * 81),
        ("sites", ("https://a.test; script-src *",)),
        ("sites", ("https://a.test\nX: 1",)),
        ("sites", ("'unsafe-inline'",)),
        ("sites", ("https://a.test/path",)),
        ("sites", tuple(f"https://s{number}.test" for number in range(101))),
        ("title", " "),
        ("title", "x" * 61),
        ("greeting", "x" * 281),
        ("starters", ("1", "2", "3", "4", "5")),
        ("starters", ("x" * 81,)),
        ("disclosure", "x" * 201),
        ("color", "red"),
        ("color", "#12345"),
        ("color", "#1234567"),
        ("color", "#12345g"),
        ("color", "#123456; background: url(x)"),
        ("theme", "blue"),
        ("position", "top"),
        ("launcher_text", "x" * 41),
        ("icon", "https://evil.test/x.svg"),
        ("radius_px", -1),
        ("radius_px", 33),
        ("font_px", 11),
        ("open_ms", -1),
        ("resume", "sometimes"),
        ("resize", "any"),
        ("any_site", "yes"),
        ("model", "x" * 201),
        ("models", tuple(str(number) for number in range(21))),
        ("options", ModelOptions(temperature=3)),
        ("options", ModelOptions(system="x" * 20_001)),
        ("per_visitor_minute", 0),
        ("per_address_hour", 0),
        ("per_day", -1),
        ("per_day", "many"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field_named(field: str, value: Any) -> None:
    fields = {"id": "acme", field: value}
    with pytest.raises(InvalidInput, match=f"^{field}: .*\\.$"):
        checked(Embed(**fields))


def test_a_profile_has_one_form() -> None:
    given = Embed(
        id="acme",
        name="  The \n shop ",
        sites=("https://Shop.test/", "https://shop.test"),
        title=" Ask\nus ",
        greeting="  Hello!\nWhat is it? ",
        starters=(" One ", "", "One", "Two\0"),
        color=" #ABCDEF ",
        model=" ",
        models=("small", " small ", ""),
        options=ModelOptions(system="  "),
    )
    kept = checked(given)
    assert (kept.name, kept.sites, kept.title) == ("The shop", ("https://shop.test",), "Ask us")
    assert (kept.greeting, kept.starters) == ("Hello!\nWhat is it?", ("One", "Two\ufffd"))
    assert (kept.color, kept.model, kept.models) == ("#abcdef", None, ("small",))
    assert kept.options == ModelOptions()
    assert checked(kept) == kept


def test_what_cannot_be_sent_is_replaced() -> None:
    kept = checked(Embed(id="acme", greeting="\ud83d hi", options=ModelOptions(system="\udc00 be brief")))
    assert (kept.greeting, kept.options.system) == ("? hi", "? be brief")
    msgspec.json.encode(kept)


TEXTS = {name: st.text(max_size=60) for name in (*LONGEST, "model")}
LISTS = {name: st.lists(st.text(max_size=30), max_size=4).map(tuple) for name in ("starters", "models")}


@given(
    fields=st.fixed_dictionaries({**TEXTS, **LISTS, "color": st.sampled_from(["", "#AABBCC", "red"])}),
    system=st.text(max_size=200),
)
def test_whatever_is_written_is_refused_or_can_be_kept(fields: dict[str, Any], system: str) -> None:
    refused: set[str] = set()
    try:
        kept = checked(Embed(id="acme", **fields, options=ModelOptions(system=system)))
    except InvalidInput as problem:
        refused.add(problem.message.partition(":")[0])
    else:
        assert checked(kept) == kept
        assert msgspec.json.decode(msgspec.json.encode(kept), type=Embed) == kept
    assert refused <= fields.keys()


def test_an_empty_profile_is_shut_and_bounded() -> None:
    fresh = checked(Embed(id="default"))
    assert (fresh.sites, fresh.any_site, fresh.localhost, fresh.webviews) == ((), False, False, False)
    assert (fresh.models, fresh.share_messages, fresh.host_storage) == ((), False, False)


def test_visitors_name_their_embed_and_those_of_the_site_none() -> None:
    assert embed_of("embed.acme.Zm9vYmFyYmF6cXV4cXV1eA") == "acme"
    assert embed_of("embed.acme.u-abc") == "acme"
    for other in ("Zm9vYmFyYmF6cXV4cXV1eA", "embedacme", "terminal", "", "owner", "password.abc", "invitation.abc"):
        assert embed_of(other) is None
    assert is_embed_id("a-1")
    assert not is_embed_id("a_1")
