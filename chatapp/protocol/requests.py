"""The payloads of events that clients emit, as frozen values.

A wrong type, a missing or an unknown field is `bad_payload`. Further checks are in
`domain/limits.py` (text, names) and in the managers (rooms, rights).
"""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from chatapp.domain.files import FileKind
from chatapp.domain.limits import (
    MAX_ALT_CHARACTERS,
    MAX_ARRANGED_ROOMS,
    MAX_COMMAND_ROOMS,
    MAX_DESCRIPTION_CHARACTERS,
    MAX_EMOJI_ALIASES,
    MAX_FILE_ID_CHARACTERS,
    MAX_FILES,
    MAX_FORWARDED,
    MAX_HINT_CHARACTERS,
    MAX_ID_CHARACTERS,
    MAX_KEYWORDS,
    MAX_MEMBERS_AT_ONCE,
    MAX_MOVED,
    MAX_OPTIONS,
    MAX_PEOPLE_AT_ONCE,
    MAX_QUERY_CHARACTERS,
    MAX_RUN_ID_CHARACTERS,
    MAX_SCHEDULED_ID_CHARACTERS,
    MAX_SECONDS,
    MAX_SLOW_SECONDS,
    MAX_ZONE_CHARACTERS,
)
from chatapp.domain.model import GENERAL, Colour, Pinning, RoomKind, ThreadsMode
from chatapp.protocol.values import (
    After,
    GuestKey,
    InboxLimit,
    Level,
    Limit,
    Moment,
    PeopleLimit,
    PinsLimit,
    QuietHours,
    SavedLimit,
    Seq,
    State,
    ThreadsLimit,
    VotersLimit,
)


class Payload(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The payload of an event."""


class Join(Payload, frozen=True):
    """The payload of `join`: be in a public room."""

    room: str


class Leave(Payload, frozen=True):
    """The payload of `leave`: be in a room no longer."""

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
    threads: ThreadsMode | None = None
    previews: bool | None = None
    pinning: Pinning | None = None


class DeleteRoom(Payload, frozen=True):
    """The payload of `delete_room`: nobody sees the room any more."""

    room: str


class Invite(Payload, frozen=True):
    """The payload of `invite`: somebody with an account gets into a private room or a group."""

    room: str
    name: str


class Remove(Payload, frozen=True):
    """The payload of `remove`: somebody is in a private room or a group no longer."""

    room: str
    name: str


class AttachedFile(Payload, frozen=True):
    """An uploaded file, with words for people who do not see it."""

    id: Annotated[str, msgspec.Meta(max_length=MAX_FILE_ID_CHARACTERS)]
    alt: Annotated[str, msgspec.Meta(max_length=MAX_ALT_CHARACTERS)] = ""


class NewPoll(Payload, frozen=True):
    """The poll of a new message; it closes by itself at `closes_at`."""

    question: str
    options: Annotated[list[str], msgspec.Meta(max_length=MAX_OPTIONS)]
    multiple: bool = False
    anonymous: bool = False
    hidden: bool = False
    closes_at: Moment | None = None


class Post(Payload, frozen=True):
    """The text may be empty where there are files; a poll has no other text. `thread` is the seq of
    the message whose thread it goes into; with `also_to_room`, it is shown in the room as well."""

    text: str = ""
    room: str = GENERAL
    cid: str | None = None
    reply_to: Seq | None = None
    thread: Seq | None = None
    also_to_room: bool = False
    files: Annotated[list[str | AttachedFile], msgspec.Meta(max_length=MAX_FILES)] = []
    poll: NewPoll | None = None


ScheduledId = Annotated[str, msgspec.Meta(max_length=MAX_SCHEDULED_ID_CHARACTERS)]


class Schedule(Payload, frozen=True):
    """A post that the server sends at a time. With `id`, one that is scheduled gets another `text`
    or time; with `now` as well, it is sent at once."""

    id: ScheduledId | None = None
    at: Moment | None = None
    now: bool = False
    text: str | None = None
    room: str | None = None
    thread: Seq | None = None
    also_to_room: bool = False
    reply_to: Seq | None = None
    files: Annotated[list[str | AttachedFile], msgspec.Meta(max_length=MAX_FILES)] = []


class ListScheduled(Payload, frozen=True):
    """The payload of `scheduled`: your messages that wait for their time, of a room or of all."""

    room: str | None = None


class Unschedule(Payload, frozen=True):
    """The payload of `unschedule`: a message that waits is not sent."""

    id: ScheduledId


class ListEmoji(Payload, frozen=True):
    """With the `version` that the client has, the list only if there is another one."""

    version: Annotated[str, msgspec.Meta(max_length=MAX_ID_CHARACTERS)] = ""


class AddEmoji(Payload, frozen=True):
    """`file` is the id of one's uploaded picture, which no message has."""

    name: str
    file: Annotated[str, msgspec.Meta(max_length=MAX_FILE_ID_CHARACTERS)]
    aliases: Annotated[list[str], msgspec.Meta(max_length=MAX_EMOJI_ALIASES)] = []


class RemoveEmoji(Payload, frozen=True):
    """The payload of `remove_emoji`: its name is free again."""

    name: str


class Mute(Payload, frozen=True):
    """The payload of `mute`: somebody cannot write for so many seconds; with 0, they can again."""

    name: str
    seconds: Annotated[int, msgspec.Meta(ge=0, le=MAX_SECONDS)]
    reason: str = ""


class Kick(Payload, frozen=True):
    """The payload of `kick`: somebody is disconnected."""

    name: str
    reason: str


class Ban(Payload, frozen=True):
    """A name or an address; permanently if no seconds are given."""

    name: str | None = None
    address: Annotated[str, msgspec.Meta(max_length=45)] | None = None
    seconds: Annotated[int, msgspec.Meta(ge=1, le=MAX_SECONDS)] | None = None
    reason: str = ""


class Edit(Payload, frozen=True):
    """The payload of `edit`: one's own message gets another text."""

    room: str
    seq: Seq
    text: str


class Delete(Payload, frozen=True):
    """The payload of `delete`: one's own message goes or, for admins, any."""

    room: str
    seq: Seq


class HidePreviews(Payload, frozen=True):
    """The payload of `hide_previews`: a message whose previews of links go."""

    room: str
    seq: Seq


class React(Payload, frozen=True):
    """The payload of `react`: add a reaction, or remove it."""

    room: str
    seq: Seq
    emoji: str
    on: bool


class Vote(Payload, frozen=True):
    """The options that the person chooses in a poll, counted from 0, instead of those that they
    have chosen before; none withdraws their vote."""

    room: str
    seq: Seq
    options: Annotated[
        list[Annotated[int, msgspec.Meta(ge=0, lt=MAX_OPTIONS)]],
        msgspec.Meta(max_length=MAX_OPTIONS),
    ]


class ListVoters(Payload, frozen=True):
    """The payload of `voters`; `after` is from the previous answer."""

    room: str
    seq: Seq
    option: Annotated[int, msgspec.Meta(ge=0, lt=MAX_OPTIONS)]
    after: After = 0
    limit: VotersLimit | None = None


class ClosePoll(Payload, frozen=True):
    """The payload of `close_poll`: nobody can vote any more."""

    room: str
    seq: Seq


class ReadHistory(Payload, frozen=True):
    """The payload of `history`: at most one of `before` to `since`; without any, the newest page.

    `since` asks for the messages around the first one from that time on. With `thread`, only the
    replies to this message; `folded`, only what is shown in the room.
    """

    room: str
    thread: Seq | None = None
    folded: bool = False
    before: Seq | None = None
    after: After | None = None
    around: Seq | None = None
    since: Moment | None = None
    limit: Limit | None = None


class ReadVersions(Payload, frozen=True):
    """The payload of `versions`: the texts that a message has had."""

    room: str
    seq: Seq


class Resume(Payload, frozen=True):
    """The payload of `resume`: the events of a room after one, while its numbers are those of this
    `epoch`."""

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


class ReadProofs(Payload, frozen=True):
    """The payload of `proofs`: that the events of a room stand in the log."""

    room: str
    after: After = 0
    limit: Limit | None = None


class ListCheckpoints(Payload, frozen=True):
    """The payload of `checkpoints`: those with later records than this number of one."""

    after: After = 0


class ListFiles(Payload, frozen=True):
    """The files of a room, of one kind or of all, of messages before a seq."""

    room: str
    kind: FileKind | None = None
    before: Seq | None = None
    limit: Limit | None = None


class ReportTyping(Payload, frozen=True):
    """The payload of `typing`."""

    room: str


class Read(Payload, frozen=True):
    """Mark a room, or one of its threads, as read up to `seq`. A mark only moves forward, unless
    `back` is set."""

    room: str
    seq: After
    thread: Seq | None = None
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


class SetNotifications(Payload, frozen=True):
    """The payload of `notifications`; fields that are not given do not change. Without `quiet`
    hours (null), a person is notified at all times."""

    keywords: Annotated[list[str], msgspec.Meta(max_length=MAX_KEYWORDS)] | None = None
    quiet: QuietHours | UnsetType | None = UNSET


class ReadInbox(Payload, frozen=True):
    """The payload of `inbox`; `after` is from the previous page's answer."""

    after: Annotated[str, msgspec.Meta(max_length=MAX_QUERY_CHARACTERS)] | None = None
    limit: InboxLimit | None = None


class FollowThread(Payload, frozen=True):
    """The payload of `follow`. `thread` is the seq of its first message."""

    room: str
    thread: Seq
    on: bool


class ListThreads(Payload, frozen=True):
    """The payload of `threads`: those that the person follows, or all of a room; `after` is from
    the previous page's answer."""

    room: str | None = None
    unread: bool = False
    after: Annotated[str, msgspec.Meta(max_length=MAX_QUERY_CHARACTERS)] | None = None
    limit: ThreadsLimit | None = None


class SaveMessage(Payload, frozen=True):
    """The payload of `save`. `remind_at` is a time with a zone, "" for no reminder; without it, one
    that is there stays. With `on` false, the message is no longer saved."""

    room: str
    seq: Seq
    on: bool
    remind_at: str | None = None


class ListSaved(Payload, frozen=True):
    """The payload of `saved`; `after` is from the previous page's answer."""

    after: Annotated[str, msgspec.Meta(max_length=MAX_QUERY_CHARACTERS)] | None = None
    limit: SavedLimit | None = None


class PinMessage(Payload, frozen=True):
    """The payload of `pin`. With `on` false, the message is no longer pinned."""

    room: str
    seq: Seq
    on: bool


class ListPins(Payload, frozen=True):
    """The payload of `pins`; `after` is from the previous page's answer."""

    room: str
    after: Annotated[str, msgspec.Meta(max_length=MAX_QUERY_CHARACTERS)] | None = None
    limit: PinsLimit | None = None


class TitleThread(Payload, frozen=True):
    """The payload of `title`. An empty title removes it."""

    room: str
    thread: Seq
    title: str


class MoveMessages(Payload, frozen=True):
    """The payload of `move`: into a thread, or with 0 out of theirs; to another room, and there
    into a thread."""

    room: str
    seqs: Annotated[list[Seq], msgspec.Meta(min_length=1, max_length=MAX_MOVED)]
    to_room: str | None = None
    to_thread: After | None = None


class ForwardMessages(Payload, frozen=True):
    """The payload of `forward`: messages of a room go to another one, or into a thread there, after
    a message with the `text`, if it is given."""

    room: str
    seqs: Annotated[list[Seq], msgspec.Meta(min_length=1, max_length=MAX_FORWARDED)]
    to_room: str
    to_thread: Seq | None = None
    text: str = ""
    cid: str | None = None


class FindOriginal(Payload, frozen=True):
    """The payload of `original`: a forwarded message."""

    room: str
    seq: Seq


class ListCommands(Payload, frozen=True):
    """The payload of `commands`: those that are offered in a room, or without one, those that this
    bot has registered."""

    room: str | None = None


class AddCommand(Payload, frozen=True):
    """The payload of `add_command`: a bot's command, which replaces its own of the same name."""

    name: str
    hint: Annotated[str, msgspec.Meta(max_length=MAX_HINT_CHARACTERS)] = ""
    description: Annotated[str, msgspec.Meta(max_length=MAX_DESCRIPTION_CHARACTERS)] = ""
    rooms: Annotated[list[str], msgspec.Meta(max_length=MAX_COMMAND_ROOMS)] | None = None
    posted: bool = False


class RemoveCommand(Payload, frozen=True):
    """The payload of `remove_command`: a command of this bot."""

    name: str


class RunCommand(Payload, frozen=True):
    """The payload of `run_command`: what somebody has typed, `/name text`."""

    room: str
    name: str
    text: str = ""
    thread: Seq | None = None
    cid: str | None = None


class TakeCommand(Payload, frozen=True):
    """The payload of `take_command`: this connection of the bot answers a command. The `mark` tells
    it from other connections."""

    id: Annotated[str, msgspec.Meta(max_length=MAX_RUN_ID_CHARACTERS)]
    mark: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_RUN_ID_CHARACTERS)]


class AnswerCommand(Payload, frozen=True):
    """The payload of `answer_command`: a text for whoever has typed a command."""

    id: Annotated[str, msgspec.Meta(max_length=MAX_RUN_ID_CHARACTERS)]
    text: str


class Arrange(Payload, frozen=True):
    """The person's order of rooms."""

    rooms: Annotated[list[str], msgspec.Meta(max_length=MAX_ARRANGED_ROOMS)]


class Status(Payload, frozen=True):
    """The state of this device, of which a person has the most active one; or the person's status,
    which replaces the one before. Without an emoji, a text and `out_of_office`, there is none any
    more."""

    state: State | None = None
    emoji: str | None = None
    text: str | None = None
    until: Moment | None = None
    out_of_office: bool | None = None

    @property
    def is_about_person(self) -> bool:
        given = (self.emoji, self.text, self.until, self.out_of_office)
        return any(field is not None for field in given)


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


class ChangePhoto(Payload, frozen=True):
    """The payload of `photo`: `file` is the id of one's uploaded picture, which no message has; ""
    removes the photo."""

    file: Annotated[str, msgspec.Meta(max_length=MAX_FILE_ID_CHARACTERS)]


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
