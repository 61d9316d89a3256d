"""Renders the Markdown of messages as safe HTML.

static/js/lib/markdown/markdown.js makes the same of it. HTML, images, headings and references are
not supported, and links lead to web and mail addresses only. tokens.py finds the links, mentions
and rooms in the parts that Markdown treats as text.

A backslash escapes the mark after it. It is hidden before `*`, `` ` ``, `~`, `[`, `]`, `@`, `#`
and `$`, and before a mark that begins a line; anywhere else it is shown, so that pasted text is
not changed: ¯\\_(ツ)_/¯, \\\\server\\share\\_docs.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from html import escape
from itertools import pairwise
from typing import Any, cast

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.renderer import RendererHTML
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token
from markdown_it.utils import EnvType

from chatapp.text.formulas import (
    MAX_BLOCK_LINES,
    end_of_block,
    end_of_formula,
    is_displayed,
    source_of,
)
from chatapp.text.tokens import NOBODY, Names, Span, inline_spans, is_spaceless

_DISABLED_RULES = [
    "heading", "lheading", "hr", "reference", "html_block", "html_inline", "entity", "image",
]  # fmt: skip
_SAFE_LINK = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
_MARKUP = re.compile(r"[\\`*_~\[\]|>+\-=$]|\d[.)]|^[ \t]", re.MULTILINE)
"""A text without any of these characters is plain words and lines; most texts are."""
MAX_BRACKETS = 500
"""static/js/lib/markdown/markdown-rules.js has the same number."""
_SIGNS = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_ESCAPED = frozenset("*`~[]@#$")
_BEGINS_A_LINE = re.compile(r"(?:^|\n)[ \t]*(?:\\[-+>#]|[0-9]{1,9}\\[.)])$")
_LONGEST_BEGINNING = 16
_TASK = re.compile(r"\[([ xX])\](?= )")
_CJK_SIGNS = re.compile("[\u3000-\u303f\uff00-\uff65]")
_ALIGNED = {f"text-align:{side}": f"align-{side}" for side in ("left", "center", "right")}


Emoji = Mapping[str, str]
"""The HTML of the chat's own emoji, by their names."""
NO_EMOJI: Emoji = {}


class Markdown:
    def __init__(self, formula: Callable[[str, bool], str | None] | None = None) -> None:
        """`formula(source, displayed)` is the HTML of a formula, or None to show its source;
        without it, all are shown as their source."""
        parser = MarkdownIt("js-default", {"html": False, "linkify": False, "breaks": True})
        parser.inline = _Inline()
        parser.disable(_DISABLED_RULES)
        parser.validateLink = lambda url: bool(_SAFE_LINK.match(url))  # type: ignore[method-assign]
        ends: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
        parser.block.ruler.before("fence", "formula", _formula_block, ends)
        parser.add_render_rule("formula", _render_formula(formula))
        parser.core.ruler.after("block", "math_fences", _take_math_fences)
        parser.core.ruler.after("block", "tasks", _render_checkboxes)
        parser.core.ruler.before("inline", "leave_plain", _skip_many_brackets)
        parser.add_render_rule("plain", _plain_paragraph)
        parser.add_render_rule("own_emoji", _own_emoji)
        parser.core.ruler.before("text_join", "links", _link_images)
        parser.core.ruler.push("alignment", _align)
        self._parser = parser

    def html(self, text: str, names: Names = NOBODY, emoji: Emoji = NO_EMOJI) -> str:
        if not _MARKUP.search(text):
            return self.plain(text, names, emoji)
        rendered: str = self._parser.render(text, {"names": names, "emoji": emoji})
        return rendered

    def plain(self, text: str, names: Names = NOBODY, emoji: Emoji = NO_EMOJI) -> str:
        """Renders a text without Markdown, such as an action: lines, links, mentions, emoji."""
        paragraphs = re.split(r"\n[ \t]*\n+", _plain(text.strip("\n"), names, emoji))
        return "".join(f"<p>{lines}</p>" for lines in paragraphs).replace("\n", "<br>")


def _plain(text: str, names: Names, emoji: Emoji) -> str:
    pieces, done = [], 0
    for start, end, kind, value in inline_spans(text, names, emoji=emoji):
        shown = escape(text[start:end])
        if kind == "emoji":
            pieces += [escape(text[done:start]), emoji[value]]
            done = end
            continue
        opening = f'<a href="{escape(value)}">' if kind == "link" else '<span class="mention">'
        closing = "</a>" if kind == "link" else "</span>"
        pieces += [escape(text[done:start]), opening, shown, closing]
        done = end
    return "".join([*pieces, escape(text[done:])])


class _State(StateInline):
    """Finds the tokens of its text, and allows emphasis next to Chinese and Japanese characters."""

    def __init__(self, src: str, md: MarkdownIt, env: EnvType, out: list[Token]) -> None:
        super().__init__(src, md, env, out)
        self.emoji: Emoji = env.get("emoji", NO_EMOJI)
        found = list(inline_spans(src, env.get("names", NOBODY), emoji=self.emoji))
        self._spans = {span.start: span for span in found}
        self._starts = [span.start for span in found]

    def span(self) -> Span | None:
        """The token that starts here, unless it is too long or a link inside a link."""
        span = None if self.linkLevel else self._spans.get(self.pos)
        return span if span and span.end <= self.posMax else None

    def next_start(self) -> int:
        index = bisect_right(self._starts, self.pos)
        return self._starts[index] if index < len(self._starts) else self.posMax

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:
        """In scripts without spaces, marks may open or close next to punctuation:
        これは**「太字」**です.
        """
        scanned = super().scanDelims(start, canSplitWord)
        before = self.src[start - 1 : start]
        behind = self.src[start + scanned.length : start + scanned.length + 1]
        if not canSplitWord or not before.strip() or not behind.strip():
            return scanned
        return Scanned(
            scanned.can_open or _is_cjk(before),
            scanned.can_close or _is_cjk(behind),
            scanned.length,
        )


class _Inline(ParserInline):
    """The inline parser of markdown-it-py, with another state and other rules."""

    def __init__(self) -> None:
        super().__init__()
        self.ruler.at("text", _text)
        self.ruler.at("escape", _escape)
        self.ruler.before("escape", "formula", _formula)

    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


def _text(state: StateInline, silent: bool) -> bool:
    """Read the text up to the next mark, or one of our tokens as a whole."""
    if span := cast(_State, state).span():
        if not silent:
            _push(state, span)
        state.pos = span.end
        return True
    terminator = state.md.inline.terminator_re.search(state.src, state.pos)
    stop = terminator.start() if terminator else state.posMax
    end = min(stop, state.posMax, cast(_State, state).next_start())
    if end == state.pos:
        return False
    if not silent:
        state.append_pending(state.src[state.pos : end])
    state.pos = end
    return True


def _push(state: StateInline, span: Span) -> None:
    if span.kind == "emoji":
        state.push("own_emoji", "", 0).content = cast(_State, state).emoji[span.value]
        return
    tag, name, value = "span", "class", "mention"
    if span.kind == "link":
        tag, name, value = "a", "href", state.md.normalizeLink(span.value)
    opening = state.push(f"{span.kind}_open", tag, 1)
    opening.attrs, opening.info = {name: value}, "auto"
    state.push("text", "", 0).content = state.src[span.start : span.end]
    state.push(f"{span.kind}_close", tag, -1)


def _escape(state: StateInline, silent: bool) -> bool:
    sign = state.src[state.pos + 1 : state.pos + 2]
    if state.src[state.pos] != "\\" or sign not in _SIGNS or state.pos + 1 >= state.posMax:
        return False
    if not silent:
        before = state.src[max(0, state.pos - _LONGEST_BEGINNING) : state.pos]
        begins = _BEGINS_A_LINE.search(f"{before}\\{sign}")
        token = state.push("text_special", "", 0)
        token.content = sign if sign in _ESCAPED or begins else f"\\{sign}"
        token.markup, token.info = f"\\{sign}", "escape"
    state.pos += 2
    return True


def _formula(state: StateInline, silent: bool) -> bool:
    end = (
        end_of_formula(state.src, state.pos, state.posMax) if state.src[state.pos] == "$" else None
    )
    if end is None:
        return False
    if not silent:
        token = state.push("formula", "span", 0)
        token.content = state.src[state.pos : end]
    state.pos = end
    return True


def _formula_block(state: StateBlock, start: int, stop: int, silent: bool) -> bool:
    """`$$ … $$` on lines of its own. Unlike code, it has to end."""
    if state.is_code_block(start):
        return False

    def line(number: int) -> str:
        return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]

    def following() -> Iterator[str | None]:
        for number in range(start + 1, min(stop, start + 1 + MAX_BLOCK_LINES)):
            is_outside = line(number) and state.sCount[number] < state.blkIndent
            yield None if is_outside else line(number)

    first = line(start)
    more = end_of_block(first, following()) if first.startswith("$$") else None
    if more is None:
        return False
    if not silent:
        state.line = start + 1 + more
        token = state.push("formula", "p", 0)
        token.block, token.map = True, [start, state.line]
        token.content = state.getLines(start, state.line, state.sCount[start], False).strip(" \t")
    return True


def _take_math_fences(state: StateCore) -> None:
    """A fence of math is a formula too."""
    for token in state.tokens:
        if token.type == "fence" and token.info.strip() == "math" and token.content.strip():
            token.type, token.tag, token.content = "formula", "p", f"$$\n{token.content}$$"


def _render_formula(
    draw: Callable[[str, bool], str | None] | None,
) -> Callable[[RendererHTML, list[Token], int, Any, Any], str]:
    def html(_: RendererHTML, tokens: list[Token], index: int, _options: Any, _env: Any) -> str:
        tag, formula = tokens[index].tag, tokens[index].content
        displayed = is_displayed(formula)
        drawn = draw(source_of(formula), displayed) if draw else None
        shown = escape(formula) if drawn is None else drawn
        return f'<{tag} class="math{" display" if displayed else ""}">{shown}</{tag}>'

    return html


def _render_checkboxes(state: StateCore) -> None:
    """Show - [ ] and - [x] as checkboxes."""
    for (item, paragraph), inline in zip(pairwise(state.tokens), state.tokens[2:], strict=False):
        is_first = (item.type, paragraph.type) == ("list_item_open", "paragraph_open")
        if is_first and (task := _TASK.match(inline.content)):
            box = "☐" if task[1] == " " else "☑"
            inline.content = box + inline.content[task.end() :]


def _skip_many_brackets(state: StateCore) -> None:
    """Leave a paragraph with very many brackets as plain text: it would take half a second."""
    for token in state.tokens:
        if token.type == "inline" and token.content.count("[") > MAX_BRACKETS:
            token.type = "plain"


def _plain_paragraph(
    renderer: RendererHTML, tokens: list[Token], index: int, _options: Any, _env: dict[str, Any]
) -> str:
    return escape(tokens[index].content).replace("\n", "<br>")


def _own_emoji(
    renderer: RendererHTML, tokens: list[Token], index: int, _options: Any, _env: dict[str, Any]
) -> str:
    return tokens[index].content


def _link_images(state: StateCore) -> None:
    """Show ![A picture](https://…) as a link, so that nothing is loaded without the reader's click.
    A link without a label shows its target."""
    for token in state.tokens:
        mended: list[Token] = []
        for child in token.children or []:
            opening = mended[-1] if mended else None
            if child.type == "link_open" and child.info != "auto":
                if opening and opening.type == "text":
                    opening.content = opening.content.removesuffix("!")
            elif child.type == "link_close" and opening and opening.type == "link_open":
                mended.append(Token("text", "", 0, content=str(opening.attrs["href"])))
            mended.append(child)
        if token.children is not None:
            token.children = mended


def _align(state: StateCore) -> None:
    """Mark the alignment of table cells by a class."""
    for token in state.tokens:
        style = _ALIGNED.get(str(token.attrs.get("style")))
        if style:
            token.attrs = {"class": style}


def _is_cjk(character: str) -> bool:
    return is_spaceless(character) or _CJK_SIGNS.match(character) is not None
