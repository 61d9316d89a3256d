"""The lines of a bulk export of Mattermost, as far as an import needs them.

https://docs.mattermost.com/administration-guide/onboard/bulk-loading-data.html describes them. Each
line has its `type`, and an object of this name.
"""

import msgspec

from chatapp.domain.structs import prepare


class MattermostTeam(msgspec.Struct):
    name: str
    display_name: str = ""


class MattermostChannel(msgspec.Struct):
    """`type` is O of a public channel, P of a private one."""

    team: str
    name: str
    display_name: str = ""
    type: str = "O"
    header: str = ""
    purpose: str = ""
    deleted_at: int | None = None


class MattermostMembership(msgspec.Struct):
    name: str


class MattermostTeamOfUser(msgspec.Struct):
    name: str
    channels: list[MattermostMembership] | None = None


class MattermostUser(msgspec.Struct):
    username: str
    email: str | None = None
    nickname: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    delete_at: int | None = None
    teams: list[MattermostTeamOfUser] | None = None


class MattermostBot(msgspec.Struct):
    username: str
    display_name: str | None = None
    delete_at: int | None = None


class MattermostReaction(msgspec.Struct):
    user: str
    emoji_name: str
    create_at: int | None = None


class MattermostAttachment(msgspec.Struct):
    path: str


class MattermostReply(msgspec.Struct):
    """Times are milliseconds since 1970."""

    user: str
    create_at: int
    message: str | None = None
    type: str | None = None
    edit_at: int | None = None
    reactions: list[MattermostReaction] | None = None
    attachments: list[MattermostAttachment] | None = None


class MattermostPost(MattermostReply, kw_only=True):
    """In a channel of a team, or between the members of a conversation."""

    team: str = ""
    channel: str = ""
    channel_members: list[str] | None = None
    replies: list[MattermostReply] | None = None


class MattermostParticipant(msgspec.Struct):
    username: str


class MattermostConversation(msgspec.Struct):
    """Newer versions write `participants`, older ones `members`."""

    members: list[str] | None = None
    participants: list[MattermostParticipant] | None = None
    header: str = ""


class MattermostLine(msgspec.Struct):
    type: str
    version: int | None = None
    team: MattermostTeam | None = None
    channel: MattermostChannel | None = None
    user: MattermostUser | None = None
    bot: MattermostBot | None = None
    post: MattermostPost | None = None
    direct_channel: MattermostConversation | None = None
    direct_post: MattermostPost | None = None


prepare([MattermostLine])
