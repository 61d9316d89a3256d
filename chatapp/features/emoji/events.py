"""The event handlers `emoji`, `add_emoji` and `remove_emoji`."""

from collections.abc import Callable

from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.features.emoji.manager import EmojiManager
from chatapp.features.handlers import receive
from chatapp.protocol import events
from chatapp.protocol.answers import AddedEmoji, Done, EmojiList
from chatapp.protocol.requests import AddEmoji, ListEmoji, RemoveEmoji
from chatapp.protocol.values import CustomEmoji
from chatapp.transport import Connection, Realtime


def register(
    realtime: Realtime,
    emoji: EmojiManager,
    add_upload: Callable[[Person, AddEmoji], Future[CustomEmoji]],
) -> None:
    """`add_upload(person, wanted)` adds an emoji from a file that the person has uploaded."""

    def listed(_connection: Connection, payload: ListEmoji) -> EmojiList:
        return emoji.listed(payload.version)

    def add(connection: Connection, payload: AddEmoji) -> Future[AddedEmoji]:
        added = add_upload(connection.person, payload)
        return added.then(lambda one: AddedEmoji(emoji=one))

    def remove(connection: Connection, payload: RemoveEmoji) -> Future[Done]:
        return emoji.remove(connection.person, payload.name).then(lambda _: Done())

    receive(realtime, events.EMOJI, listed)
    receive(realtime, events.ADD_EMOJI, add)
    receive(realtime, events.REMOVE_EMOJI, remove)
