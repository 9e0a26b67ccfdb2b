"""Markdown as the HTML that the chat's own style sheets know, for pages that the server writes. No I/O.

The elements and classes are those that `static/js/markdown/` makes, without the buttons, which need a script.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from webapp.transcripts.rendering import Rendering

_GROUP_OPEN, _GROUP_CLOSE = '<div class="markdown-section"><div class="markdown-group">\n', "</div></div>\n"
_NOTES_OPEN, _NOTES_CLOSE = '<section class="footnotes" aria-label="Footnotes">\n<ol>\n', "</ol>\n</section>\n"
LONGEST_LANGUAGE = 40


class ChatMarkup(Rendering):
    """Renders texts as the chat shows them, for an element of the class `markdown`. Safe for threads."""

    def __init__(self) -> None:
        """Its policy is the safe one."""
        super().__init__()
        rules: dict[str, Callable[..., str]] = {
            "fence": _code_block,
            "code_block": _code_block,
            "table_open": _table_open,
            "table_close": _table_close,
            "list_item_open": _item_open,
            "footnote_ref": _note_link,
            "footnote_block_open": lambda *_: f"{_GROUP_CLOSE}{_NOTES_OPEN}",
            "footnote_block_close": lambda *_: _NOTES_CLOSE,
            "footnote_open": _note_open,
            "footnote_close": lambda *_: "</div></li>\n",
            "footnote_anchor": _note_back,
        }
        for kind, rule in rules.items():
            self._markdown.add_render_rule(kind, rule)

    def html(self, text: str, *, name: str = "") -> str:
        """The text as HTML. `name` begins the ids of its footnotes: one of its own for each text of a page."""
        html = super().html(text, name=name)
        if not html:
            return ""
        # Where there are footnotes, they have closed the group before them.
        return f"{_GROUP_OPEN}{html}" if html.endswith(_NOTES_CLOSE) else f"{_GROUP_OPEN}{html}{_GROUP_CLOSE}"

    def _apply(self, state: StateCore) -> None:
        for node in state.tokens:
            if node.type == "heading_open":
                node.attrSet("data-level", node.tag[1:])
        super()._apply(state)
        for node in state.tokens:
            if node.type in {"th_open", "td_open"}:
                aligned = str(node.attrs.pop("class", ""))
                if aligned:
                    node.attrSet("data-align", aligned.removeprefix("align-"))
                if node.type == "th_open":
                    node.attrSet("scope", "col")

    def _inlines(self, nodes: list[Token]) -> list[Token]:
        written = super()._inlines(nodes)
        for node in written:
            if node.type == "link_open":
                node.attrSet("target", "_blank")
                node.attrSet("rel", "noopener noreferrer nofollow ugc")
        return written


def _code_block(renderer: RendererHTML, nodes: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    language = (nodes[index].info.split() or ["text"])[0][:LONGEST_LANGUAGE]
    return (
        f'<figure class="code-block"><figcaption><span class="code-language">{escape(language)}</span></figcaption>'
        f'<pre tabindex="0" dir="ltr"><code>{escape(nodes[index].content)}</code></pre></figure>\n'
    )


def _table_open(*_: object) -> str:
    return '<div class="table-block"><div class="table-frame" tabindex="0" role="group" aria-label="Table">\n<table>\n'


def _table_close(*_: object) -> str:
    return "</table>\n</div></div>\n"


def _item_open(renderer: RendererHTML, nodes: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    done = nodes[index].meta.get("checked")
    if done is None:
        return "<li>"
    label, checked = ("Done", " checked") if done else ("Not done", "")
    return f'<li><input type="checkbox" disabled{checked} aria-label="{label}">'


def _note_link(renderer: RendererHTML, nodes: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    page, number = _note(nodes[index], env)
    own = "" if nodes[index].meta.get("subId") else f' id="{page}-note-link-{number}"'
    return (
        f'<sup><a class="note-link" href="#{page}-note-{number}"{own} aria-label="Footnote {number}">{number}</a></sup>'
    )


def _note_open(renderer: RendererHTML, nodes: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    page, number = _note(nodes[index], env)
    return f'<li id="{page}-note-{number}"><div>\n'


def _note_back(renderer: RendererHTML, nodes: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    if nodes[index].meta["subId"]:  # one way back is enough
        return ""
    page, number = _note(nodes[index], env)
    label = f"Back to the text of footnote {number}"
    return f'<a class="note-link" href="#{page}-note-link-{number}" aria-label="{label}">\u21a9\ufe0e</a>'


def _note(node: Token, env: EnvType) -> tuple[str, int]:
    """What the ids of this text's footnotes begin with, and the number of this one."""
    return escape(str(env.get("docId", ""))), int(node.meta["id"]) + 1
