"""Who may not write, and who may not come in.

What admins decide is kept with its reason and noted in the audit log. A decision about a
guest is about a name, and a guest can take another: to keep a guest out, ban the address.
"""

import time
from collections.abc import Callable
from typing import Protocol

from chatapp.addresses import place_of
from chatapp.errors import BadPayload, NotAllowed, NotFound, RateLimited, Unauthorized
from chatapp.limits import checked_name, checked_reason, name_key
from chatapp.model import Event, Person, Room
from chatapp.moderation.ledger import Decision, Ledger
from chatapp.pending import Pending
from chatapp.table import Directory
from chatapp.wire import Ban, Kick, Mute


class Note(Protocol):
    """What moderation needs of the audit log."""

    def __call__(self, actor: str, action: str, **details: str | int | None) -> Pending[Event]: ...


class ModerationManager:
    """Decides, remembers and checks.

    `role_of(name)` is an account's role, or None; `in_charge(person, room)`, whether somebody
    looks after a room.
    """

    def __init__(
        self,
        store: Directory,
        note: Note,
        *,
        role_of: Callable[[str], str | None],
        in_charge: Callable[[Person, Room], bool],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._note = note
        self._role_of = role_of
        self._in_charge = in_charge
        self._now = now
        self._mutes = Ledger(store, "mutes", now)
        self._bans = Ledger(store, "bans", now)
        self._last_post: dict[tuple[str, str], float] = {}

    # Checks

    def check_change(self, person: Person, room: Room) -> None:
        """Whether this person may change something in this room now; raises what is against it."""
        if room.archived:
            raise NotAllowed(f"{room.title} is archived; it can only be read.")
        mute = self._mutes.in_force(name_key(person.name))
        if mute is not None:
            raise NotAllowed(f"You are muted{mute.time_left(self._now())}: {mute.reason}")

    def check_post(self, person: Person, room: Room) -> None:
        """Whether they may post there, too. Who is in charge is not held up by a room's brakes."""
        self.check_change(person, room)
        has_brakes = room.read_only or room.slow_seconds
        if not has_brakes or self._in_charge(person, room):
            return
        if room.read_only:
            raise NotAllowed(f"In {room.title}, only those in charge of it write.")
        self._keep_slow(person, room)

    def check_entry(self, name: str, address: str) -> None:
        """Whether somebody may come in; raises `Unauthorized` with the reason of the ban."""
        ban = self._bans.in_force(_of_name(name)) or self._bans.in_force(_of_address(address))
        if ban is not None:
            raise Unauthorized(f"You may not come in{ban.time_left(self._now())}: {ban.reason}")

    def bans(self) -> dict[str, Decision]:
        """The bans in force, by `name:…` or `address:…`."""
        return self._bans.all_in_force()

    def mutes(self) -> dict[str, Decision]:
        """The mutes in force, by name key."""
        return self._mutes.all_in_force()

    # Decisions

    def mute(self, admin: Person, mute: Mute) -> Pending[None]:
        """For so many seconds, somebody may read but not write; 0 lets them write again."""
        name = self._subject(admin, mute.name)
        if mute.seconds == 0:
            return self._lift(admin, self._mutes, name_key(name), "unmute", name)
        decision = self._decision(admin, name, mute.reason, mute.seconds)
        self._note(admin.name, "mute", name=name, reason=decision.reason, seconds=mute.seconds)
        return self._mutes.decide(name_key(name), decision)

    def kick(self, admin: Person, kick: Kick) -> Pending[None]:
        """Noted; whoever calls this closes the person's connections."""
        name = self._subject(admin, kick.name)
        noted = self._note(admin.name, "kick", name=name, reason=checked_reason(kick.reason))
        return noted.then(lambda _: None)

    def ban(self, admin: Person, ban: Ban) -> Pending[None]:
        """Keep out a name or an address; for good where no seconds are given."""
        key, whom = self._banned(admin, ban)
        decision = self._decision(admin, whom, ban.reason, ban.seconds)
        self._note(admin.name, "ban", name=whom, reason=decision.reason, seconds=ban.seconds)
        return self._bans.decide(key, decision)

    def unban(self, admin: Person, ban: Ban) -> Pending[None]:
        key, whom = self._banned(admin, ban)
        return self._lift(admin, self._bans, key, "unban", whom)

    # Steps

    def _subject(self, admin: Person, name: str) -> str:
        """Whom an admin may decide about: not themselves, and an owner only as an owner."""
        _require_admin(admin)
        name = checked_name(name)
        if name_key(name) == name_key(admin.name):
            raise NotAllowed("You cannot do that to yourself.")
        if self._role_of(name) == "owner" and admin.role != "owner":
            raise NotAllowed("Only an owner may do that to an owner.")
        return name

    def _banned(self, admin: Person, ban: Ban) -> tuple[str, str]:
        _require_admin(admin)
        if ban.name is not None and ban.address is None:
            name = self._subject(admin, ban.name)
            return _of_name(name), name
        if ban.address is not None and ban.name is None:
            return _of_address(ban.address), ban.address
        raise BadPayload("Ban a name or an address, one of them at a time.")

    def _decision(self, admin: Person, whom: str, reason: str, seconds: int | None) -> Decision:
        now = self._now()
        until = None if seconds is None else now + seconds
        reason = checked_reason(reason)
        return Decision(whom=whom, by=admin.name, reason=reason, since=now, until=until)

    def _lift(
        self, admin: Person, ledger: Ledger, key: str, action: str, whom: str
    ) -> Pending[None]:
        if ledger.in_force(key) is None:
            raise NotFound(f"Nothing stands against {whom!r}.")
        self._note(admin.name, action, name=whom)
        return ledger.lift(key)

    def _keep_slow(self, person: Person, room: Room) -> None:
        if not room.slow_seconds:
            return
        key, now = (room.name, name_key(person.name)), self._now()
        wait = self._last_post.get(key, 0.0) + room.slow_seconds - now
        if wait > 0:
            raise RateLimited(
                f"{room.title} is in slow mode; write again in {wait:.0f} s.",
                retry_after=round(wait, 1),
            )
        self._last_post[key] = now


def _require_admin(person: Person) -> None:
    if not person.is_admin:
        raise NotAllowed("Only admins may do that.")


def _of_name(name: str) -> str:
    return f"name:{name_key(name)}"


def _of_address(address: str) -> str:
    """An IPv6 address is kept out with all of its place, which has more than one can ban."""
    return f"address:{place_of(address)}"
