"""What the documents of Rocket.Chat's database are made of, as far as they are read."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from chatapp.domain.clock import timestamp
from chatapp.domain.structs import prepare


class RocketEmail(msgspec.Struct):
    address: str = ""


class RocketUser(msgspec.Struct):
    id: str = msgspec.field(name="_id")
    username: str = ""
    name: str | None = None
    emails: list[RocketEmail] = []
    type: str = "user"
    active: bool = True


class RocketRoom(msgspec.Struct):
    """`t` is `c` for a public room, `p` for a private one, `d` for a conversation."""

    id: str = msgspec.field(name="_id")
    t: str = ""
    name: str | None = None
    fname: str | None = None
    topic: str | None = None
    uids: list[str] = []
    archived: bool = False
    prid: str | None = None
    """The room whose discussion this is."""


class RocketAuthor(msgspec.Struct):
    id: str = msgspec.field(name="_id")
    username: str = ""
    name: str | None = None


class RocketSubscription(msgspec.Struct):
    rid: str
    u: RocketAuthor


class RocketReaction(msgspec.Struct):
    usernames: list[str] = []


class RocketFile(msgspec.Struct):
    id: str = msgspec.field(name="_id", default="")
    name: str = ""


class RocketAttachment(msgspec.Struct):
    title: str | None = None
    title_link: str | None = None
    text: str | None = None
    description: str | None = None
    message_link: str | None = None


class RocketMessage(msgspec.Struct):
    """`t` says what happened, where it is no message of a person; times are extended JSON."""

    id: str = msgspec.field(name="_id")
    rid: str
    ts: Any
    u: RocketAuthor
    msg: str = ""
    t: str | None = None
    tmid: str | None = None
    tshow: bool = False
    tcount: int = 0
    edited_at: Any = msgspec.field(name="editedAt", default=None)
    reactions: dict[str, RocketReaction] = {}
    files: list[RocketFile] = []
    file: RocketFile | None = None
    attachments: list[RocketAttachment] | None = None


def moment(value: Any) -> str:
    """The time of `{"$date": …}`: ISO 8601, or milliseconds since 1970. Raises ValueError."""
    if isinstance(value, dict):
        value = value.get("$date", value.get("$numberLong"))
        if isinstance(value, dict):
            return moment(value)
    if isinstance(value, str) and not value.lstrip("-").isdigit():
        parsed = datetime.fromisoformat(value)
        return timestamp(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))
    if isinstance(value, str | int | float):
        return timestamp(datetime.fromtimestamp(int(value) / 1000, UTC))
    raise ValueError("it has no time")


prepare([RocketMessage, RocketRoom, RocketSubscription, RocketUser])
