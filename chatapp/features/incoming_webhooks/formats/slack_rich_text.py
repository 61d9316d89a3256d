"""Slack's block `rich_text` as Markdown: sections, lists, quotes and preformatted text.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from chatapp.features.incoming_webhooks.formats.payload import PayloadPart
from chatapp.features.incoming_webhooks.formats.slack_text import EVERYONE, SlackText
from chatapp.features.incoming_webhooks.formats.writing import (
    block,
    joined,
    line,
    linked,
    moment,
    one_line,
    plain,
    quoted,
)

MAX_ELEMENTS = 500
MAX_INDENT = 8
_MARKS = {"bold": "**", "italic": "_", "strike": "~~"}


def rich_text(part: PayloadPart, texts: SlackText) -> str:
    """The elements of a block, one under the other."""
    return joined(*(_element(each, texts) for each in part.parts("elements", MAX_ELEMENTS)))


def _element(part: PayloadPart, texts: SlackText) -> str:
    kind = part.text("type")
    if kind == "rich_text_section":
        shown = _inline(part, texts)
    elif kind == "rich_text_quote":
        shown = quoted(_inline(part, texts))
    elif kind == "rich_text_preformatted":
        shown = block("".join(_raw(each) for each in part.parts("elements", MAX_ELEMENTS)))
    elif kind == "rich_text_list":
        shown = _list(part, texts)
    else:
        part.unknown.add(f"{part.path} ({kind})")
        return ""
    part.skip("border", "language")
    part.name_rest()
    return shown


def _list(part: PayloadPart, texts: SlackText) -> str:
    is_numbered = part.text("style") == "ordered"
    indent = "   " * max(0, min(part.number("indent") or 0, MAX_INDENT))
    first = max(0, min(part.number("offset") or 0, 9999)) + 1
    lines = []
    for index, item in enumerate(part.parts("elements", MAX_ELEMENTS)):
        item.skip("type")
        mark = f"{first + index}." if is_numbered else "-"
        words = _inline(item, texts).replace("\n", f"\n{indent}  ")
        lines.append(f"{indent}{mark} {words}")
        item.name_rest()
    return "\n".join(lines)


def _inline(part: PayloadPart, texts: SlackText) -> str:
    return "".join(_piece(each, texts) for each in part.parts("elements", MAX_ELEMENTS))


def _raw(part: PayloadPart) -> str:
    """In preformatted text, links are their labels."""
    part.skip("type", "style", "unsafe")
    shown = part.text("text") or part.text("url")
    part.skip("url")
    part.name_rest()
    return shown


def _piece(part: PayloadPart, texts: SlackText) -> str:
    kind = part.text("type")
    if kind == "text":
        shown = _styled(part, part.text("text"))
    elif kind == "link":
        label = part.text("text")
        shown = linked(line(label), part.text("url")) if label else part.text("url")
    elif kind == "emoji":
        shown = _emoji(part, texts)
    elif kind == "broadcast":
        part.skip("range")
        shown = EVERYONE
    elif kind in ("user", "channel", "usergroup"):
        sign = "#" if kind == "channel" else "@"
        shown = texts.markdown(f"<{sign}{one_line(part.text(f'{kind}_id'))}>")
    elif kind == "date":
        shown = line(part.text("fallback")) or moment(part.number("timestamp") or 0)
        part.skip("format", "timestamp", "url")
    elif kind == "color":
        shown = line(part.text("value"))
    else:
        part.unknown.add(f"{part.path} ({kind})")
        return ""
    part.skip("style", "unsafe")
    part.name_rest()
    return shown


def _emoji(part: PayloadPart, texts: SlackText) -> str:
    name = f":{one_line(part.text('name'))}:"
    known = texts.emoji(name)
    if known != name:
        part.skip("unicode")
        return known
    try:
        return "".join(chr(int(each, 16)) for each in part.text("unicode").split("-")) or name
    except (ValueError, OverflowError):
        return name


def _styled(part: PayloadPart, text: str) -> str:
    style = part.part("style")
    if style.flag("code"):
        style.skip(*_MARKS)
        return f"`{text.replace('`', chr(39))}`" if text.strip() else text
    marks = "".join(mark for name, mark in _MARKS.items() if style.flag(name))
    style.skip("underline", "highlight", "client_highlight", "unlink")
    style.name_rest()
    words = text.strip()
    if not marks or not words:
        return plain(text)
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    closing = "".join(mark for name, mark in reversed(_MARKS.items()) if mark in _split(marks))
    return f"{before}{marks}{plain(words)}{closing}{after}"


def _split(marks: str) -> set[str]:
    return {mark for mark in _MARKS.values() if mark in marks}
