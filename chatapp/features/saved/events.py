"""The event handlers `save` and `saved`. A person's other devices are told of what has changed, and
all of them when a reminder is due."""

from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.features.handlers import receive
from chatapp.features.presence.events import RoomSubscriptions
from chatapp.features.saved.manager import SavedManager
from chatapp.features.saved.rows import Place, SavedRow, parts_of
from chatapp.protocol import events
from chatapp.protocol.answers import SavedMessage, SavedPage
from chatapp.protocol.pushes import SavedChange
from chatapp.protocol.requests import ListSaved, SaveMessage
from chatapp.transport import Connection, Realtime


def register(realtime: Realtime, saved: SavedManager, subscriptions: RoomSubscriptions) -> None:
    def save(connection: Connection, payload: SaveMessage) -> Future[SavedMessage]:
        kept = saved.save(connection.person, payload)
        return kept.then(lambda answer: told(connection, payload, answer))

    def told(connection: Connection, payload: SaveMessage, answer: SavedMessage) -> SavedMessage:
        change = SavedChange(
            room=answer.saved.room if answer.saved else payload.room,
            seq=payload.seq,
            saved=answer.saved,
            count=answer.count,
            due=answer.due,
        )
        subscriptions.tell_others(connection, "saved", change)
        return answer

    def page(connection: Connection, payload: ListSaved) -> SavedPage:
        return saved.page(connection.person, payload)

    receive(realtime, events.SAVE, save)
    receive(realtime, events.SAVED, page)


class SavedTeller:
    """Tells a person's devices of what is due, and of what they have saved by way of another
    process."""

    def __init__(self, saved: SavedManager, subscriptions: RoomSubscriptions) -> None:
        self._saved = saved
        self._subscriptions = subscriptions

    def remind(self, key: str) -> None:
        id, place = parts_of(key)
        if person := self._subscriptions.person(id):
            self._remind(person, place)

    def followed(self, key: str, old: SavedRow | None, new: SavedRow | None) -> None:
        """By way of another process."""
        id, place = parts_of(key)
        person = self._subscriptions.person(id)
        if person is None:
            return
        if new and new.due and not (old and old.due):
            self._remind(person, place)
        else:
            self._subscriptions.tell(person, "saved", self._saved.change_of(person, place))

    def _remind(self, person: Person, place: Place) -> None:
        if reminder := self._saved.reminder_of(person, place):
            self._subscriptions.tell(person, "reminder", reminder)
