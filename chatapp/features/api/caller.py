"""Who sends a request to the API, in the place of a connection.

Event handlers take a `Connection`. A `Caller` is one without a socket: it is in no room and hears
nothing, so nobody is left out of a broadcast, and it has only what handlers ask for.
"""

from chatapp.domain.addresses import network_of
from chatapp.domain.model import Person
from chatapp.transport import Connection


class Caller(Connection):
    __slots__ = ()

    def __init__(self, person: Person, address: str) -> None:
        self.id = self.sid = ""
        self.person = person
        self.payer = person.id
        self.address = address
        self.network = person.place or network_of(address)
        self.open = False
        self.left = False
        self.gone = True
        self.rooms = set()
