"""The command line's commands for emoji. They are the same with and without a running server."""

from collections.abc import Callable
from typing import Any

import msgspec

from chatapp.domain.future import Future
from chatapp.features.emoji.manager import EmojiManager
from chatapp.features.files.small_pictures import KeepPicture, decoded
from chatapp.protocol.values import CustomEmoji


def emoji_commands(emoji: EmojiManager, keep: KeepPicture) -> dict[str, Callable[..., Any]]:
    """`keep(data, claim)` makes and keeps a picture."""

    def list_all() -> list[dict[str, Any]]:
        return [msgspec.to_builtins(each) for each in emoji.all]

    def add(name: str, picture: str, aliases: list[str]) -> Future[CustomEmoji]:
        data = decoded(picture)
        return emoji.add(None, name, aliases, lambda claim: keep(data, claim))

    def remove(name: str) -> Future[None]:
        return emoji.remove(None, name)

    return {"emoji.list": list_all, "emoji.add": add, "emoji.remove": remove}
