"""Markdown as HTML that is safe to show anywhere: CommonMark with GFM's tables, strikethrough, task items, footnotes.

Raw HTML is text. Links lead to web, mail and telephone addresses only; a picture of another host becomes a link, so
nothing is ever fetched. No I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import cast

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.footnote import footnote_plugin

from webapp.transcripts.addresses import allowed_link, bare_addresses, own_picture, web_host
from webapp.transcripts.effort import is_too_much

HEADINGS_BEGIN_AT = 3  # a page has one title, and each message a heading
_OPTIONS = {"html": False, "tasklists": True, "strikethrough_single_tilde": True, "maxNesting": 40}


@dataclass(frozen=True)
class Policy:
    """What becomes of addresses. `link` gives the address of a link or None; `picture` says whether to show it."""

    link: Callable[[str], str | None] = allowed_link
    picture: Callable[[str], bool] = own_picture
    headings_begin_at: int = HEADINGS_BEGIN_AT


class Rendering:
    """Renders texts by one policy. Safe for threads."""

    def __init__(self, policy: Policy | None = None, *, footnotes: bool = True) -> None:
        """The default policy is the safe one; others are for tests."""
        self._policy = policy or Policy()
        self._markdown = MarkdownIt("commonmark", _OPTIONS).enable(["table", "strikethrough"])
        if footnotes:
            self._markdown.use(footnote_plugin, inline=False)
        # Every address is a link at first: what a link may be is decided with the whole tree at hand.
        self._markdown.validateLink = lambda url: True  # type: ignore[method-assign]
        self._markdown.core.ruler.push("policy", self._apply)
        for kind in ("fence", "code_block"):
            self._markdown.add_render_rule(kind, _code)
        self._markdown.add_render_rule("table_open", _table_open)
        self._markdown.add_render_rule("table_close", _table_close)

    def html(self, text: str, *, name: str = "") -> str:
        """The text as HTML, or as it was written when that would take too long.

        `name` keeps the footnotes of several texts on one page apart.
        """
        if is_too_much(text):
            return f'<div class="as-written">{escape(text)}</div>\n'
        return str(self._markdown.render(text, {"docId": name}))

    def _apply(self, state: StateCore) -> None:
        for node in state.tokens:
            if node.type in {"heading_open", "heading_close"}:
                node.tag = f"h{min(6, int(node.tag[1]) + self._policy.headings_begin_at - 1)}"
            elif node.type in {"th_open", "td_open"}:
                _align(node)
            elif node.type == "inline" and node.children:
                node.children = self._inlines(node.children)

    def _inlines(self, nodes: list[Token]) -> list[Token]:
        """The inlines of one block with only those links and pictures that may be there."""
        written: list[Token] = []
        links: list[bool] = []  # the links that are open here: is each one kept?
        for node in nodes:
            if node.type == "link_open":
                links.append(self._keep_link(node))
                if links[-1]:
                    written.append(node)
            elif node.type == "link_close":
                if links.pop():
                    written.append(node)
            elif node.type == "image":
                written += self._picture(node, inside_link=any(links))
            elif node.type == "text" and not links:
                written += self._with_links(node)
            else:
                written.append(node)
        return written

    def _keep_link(self, node: Token) -> bool:
        address = self._policy.link(str(node.attrGet("href") or ""))
        if address is None:
            return False
        node.attrSet("href", address)
        if web_host(address):
            node.attrSet("rel", "noopener noreferrer nofollow")
        return True

    def _picture(self, node: Token, *, inside_link: bool) -> list[Token]:
        address = str(node.attrGet("src") or "")
        if self._policy.picture(address):
            return [node]
        renderer = cast(RendererHTML, self._markdown.renderer)
        words = renderer.renderInlineAsText(node.children or [], self._markdown.options, {})
        host = web_host(address)
        if inside_link or host is None:  # links do not nest
            return [_text(words)] if words else []
        return _link(address, f"{words} (picture at {host})" if words else f"picture at {host}")

    def _with_links(self, node: Token) -> list[Token]:
        """A plain text in which web addresses are links."""
        text, parts, at = node.content, list[Token](), 0
        for found in bare_addresses(text):
            address = self._policy.link(self._markdown.normalizeLink(text[found.start : found.end]))
            if address is None:
                continue
            parts += [_text(text[at : found.start]), *_link(address, text[found.start : found.end])]
            at = found.end
        return [*parts, _text(text[at:])] if parts else [node]


def _code(renderer: RendererHTML, nodes: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    """A block of code that can be scrolled from the keyboard: without scripts only what has the focus can be."""
    rule = RendererHTML.fence if nodes[index].type == "fence" else RendererHTML.code_block
    return rule(renderer, nodes, index, options, env).replace("<pre>", '<pre tabindex="0">', 1)


def _table_open(*_: object) -> str:
    """A table inside of what scrolls: one that scrolled itself would be no table for a screen reader."""
    return '<div class="table" tabindex="0">\n<table>\n'


def _table_close(*_: object) -> str:
    return "</table>\n</div>\n"


def _align(node: Token) -> None:
    """How a cell is aligned, as a class: a page that is safe takes no styles of elements."""
    style = str(node.attrs.pop("style", ""))
    if style:
        node.attrSet("class", style.replace("text-align:", "align-"))


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _link(address: str, words: str) -> list[Token]:
    opening = Token("link_open", "a", 1, attrs={"href": address, "rel": "noopener noreferrer nofollow"})
    return [opening, _text(words), Token("link_close", "a", -1)]
