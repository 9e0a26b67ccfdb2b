"""The owner's page of embeds, without a script: every field saved and checked, who may, pausing, the secret, sites."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.views.test_access import Site
from tests.views.test_admin import PASSWORD, signed_in
from webapp import embed_self_test
from webapp.addresses import loopback_address
from webapp.embed_profiles import Embed
from webapp.embed_snippets import csp_lines, hashed_path, integrity, snippets
from webapp.errors import NotFound
from webapp.messages import ModelOptions
from webapp.views import embed_form

WIDGET = b"the loader"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose owner has a password."""
    made = Site(tmp_path_factory.mktemp("site"), admin_password=PASSWORD)
    yield made
    made.parts.close()


@pytest.fixture
def owner(site: Site) -> FlaskClient:
    """The owner's browser."""
    return signed_in(site)


@pytest.fixture
def embed(site: Site) -> Iterator[Embed]:
    """A new embed, which goes away after the test."""
    yield site.parts.embeds.save(Embed(id="acme", name="Acme"))
    for made in site.parts.embeds.all():
        if made.id == "acme":
            site.parts.embeds.remove("acme")


def found(site: Site, embed_id: str = "acme") -> Embed:
    return site.parts.embeds.find(embed_id)


def form_of(embed: Embed, **changed: Any) -> dict[str, Any]:
    """What a browser sends of the page's form."""
    fields = {**embed_form.shown(embed), "models": list(embed.models), **changed}
    sent = {name: value for name, value in fields.items() if value is not False}
    return {name: "on" if value is True else value for name, value in sent.items()}


def save(owner: FlaskClient, embed: Embed, **changed: Any) -> TestResponse:
    return owner.post(f"/admin/embeds/{embed.id}", data=form_of(embed, **changed))


def page(owner: FlaskClient, path: str = "/acme") -> str:
    reply = owner.get(f"/admin/embeds{path}")
    assert reply.status_code == 200
    return html.unescape(reply.text)


# --- who may ---------------------------------------------------------------------------------------------------------


CHANGES = ["", "/acme", *(f"/acme/{what}" for what in ("pause", "resume", "remove", "secret", "secret/new"))]
CHANGES += [f"/acme/{what}" for what in ("allow", "forget", "self-test")]


@pytest.mark.parametrize("path", CHANGES)
def test_every_change_is_the_owners_alone(site: Site, embed: Embed, path: str) -> None:
    before = site.parts.embeds.all()
    data = form_of(embed, title="Mine", id="mine", origin="https://evil.test")
    assert site.browser().post(f"/admin/embeds{path}", data=data).status_code == 401
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.test"}):
        assert signed_in(site).post(f"/admin/embeds{path}", data=data, headers=headers).status_code == 403
    assert site.parts.embeds.all() == before


@pytest.mark.parametrize("path", ["", "/acme"])
def test_a_look_asks_who_it_is_and_goes_on_there(site: Site, embed: Embed, path: str) -> None:
    browser = site.browser()
    reply = browser.get(f"/admin/embeds{path}")
    assert (reply.status_code, f'name="wanted" value="/admin/embeds{path}"' in reply.text) == (401, True)
    assert "Acme" not in reply.text
    data = {"password": PASSWORD, "wanted": f"/admin/embeds{path}"}
    assert browser.post("/admin/enter", data=data).headers["Location"] == f"/admin/embeds{path}"
    for elsewhere in (
        "https://evil.test",
        "//evil.test",
        "/admin/embeds/../leave",
        "/admin/embeds/x/y",
        "javascript:1",
    ):
        reply = browser.post("/admin/enter", data={"password": PASSWORD, "wanted": elsewhere})
        assert reply.headers["Location"] == "/admin/"


def test_the_page_is_not_kept_and_frames_only_our_own_pages(owner: FlaskClient, embed: Embed) -> None:
    headers = owner.get("/admin/embeds/acme").headers
    assert (headers["Cache-Control"], headers["X-Frame-Options"]) == ("no-store", "DENY")
    policy = headers["Content-Security-Policy"]
    assert {"frame-src 'self'", "frame-ancestors 'none'"} <= {part.strip() for part in policy.split(";")}


def test_the_preview_is_framed_by_our_own_page_for_the_owner_alone(site: Site, embed: Embed) -> None:
    for browser, ancestors in ((signed_in(site), "'self'"), (site.browser(), "https://shop.test")):
        site.parts.embeds.save(msgspec.structs.replace(found(site), sites=("https://shop.test",)))
        policy = browser.get("/embed/acme?preview=1").headers["Content-Security-Policy"]
        assert policy.endswith(f"frame-ancestors {ancestors}")


# --- the list --------------------------------------------------------------------------------------------------------


def test_the_list_names_each_with_its_state(site: Site, owner: FlaskClient, embed: Embed) -> None:
    def card() -> str:
        text = page(owner, "")
        return re.sub(r"<[^>]*>", "", text[text.index('id="embed-acme"') :].partition("</li>")[0])

    assert "no site yet · 0 of 2,000 questions today" in card()
    for changed, said in (
        ({"sites": ("https://shop.test",)}, "1 site ·"),
        ({"sites": ("https://shop.test", "https://b.test")}, "2 sites ·"),
        ({"any_site": True}, "any website ·"),
        ({"webviews": True}, "any website and app ·"),
        ({"localhost": True}, "localhost only ·"),
    ):
        site.parts.embeds.save(msgspec.structs.replace(embed, **changed))
        assert said in card()
    site.parts.embeds.pause("acme")
    assert "paused ·" in card()
    assert 'href="/admin/embeds/default"' in page(owner, "")
    assert 'href="/admin/embeds"' in owner.get("/admin/").text


def test_an_embed_is_made_and_removed(site: Site, owner: FlaskClient) -> None:
    reply = owner.post("/admin/embeds", data={"name": " The  Shop & Co. ", "id": ""})
    assert reply.headers["Location"] == "/admin/embeds/the-shop-co?done=made#sites-part"
    made = found(site, "the-shop-co")
    assert (made.name, made.sites) == ("The Shop & Co.", ())
    assert '<h1 dir="auto">The Shop & Co.</h1>' in page(owner, "/the-shop-co")
    assert owner.post("/admin/embeds/the-shop-co/remove").headers["Location"] == "/admin/embeds"
    assert owner.get("/admin/embeds/the-shop-co").status_code == 404
    with pytest.raises(NotFound):
        found(site, "the-shop-co")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "Other", "id": "acme"}, "There is an embed acme already"),
        ({"name": "Other", "id": "No Spaces"}, "1 to 40 small letters"),
        ({"name": "Other", "id": "x" * 41}, "1 to 40 small letters"),
        ({"name": "n" * 81, "id": "other"}, "Must have at most 80 characters"),
        ({"name": "日本", "id": ""}, "There is an embed default already"),
    ],
)
def test_what_cannot_be_made_is_said_and_kept(
    site: Site, owner: FlaskClient, embed: Embed, given: dict[str, str], said: str
) -> None:
    before = site.parts.embeds.all()
    reply = owner.post("/admin/embeds", data=given)
    text = html.unescape(reply.text)
    assert (reply.status_code, site.parts.embeds.all()) == (400, before)
    assert said in re.findall(r'<p role="alert" class="problem" id="new-problem">(.*?)</p>', text)[0]
    assert all(f'value="{value}"' in text for value in given.values() if value)


def test_the_default_one_stays(site: Site, owner: FlaskClient) -> None:
    assert "/admin/embeds/default/remove" not in page(owner, "/default")
    assert owner.post("/admin/embeds/default/remove").status_code == 400


@pytest.mark.parametrize("path", ["/nothing", "/UPPER", "/-x", "/default/nothing"])
def test_what_is_not_there_is_not_found(owner: FlaskClient, path: str) -> None:
    assert owner.get(f"/admin/embeds{path}").status_code == 404


# --- the form --------------------------------------------------------------------------------------------------------


RIGHT: list[tuple[str, Any, str, Any]] = [
    ("name", "The <shop>", "name", "The <shop>"),
    ("sites", "https://Shop.test/\r\n\r\nhttps://*.shop.test", "sites", ("https://shop.test", "https://*.shop.test")),
    ("any_site", True, "any_site", True),
    ("localhost", True, "localhost", True),
    ("webviews", True, "webviews", True),
    ("coep", True, "coep", True),
    ("title", "Ask us", "title", "Ask us"),
    ("greeting", "Hello!\r\nAsk.", "greeting", "Hello!\nAsk."),
    ("starters", "One?\r\n Two? \r\n", "starters", ("One?", "Two?")),
    ("disclosure", "", "disclosure", ""),
    ("color", "#0A7D4B", "color", "#0a7d4b"),
    ("theme", "dark", "theme", "dark"),
    ("position", "bottom-left", "position", "bottom-left"),
    ("launcher_text", "Help", "launcher_text", "Help"),
    ("icon", "spark", "icon", "spark"),
    ("radius_px", "0", "radius_px", 0),
    ("font_px", "18", "font_px", 18),
    ("open_s", "2.5", "open_ms", 2500),
    ("open_s", "3,25", "open_ms", 3250),
    ("open_s", "0", "open_ms", 0),
    ("resume", "never", "resume", "never"),
    ("resize", "content", "resize", "content"),
    ("host_storage", True, "host_storage", True),
    ("share_messages", True, "share_messages", True),
    ("model", "guide", "model", "guide"),
    ("models", ["guide"], "models", ("guide",)),
    ("system", "Be brief.\r\nBe kind.", "options", ModelOptions(system="Be brief.\nBe kind.")),
    ("per_visitor_minute", "3", "per_visitor_minute", 3),
    ("per_address_hour", " 7 ", "per_address_hour", 7),
    ("per_day", "0", "per_day", 0),
]


@pytest.mark.parametrize(("field", "given", "kept", "value"), RIGHT)
def test_each_field_is_saved_by_itself(
    site: Site, owner: FlaskClient, embed: Embed, field: str, given: Any, kept: str, value: Any
) -> None:
    reply = save(owner, embed, **{field: given})
    assert (reply.status_code, reply.headers.get("Location")) == (303, "/admin/embeds/acme?done=saved")
    expected = msgspec.structs.replace(embed, **{kept: value})
    now = found(site)
    assert now == msgspec.structs.replace(
        expected, generation=now.generation, created_at_ms=now.created_at_ms, updated_at_ms=now.updated_at_ms
    )
    assert '<p role="status" class="done">Saved.' in page(owner, "/acme?done=saved")
    # What the page shows then means the same again.
    assert save(owner, now).status_code == 303
    assert getattr(found(site), kept) == value


def test_every_field_of_the_form_was_tried(embed: Embed) -> None:
    assert {field for field, *_ in RIGHT} == embed_form.shown(embed).keys()
    # The rest is not the form's: what it is called, whether it is paused, and when it was made.
    of_the_form = {kept for _, _, kept, _ in RIGHT}
    assert set(embed.__struct_fields__) - of_the_form == {
        "id",
        "paused",
        "generation",
        "created_at_ms",
        "updated_at_ms",
    }


WRONG: list[tuple[str, Any, str]] = [
    ("name", "n" * 81, "at most 80"),
    ("sites", "https://shop.test\nshop.test", "'shop.test' does not begin with https://"),
    ("sites", "https://a.test; script-src *", "is not a site"),
    ("sites", "'unsafe-inline'", "does not begin with"),
    ("sites", "https://a.test/path", "is not a site"),
    ("title", " ", "ust not be empty"),
    ("greeting", "g" * 281, "at most 280"),
    ("starters", "1\n2\n3\n4\n5", "At most 4"),
    ("starters", "s" * 81, "at most 80"),
    ("disclosure", "d" * 201, "at most 200"),
    ("color", "red; background: url(//evil.test)", "written as #rrggbb"),
    ("theme", "blue", "nvalid enum value"),
    ("position", "top", "nvalid enum value"),
    ("launcher_text", "l" * 41, "at most 40"),
    ("icon", "https://evil.test/x.svg", "nvalid enum value"),
    ("radius_px", "33", "between 0 and 32"),
    ("radius_px", "", "whole number"),
    ("font_px", "1e3", "whole number"),
    ("font_px", "²", "whole number"),
    ("open_s", "soon", "number of seconds"),
    ("open_s", "-1", "number of seconds"),
    ("open_s", "9999", "between 0 and 600"),
    ("resume", "", "nvalid enum value"),
    ("resize", "all", "nvalid enum value"),
    ("system", "s" * 20_001, "At most 20,000 characters"),
    ("model", "m" * 201, "at most 200"),
    ("models", ["m" * 201], "at most 200"),
    ("per_visitor_minute", "0", "between 1 and"),
    ("per_address_hour", "many", "whole number"),
    ("per_day", "9" * 400, "whole number"),
]


@pytest.mark.parametrize(("field", "given", "said"), WRONG)
def test_what_is_wrong_is_said_beside_its_field_and_all_is_kept_as_typed(
    site: Site, owner: FlaskClient, embed: Embed, field: str, given: Any, said: str
) -> None:
    typed = {"title": "A new title", "localhost": True, "system": 'Say "hello"', field: given}
    reply = save(owner, embed, **typed)
    assert (reply.status_code, found(site)) == (400, embed)
    text = html.unescape(reply.text)
    (problem,) = re.findall(rf'<p class="problem" id="{field}-problem">(.*?)</p>', text)
    assert said in problem
    assert len(re.findall(r'class="problem"', text)) == 1
    (summary,) = re.findall(r'<div role="alert" class="sign">(.*?)</div>', text, re.DOTALL)
    assert re.findall(r'href="#([a-z_]+)', summary) == [field]
    if field != "models":
        assert re.search(rf'name="{field}"[^>]* aria-invalid="true"[^>]* aria-describedby="{field}-problem', text)
    for kept in ('value="A new title"', 'Say "hello"</textarea>'):
        assert kept in text or field in {"title", "system"}
    assert re.search(r'name="localhost"[^>]* checked', text)
    if isinstance(given, str):
        assert given in text


def test_several_problems_are_named_in_the_page_s_order(owner: FlaskClient, embed: Embed) -> None:
    text = save(owner, embed, per_day="x", sites="y", color="z").text
    summary = text[text.index('role="alert"') :].partition("</div>")[0]
    assert re.findall(r'href="#([a-z_]+)"', summary) == ["sites", "color", "per_day"]


def test_saving_leaves_alone_what_the_form_does_not_hold(site: Site, owner: FlaskClient, embed: Embed) -> None:
    site.parts.embeds.save(msgspec.structs.replace(embed, options=ModelOptions(temperature=0.5, system="Old.")))
    site.parts.embeds.pause("acme")
    save(owner, found(site), system="New.", title="New")
    now = found(site)
    assert (now.options, now.title, now.paused) == (ModelOptions(temperature=0.5, system="New."), "New", True)


def test_what_the_owner_wrote_is_text_everywhere(site: Site, owner: FlaskClient, embed: Embed) -> None:
    evil = '"></textarea><script>alert(1)</script>'
    site.parts.embeds.save(
        msgspec.structs.replace(
            embed,
            name=evil,
            title=evil,
            greeting=evil,
            starters=(evil,),
            any_site=True,
            options=ModelOptions(system=evil),
        )
    )
    for path in ("", "/acme"):
        assert "<script>alert" not in owner.get(f"/admin/embeds{path}").text


def test_a_form_that_is_much_too_large_is_refused(owner: FlaskClient, embed: Embed) -> None:
    assert save(owner, embed, system="x" * 600_000).status_code == 413


# --- what it can be told to do ---------------------------------------------------------------------------------------


def test_pausing_and_going_on_take_one_click_each(site: Site, owner: FlaskClient, embed: Embed) -> None:
    for what, paused, other in (("pause", True, "resume"), ("resume", False, "pause")):
        reply = owner.post(f"/admin/embeds/acme/{what}")
        assert reply.headers["Location"] == f"/admin/embeds/acme?done={what}d"
        assert found(site).paused is paused
        assert site.browser().get("/embed/acme").status_code == (404 if paused else 200)
        text = page(owner, f"/acme?done={what}d")
        assert f'action="/admin/embeds/acme/{other}"' in text
        assert f'action="/admin/embeds/acme/{what}"' not in text
        assert ("This embed is paused." in text) is paused


def test_the_secret_is_shown_on_request_only_and_renewed(site: Site, owner: FlaskClient, embed: Embed) -> None:
    secret = site.parts.embeds.secret("acme")
    assert secret not in page(owner)
    shown = owner.post("/admin/embeds/acme/secret")
    assert (f'<input readonly value="{secret}"' in shown.text, shown.headers["Cache-Control"]) == (True, "no-store")
    assert secret not in page(owner)
    renewed = owner.post("/admin/embeds/acme/secret/new")
    other = site.parts.embeds.secret("acme")
    assert other != secret
    assert (other in renewed.text, secret in renewed.text) == (True, False)


def test_blocked_sites_are_listed_allowed_and_dismissed(site: Site, owner: FlaskClient, embed: Embed) -> None:
    for origin in ("https://blog.test", "https://blog.test", "https://evil.test"):
        headers = {"Sec-Fetch-Dest": "iframe", "Referer": f"{origin}/page?secret=1"}
        site.browser().get("/embed/acme", headers=headers)
    text = page(owner)
    assert re.search(r"<h3><code>https://blog\.test</code></h3>\s*<p class=\"soft\">2 times, last <time", text)
    assert ("https://evil.test" in text, "secret=1" in text) == (True, False)
    reply = owner.post("/admin/embeds/acme/allow", data={"origin": "https://blog.test"})
    assert reply.headers["Location"] == "/admin/embeds/acme?done=allowed#blocked"
    assert found(site).sites == ("https://blog.test",)
    owner.post("/admin/embeds/acme/forget", data={"origin": "https://evil.test"})
    assert site.parts.embeds.blocked("acme") == []
    assert "None was seen." in page(owner)
    wrong = owner.post("/admin/embeds/acme/allow", data={"origin": "https://x.test; script-src *"})
    assert (wrong.status_code, 'id="sites-problem"' in wrong.text) == (400, True)
    assert found(site).sites == ("https://blog.test",)


# --- snippets --------------------------------------------------------------------------------------------------------


def test_there_is_no_snippet_before_there_is_a_site(site: Site, owner: FlaskClient, embed: Embed) -> None:
    text = page(owner)
    assert ("Add a site first." in text, "widget.js" in text) == (True, False)
    for allowed in ({"sites": "https://shop.test"}, {"any_site": True}, {"webviews": True}, {"localhost": True}):
        save(owner, embed, **allowed)
        text = page(owner)
        assert ("Add a site first." in text, "/widget.js" in text) == (False, True), allowed


def test_the_page_shows_the_snippets_of_the_one_function(site: Site, owner: FlaskClient, embed: Embed) -> None:
    save(owner, embed, sites="https://shop.test", title='Ask "us" & them')
    text = page(owner)
    for snippet in snippets("http://localhost", found(site), None):
        assert f"<code>{snippet.code}</code>" in text
        assert f'data-copy="{snippet.code}"' in text
    for line in csp_lines("http://localhost"):
        assert f"<code>{line}</code>" in text
    assert "without https" in text


def test_what_each_snippet_is_made_of() -> None:
    embed = Embed(id="acme", title='Chat with <Acme> "& Co."')
    made = {snippet.key: snippet.code for snippet in snippets("https://chat.test", embed, WIDGET)}
    assert list(made) == ["bubble", "inline", "iframe", "tag-manager", "pinned", "api"]
    assert made["bubble"] == '<script async src="https://chat.test/widget.js" data-embed="acme"></script>'
    assert 'data-mode="inline"' in made["inline"]
    assert made["tag-manager"] == '<script async src="https://chat.test/widget.js?embed=acme"></script>'
    assert 'title="Chat with &lt;Acme&gt; &quot;&amp; Co.&quot;"' in made["iframe"]
    for wanted in ('src="https://chat.test/embed/acme"', 'allow="clipboard-write"', 'referrerpolicy="strict-origin"'):
        assert wanted in made["iframe"]
    assert hashed_path(WIDGET) == "/widget.d1cf7c77a4d3.js"
    assert f'src="https://chat.test{hashed_path(WIDGET)}" data-embed="acme"' in made["pinned"]
    assert f'integrity="{integrity(WIDGET)}"\n        crossorigin="anonymous"' in made["pinned"]
    assert re.fullmatch(r"sha384-[A-Za-z0-9+/]{64}", integrity(WIDGET))
    # The address that changes can have no integrity.
    assert all(("integrity" in code) is (key == "pinned") for key, code in made.items())
    assert "pinned" not in {snippet.key for snippet in snippets("https://chat.test", embed, None)}
    assert csp_lines("https://chat.test") == ("script-src https://chat.test", "frame-src https://chat.test")


def test_a_snippet_carries_what_the_button_cannot_wait_for() -> None:
    embed = Embed(
        id="acme",
        color="#0a7d4b",
        position="bottom-left",
        launcher_text='Ask "us" & co.',
        icon="spark",
        theme="dark",
        open_ms=2500,
        resize="content",
        host_storage=True,
        title="Not this",
        greeting="Nor this",
        options=ModelOptions(system="And never this"),
    )
    made = {snippet.key: snippet.code for snippet in snippets("https://chat.test", embed, WIDGET)}
    attributes = [
        *('data-embed="acme"', 'data-position="bottom-left"', 'data-color="#0a7d4b"'),
        *('data-launcher-text="Ask &quot;us&quot; &amp; co."', 'data-icon="spark"', 'data-theme="dark"'),
        *('data-storage="host"', 'data-open="2500"'),
    ]
    lines = "\n        ".join(attributes)
    assert made["bubble"] == f'<script async src="https://chat.test/widget.js" {lines}></script>'
    assert lines in made["pinned"]
    (address,) = re.findall(r'src="([^"]*)"', made["tag-manager"])
    assert dict(parse_qsl(urlsplit(html.unescape(address)).query)) == {
        **{"embed": "acme", "position": "bottom-left", "color": "#0a7d4b", "launcher-text": 'Ask "us" & co.'},
        **{"icon": "spark", "theme": "dark", "storage": "host", "open": "2500"},
    }
    for wanted in ('data-theme="dark"', 'data-resize="content"', 'data-storage="host"'):
        assert wanted in made["inline"]
    assert "launcher" not in made["inline"]
    assert not [code for key, code in made.items() if key != "iframe" and ("ot this" in code or "or this" in code)]
    assert "never this" not in "".join(made.values())


def test_a_list_that_makes_a_long_header_is_warned_of(site: Site, owner: FlaskClient, embed: Embed) -> None:
    assert "more than 2.5 kB" not in page(owner)
    sites = tuple(f"https://a-long-name-of-a-site-{number}.example.com" for number in range(60))
    site.parts.embeds.save(msgspec.structs.replace(embed, sites=sites))
    assert "more than 2.5 kB" in page(owner)


def test_the_self_test_asks_where_this_server_is_and_not_where_the_request_says(
    site: Site, owner: FlaskClient, embed: Embed, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(embed_self_test, "run", lambda address, _: asked.append(address) or [])
    for host in ("localhost", "metadata.internal"):
        owner.post(f"/admin/embeds/{embed.id}/self-test", headers={"Host": host})
    assert asked
    assert set(asked) == {loopback_address(site.parts.settings)}
