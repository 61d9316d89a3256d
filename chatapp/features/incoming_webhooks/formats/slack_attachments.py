"""Slack's attachments as Markdown: a quote with a square of its colour, a title, fields, a footer.

https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments
"""

from chatapp.features.incoming_webhooks.formats.payload import PayloadPart
from chatapp.features.incoming_webhooks.formats.slack_blocks import blocks_of
from chatapp.features.incoming_webhooks.formats.slack_text import SlackText
from chatapp.features.incoming_webhooks.formats.writing import (
    bold,
    joined,
    line,
    link,
    linked,
    moment,
    quoted,
    square,
    web_address,
)

MAX_ATTACHMENTS = 100
MAX_FIELDS = 40
_WITHOUT_EFFECT = (
    *(
        "id",
        "mrkdwn_in",
        "callback_id",
        "attachment_type",
        "author_icon",
        "author_id",
        "footer_icon",
    ),
    *("footer_icon", "author_subname", "service_icon", "thumb_width", "thumb_height"),
    *("image_width", "image_height"),
)


def attachments_of(part: PayloadPart, texts: SlackText) -> str:
    attachments = part.parts("attachments", MAX_ATTACHMENTS)
    return "\n\n".join(filter(None, (_attachment(each, texts) for each in attachments)))


def _attachment(part: PayloadPart, texts: SlackText) -> str:
    pretext, colour = texts.markdown(part.text("pretext")), square(part.text("color"))
    inside = joined(
        link(part.text("author_name"), part.text("author_link")),
        bold(link(texts.emoji(part.text("title")), part.text("title_link"))),
        texts.markdown(part.text("text")),
        blocks_of(part, texts),
        *(_field(each, texts) for each in part.parts("fields", MAX_FIELDS)),
        _picture(part, "image_url"),
        _picture(part, "thumb_url"),
        *(_action(each, texts) for each in part.parts("actions", MAX_FIELDS)),
        _footer(part, texts),
    )
    fallback = part.text("fallback")
    if not inside and not pretext:
        inside = texts.markdown(fallback)
    part.skip(*_WITHOUT_EFFECT)
    part.name_rest()
    if not inside:
        return pretext
    return joined(pretext, quoted(f"{colour} {inside}" if colour else inside))


def _field(part: PayloadPart, texts: SlackText) -> str:
    title, value = line(texts.emoji(part.text("title"))), texts.markdown(part.text("value"))
    part.skip("short")
    part.name_rest()
    if not title or not value:
        return bold(title) or value
    return f"{bold(title)}: {value}" if "\n" not in value else f"{bold(title)}\n{value}"


def _picture(part: PayloadPart, name: str) -> str:
    address = part.text(name)
    return f"🖼 {linked('image', address)}" if web_address(address) else ""


def _action(part: PayloadPart, texts: SlackText) -> str:
    """A button with an address; nothing here can be pressed otherwise."""
    address = web_address(part.text("url"))
    if not address:
        if part:
            part.unknown.add(part.path)
        return ""
    label = link(texts.emoji(part.text("text")), address)
    part.skip("type", "style", "name", "value", "id", "confirm")
    part.name_rest()
    return label


def _footer(part: PayloadPart, texts: SlackText) -> str:
    service = line(part.text("service_name"))
    footer, at = texts.markdown(part.text("footer")), _time(part)
    return " · ".join(each for each in (service, footer, at) if each)


def _time(part: PayloadPart) -> str:
    try:
        seconds = float(part.text("ts") or "0")
    except ValueError:
        part.unknown.add(part.path_of("ts"))
        return ""
    return moment(seconds) if seconds else ""
