"""The vocabulary of the wire: what a client may send, and what it is answered.

docs/protocol.md tells the same for people, and a test holds the two together. Payloads are
decoded into these frozen values at the door; a wrong type, a missing or an unknown field
is `bad_payload`. Checks that need to know more than the shape are in `limits.py` (text,
names) and in the managers (rooms, rights).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from chatapp.errors import BadPayload, ChatError
from chatapp.limits import (
    MAX_ARRANGED_ROOMS,
    MAX_HISTORY_LIMIT,
    MAX_INTEGER,
    MAX_KEY_CHARACTERS,
    MAX_MEMBERS_AT_ONCE,
    MAX_PEOPLE_AT_ONCE,
    MAX_QUERY_CHARACTERS,
    MAX_SECONDS,
    MAX_SLOW_SECONDS,
    MIN_KEY_CHARACTERS,
)
from chatapp.model import GENERAL, Colour, Role, RoomKind

Level = Literal["all", "mentions", "nothing"]
"""Which messages of a room one wants to be told of."""
State = Literal["online", "idle", "away", "busy"]
Seq = Annotated[int, msgspec.Meta(ge=1, le=MAX_INTEGER)]
After = Annotated[int, msgspec.Meta(ge=0, le=MAX_INTEGER)]
"""The last seq that one has: 0 is nothing yet."""
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=MAX_HISTORY_LIMIT)]
GuestKey = Annotated[
    str, msgspec.Meta(min_length=MIN_KEY_CHARACTERS, max_length=MAX_KEY_CHARACTERS)
]
PeopleLimit = Annotated[int, msgspec.Meta(ge=1, le=MAX_PEOPLE_AT_ONCE)]


class Payload(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a client emits with an event."""


class Join(Payload, frozen=True):
    room: str


class Leave(Payload, frozen=True):
    room: str


class Create(Payload, frozen=True):
    """A direct room is named by the server: the same people always get the same room."""

    room: str = ""
    title: str | None = None
    kind: RoomKind = "public"
    members: Annotated[list[str], msgspec.Meta(max_length=MAX_MEMBERS_AT_ONCE)] = []


class Update(Payload, frozen=True):
    """Settings of a room; those that are not given stay."""

    room: str
    title: str | None = None
    topic: str | None = None
    read_only: bool | None = None
    archived: bool | None = None
    slow_seconds: Annotated[int, msgspec.Meta(ge=0, le=MAX_SLOW_SECONDS)] | None = None


class Invite(Payload, frozen=True):
    room: str
    name: str


class Remove(Payload, frozen=True):
    room: str
    name: str


class Post(Payload, frozen=True):
    """The payload of `message`."""

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
    """A name or an address; for good where no seconds are given."""

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
    """The payload of `history`: at most one of before to since; none is the newest page.

    `since` asks for what surrounds the first message from that moment on.
    """

    room: str
    before: Seq | None = None
    after: After | None = None
    around: Seq | None = None
    since: Moment | None = None
    limit: Limit | None = None


class ReadVersions(Payload, frozen=True):
    """The payload of `versions`."""

    room: str
    seq: Seq


class Resume(Payload, frozen=True):
    room: str
    epoch: str
    after: After


class Search(Payload, frozen=True):
    """`before` is the number that an answer gave for the next page."""

    query: Annotated[str, msgspec.Meta(max_length=MAX_QUERY_CHARACTERS)]
    room: str | None = None
    before: Seq | None = None
    limit: Limit | None = None


class Typing(Payload, frozen=True):
    room: str


class Read(Payload, frozen=True):
    """Read up to `seq`. A mark only moves forward, unless `back` says that it shall not."""

    room: str
    seq: After
    back: bool = False


class Prefs(Payload, frozen=True):
    """How one wants to hear of a room; what is not given stays."""

    room: str
    level: Level | None = None
    favourite: bool | None = None


class Arrange(Payload, frozen=True):
    """The rooms in the order in which one wants to see them."""

    rooms: Annotated[list[str], msgspec.Meta(max_length=MAX_ARRANGED_ROOMS)]


class Status(Payload, frozen=True):
    """What somebody is doing at this device. A person is what their most awake device says."""

    state: State


class ListPeople(Payload, frozen=True):
    """The payload of `people`: these names, or who belongs to a room."""

    names: Annotated[list[str], msgspec.Meta(max_length=MAX_PEOPLE_AT_ONCE)] | None = None
    room: str | None = None
    query: Annotated[str, msgspec.Meta(max_length=MAX_QUERY_CHARACTERS)] | None = None
    limit: PeopleLimit | None = None


class ChangeProfile(Payload, frozen=True):
    """The payload of `profile`: how one is shown; what is not given stays, "" takes it back."""

    display_name: str | None = None
    colour: Colour | Literal[""] | None = None


class Auth(msgspec.Struct, frozen=True, kw_only=True):
    """What a client says of itself when it connects; fields that we do not know are ignored.

    Connections with the same `key`, a random secret of the client's, are the same person:
    a second tab or a reconnect may use the name again. Without one, the name is this
    connection's alone.
    """

    name: str | None = None
    key: GuestKey | None = None
    token: str | None = None


class ListRooms(Payload, frozen=True):
    """The payload of `rooms`: none."""


class RoomInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A room as one person sees it. `head` is the seq of its last event, 0 in a new room.

    `members` are those who are there now, with `states` for those who are not simply online, and
    in a room that is not public `invited` all who may come. `read` is the person's own read mark,
    none if they never looked; what was said in a room that is not public is unread from its
    beginning. `place` is where the person wants it in their list. `may_change` says whether they
    may `update` it. The defaults are for a client that is newer than its server.
    """

    name: str
    title: str
    kind: RoomKind
    topic: str = ""
    read_only: bool = False
    archived: bool = False
    slow_seconds: int = 0
    invited: list[str] = []
    head: int
    epoch: str
    joined: bool = False
    count: int = 0
    members: list[str] = []
    states: dict[str, State] = {}
    read: int | None = None
    unread: int = 0
    mentions: int = 0
    level: Level = "all"
    favourite: bool = False
    place: int | None = None
    may_change: bool = False


class Profile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody with an account, as others see them. `name` is who they are, the rest may change.

    `state` is there while they are; else there may be `last_seen`, which people with an account
    are told.
    """

    name: str
    role: Role = "member"
    display_name: str = ""
    colour: Colour | None = None
    state: State | None = None
    last_seen: str | None = None


class ReadOnlyMode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether nothing new is taken, because the disk is full or failing, and what is wrong."""

    on: bool
    reason: str | None = None


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why something was refused: a stable `code`, and one sentence for a person."""

    code: str
    message: str
    retry_after: float | None = None


def problem(error: ChatError) -> Problem:
    return Problem(code=error.code, message=error.message, retry_after=error.retry_after)


def refusal(error: ChatError) -> dict[str, Any]:
    """The ack that says no."""
    return {"ok": False, "error": problem(error)}


def connect_refusal(error: ChatError) -> dict[str, Any]:
    """The data of a `connect_error`.

    The code stands twice: socket.io-client shows a script only `data`, python-socketio all of it.
    """
    reason = problem(error)
    return {"message": reason.message, "code": reason.code, "data": reason}


P = TypeVar("P")


def decoder(payload: type[P]) -> Callable[[bytes], P]:
    """A function from the JSON of one payload to its value; raises `BadPayload`.

    An event without a payload is one with an empty payload.
    """
    decode = msgspec.json.Decoder(payload).decode

    def decode_payload(raw: bytes) -> P:
        try:
            return decode(raw or b"{}")
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadPayload(f"The payload is not as it should be: {error}.") from None

    return decode_payload
