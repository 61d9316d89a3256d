"""The payloads of events that clients emit, as frozen values.

A wrong type, a missing or an unknown field is `bad_payload`. Further checks are in
`domain/limits.py` (text, names) and in the managers (rooms, rights).
"""

from typing import Annotated, Literal

import msgspec

from chatapp.domain.limits import (
    MAX_ARRANGED_ROOMS,
    MAX_MEMBERS_AT_ONCE,
    MAX_PEOPLE_AT_ONCE,
    MAX_QUERY_CHARACTERS,
    MAX_SECONDS,
    MAX_SLOW_SECONDS,
    MAX_ZONE_CHARACTERS,
)
from chatapp.domain.model import GENERAL, Colour, RoomKind
from chatapp.protocol.values import (
    After,
    GuestKey,
    InboxLimit,
    Level,
    Limit,
    Moment,
    PeopleLimit,
    Seq,
    State,
)


class Payload(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The payload of an event."""


class Join(Payload, frozen=True):
    room: str


class Leave(Payload, frozen=True):
    room: str


class Create(Payload, frozen=True):
    """The server names direct rooms: the same people always get the same room."""

    room: str = ""
    title: str | None = None
    kind: RoomKind = "public"
    members: Annotated[list[str], msgspec.Meta(max_length=MAX_MEMBERS_AT_ONCE)] = []


class Update(Payload, frozen=True):
    """Settings of a room; fields that are not given do not change."""

    room: str
    title: str | None = None
    topic: str | None = None
    read_only: bool | None = None
    archived: bool | None = None
    slow_seconds: Annotated[int, msgspec.Meta(ge=0, le=MAX_SLOW_SECONDS)] | None = None


class DeleteRoom(Payload, frozen=True):
    room: str


class Invite(Payload, frozen=True):
    room: str
    name: str


class Remove(Payload, frozen=True):
    room: str
    name: str


class Post(Payload, frozen=True):
    text: str
    room: str = GENERAL
    cid: str | None = None
    reply_to: Seq | None = None


class Mute(Payload, frozen=True):
    name: str
    seconds: Annotated[int, msgspec.Meta(ge=0, le=MAX_SECONDS)]
    reason: str = ""


class Kick(Payload, frozen=True):
    name: str
    reason: str


class Ban(Payload, frozen=True):
    """A name or an address; permanently if no seconds are given."""

    name: str | None = None
    address: Annotated[str, msgspec.Meta(max_length=45)] | None = None
    seconds: Annotated[int, msgspec.Meta(ge=1, le=MAX_SECONDS)] | None = None
    reason: str = ""


class Edit(Payload, frozen=True):
    room: str
    seq: Seq
    text: str


class Delete(Payload, frozen=True):
    room: str
    seq: Seq


class React(Payload, frozen=True):
    room: str
    seq: Seq
    emoji: str
    on: bool


class ReadHistory(Payload, frozen=True):
    """The payload of `history`: at most one of `before` to `since`; without any, the newest page.

    `since` asks for the messages around the first one from that time on.
    """

    room: str
    before: Seq | None = None
    after: After | None = None
    around: Seq | None = None
    since: Moment | None = None
    limit: Limit | None = None


class ReadVersions(Payload, frozen=True):
    room: str
    seq: Seq


class Resume(Payload, frozen=True):
    room: str
    epoch: str
    after: After


class Search(Payload, frozen=True):
    """`before` is the number from an answer with more results. The days in a query are in the time
    zone `tz`, such as Europe/Madrid; by default, UTC."""

    query: Annotated[str, msgspec.Meta(max_length=MAX_QUERY_CHARACTERS)]
    room: str | None = None
    before: Seq | None = None
    limit: Limit | None = None
    tz: Annotated[str, msgspec.Meta(max_length=MAX_ZONE_CHARACTERS)] | None = None


class ReportTyping(Payload, frozen=True):
    room: str


class Read(Payload, frozen=True):
    """Mark a room as read up to `seq`. A mark only moves forward, unless `back` is set."""

    room: str
    seq: After
    back: bool = False


class Prefs(Payload, frozen=True):
    """Preferences for a room; fields that are not given do not change.

    A `closed` room is not listed until something happens in it. `muted_until` mutes a room until
    this time, "always" until it is unmuted, and "" unmutes it.
    """

    room: str
    level: Level | None = None
    favourite: bool | None = None
    closed: bool | None = None
    muted_until: str | None = None


class ReadInbox(Payload, frozen=True):
    """The payload of `inbox`; `after` is from the previous page's answer."""

    after: Annotated[str, msgspec.Meta(max_length=MAX_QUERY_CHARACTERS)] | None = None
    limit: InboxLimit | None = None


class Arrange(Payload, frozen=True):
    """The person's order of rooms."""

    rooms: Annotated[list[str], msgspec.Meta(max_length=MAX_ARRANGED_ROOMS)]


class Status(Payload, frozen=True):
    """The state of this device. A person has the most active state of their devices."""

    state: State


class ListPeople(Payload, frozen=True):
    """The payload of `people`: people with these names, or the members of a room; with `here`, the
    people online in a room, after the name `after`."""

    names: Annotated[list[str], msgspec.Meta(max_length=MAX_PEOPLE_AT_ONCE)] | None = None
    room: str | None = None
    query: Annotated[str, msgspec.Meta(max_length=MAX_QUERY_CHARACTERS)] | None = None
    limit: PeopleLimit | None = None
    here: bool = False
    after: str | None = None


class ChangeProfile(Payload, frozen=True):
    """The payload of `profile`; fields that are not given do not change, "" clears them."""

    display_name: str | None = None
    colour: Colour | Literal[""] | None = None


class Auth(msgspec.Struct, frozen=True, kw_only=True):
    """The client's identity, sent when it connects; unknown fields are ignored.

    Connections with the same `key`, a random secret of the client, are the same person: a second
    tab or a reconnection can use the same name. Without a key, only this connection can use the
    name.
    """

    name: str | None = None
    key: GuestKey | None = None
    token: str | None = None


class ListRooms(Payload, frozen=True):
    """The payload of `rooms`: no fields."""
