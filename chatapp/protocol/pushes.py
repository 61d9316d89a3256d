"""The events that the server pushes, by name."""

from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from chatapp.domain.model import EmojiMakers, Event, Message, RoomMakers
from chatapp.domain.structs import prepare
from chatapp.protocol.values import (
    CustomEmoji,
    Notifications,
    Profile,
    ReadMark,
    RoomNews,
    RoomPrefs,
    Saved,
    Scheduled,
    State,
    ThreadMark,
)


class PresenceChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """People who joined or left a room, and the number of people in it now.

    `states` has changed states: `online`, `idle`, `away` or `busy`.
    """

    room: str
    joined: list[str]
    left: list[str]
    count: int
    states: dict[str, State] = {}


class ReadElsewhere(ReadMark, frozen=True, kw_only=True):
    """Another device of the same person has read a room; with `back`, messages are unread again."""

    back: bool | UnsetType = UNSET


class ScheduledChange(msgspec.Struct, frozen=True, kw_only=True):
    """A scheduled message of the person was written or changed; or it is `gone`: sent or cancelled,
    or refused when its time had come. A refused one is still in the list."""

    id: str
    room: str
    gone: Literal["sent", "cancelled", "refused"] | UnsetType = UNSET
    scheduled: Scheduled | UnsetType = UNSET


class RoomOrderChange(msgspec.Struct, frozen=True, kw_only=True):
    """Another device of the same person has changed the order of rooms."""

    rooms: list[str]


class SavedChange(msgspec.Struct, frozen=True, kw_only=True):
    """A message is saved, or no longer, by another device of the same person; how many are saved
    and `due` now."""

    room: str
    seq: int
    saved: Saved | None
    count: int
    due: int


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """The time of a saved message has come. `message` is None if the person cannot see it any
    more; `due` is how many are due now."""

    room: str
    seq: int
    remind_at: str
    message: Message | None
    due: int


class WebhookOff(msgspec.Struct, frozen=True, kw_only=True):
    """An outgoing webhook was switched off at a timestamp, because of a `problem`. Admins are told,
    when it happens and each time that they connect while it is off."""

    id: str
    title: str
    problem: str
    at: str


class EmojiChange(msgspec.Struct, frozen=True, kw_only=True):
    """An emoji of the chat's own was added, or removed: then it is None. `version` is that of the
    list now."""

    version: str
    name: str
    emoji: CustomEmoji | None


class OwnVoteChange(msgspec.Struct, frozen=True, kw_only=True):
    """What the person has chosen in a poll, on another device."""

    room: str
    seq: int
    own: list[int]


class CommandCall(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """For a bot: the person `sender`, whose id is `by`, has typed its command in a room or thread,
    with this text behind the name. `seq` is the message, if the command is posted."""

    id: str
    name: str
    text: str
    room: str
    thread: int | UnsetType = UNSET
    sender: str
    by: str
    at: str
    seq: int | UnsetType = UNSET


class CommandAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a program answers in private to a command that the person has typed, in a room or
    thread. It is not kept anywhere."""

    id: str
    name: str
    text: str
    room: str
    thread: int | UnsetType = UNSET
    sender: str
    at: str


class Typing(msgspec.Struct, frozen=True):
    """Somebody is typing in a room, for the next five seconds."""

    room: str
    name: str


class Removed(msgspec.Struct, frozen=True):
    """The person is no longer in a room, and can no longer see it."""

    room: str


class ErasedTexts(msgspec.Struct, frozen=True, kw_only=True):
    """The texts of these messages were erased permanently; the room has a new epoch."""

    room: str
    epoch: str
    at: str
    seqs: list[int]


class PublicSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that everyone can see. `max_file_bytes` is 0 where there are no new files."""

    name: str
    max_text_bytes: int
    room_makers: RoomMakers
    emoji_makers: EmojiMakers
    max_file_bytes: int


class ReadOnlyMode(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether sending is refused because nothing can be saved, and the reason."""

    on: bool
    reason: str | None = None


class Closing(msgspec.Struct, frozen=True):
    """The server is about to close the connection, for this reason.

    With `retry_after`, others go on, and take the client after about so many seconds.
    """

    reason: str
    retry_after: float | UnsetType = UNSET


PUSHES: Final[dict[str, Any]] = {
    "message": Message,
    "mention": Message,
    "edit": Event,
    "delete": Event,
    "react": Event,
    "presence": PresenceChange,
    "read": ReadElsewhere,
    "thread": ThreadMark,
    "saved": SavedChange,
    "reminder": Reminder,
    "scheduled": ScheduledChange,
    "webhook_off": WebhookOff,
    "vote": OwnVoteChange,
    "prefs": RoomPrefs,
    "notifications": Notifications,
    "order": RoomOrderChange,
    "emoji": EmojiChange,
    "command": CommandCall,
    "command_answer": CommandAnswer,
    "typing": Typing,
    "profile": Profile,
    "heads": dict[str, int],
    "room": RoomNews,
    "removed": Removed,
    "erased": ErasedTexts,
    "settings": PublicSettings,
    "read_only": ReadOnlyMode,
    "closing": Closing,
}
"""A new message is an `Event` with the fields of a `Message`. A `room` that the receiver sees for
the first time is a whole `RoomInfo`."""

prepare(PUSHES.values())
