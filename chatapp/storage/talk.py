"""The Markdown of messages as HTML that is safe in a page: what static/js/lib/markdown.js shows.

No HTML gets through, no image, no reference, and links lead to web and mail addresses only.
"""

import re
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

_NOT_IN_TALK = [
    "heading", "lheading", "hr", "reference", "html_block", "html_inline", "entity", "image",
]  # fmt: skip
_SAFE_LINK = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>]*[^\s<>\"'.,:;!?)\]}*_~]")
_MARKUP = re.compile(r"[\\`*_~\[\]|>+\-=]|\d[.)]|https?:|^[ \t]", re.MULTILINE)
"""Without any of these, a text is words and lines; most are."""


class Talk:
    """Renders texts."""

    def __init__(self) -> None:
        parser = MarkdownIt("js-default", {"html": False, "linkify": False, "breaks": True})
        parser.disable(_NOT_IN_TALK)
        parser.validateLink = lambda url: bool(_SAFE_LINK.match(url))  # type: ignore[method-assign]
        for rule in (_text, _link_open, _link_close):
            parser.add_render_rule(rule.__name__.lstrip("_"), rule)
        self._parser = parser

    def html(self, text: str) -> str:
        if not _MARKUP.search(text):
            paragraphs = re.split(r"\n[ \t]*\n+", escape(text.strip("\n")))
            return "".join(f"<p>{lines}</p>" for lines in paragraphs).replace("\n", "<br>")
        rendered: str = self._parser.render(text, {})
        return rendered


def _text(
    renderer: RendererHTML, tokens: list[Token], index: int, _options: Any, env: dict[str, Any]
) -> str:
    """Web addresses are links, unless they stand in one."""
    content = tokens[index].content
    if env.get("in_link"):
        return escape(content)
    pieces, end = [], 0
    for found in _ADDRESS.finditer(content):
        address = escape(found[0])
        pieces += [escape(content[end : found.start()]), f'<a href="{address}">{address}</a>']
        end = found.end()
    return "".join([*pieces, escape(content[end:])])


def _link_open(
    renderer: RendererHTML, tokens: list[Token], index: int, options: Any, env: dict[str, Any]
) -> str:
    env["in_link"] = True
    return renderer.renderToken(tokens, index, options, env)


def _link_close(
    renderer: RendererHTML, tokens: list[Token], index: int, options: Any, env: dict[str, Any]
) -> str:
    env["in_link"] = False
    return renderer.renderToken(tokens, index, options, env)
