"""What the JSON of DiscordChatExporter is made of. Fields that are not read are left out."""

import msgspec

from chatapp.domain.structs import prepare


class DiscordUser(msgspec.Struct, rename="camel"):
    id: str
    name: str
    discriminator: str | None = None
    nickname: str | None = None
    is_bot: bool = False


class DiscordAttachment(msgspec.Struct, rename="camel"):
    id: str
    file_name: str
    url: str = ""


class DiscordField(msgspec.Struct, rename="camel"):
    name: str = ""
    value: str = ""


class DiscordEmbed(msgspec.Struct, rename="camel"):
    title: str | None = None
    url: str | None = None
    description: str | None = None
    fields: list[DiscordField] = []


class DiscordEmoji(msgspec.Struct, rename="camel"):
    name: str
    id: str | None = None
    code: str = ""


class DiscordReaction(msgspec.Struct, rename="camel"):
    emoji: DiscordEmoji
    count: int = 0
    users: list[DiscordUser] = []


class DiscordReference(msgspec.Struct, rename="camel"):
    message_id: str | None = None
    channel_id: str | None = None


class DiscordSticker(msgspec.Struct, rename="camel"):
    name: str = ""


class DiscordMessage(msgspec.Struct, rename="camel"):
    id: str
    type: str
    timestamp: str
    author: DiscordUser
    content: str = ""
    timestamp_edited: str | None = None
    attachments: list[DiscordAttachment] = []
    embeds: list[DiscordEmbed] = []
    stickers: list[DiscordSticker] = []
    reactions: list[DiscordReaction] = []
    mentions: list[DiscordUser] = []
    reference: DiscordReference | None = None


class DiscordChannel(msgspec.Struct, rename="camel"):
    id: str
    name: str
    type: str = ""
    category_id: str | None = None
    topic: str | None = None


class DiscordHead(msgspec.Struct, rename="camel"):
    """What stands before the messages."""

    guild: dict[str, object]
    channel: DiscordChannel


prepare([DiscordHead, DiscordMessage])
