"""The objects of a Slack export, as far as an import needs them.

https://slack.com/help/articles/220556107 describes the files, https://docs.slack.dev/reference/objects
the objects. Nothing in them is certain: a field that is missing is as if it were empty.
"""

from typing import Any

import msgspec

from chatapp.domain.structs import prepare


class SlackProfile(msgspec.Struct):
    display_name: str | None = None
    real_name: str | None = None
    email: str | None = None


class SlackUser(msgspec.Struct):
    id: str
    name: str | None = None
    real_name: str | None = None
    deleted: bool | None = None
    is_bot: bool | None = None
    profile: SlackProfile | None = None


class SlackLine(msgspec.Struct):
    """A topic or a purpose."""

    value: str | None = None


class SlackChannel(msgspec.Struct):
    id: str
    name: str | None = None
    created: float | None = None
    creator: str | None = None
    is_archived: bool | None = None
    is_general: bool | None = None
    members: list[str] | None = None
    topic: SlackLine | None = None
    purpose: SlackLine | None = None


class SlackReaction(msgspec.Struct):
    name: str
    users: list[str] = []
    count: int | None = None


class SlackEdited(msgspec.Struct):
    ts: str | None = None


class SlackFile(msgspec.Struct):
    id: str = ""
    name: str | None = None
    title: str | None = None
    mode: str | None = None
    permalink: str | None = None


class SlackAttachment(msgspec.Struct):
    """`from_url` is set for the preview of a link, which the text has. `is_msg_unfurl`: it shows
    the message of the time `ts` in a channel."""

    from_url: str | None = None
    is_msg_unfurl: bool | None = None
    channel_id: str | None = None
    ts: str | int | float | None = None
    pretext: str | None = None
    title: str | None = None
    title_link: str | None = None
    text: str | None = None
    fallback: str | None = None


class SlackMessage(msgspec.Struct):
    type: str | None = None
    subtype: str | None = None
    ts: str | None = None
    user: str | None = None
    bot_id: str | None = None
    username: str | None = None
    user_profile: SlackProfile | None = None
    text: str | None = None
    thread_ts: str | None = None
    reply_count: int | None = None
    edited: SlackEdited | None = None
    reactions: list[SlackReaction] | None = None
    files: list[SlackFile] | None = None
    file: SlackFile | None = None
    attachments: list[SlackAttachment] | None = None
    topic: str | None = None
    name: str | None = None
    inviter: Any = None


prepare([list[SlackMessage], SlackMessage, list[SlackUser], list[SlackChannel], SlackUser])
prepare([SlackChannel, list[msgspec.Raw]])
