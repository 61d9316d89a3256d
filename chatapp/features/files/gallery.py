"""The files of a room: which of its messages have some, newest first."""

from collections.abc import Callable

from chatapp.domain.future import Future
from chatapp.domain.limits import HISTORY_LIMIT
from chatapp.domain.model import Person, Room
from chatapp.index.reader import FilesPage
from chatapp.ports import MessageStore
from chatapp.protocol.requests import ListFiles


class Gallery:
    """`find_room(person, name)` raises `NoSuchRoom` if they cannot see the room."""

    def __init__(self, log: MessageStore, *, find_room: Callable[[Person, str], Room]) -> None:
        self._log = log
        self._find_room = find_room

    def page(self, person: Person, wanted: ListFiles) -> Future[FilesPage]:
        """Files of messages that are neither deleted nor erased. A page has all files of a message
        or none of them, so it can be a little longer than was asked for."""
        room = self._find_room(person, wanted.room).name
        limit = wanted.limit or HISTORY_LIMIT
        return self._log.files(room, kind=wanted.kind, before=wanted.before, limit=limit)
