"""Markdown of articles as HTML that nothing dangerous can be in: no raw HTML, few tags, pictures of our own only.

Emphasis beside Japanese marks works as people expect (`**「OK」**を`), which CommonMark leaves as asterisks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import isWhiteSpace
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import emphasis as standard
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

TAGS = {
    *("h2", "h3", "h4", "p", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "hr", "br", "a", "img"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_WIDE = re.compile(
    "[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U0001f000-\U0003ffff]"
)

Address = Callable[[str], str]
"""From `article:slug`, `shot:name`, `picture:id` to an address on this site; nothing for what is not there."""


def html(text: str, *, address: Address) -> str:
    """The HTML of an article's text. Headings begin at the second level: the title is the first."""
    reader = _reader()
    listed = reader.parse(text)
    for token in listed:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(max(int(token.tag[1]), 2), 4)}"
        if token.type == "th_open":
            token.attrSet("scope", "col")
        for child in token.children or ():
            _lead(child, address)
    drawn = reader.renderer.render(listed, reader.options, {})
    return nh3.clean(
        drawn,
        tags=TAGS,
        attributes={"a": {"href"}, "img": {"src", "alt"}, "th": {"scope"}},
        url_schemes={"https", "http", "mailto"},
        attribute_filter=_only_own_pictures,
        link_rel="noopener noreferrer",
    )


def plain(text: str) -> str:
    """The words of an article's text, for the index and for excerpts."""
    words: list[str] = []
    for token in _reader().parse(text):
        for child in token.children or ():
            if child.type in ("text", "code_inline"):
                words.append(child.content)
            elif child.type == "image":
                words.append(f"{child.content} ")
            elif child.type in ("softbreak", "hardbreak"):
                words.append("")
        if token.type in ("fence", "code_block"):
            words.append(token.content)
        if token.type.endswith("_close"):
            words.append(" ")
    return " ".join("".join(words).split())


def pictures(text: str) -> int:
    """How many pictures an article's text has (003-3)."""
    return sum(child.type == "image" for token in _reader().parse(text) for child in token.children or ())


def _lead(token: Token, address: Address) -> None:
    name = "src" if token.type == "image" else "href"
    target = str(token.attrGet(name) or "")
    kind, colon, _rest = target.partition(":")
    if token.type == "image":
        own = address(target) if colon and kind in ("shot", "picture") else ""
        token.attrSet("src", own)
        token.type = "image" if own else "text"
    elif colon and kind in ("article", "screen"):
        token.attrSet("href", address(target))


def _only_own_pictures(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src":
        return value if re.match(r"/(?![/\\])", value) else None
    return value


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.validateLink = lambda url: not re.match(r"\s*(?:javascript|vbscript|file|data):", url, re.IGNORECASE)  # type: ignore[method-assign]
    reader.inline.ruler.at("emphasis", _emphasis)
    reader.add_render_rule("image", _image)
    return reader


def _image(_renderer: object, tokens: list[Token], place: int, _options: object, _env: object) -> str:
    token = tokens[place]
    return f'<img src="{escape(str(token.attrGet("src") or ""))}" alt="{escape(token.content)}">'


def _emphasis(state: StateInline, silent: bool) -> bool:
    """The standard rule, but a run of `*` beside a wide letter may open before anything and close after anything."""
    start = state.pos
    marker = state.src[start]
    if silent or marker != "*":
        return standard.tokenize(state, silent)
    scanned = state.scanDelims(start, True)
    before = state.src[start - 1] if start else " "
    after = state.src[start + scanned.length] if start + scanned.length < state.posMax else " "
    opens, closes = scanned.can_open, scanned.can_close
    if _WIDE.match(before) or _WIDE.match(after):
        opens, closes = not isWhiteSpace(ord(after)), not isWhiteSpace(ord(before))
    for _place in range(scanned.length):
        token = state.push("text", "", 0)
        token.content = marker
        state.delimiters.append(
            Delimiter(
                marker=ord(marker),
                length=scanned.length,
                token=len(state.tokens) - 1,
                end=-1,
                open=opens,
                close=closes,
            )
        )
    state.pos += scanned.length
    return True
