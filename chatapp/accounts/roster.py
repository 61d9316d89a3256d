"""Who there is: who belongs to a room, who of them is here, and when the others last were.

Who asks learns of people with whom they share a room. All who have an account are in
`general`, so these share one. A guest was let in by nobody: a guest learns how the senders
of messages are shown, and who is here, but not who else there is, nor when.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Protocol

import msgspec

from chatapp.accounts.model import Account
from chatapp.accounts.profiles import shown
from chatapp.accounts.registry import Registry
from chatapp.errors import BadPayload
from chatapp.limits import name_key
from chatapp.model import GENERAL, Person, Room
from chatapp.wire import ListPeople, Profile, State

PEOPLE_LIMIT = 50


class LastSeen(Protocol):
    """When who was last here, by name key."""

    def of(self, key: str) -> str | None: ...
    def latest_first(self) -> Iterator[str]: ...


class Roster:
    """`find_room(person, name)` is a room that they may see; `has_joined(key, room)`, whether an
    account is in a public one; `state_of(name)`, what somebody who is here is doing, else None.
    """

    def __init__(
        self,
        registry: Registry,
        last_seen: LastSeen,
        *,
        find_room: Callable[[Person, str], Room],
        has_joined: Callable[[str, str], bool],
        state_of: Callable[[str], State | None],
    ) -> None:
        self._registry = registry
        self._last_seen = last_seen
        self._find_room = find_room
        self._has_joined = has_joined
        self._state_of = state_of

    def people(self, viewer: Person, wanted: ListPeople) -> list[Profile]:
        """These names; or of a room those whom a query fits, or without one those who are away."""
        if (wanted.names is None) == (wanted.room is None):
            raise BadPayload("Ask for names, or for the people of a room.")
        if wanted.room is None:
            found = self._named(wanted.names or ())
            limit = wanted.limit or len(wanted.names or ())
        else:
            found = self._of_room(viewer, self._find_room(viewer, wanted.room), wanted.query)
            limit = wanted.limit or PEOPLE_LIMIT
        return [self._seen_by(viewer, account) for account in islice(found, limit)]

    def state_of(self, account: Account) -> State | None:
        """What somebody who is here is doing; None while they are not."""
        return self._state_of(account.name)

    def last_seen(self, account: Account) -> str | None:
        """When somebody was last here; never is the time of another who had the name before."""
        seen = self._last_seen.of(account.key)
        return seen if seen is not None and seen >= account.created_at else None

    def _named(self, names: Iterable[str]) -> Iterator[Account]:
        for key in dict.fromkeys(map(name_key, names)):
            if account := self._registry.account(key):
                yield account

    def _of_room(self, viewer: Person, room: Room, query: str | None) -> Iterator[Account]:
        wanted = (query or "").strip()
        found = self._fitting(room, wanted) if wanted else self._away(room)
        if viewer.is_guest:
            return (account for account in found if self._state_of(account.name) is not None)
        return found

    def _fitting(self, room: Room, wanted: str) -> Iterator[Account]:
        for key in self._registry.called(wanted):
            account = self._registry.account(key) if self._belongs(key, room) else None
            if account is not None:
                yield account

    def _away(self, room: Room) -> Iterator[Account]:
        """Whoever was here last comes first; then, in a room with a list, who never was."""
        never = (key for key in room.members if self._last_seen.of(key) is None)
        for key in (*self._last_seen.latest_first(), *never):
            account = self._registry.account(key) if self._belongs(key, room) else None
            if account is not None and self._state_of(account.name) is None:
                yield account

    def _belongs(self, key: str, room: Room) -> bool:
        if room.kind != "public":
            return key in room.members
        return room.name == GENERAL or self._has_joined(key, room.name)

    def _seen_by(self, viewer: Person, account: Account) -> Profile:
        state = self._state_of(account.name)
        seen = None if state is not None or viewer.is_guest else self.last_seen(account)
        return msgspec.structs.replace(shown(account), state=state, last_seen=seen)
