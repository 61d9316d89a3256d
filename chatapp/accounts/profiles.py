"""How people are shown: a display name, a colour.

The log keeps names, which never change; a profile is how a name is shown today. Guests have
none: their names are anybody's tomorrow. Who belongs where and is here is in roster.py.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any, get_args

from chatapp.accounts.model import Account
from chatapp.accounts.registry import Registry, person_key
from chatapp.accounts.rights import By, name_of, require_power_over
from chatapp.errors import BadPayload, NameTaken, NotAllowed
from chatapp.limits import checked_display_name, name_key
from chatapp.model import COLOURS, Colour, Person
from chatapp.notes import Note
from chatapp.pending import Pending
from chatapp.rates import Pace
from chatapp.wire import ChangeProfile, Profile


class ProfileManager:
    """`is_free(name, key)`: nobody else than the person with this key is here under this name.
    `tell(profile)` brings a changed profile to everyone who is here. `pace` is how fast people
    may change how they are shown.
    """

    def __init__(
        self,
        registry: Registry,
        note: Note,
        *,
        is_free: Callable[[str, str], bool] = lambda _name, _key: True,
        tell: Callable[[Profile], object] = lambda _profile: None,
        pace: Pace | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._registry = registry
        self._note = note
        self._is_free = is_free
        self._tell = tell
        self._pace = pace
        self._now = now

    def of(self, names: Iterable[str]) -> dict[str, Profile]:
        """How those of these who have an account are shown, by name."""
        accounts = (self._registry.account(name_key(name)) for name in names)
        return {account.name: shown(account) for account in accounts if account is not None}

    def change_own(self, person: Person, change: ChangeProfile) -> Pending[Profile]:
        """As one wants to be shown oneself."""
        if person.is_guest:
            raise NotAllowed("A guest has no profile; it takes an account to have one.")
        if self._pace is not None:
            self._pace.check(person.key, self._now())
        return self._change(self._registry.find(person.name), change, by=person.name)

    def change(self, by: By, name: str, change: ChangeProfile) -> Pending[Profile]:
        """As an admin, or the command line, sees fit."""
        account = self._registry.find(name)
        require_power_over(by, account.role)
        return self._change(account, change, by=name_of(by))

    def _change(self, account: Account, change: ChangeProfile, *, by: str) -> Pending[Profile]:
        fields: dict[str, Any] = {}
        if change.display_name is not None:
            fields["display_name"] = self._own_display_name(account, change.display_name)
        if change.colour is not None:
            fields["colour"] = change.colour or None
        if all(getattr(account, name) == value for name, value in fields.items()):
            return Pending.of(shown(account))
        self._note(by, "profile", name=account.name, **fields)
        return self._registry.change(account.name, **fields).then(self._told)

    def _own_display_name(self, account: Account, wanted: str) -> str:
        """A display name that nobody could take for somebody else's."""
        name = checked_display_name(wanted)
        if not name or name == account.name:
            return ""
        self._registry.require_own_look(name, account.key)
        is_own = name_key(name) == account.key
        if not is_own and not self._is_free(name, person_key(account)):
            raise NameTaken(f"Somebody called {name} is here just now. Choose another name.")
        return name

    def _told(self, account: Account) -> Profile:
        profile = shown(account)
        self._tell(profile)
        return profile


def shown(account: Account) -> Profile:
    """What everybody may know of an account."""
    return Profile(
        name=account.name,
        role=account.role,
        display_name=account.display_name,
        colour=account.colour,
    )


def asked_profile(display_name: str | None, colour: str | None) -> ChangeProfile:
    """A profile as somebody filled it in or typed it; raises `BadPayload`."""
    if colour and colour not in COLOURS:
        raise BadPayload(f"{colour!r} is no colour; it is one of {', '.join(get_args(Colour))}.")
    return ChangeProfile(display_name=display_name, colour=colour)
