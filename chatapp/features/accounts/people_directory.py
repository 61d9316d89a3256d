"""Lists people: the members of a room, who is online, and when the others were last seen.

People learn about others with whom they share a room. Everyone with an account is in `general`,
so they all share a room. Guests were not invited by anyone: they learn how the senders of messages
are shown and who is online, but not who else has an account, nor when anyone was last seen.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Protocol

import msgspec

from chatapp.domain.errors import BadPayload
from chatapp.domain.limits import name_key
from chatapp.domain.model import Person, Room
from chatapp.domain.rights import may
from chatapp.features.accounts.account_store import AccountStore
from chatapp.features.accounts.model import Account
from chatapp.features.accounts.profiles import shown
from chatapp.features.presence.last_seen import LastSeen
from chatapp.protocol.requests import ListPeople
from chatapp.protocol.values import PersonStatus, Profile, State

PEOPLE_LIMIT = 50


class Members(Protocol):
    """Names of people online in a room, in alphabetical order, after a name."""

    def __call__(self, room: str, *, after: str | None, limit: int) -> list[str]: ...


class PeopleDirectory:
    """`find_room(person, name)` finds a room that they can see; `is_in(id, room)`: whether an
    account is a member; `state_of(name)`: a person's state, None while they are offline;
    `person(name)`: the person who is online; `status_of(id)`: what they say of themselves now;
    `photo_of(id)`: the digest of their photo."""

    def __init__(
        self,
        registry: AccountStore,
        last_seen: LastSeen,
        *,
        find_room: Callable[[Person, str], Room],
        is_in: Callable[[str, Room], bool],
        state_of: Callable[[str], State | None],
        members: Members,
        person: Callable[[str], Person | None],
        status_of: Callable[[str], PersonStatus | None],
        photo_of: Callable[[str], str],
    ) -> None:
        self._registry = registry
        self._last_seen = last_seen
        self._find_room = find_room
        self._is_in = is_in
        self._state_of = state_of
        self._members = members
        self._person = person
        self._status_of = status_of
        self._photo_of = photo_of

    def people(self, viewer: Person, wanted: ListPeople) -> list[Profile]:
        """The people with these names; or a room's people who match a query, or who are offline."""
        if (wanted.names is None) == (wanted.room is None):
            raise BadPayload("Give either names or a room.")
        if wanted.room is None:
            named = self._named(viewer, wanted.names or ())
            return list(islice(named, wanted.limit or len(wanted.names or ())))
        found = self._of_room(viewer, self._find_room(viewer, wanted.room), wanted.query)
        limit = wanted.limit or PEOPLE_LIMIT
        return [self._seen_by(viewer, account) for account in islice(found, limit)]

    def present(self, viewer: Person, wanted: ListPeople) -> tuple[list[Profile], bool]:
        """A page of the people online in a room, including guests, and whether there are more."""
        if wanted.room is None or wanted.names is not None or wanted.query is not None:
            raise BadPayload("Give a room to list the people online in it.")
        room = self._find_room(viewer, wanted.room)
        limit = wanted.limit or PEOPLE_LIMIT
        names = self._members(room.name, after=wanted.after, limit=limit + 1)
        return [self._here(viewer, name) for name in names[:limit]], len(names) > limit

    def _here(self, viewer: Person, name: str) -> Profile:
        account = self._registry.account(name_key(name))
        if account is not None:
            return self._seen_by(viewer, account)
        return self._guest(name)

    def _guest(self, name: str) -> Profile:
        person = self._person(name)
        status = self._status_of(person.id) if person else None
        return Profile(name=name, role="guest", state=self._state_of(name), status=status)

    def state_of(self, account: Account) -> State | None:
        """A person's state; None while they are offline."""
        return self._state_of(account.name)

    def status_of(self, account: Account) -> PersonStatus | None:
        """What a person says of themselves now."""
        return self._status_of(account.id)

    def photo_of(self, account: Account) -> str:
        """The digest of a person's photo; "" if they have none."""
        return self._photo_of(account.id)

    def last_seen(self, account: Account) -> str | None:
        """When a person was last seen. Entries of older versions are by name, which may have
        belonged to somebody else before.
        """
        seen = self._last_seen.of(account.id)
        return seen if seen is not None and seen >= account.created_at else None

    def _named(self, viewer: Person, names: Iterable[str]) -> Iterator[Profile]:
        """Accounts, and guests who say something of themselves."""
        for key in dict.fromkeys(map(name_key, names)):
            if account := self._registry.account(key):
                yield self._seen_by(viewer, account)
            elif (person := self._person(key)) and self._status_of(person.id):
                yield self._guest(person.name)

    def _of_room(self, viewer: Person, room: Room, query: str | None) -> Iterator[Account]:
        wanted = (query or "").strip()
        found = self._matching(room, wanted) if wanted else self._offline(room)
        if not may(viewer, "know who is away"):
            return (account for account in found if self._state_of(account.name) is not None)
        return found

    def _matching(self, room: Room, wanted: str) -> Iterator[Account]:
        for key in self._registry.keys_containing(wanted):
            account = self._registry.account(key)
            if account is not None and self._is_in(account.id, room):
                yield account

    def _offline(self, room: Room) -> Iterator[Account]:
        """Most recently seen people first; in a room with a list, then people never seen."""
        never = (id for id in room.members if self._last_seen.of(id) is None)
        for id in (*self._last_seen.latest_first(), *never):
            account = self._registry.by_id(id) if self._is_in(id, room) else None
            if account is not None and self._state_of(account.name) is None:
                yield account

    def _seen_by(self, viewer: Person, account: Account) -> Profile:
        state = self._state_of(account.name)
        is_told = state is None and may(viewer, "know who is away")
        seen = self.last_seen(account) if is_told else None
        status = self._status_of(account.id)
        owner = self._registry.owner_name(account)
        profile = shown(account, status, owner, self._photo_of(account.id))
        return msgspec.structs.replace(profile, state=state, last_seen=seen)
