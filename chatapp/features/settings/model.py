"""The settings that can change while the server runs, and their text forms.

A setting is stored, shown, typed and audited as the same text; this module parses and checks it.
"""

from collections.abc import Callable
from typing import Any, Literal, get_args

import msgspec

from chatapp.config import (
    Access,
    Config,
    ConfigError,
    choice,
    format_rate,
    format_size,
    integer,
    is_global,
    rate,
    size,
)
from chatapp.domain.errors import BadPayload
from chatapp.domain.limits import (
    MAX_RETENTION_DAYS,
    MAX_TEXT_BYTES,
    checked_place_name,
    checked_welcome,
)
from chatapp.domain.model import EmojiMakers, RoomMakers
from chatapp.domain.rates import Rate
from chatapp.protocol.pushes import PublicSettings

MIN_TEXT_BYTES = 100
DEFAULT_NAME = "Chat"


Switch = Literal["off", "on"]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings. `welcome` is the text of the sign-in pages; with `viewings`, members of a
    private room are told when an admin has read it in the console. With `previews`, the server
    calls the pages that messages link to; one that listens on this machine or in a LAN does so only
    if an admin wants it.

    With `web_rooms`, admins can let the web read public rooms.

    Messages are kept for `retention_days` in rooms without a rule of their own; 0: for ever.

    Of files, in bytes: the largest one (0: there are no new ones), all of a person, and all of the
    chat (0: no limit).
    """

    name: str = DEFAULT_NAME
    welcome: str = ""
    access: Access = "open"
    room_makers: RoomMakers = "everyone"
    emoji_makers: EmojiMakers = "members"
    max_text_bytes: int = MAX_TEXT_BYTES
    message_rate: Rate | None = Rate(burst=10, per_second=2.0)
    room_rate: Rate | None = Rate(burst=20, per_second=20 / 3600)
    connections: int = 10_000
    connections_per_address: int = 200
    viewings: Switch = "off"
    previews: Switch = "off"
    max_file_bytes: int = 25 << 20
    person_file_bytes: int = 1 << 30
    all_file_bytes: int = 10 << 30
    guest_files: Switch = "on"
    retention_days: int = 0
    web_rooms: Switch = "off"

    @property
    def is_named(self) -> bool:
        """Whether an admin has given the chat a name of its own."""
        return self.name != DEFAULT_NAME


NAMES = Settings.__struct_fields__
FROM_CONFIG = ("access", "message_rate", "room_rate", "connections", "connections_per_address")
"""The settings that the environment and the command line also have."""

FILE_SIZES = ("max_file_bytes", "person_file_bytes", "all_file_bytes")
OWNER_SETTINGS = frozenset(["viewings"])
"""Settings that only owners can change, because they restrict admins."""


def defaults(config: Config) -> Settings:
    """The settings before any change by an admin."""
    return Settings(
        **{name: getattr(config, name) for name in FROM_CONFIG},
        previews="on" if is_global(config.host) else "off",
    )


def public(settings: Settings) -> PublicSettings:
    """The settings that every client receives."""
    return PublicSettings(
        name=settings.name,
        max_text_bytes=settings.max_text_bytes,
        room_makers=settings.room_makers,
        emoji_makers=settings.emoji_makers,
        max_file_bytes=settings.max_file_bytes,
    )


def read(name: str, text: str) -> Any:
    """Parse a setting's text; raises `BadPayload` with a sentence."""
    try:
        return _READ[name](LABELS[name], text.strip())
    except ConfigError as error:
        raise BadPayload(str(error)) from None


def written(name: str, settings: Settings) -> str:
    value = getattr(settings, name)
    if name in ("message_rate", "room_rate"):
        return format_rate(value)
    return format_size(value) if name in FILE_SIZES else str(value)


def _checked(check: Callable[[str], str]) -> Callable[[str, str], str]:
    def read(_label: str, text: str) -> str:
        return check(text)

    return read


LABELS = {
    "name": "The name",
    "welcome": "The welcome",
    "access": "Who can join",
    "room_makers": "Who can create rooms",
    "emoji_makers": "Who can add emoji",
    "max_text_bytes": "The longest message",
    "message_rate": "The message rate",
    "room_rate": "The rate of new rooms",
    "connections": "The number of connections",
    "connections_per_address": "The number of connections of one address",
    "viewings": "Whether members are told what admins read",
    "previews": "Whether links get previews",
    "max_file_bytes": "The largest file",
    "person_file_bytes": "The files of a person",
    "all_file_bytes": "The files of the chat",
    "guest_files": "Files of guests",
    "retention_days": "How long messages are kept",
    "web_rooms": "Whether the web can read rooms",
}
_READ: dict[str, Callable[[str, str], Any]] = {
    "name": _checked(checked_place_name),
    "welcome": _checked(checked_welcome),
    "access": choice(get_args(Access)),
    "room_makers": choice(get_args(RoomMakers)),
    "emoji_makers": choice(get_args(EmojiMakers)),
    "max_text_bytes": integer(MIN_TEXT_BYTES, MAX_TEXT_BYTES),
    "message_rate": rate,
    "room_rate": rate,
    "connections": integer(0, 10_000_000),
    "connections_per_address": integer(0, 10_000_000),
    "viewings": choice(get_args(Switch)),
    "previews": choice(get_args(Switch)),
    **dict.fromkeys(FILE_SIZES, size),
    "guest_files": choice(get_args(Switch)),
    "retention_days": integer(0, MAX_RETENTION_DAYS),
    "web_rooms": choice(get_args(Switch)),
}
