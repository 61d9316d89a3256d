"""Setting and clearing statuses."""

from collections.abc import Callable

from chatapp.domain.clock import Clock
from chatapp.domain.errors import BadPayload
from chatapp.domain.future import Future
from chatapp.domain.limits import checked_status_emoji, checked_status_end, checked_status_text
from chatapp.domain.model import Person
from chatapp.domain.notes import Note
from chatapp.domain.rates import RateLimiter
from chatapp.domain.rights import Actor, By, name_of, require_power_over
from chatapp.features.statuses.rows import StatusRows
from chatapp.protocol.requests import Status
from chatapp.protocol.values import PersonStatus

Tell = Callable[[str, str], object]
"""Tells everyone online of the status of the person with this id and name."""


class StatusManager:
    """`account(name)` is an account, or raises `NotFound`; `check_unmuted(person)` raises an error
    if they are muted. `pace` limits how often people can change their status, which is sent to
    everyone online."""

    def __init__(
        self,
        rows: StatusRows,
        note: Note,
        *,
        account: Callable[[str], Actor],
        check_unmuted: Callable[[Person], None],
        tell: Tell,
        clock: Clock,
        pace: RateLimiter | None = None,
    ) -> None:
        self.rows = rows
        self._note = note
        self._account = account
        self._check_unmuted = check_unmuted
        self._tell = tell
        self._clock = clock
        self._pace = pace

    def change(self, person: Person, wanted: Status) -> Future[PersonStatus | None]:
        """Set a person's status, or clear it. Muted people can only clear it."""
        status = self._checked(wanted)
        if status == self.rows.of(person.id):
            return Future.of(status)
        if status is not None:
            self._check_unmuted(person)
        if self._pace is not None:
            self._pace.check(person.id)
        if status is None:
            return self._clear(person.id, person.name).then(lambda _: None)
        kept = self.rows.put(person, status)
        kept.then(lambda _: self._tell(person.id, person.name))
        return kept.then(lambda row: row.status)

    def clear(self, by: By, name: str) -> Future[None]:
        """Clear the status of an account, as an admin or the command line."""
        account = self._account(name)
        require_power_over(by, account.role)
        if self.rows.of(account.id) is None:
            return Future.of(None)
        self._note(name_of(by), "clear-status", name=account.name)
        return self._clear(account.id, account.name)

    def gone(self, id: str) -> None:
        """A person is connected to no process: a guest has no status then."""
        row = self.rows.all.get(id)
        if row is not None and self.rows.all.is_guests(id):
            self._clear(id, row.name)

    def forget(self, id: str) -> None:
        self.rows.forget(id)

    def _clear(self, id: str, name: str) -> Future[None]:
        return self.rows.remove(id).then(lambda _: self._told(id, name))

    def _told(self, id: str, name: str) -> None:
        self._tell(id, name)

    def _checked(self, wanted: Status) -> PersonStatus | None:
        emoji = checked_status_emoji(wanted.emoji or "")
        text = checked_status_text(wanted.text or "")
        if not (emoji or text or wanted.out_of_office):
            if wanted.until is not None:
                raise BadPayload("Give an emoji or a text for the status that ends then.")
            return None
        until = checked_status_end(wanted.until, self._clock()) if wanted.until else None
        return PersonStatus(
            emoji=emoji, text=text, until=until, out_of_office=bool(wanted.out_of_office)
        )
