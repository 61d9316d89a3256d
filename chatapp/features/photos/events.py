"""The event handler `photo`."""

from collections.abc import Callable

from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.features.handlers import receive
from chatapp.protocol import events
from chatapp.protocol.answers import OwnProfile
from chatapp.protocol.requests import ChangePhoto
from chatapp.protocol.values import Profile
from chatapp.transport import Connection, Realtime


def register(realtime: Realtime, change: Callable[[Person, str], Future[Profile]]) -> None:
    """`change(person, file)` shows a person by a file that they have uploaded; with "", by no
    photo."""

    def photo(connection: Connection, payload: ChangePhoto) -> Future[OwnProfile]:
        changed = change(connection.person, payload.file)
        return changed.then(lambda profile: OwnProfile(profile=profile))

    receive(realtime, events.PHOTO, photo)
