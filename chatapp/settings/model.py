"""The settings that can change while the server runs, and how each is written and read.

A setting is kept, shown, typed and audited as the same text; what that text may be is said here.
"""

from collections.abc import Callable
from typing import Any, get_args

import msgspec

from chatapp.config import Access, Config, ConfigError, Rate, one_of, rate, said_rate, whole
from chatapp.errors import BadPayload
from chatapp.limits import MAX_TEXT_BYTES, checked_place_name, checked_welcome
from chatapp.model import RoomMakers

MIN_TEXT_BYTES = 100
DEFAULT_NAME = "Chat"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All of them, as they are now. `welcome` stands on the pages where people come in."""

    name: str = DEFAULT_NAME
    welcome: str = ""
    access: Access = "open"
    room_makers: RoomMakers = "everyone"
    max_text_bytes: int = MAX_TEXT_BYTES
    message_rate: Rate | None = Rate(burst=10, per_second=2.0)
    connections: int = 10_000
    connections_per_address: int = 200


NAMES = Settings.__struct_fields__
FROM_CONFIG = ("access", "message_rate", "connections", "connections_per_address")
"""Those that the environment and the command line know too."""


def defaults(config: Config) -> Settings:
    """As they are where no admin has changed them."""
    return Settings(**{name: getattr(config, name) for name in FROM_CONFIG})


class Public(msgspec.Struct, frozen=True, kw_only=True):
    """What everybody who is here learns: the wire's `settings`."""

    name: str
    max_text_bytes: int
    room_makers: RoomMakers


def public(settings: Settings) -> Public:
    return Public(
        name=settings.name,
        max_text_bytes=settings.max_text_bytes,
        room_makers=settings.room_makers,
    )


def read(name: str, text: str) -> Any:
    """The value that a text stands for; raises `BadPayload` with a sentence."""
    try:
        return _READ[name](LABELS[name], text.strip())
    except ConfigError as error:
        raise BadPayload(str(error)) from None


def written(name: str, settings: Settings) -> str:
    """The text that stands for a setting's value."""
    value = getattr(settings, name)
    return said_rate(value) if name == "message_rate" else str(value)


def _checked(check: Callable[[str], str]) -> Callable[[str, str], str]:
    def read(_label: str, text: str) -> str:
        return check(text)

    return read


LABELS = {
    "name": "The name",
    "welcome": "The welcome",
    "access": "Who may come in",
    "room_makers": "Who may make rooms",
    "max_text_bytes": "The longest message",
    "message_rate": "The message rate",
    "connections": "The number of connections",
    "connections_per_address": "The number of connections of one address",
}
_READ: dict[str, Callable[[str, str], Any]] = {
    "name": _checked(checked_place_name),
    "welcome": _checked(checked_welcome),
    "access": one_of(get_args(Access)),
    "room_makers": one_of(get_args(RoomMakers)),
    "max_text_bytes": whole(MIN_TEXT_BYTES, MAX_TEXT_BYTES),
    "message_rate": rate,
    "connections": whole(0, 10_000_000),
    "connections_per_address": whole(0, 10_000_000),
}
