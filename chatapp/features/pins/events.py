"""The event handlers `pin` and `pins`. Everyone in the room hears the line of the chat."""

from chatapp.domain.future import Future
from chatapp.features.handlers import receive
from chatapp.features.pins.manager import PinManager
from chatapp.protocol import events
from chatapp.protocol.answers import Done, PinsPage
from chatapp.protocol.requests import ListPins, PinMessage
from chatapp.transport import Connection, Realtime


def register(realtime: Realtime, pins: PinManager) -> None:
    def pin(connection: Connection, payload: PinMessage) -> Future[Done]:
        return pins.pin(connection.person, payload).then(lambda _: Done())

    def page(connection: Connection, payload: ListPins) -> PinsPage:
        return pins.page(connection.person, payload)

    receive(realtime, events.PIN, pin)
    receive(realtime, events.PINS, page)
