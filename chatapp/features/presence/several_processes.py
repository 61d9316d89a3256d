"""What the connections of this process mean to a chat of several processes, or of one."""

from collections.abc import Callable

from chatapp.domain.errors import NameTaken
from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.features.presence.guest_names import GuestNames
from chatapp.features.presence.remote_presence import RemotePresence


class SingleProcess:
    """`gone(id)` is called when somebody is not connected any more."""

    def __init__(self, gone: Callable[[str], object] = lambda _id: None) -> None:
        self._gone = gone

    def claim(self, person: Person) -> None:
        pass

    def arriving(self, person: Person) -> None:
        pass

    def changed(self, person: Person) -> None:
        pass

    def departed(self, person: Person) -> None:
        self._gone(person.id)


class SeveralProcesses:
    """`reach()` is done when this process sees what
    others have written about guests."""

    def __init__(
        self,
        remote_presence: RemotePresence,
        guest_names: GuestNames,
        reach: Callable[[], Future[None]],
    ) -> None:
        self._remote_presence = remote_presence
        self._guest_names = guest_names
        self._reach = reach

    def claim(self, person: Person) -> Future[None] | None:
        if not person.is_guest or self._guest_names.is_here(person):
            return None
        outcome: Future[None] = Future()
        self._reach().add_done_callback(lambda _: self._claim_into(outcome, person))
        return outcome

    def _claim_into(self, outcome: Future[None], person: Person) -> None:
        try:
            claimed = self._guest_names.claim(person)
        except NameTaken as taken:
            outcome.fail(taken)
            return
        (claimed or Future.of(None)).pass_on(outcome)

    def arriving(self, person: Person) -> None:
        self._remote_presence.make_way(person)

    def changed(self, person: Person) -> None:
        self._remote_presence.note(person)
        if person.is_guest:
            self._guest_names.release_unused(person.name)

    def departed(self, person: Person) -> None:
        """They may be connected to another process: `GuestNames` knows who comes anew."""
