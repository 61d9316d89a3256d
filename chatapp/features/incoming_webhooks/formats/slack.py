"""Payloads of Slack's incoming webhooks, which most programs can send.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
"""

from chatapp.domain.limits import MAX_DISPLAY_NAME_CHARACTERS
from chatapp.features.incoming_webhooks.formats.converted import Converted
from chatapp.features.incoming_webhooks.formats.payload import PayloadPart, Unknown
from chatapp.features.incoming_webhooks.formats.slack_attachments import attachments_of
from chatapp.features.incoming_webhooks.formats.slack_blocks import blocks_of
from chatapp.features.incoming_webhooks.formats.slack_text import SlackText
from chatapp.features.incoming_webhooks.formats.writing import one_line, plain

_WITHOUT_EFFECT = (
    *("unfurl_links", "unfurl_media", "link_names", "parse", "response_type"),
    *("replace_original", "delete_original", "as_user"),
)


def slack(payload: object, room: str) -> Converted:
    """`text` is what programs without blocks show: where there are blocks, they replace it."""
    unknown = Unknown()
    part, texts = PayloadPart(payload, "", unknown), SlackText(unknown)
    text = part.text("text")
    is_mrkdwn = part.flag("mrkdwn", True)
    words = texts.markdown(text) if is_mrkdwn else texts.emoji(plain(text))
    blocks, attachments = blocks_of(part, texts), attachments_of(part, texts)
    thread = _thread(part)
    channel = one_line(part.text("channel")).removeprefix("#")
    if channel and channel != room:
        unknown.add("channel")
    name = one_line(part.text("username"), MAX_DISPLAY_NAME_CHARACTERS)
    sign = one_line(part.text("icon_emoji"), 70)
    also_to_room = part.flag("reply_broadcast")
    part.skip(*_WITHOUT_EFFECT)
    part.name_rest()
    return Converted(
        text="\n\n".join(each for each in (blocks or words, attachments) if each.strip()),
        unknown=unknown,
        name=name,
        sign=texts.emoji(sign),
        thread=thread,
        also_to_room=also_to_room and thread is not None,
    )


def _thread(part: PayloadPart) -> int | None:
    """The seq of a message of the room. A time of Slack, such as 1503435956.000247, is none."""
    thread = part.number("thread") if "thread" in part else None
    told = part.text("thread_ts")
    if thread is None and told:
        if told.isascii() and told.isdigit() and len(told) < 16:
            return int(told)
        part.unknown.add("thread_ts")
    return thread
