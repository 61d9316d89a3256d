"""Mutes, kicks, bans and restricted rooms.

Decisions of admins are stored with their reason and written to the audit log. A decision about
somebody with an account applies to the account. One about a guest applies to a name, and a guest
can choose another: to keep a guest out, ban the address. A ban of an address keeps out guests,
members and bots; admins and owners can sign in from anywhere, unless they are banned by name.
"""

import time
from collections.abc import Callable, Sequence

import msgspec

from chatapp.domain.addresses import normal_address
from chatapp.domain.errors import BadPayload, NotAllowed, NotFound, Unauthorized
from chatapp.domain.future import Future
from chatapp.domain.limits import checked_name, checked_reason, name_key
from chatapp.domain.model import Person, Room
from chatapp.domain.notes import Note
from chatapp.domain.rights import (
    By,
    may,
    may_change_room,
    name_of,
    require_admin,
    require_another,
    require_power_over,
)
from chatapp.features.accounts.model import Account
from chatapp.features.moderation.slow_mode import SlowMode
from chatapp.features.moderation.timed_decisions import (
    Decision,
    TimedDecisions,
    of_account,
    of_address,
    of_guests,
    of_network,
    of_person,
)
from chatapp.protocol.requests import Ban, Kick, Mute
from chatapp.tables.table import Change


class Subject(msgspec.Struct, frozen=True):
    """The person or address that a decision is about, and its key in the table."""

    key: str
    whom: str
    account: Account | None = None


class ModerationManager:
    """Makes, stores and enforces decisions.

    `account_of(name)` is the account with this name, or None; `require_another_owner(account)`
    raises `NotAllowed` if no other owner could sign in, and returns the changes that depend on
    that. `owner_of(id)` is the id of a bot's owner: what keeps the owner from writing or coming in
    keeps the bot from it, too.
    """

    def __init__(
        self,
        note: Note,
        *,
        mutes: TimedDecisions,
        bans: TimedDecisions,
        account_of: Callable[[str], Account | None],
        require_another_owner: Callable[[Account], Sequence[Change]] = lambda _account: (),
        now: Callable[[], float] = time.time,
        slow_mode: SlowMode | None = None,
        owner_of: Callable[[str], str | None] = lambda _id: None,
    ) -> None:
        self._note = note
        self._mutes = mutes
        self._bans = bans
        self._account_of = account_of
        self._require_another_owner = require_another_owner
        self._now = now
        self._slow_mode = slow_mode or SlowMode()
        self._owner_of = owner_of

    # Checks

    def check_change(self, person: Person, room: Room) -> None:
        """Raises an error if this person cannot change anything in this room now."""
        if room.archived:
            raise NotAllowed(f"{room.title} is archived; it can only be read.")
        self.check_unmuted(person)

    def check_unmuted(self, person: Person) -> None:
        """Raises an error if this person is muted."""
        if not self._mutes:
            return  # the common case; this runs for every message
        mute = self._mutes.first_in_force(map(_muted, of_person(person)))
        if mute is not None:
            raise NotAllowed(f"You are muted{mute.time_left(self._now())}: {mute.reason}")
        owners = self._mutes.first_in_force(map(_muted, self._of_owner(person)))
        if owners is not None:
            raise NotAllowed(f"The owner of this bot is muted{owners.time_left(self._now())}.")

    def check_post(self, person: Person, room: Room) -> None:
        """Raises an error if this person cannot post in this room now. Admins and the room's
        creator ignore its restrictions; direct rooms have none, because nobody is in charge
        there."""
        self.check_change(person, room)
        if room.read_only and room.kind != "direct" and not may_change_room(person, room):
            raise NotAllowed(f"Only admins and the room's creator can post in {room.title}.")
        self._slow_mode.check(person, room)

    def is_slow(self, person: Person, room: Room) -> bool:
        """Whether this person has to wait between two posts in this room."""
        return self._slow_mode.applies(person, room)

    def check_entry(self, person: Person, address: str) -> None:
        """Raises `Unauthorized` with the reason if a person is banned."""
        self._require_not_banned(person, of_address(address))

    def check_stay(self, person: Person) -> None:
        """The same for somebody who came in: by the network of their connection."""
        self._require_not_banned(person, of_network(person.place))

    def _require_not_banned(self, person: Person, place: str) -> None:
        keys = of_person(person)
        if not may(person, "come in from a banned address"):
            keys += (place,)
        ban = self._bans.first_in_force(keys)
        if ban is not None:
            raise Unauthorized(f"You are banned{ban.time_left(self._now())}: {ban.reason}")
        owners = self._bans.first_in_force(self._of_owner(person))
        if owners is not None:
            raise Unauthorized(f"The owner of this bot is banned{owners.time_left(self._now())}.")

    def _of_owner(self, person: Person) -> tuple[str, ...]:
        """The keys of decisions about a bot's owner."""
        owner = self._owner_of(person.id) if person.role == "bot" else None
        return () if owner is None else (of_account(owner),)

    def bans(self) -> dict[str, Decision]:
        """The bans in force, by `name:…`, `guest:…` or `address:…`."""
        return self._bans.all_in_force()

    def ban_of(self, account: Account) -> Decision | None:
        """The ban in force of an account."""
        return self._bans.in_force(of_account(account.id))

    def ban_of_guests(self, name: str) -> Decision | None:
        """The ban in force of guests with this name."""
        return self._bans.first_in_force(of_guests(name))

    def mutes(self) -> dict[str, Decision]:
        """The mutes in force, by an account's id or `guest:…`."""
        return self._mutes.all_in_force()

    # Decisions

    def mute(self, by: By, mute: Mute) -> Future[None]:
        """Mute somebody for a number of seconds; 0 unmutes them."""
        subject = self._subject(by, mute.name)
        key = _muted(subject.key)
        if mute.seconds == 0:
            return self._lift(by, self._mutes, key, "unmute", subject.whom)
        decision = self._decision(by, "mute", subject.whom, mute.reason, mute.seconds)
        return self._mutes.decide(key, decision)

    def kick(self, by: By, kick: Kick) -> Future[None]:
        """Record a kick. The caller closes the person's connections."""
        whom, reason = self._subject(by, kick.name).whom, checked_reason(kick.reason)
        return self._note(name_of(by), "kick", name=whom, reason=reason).then(lambda _: None)

    def ban(self, by: By, ban: Ban) -> Future[None]:
        """Ban a name or an address; permanently without seconds."""
        subject = self._banned(by, ban)
        if ban.address is not None and normal_address(ban.address) is None:
            raise BadPayload(f"{ban.address!r} is not an address, such as 198.51.100.7.")
        basis = self._require_another_owner(subject.account) if subject.account else ()
        decision = self._decision(by, "ban", subject.whom, ban.reason, ban.seconds)
        return self._bans.decide(subject.key, decision, *basis)

    def unban(self, by: By, ban: Ban) -> Future[None]:
        subject = self._banned(by, ban)
        return self._lift(by, self._bans, subject.key, "unban", subject.whom)

    def forget(self, id: str) -> None:
        """Remove the decisions about an account that no longer exists."""
        key = of_account(id)
        self._bans.forget(key)
        self._mutes.forget(_muted(key))

    # Steps

    def _subject(self, by: By, name: str) -> Subject:
        """The subject of a decision. People cannot decide about themselves, nor about their
        superiors."""
        require_admin(by)
        name = checked_name(name)
        account = self._account_of(name)
        if account is None:
            return Subject(self._known_guest(name), name)
        require_another(by, account.id)
        require_power_over(by, account.role)
        return Subject(of_account(account.id), account.name, account)

    def _known_guest(self, name: str) -> str:
        """The key that an older version used for this guest if it has a decision, otherwise
        today's.

        An account whose id equals this name may have a decision with the same older key.
        """
        today, older = of_guests(name)
        known = self._bans.in_force(older) or self._mutes.in_force(_muted(older))
        is_about_guest = known is not None and name_key(known.whom) == name_key(name)
        return older if is_about_guest else today

    def _banned(self, by: By, ban: Ban) -> Subject:
        require_admin(by)
        if ban.name is not None and ban.address is None:
            return self._subject(by, ban.name)
        if ban.address is not None and ban.name is None:
            whom = normal_address(ban.address) or ban.address
            return Subject(of_address(ban.address), whom)
        raise BadPayload("Ban either a name or an address.")

    def _decision(
        self, by: By, action: str, whom: str, reason: str, seconds: int | None
    ) -> Decision:
        """A new decision, as written to the audit log."""
        now, reason = self._now(), checked_reason(reason)
        self._note(name_of(by), action, name=whom, reason=reason, seconds=seconds)
        until = None if seconds is None else now + seconds
        return Decision(whom=whom, by=name_of(by), reason=reason, since=now, until=until)

    def _lift(
        self, by: By, ledger: TimedDecisions, key: str, action: str, whom: str
    ) -> Future[None]:
        if ledger.in_force(key) is None:
            raise NotFound(f"{whom!r} is not {'muted' if action == 'unmute' else 'banned'}.")
        self._note(name_of(by), action, name=whom)
        return ledger.lift(key)


def _muted(key: str) -> str:
    """Mutes use the plain ids of accounts as keys: addresses cannot be muted."""
    return key.removeprefix("name:")
