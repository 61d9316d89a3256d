"""What the connections of this process mean to a chat of several processes, or of one."""

from typing import Protocol

from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.features.presence.guest_names import GuestNames
from chatapp.features.presence.remote_presence import RemotePresence


class Processes(Protocol):
    def claim(self, person: Person) -> Future[None] | None:
        """Claim the name of somebody who is about to connect; None if there is nothing to wait
        for. Raises `NameTaken`, at once or by the future."""

    def arriving(self, person: Person) -> None:
        """Somebody is about to be in the presence of this process."""

    def changed(self, person: Person) -> None:
        """The rooms or states of a person's connections have changed, or there are more or
        fewer of them."""


class SingleProcess:
    def claim(self, person: Person) -> None:
        pass

    def arriving(self, person: Person) -> None:
        pass

    def changed(self, person: Person) -> None:
        pass


class SeveralProcesses:
    def __init__(self, remote_presence: RemotePresence, guest_names: GuestNames) -> None:
        self._remote_presence = remote_presence
        self._guest_names = guest_names

    def claim(self, person: Person) -> Future[None] | None:
        return self._guest_names.claim(person) if person.is_guest else None

    def arriving(self, person: Person) -> None:
        self._remote_presence.make_way(person)

    def changed(self, person: Person) -> None:
        self._remote_presence.note(person)
        if person.is_guest:
            self._guest_names.release_unused(person.name)
