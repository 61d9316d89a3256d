"""Profiles: display names, colours, and the statuses of people with an account.

The log has names, which never change; a profile is how a name is shown today. Guests have none,
because anyone can have their name tomorrow. people_directory.py lists people.
"""

from collections.abc import Callable, Iterable
from typing import Any, get_args

import msgspec

from chatapp.domain.errors import BadPayload, NameTaken
from chatapp.domain.future import Future
from chatapp.domain.limits import checked_display_name, name_key
from chatapp.domain.model import COLOURS, Colour, Person, Role
from chatapp.domain.notes import Note
from chatapp.domain.rates import RateLimiter
from chatapp.domain.rights import By, name_of, require_power_over, require_profile
from chatapp.features.accounts.account_store import AccountStore
from chatapp.features.accounts.model import Account
from chatapp.protocol.requests import ChangeProfile
from chatapp.protocol.values import PersonStatus, Profile


class ProfileManager:
    """`is_free(name, id)`: whether nobody else is online with this name. `check_unmuted(person)`
    raises an error if they are muted. `status_of(id)` is what they say of themselves now,
    `photo_of(id)` the digest of their photo.
    `tell(profile)` sends a changed profile to everyone online.
    `pace` limits how often people can change their profiles."""

    def __init__(
        self,
        registry: AccountStore,
        note: Note,
        *,
        is_free: Callable[[str, str], bool] = lambda _name, _id: True,
        check_unmuted: Callable[[Person], None] = lambda _person: None,
        status_of: Callable[[str], PersonStatus | None] = lambda _id: None,
        photo_of: Callable[[str], str] = lambda _id: "",
        tell: Callable[[Profile], object] = lambda _profile: None,
        pace: RateLimiter | None = None,
    ) -> None:
        self._registry = registry
        self._note = note
        self._is_free = is_free
        self._check_unmuted = check_unmuted
        self._status_of = status_of
        self._photo_of = photo_of
        self._tell = tell
        self._pace = pace

    def of(self, names: Iterable[str]) -> dict[str, Profile]:
        """The profiles of the people in this list who have an account, by name."""
        accounts = (self._registry.account(name_key(name)) for name in names)
        return {account.name: self._shown(account) for account in accounts if account is not None}

    def change_own(self, person: Person, change: ChangeProfile) -> Future[Profile]:
        require_profile(person)
        self._check_unmuted(person)
        if self._pace is not None:
            self._pace.check(person.id)
        return self._change(self._registry.find(person.name), change, by=person.name)

    def change(self, by: By, name: str, change: ChangeProfile) -> Future[Profile]:
        """Change another person's profile, as an admin or the command line."""
        account = self._registry.find(name)
        require_power_over(by, account.role)
        return self._change(account, change, by=name_of(by))

    def _change(self, account: Account, change: ChangeProfile, *, by: str) -> Future[Profile]:
        fields: dict[str, Any] = {}
        if change.display_name is not None:
            fields["display_name"] = self._own_display_name(account, change.display_name)
        if change.colour is not None:
            fields["colour"] = change.colour or None
        if all(getattr(account, name) == value for name, value in fields.items()):
            return Future.of(self._shown(account))
        self._note(by, "profile", name=account.name, **fields)
        return self._registry.change(account.name, **fields).then(self.tell)

    def _own_display_name(self, account: Account, wanted: str) -> str:
        """The display name, if it cannot be confused with anyone else's name."""
        name = checked_display_name(wanted)
        if not name or name == account.name:
            return ""
        self._registry.require_distinct_name(name, account.key)
        is_own = name_key(name) == account.key
        if not is_own and not self._is_free(name, account.id):
            raise NameTaken(f"Someone called {name} is online. Choose another name.")
        return name

    def tell(self, account: Account) -> Profile:
        """Send the profile of an account to everyone online."""
        profile = self._shown(account)
        self._tell(profile)
        return profile

    def tell_of(self, id: str, name: str) -> None:
        """Send how somebody is shown now to everyone online; of guests, that is their status."""
        if account := self._registry.by_id(id):
            self.tell(account)
        else:
            self._tell(Profile(name=name, role="guest", status=self._status_of(id)))

    def _shown(self, account: Account) -> Profile:
        return shown(
            account,
            self._status_of(account.id),
            self._registry.owner_name(account),
            self._photo_of(account.id),
        )


def shown(
    account: Account, status: PersonStatus | None = None, owner: str = "", photo: str = ""
) -> Profile:
    """The public profile of an account; `owner` is the name of a bot's."""
    role: Role = msgspec.convert(account.role, Role)  # defaults are recognized by identity
    return Profile(
        name=account.name,
        role=role,
        display_name=account.display_name,
        owner=owner,
        colour=account.colour,
        photo=photo,
        status=status,
    )


def asked_profile(display_name: str | None, colour: str | None) -> ChangeProfile:
    """A profile from a form or the command line; raises `BadPayload`."""
    if colour and colour not in COLOURS:
        raise BadPayload(f"{colour!r} is not a colour; use one of {', '.join(get_args(Colour))}.")
    return ChangeProfile(display_name=display_name, colour=colour)
