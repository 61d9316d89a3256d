"""Slack's blocks as Markdown: header, section, context, divider, image, rich_text, actions.

https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Callable

from chatapp.features.incoming_webhooks.formats.payload import PayloadPart
from chatapp.features.incoming_webhooks.formats.slack_rich_text import rich_text
from chatapp.features.incoming_webhooks.formats.slack_text import SlackText
from chatapp.features.incoming_webhooks.formats.writing import (
    bold,
    joined,
    line,
    link,
    plain,
    seen,
    web_address,
)

MAX_BLOCKS = 50
MAX_ELEMENTS = 25
DIVIDER = "———"


def blocks_of(part: PayloadPart, texts: SlackText) -> str:
    """The list `blocks` of a payload or an attachment, one under the other."""
    return joined(*(_block(each, texts) for each in part.parts("blocks", MAX_BLOCKS)))


def _block(part: PayloadPart, texts: SlackText) -> str:
    kind = part.text("type")
    reader = _BLOCKS.get(kind)
    if reader is None:
        part.unknown.add(f"{part.path} ({kind})")
        return ""
    shown = reader(part, texts)
    part.skip("block_id", "expand")
    part.name_rest()
    return shown


def text_object(part: PayloadPart, texts: SlackText) -> str:
    """`{"type": "mrkdwn" or "plain_text", "text": …}`."""
    kind, text = part.text("type"), part.text("text")
    part.skip("emoji", "verbatim")
    part.name_rest()
    return texts.markdown(text) if kind == "mrkdwn" else texts.emoji(plain(text))


def _header(part: PayloadPart, texts: SlackText) -> str:
    part.skip("level")
    return bold(" ".join(text_object(part.part("text"), texts).split()))


def _section(part: PayloadPart, texts: SlackText) -> str:
    text = text_object(part.part("text"), texts)
    fields = [text_object(each, texts) for each in part.parts("fields", MAX_ELEMENTS)]
    return joined(text, *fields, _element(part.part("accessory"), texts))


def _context(part: PayloadPart, texts: SlackText) -> str:
    elements = [_element(each, texts) for each in part.parts("elements", MAX_ELEMENTS)]
    return " · ".join(each for each in elements if each)


def _divider(_part: PayloadPart, _texts: SlackText) -> str:
    return DIVIDER


def _image(part: PayloadPart, texts: SlackText) -> str:
    title, alt = text_object(part.part("title"), texts), part.text("alt_text")
    return _picture(title, alt, part.text("image_url") or _slack_file(part))


def _video(part: PayloadPart, texts: SlackText) -> str:
    title = text_object(part.part("title"), texts) or line(part.text("alt_text"))
    part.skip("alt_text", "thumbnail_url", "provider_icon_url", "provider_name", "author_name")
    about = text_object(part.part("description"), texts)
    address = part.text("title_url") or part.text("video_url")
    part.skip("video_url")
    if not title and not address:
        part.unknown.add(f"{part.path} (video)")
        return ""
    return joined(f"🎬 {link(title, address)}", about)


def _markdown(part: PayloadPart, _texts: SlackText) -> str:
    return seen(part.text("text"))


def _actions(part: PayloadPart, texts: SlackText) -> str:
    return _context(part, texts)


_BLOCKS: dict[str, Callable[[PayloadPart, SlackText], str]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "divider": _divider,
    "image": _image,
    "video": _video,
    "markdown": _markdown,
    "rich_text": rich_text,
    "actions": _actions,
}


def _element(part: PayloadPart, texts: SlackText) -> str:
    """An image, a text, or a button with an address. Nothing here can be pressed otherwise."""
    if not part:
        return ""
    kind = part.text("type")
    if kind in ("mrkdwn", "plain_text"):
        return text_object(part, texts)
    if kind == "image":
        shown = _picture("", part.text("alt_text"), part.text("image_url") or _slack_file(part))
    elif kind == "button" and web_address(part.text("url")):
        label = text_object(part.part("text"), texts)
        shown = link(label, part.text("url"))
        part.skip("action_id", "value", "style", "accessibility_label", "confirm")
    else:
        part.unknown.add(f"{part.path} ({kind})")
        return ""
    part.name_rest()
    return shown


def _picture(title: str, alt: str, url: str) -> str:
    """Pictures of other hosts are links here, so that nothing is loaded without a click."""
    label = title or line(alt) or "image"
    return f"🖼 {link(label, url)}"


def _slack_file(part: PayloadPart) -> str:
    file = part.part("slack_file")
    url = file.text("url")
    file.name_rest()
    return url
