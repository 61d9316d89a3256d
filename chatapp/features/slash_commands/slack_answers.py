"""What a webhook answers to a command: for everyone, or for who has typed it.

    200 OK                                             it is done, and there is nothing to say
    text/plain                                         a text for who has typed it
    {"response_type": "ephemeral", "text": "…"}        the same
    {"response_type": "in_channel", "text": "…"}       a message of the webhook's bot

Of a webhook that gets Slack's form, the texts are mrkdwn, and blocks are shown; of one that gets
our JSON, they are Markdown.
"""

from typing import Any

import msgspec

from chatapp.domain.errors import BadPayload
from chatapp.features.incoming_webhooks.formats.slack import slack

MAX_ANSWER_BYTES = 64 * 1024


class GivenAnswer(msgspec.Struct, frozen=True):
    """`is_for_all`: whether it is a message, or only for who has typed the command."""

    text: str
    is_for_all: bool = False


_decode = msgspec.json.Decoder(dict[str, Any]).decode


def answer_of(body: bytes, type: str, *, room: str, is_slack: bool) -> GivenAnswer | None:
    """None if there is nothing to say; raises `BadPayload`."""
    if len(body) > MAX_ANSWER_BYTES:
        raise BadPayload(f"An answer has at most {MAX_ANSWER_BYTES // 1024} KB.")
    if not body.strip():
        return None
    try:
        if type.partition(";")[0].strip().lower() != "application/json":
            return _of_text(body.decode())
        payload = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadPayload("The answer is neither a JSON object nor text in UTF-8.") from None
    text = slack(payload, room).text if is_slack else payload.get("text", "")
    if not isinstance(text, str):
        raise BadPayload("The text of the answer is no text.")
    return _of_text(text, is_for_all=payload.get("response_type") == "in_channel")


def _of_text(text: str, *, is_for_all: bool = False) -> GivenAnswer | None:
    return GivenAnswer(text.strip(), is_for_all) if text.strip() else None
