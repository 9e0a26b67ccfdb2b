"""What the embed relies on in browsers, tried in a real one: docs/embedding.md, "What browsers do", says the same.

No widget here: other names play the host and the frame, so a change in a browser shows up as such.
"""

from __future__ import annotations

import struct
import zlib

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page

from tests.browser.embed_world import Sites
from tests.browser.host_visit import REFUSED, frame_at, wait_for

pytestmark = pytest.mark.browser
FRAME = "frame.test"
SESSION = "sessionStorage.count = Number(sessionStorage.count ?? 0) + 1"
COOKIES = "SameSite=None; Secure; Path=/"


def opened(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    page.goto(url)
    return page


def inside(page: Page, sites: Sites) -> Frame:
    """The frame, once it is there; `frame_at(page, REFUSED)` is what there is instead of one that is refused."""
    return frame_at(page, sites.origin(FRAME))


def colour(page: Page, x: int, y: int) -> tuple[int, ...]:
    """The colour of one pixel of what is shown."""
    png = page.screenshot(clip={"x": x, "y": y, "width": 1, "height": 1})
    at, data, kind = 8, b"", b""
    while kind != b"IEND":
        size, kind = struct.unpack_from(">I4s", png, at)
        data += png[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += 12 + size
    return tuple(zlib.decompress(data)[1:4])


def frame_loads(sites: Sites, path: str) -> int:
    return len([seen for seen in sites.at_hosts() if seen.host.startswith(FRAME) and seen.path == path])


def host_of(sites: Sites, site: str, path: str, attributes: str = "", head: str = "", **headers: str) -> str:
    """A host page with one iframe; returns the page's address."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = f"<!doctype html>{head}<body><iframe id=frame src='{sites.origin(FRAME)}{path}' {attributes}></iframe>"
    return sites.put(site, f"/host-of{path}", body, named)


def test_an_iframe_that_is_put_in_again_loads_again_and_keeps_its_session_storage(
    context: BrowserContext, sites: Sites
) -> None:
    sites.put(FRAME, "/counted", f"<script>{SESSION}; parent.postMessage(sessionStorage.count, '*')</script>")
    said = "<script>window.counts = []; addEventListener('message', ({ data }) => counts.push(data))</script>"
    page = opened(context, host_of(sites, "shop.test", "/counted", head=said))
    sites.forget()
    page.evaluate("() => document.body.append(document.getElementById('frame'))")
    wait_for(page, lambda: page.evaluate("() => counts.length") >= 2, lambda: "another load of the frame")
    assert page.evaluate("() => counts") == ["1", "2"]
    assert frame_loads(sites, "/counted") == 1


def test_an_iframe_can_be_moved_without_loading_only_while_its_old_place_is_in_the_page(
    context: BrowserContext, sites: Sites
) -> None:
    sites.put(FRAME, "/moved", f"<script>{SESSION}</script>")
    page = opened(context, host_of(sites, "shop.test", "/moved"))
    sites.forget()
    page.evaluate("() => document.body.moveBefore(document.getElementById('frame'), null)")
    page.wait_for_timeout(300)
    assert frame_loads(sites, "/moved") == 0
    refused = """() => {
      const frame = document.getElementById("frame"), body = document.createElement("body");
      document.body.replaceWith(body);  // as Turbo does; whoever watches hears of it afterwards
      try { body.moveBefore(frame, null); return "moved" } catch (error) { return error.name }
    }"""
    assert page.evaluate(refused) == "HierarchyRequestError"


@pytest.mark.parametrize(
    ("style", "scheme", "shown"),
    [
        ("", "light", (255, 255, 255)),
        ("color-scheme: normal", "light", (0, 128, 0)),
        ("color-scheme: normal", "dark", (18, 18, 18)),
        ("color-scheme: dark", "dark", (0, 128, 0)),
    ],
)
def test_a_frame_gets_an_opaque_backdrop_when_its_scheme_is_not_the_iframes(
    context: BrowserContext, sites: Sites, style: str, scheme: str, shown: tuple[int, ...]
) -> None:
    sites.put(FRAME, "/schemed", f"<!doctype html><style>:root {{ color-scheme: {scheme} }}</style>")
    dark = "<style>:root { color-scheme: dark; background: rgb(0, 128, 0) }</style>"
    page = opened(context, host_of(sites, "shop.test", "/schemed", f"style='{style}; border: 0'", dark))
    wait_for(page, lambda: colour(page, 60, 60) == shown, lambda: f"{shown}, it is {colour(page, 60, 60)}")


def test_a_page_with_tls_shows_no_frame_without_except_of_this_machine(context: BrowserContext, sites: Sites) -> None:
    sites.put(FRAME, "/plain", "<p>plain</p>")
    address = f"{sites.plain_origin(FRAME)}/plain"
    loopback = f"http://127.0.0.1:{sites.front.plain_port}/"
    body = f"<iframe src='{address}'></iframe><iframe src='{loopback}'></iframe>"
    sites.forget()
    page = opened(context, sites.put("shop.test", "/mixed", body))
    page.wait_for_timeout(500)
    assert frame_loads(sites, "/plain") == 0
    assert frame_at(page, loopback)
    assert [frame.url for frame in page.frames[1:]] == ["", loopback]


def test_cookies_of_a_frame(context: BrowserContext, sites: Sites) -> None:
    """Partitioned ones come back to the same pair of sites only; Lax and Strict ones never do."""
    kinds = [f"part=1; {COOKIES}; Partitioned", f"third=1; {COOKIES}", "lax=1; SameSite=Lax; Secure"]
    sites.put(FRAME, "/cookies", f"<script>for (const one of {kinds}) document.cookie = one</script>")
    in_shop = opened(context, host_of(sites, "shop.test", "/cookies"))
    sites.forget()
    in_shop.reload()
    opened(context, host_of(sites, "blog.test", "/cookies"))
    opened(context, f"{sites.origin(FRAME)}/cookies")
    sent = [seen.headers.get("cookie") for seen in sites.at_hosts() if seen.host.startswith(FRAME)][:3]
    assert sent == ["part=1", None, None]


def test_storage_of_a_frame_is_apart_for_each_site_around_it(context: BrowserContext, sites: Sites) -> None:
    sites.put(FRAME, "/stored", "<p>stored</p>")
    swap = "() => { const was = localStorage.who; localStorage.who = 'x'; return was }"
    around = [host_of(sites, name, "/stored") for name in ("shop.test", "blog.test", "shop.test")]
    assert [inside(opened(context, url), sites).evaluate(swap) for url in around] == [None, None, "x"]


def test_a_frame_may_have_no_storage_and_still_its_cookies(forgetful: Browser, sites: Sites) -> None:
    sites.put(FRAME, "/none", f"<script>document.cookie='part=1; {COOKIES}; Partitioned'</script>")
    with forgetful.new_context() as context:
        frame = inside(opened(context, host_of(sites, "shop.test", "/none")), sites)
        for storage in ("localStorage", "sessionStorage"):
            assert frame.evaluate(f"() => {{ try {{ return {storage}.length }} catch (e) {{ return e.name }} }}") == (
                "SecurityError"
            )
        assert frame.evaluate("() => document.cookie") == "part=1"


def test_a_refused_frame_says_load_and_gets_no_message(context: BrowserContext, sites: Sites) -> None:
    origin = sites.origin(FRAME)
    sites.put(FRAME, "/refused", "<p>never</p>", {"Content-Security-Policy": "frame-ancestors 'self'"})
    said = """<script>
      window.loads = 0;
      addEventListener("DOMContentLoaded", () => frame.addEventListener("load", () => window.loads++));
    </script>"""
    page = opened(context, host_of(sites, "shop.test", "/refused", head=said))
    refused = frame_at(page, REFUSED)
    page.wait_for_timeout(300)
    assert page.evaluate("() => window.loads") == 1
    refused.evaluate("() => { window.heard = 0; addEventListener('message', () => window.heard++) }")
    page.evaluate("origin => frame.contentWindow.postMessage('hello', origin)", origin)
    page.wait_for_timeout(200)
    assert refused.evaluate("() => window.heard") == 0


def test_frame_ancestors_wins_over_x_frame_options(context: BrowserContext, sites: Sites) -> None:
    headers = {
        "Content-Security-Policy": f"frame-ancestors {sites.origin('shop.test')}",
        "X-Frame-Options": "DENY",
    }
    sites.put(FRAME, "/both", "<p>shown</p>", headers)
    shown = opened(context, host_of(sites, "shop.test", "/both"))
    assert inside(shown, sites).locator("p").inner_text() == "shown"
    assert frame_at(opened(context, host_of(sites, "evil.test", "/both")), REFUSED)


def test_a_sandbox_without_same_origin_has_no_origin_and_no_storage(context: BrowserContext, sites: Sites) -> None:
    sites.put(FRAME, "/boxed", "<p>boxed</p>")
    page = opened(context, host_of(sites, "shop.test", "/boxed", "sandbox='allow-scripts'"))
    boxed = inside(page, sites)
    assert boxed.evaluate("() => self.origin") == "null"
    assert boxed.evaluate("() => { try { return localStorage.length } catch (e) { return e.name } }") == "SecurityError"


def test_an_isolated_page_shows_frames_that_agree_or_have_no_credentials(context: BrowserContext, sites: Sites) -> None:
    isolated = {"Cross_Origin_Embedder_Policy": "require-corp", "Cross_Origin_Opener_Policy": "same-origin"}
    agrees = {"Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Resource-Policy": "cross-origin"}
    sites.put(FRAME, "/agrees", "<p>shown</p>", agrees)
    sites.put(FRAME, "/silent", "<p>shown</p>", {"Cross-Origin-Resource-Policy": "cross-origin"})
    shown = opened(context, host_of(sites, "shop.test", "/agrees", **isolated))
    assert inside(shown, sites).locator("p").inner_text() == "shown"
    assert frame_at(opened(context, host_of(sites, "shop.test", "/silent", **isolated)), REFUSED)
    apart = opened(context, host_of(sites, "shop.test", "/silent", "credentialless", **isolated))
    assert inside(apart, sites).locator("p").inner_text() == "shown"
    assert apart.evaluate("() => crossOriginIsolated") is True
    inside(apart, sites).evaluate("() => { localStorage.kept = 'x' }")
    apart.reload()
    assert inside(apart, sites).evaluate("() => localStorage.kept") is None


def test_a_strict_policy_allows_adopted_sheets_and_the_style_object(context: BrowserContext, sites: Sites) -> None:
    policy = "default-src 'none'; script-src 'nonce-x'; require-trusted-types-for 'script'"
    body = """<!doctype html><body><script nonce=x>
      window.violations = [];
      addEventListener("securitypolicyviolation", event => window.violations.push(event.effectiveDirective));
      const box = document.createElement("div"), root = box.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync("p { color: rgb(1, 2, 3) }");
      root.adoptedStyleSheets = [sheet];
      root.append(document.createElement("p"));
      root.firstChild.style.setProperty("background-color", "rgb(4, 5, 6)");
      document.body.append(box);
    </script>"""
    page = opened(context, sites.put("shop.test", "/strict-facts", body, {"Content-Security-Policy": policy}))
    look = "() => { const s = getComputedStyle(document.querySelector('div').shadowRoot.firstChild);"
    assert page.evaluate(f"{look} return [s.color, s.backgroundColor] }}") == ["rgb(1, 2, 3)", "rgb(4, 5, 6)"]
    assert page.evaluate("() => window.violations") == []
    page.evaluate("() => document.querySelector('div').setAttribute('style', 'color: red')")
    page.wait_for_timeout(100)
    assert page.evaluate("() => window.violations") == ["style-src-attr"]


def test_a_frame_is_told_the_site_around_it_and_no_more(context: BrowserContext, sites: Sites) -> None:
    sites.put(FRAME, "/told", "<p>told</p>")
    sites.forget()
    opened(context, host_of(sites, "shop.test", "/told", "referrerpolicy='strict-origin'") + "?secret=1")
    asked = next(seen for seen in sites.at_hosts() if seen.path == "/told")
    assert asked.headers["referer"] == f"{sites.origin('shop.test')}/"
    assert (asked.headers["sec-fetch-dest"], asked.headers["sec-fetch-site"]) == ("iframe", "cross-site")
