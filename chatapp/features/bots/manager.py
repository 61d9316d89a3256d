"""Bots: accounts of programs, each with an owner and limits.

A bot may never do more than its owner may at that moment. Who is asked:

    may it come in?        its owner has an account and is not banned   accounts, moderation
    may it write?          its owner is not muted                       moderation
    what does it see?      public rooms; private ones and groups only   `rights.is_within`
                           with its owner; with a list, only these
    how much may it send?  `BotLimits.per_minute`, or as a person       `rates.PersonPace`
    what may it do?        what the scopes of its token say             `rights.check_scope`

Bots of older versions, and those made by `chatapp user add --role bot`, have no owner, and no
limits until they get one.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import msgspec

from chatapp.domain.bots import MAX_BOT_MESSAGES_A_MINUTE, MAX_BOT_ROOMS, BotLimits
from chatapp.domain.errors import BadPayload, NoSuchRoom, NotAllowed
from chatapp.domain.future import Future, all_of
from chatapp.domain.limits import checked_room_name
from chatapp.domain.model import GENERAL, Room
from chatapp.domain.notes import Note
from chatapp.domain.rights import By, name_of, require_power_over
from chatapp.features.accounts.account_store import AccountStore, Expel
from chatapp.features.accounts.model import Account, as_person
from chatapp.features.accounts.sign_in.tokens import Token
from chatapp.features.rooms.memberships import Memberships
from chatapp.tables.rerun import rerun


class WantedLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits to set; None leaves one as it is. `owner` is a name. No `rooms`: wherever the owner
    may be. 0 `per_minute`: as many messages as a person."""

    owner: str | None = None
    rooms: Sequence[str] | None = None
    per_minute: int | None = None


class BotView(msgspec.Struct, frozen=True, kw_only=True):
    """A bot as its admins see it. `tokens` are those with their ids, newest first; `used_at` is
    the last use of any."""

    account: Account
    owner: Account | None
    tokens: list[tuple[str, Token]]
    used_at: str | None


class MemberLists(Protocol):
    """Finds rooms without any restriction, and changes who is in private ones."""

    def any(self, name: str) -> Room: ...
    def add_member(self, room: Room, name: str) -> Future[Room]: ...
    def remove_member(self, room: Room, name: str) -> Future[Room]: ...


class BotManager:
    """`create(by, name, limits)` makes the account of a bot, `shown(account)` tells everybody that
    its profile has changed. `expel` closes connections, so that they come in again with their new
    rights."""

    def __init__(
        self,
        registry: AccountStore,
        note: Note,
        *,
        create: Callable[[By, str, BotLimits], Future[Account]],
        rooms: MemberLists,
        memberships: Memberships,
        expel: Expel = lambda _id: None,
        shown: Callable[[Account], object] = lambda _account: None,
    ) -> None:
        self._registry = registry
        self._note = note
        self._create = create
        self._rooms = rooms
        self._memberships = memberships
        self._expel = expel
        self._shown = shown
        self._tell: Callable[[Room], object] = lambda _room: None
        registry.on_change(self._account_changed)

    def tell_with(self, tell: Callable[[Room], object]) -> None:
        """`tell(room)` announces that somebody was added to a room, or removed."""
        self._tell = tell

    # Finding

    def all(self) -> list[BotView]:
        """All bots, by name."""
        return [self._view(one) for one in self._registry.all() if one.role == "bot"]

    def view(self, name: str) -> BotView:
        """The bot with this name; raises `NotFound`, and `NotAllowed` if that is a person."""
        return self._view(self.find(name))

    def find(self, name: str) -> Account:
        account = self._registry.find(name)
        if account.role != "bot":
            raise NotAllowed(f"{account.name} is a person, not a bot.")
        return account

    def _view(self, account: Account) -> BotView:
        tokens = self._registry.tokens.all(account.key)
        owner = self._registry.owner_of(account.id)
        return BotView(
            account=account,
            owner=None if owner is None else self._registry.by_id(owner),
            tokens=sorted(tokens, key=lambda one: one[1].created_at, reverse=True),
            used_at=max((token.used_at for _, token in tokens if token.used_at), default=None),
        )

    # Changing

    def add(self, by: By, name: str, wanted: WantedLimits) -> Future[Account]:
        """Create a bot, and add it to the rooms of its list."""
        require_power_over(by, "bot")
        limits = self._checked(wanted, None)
        created = self._create(by, name, limits)
        return created.chain(lambda bot: self._place(by, bot, None, limits))

    def limit(self, by: By, name: str, wanted: WantedLimits) -> Future[Account]:
        """Change a bot's limits. It is added to rooms that are new in its list, and removed from
        those that no longer are."""
        require_power_over(by, "bot")
        bot = self.find(name)
        limits = self._checked(wanted, bot.limits)
        changed = self._registry.change(bot.name, limits=limits)
        placed = changed.chain(lambda now: self._place(by, now, bot.limits, limits))
        placed.add_done_callback(lambda done: done.error or self._shown(done.result()))
        return placed

    def _checked(self, wanted: WantedLimits, old: BotLimits | None) -> BotLimits:
        owner = self._owner(wanted.owner, old)
        rooms = old.rooms if old else None
        if wanted.rooms is not None:
            rooms = self._listed(wanted.rooms)
        for name in rooms or ():
            self._require_owner_in(owner, name)
        per_minute = old.per_minute if old else None
        if wanted.per_minute is not None:
            per_minute = wanted.per_minute or None
        if per_minute is not None and not 1 <= per_minute <= MAX_BOT_MESSAGES_A_MINUTE:
            raise BadPayload(
                f"A bot may send 1 to {MAX_BOT_MESSAGES_A_MINUTE} messages in a minute, "
                "or with 0 as many as a person."
            )
        return BotLimits(owner=owner.id, rooms=rooms, per_minute=per_minute)

    def _owner(self, name: str | None, old: BotLimits | None) -> Account:
        if name is None:
            owner = old and self._registry.by_id(old.owner)
            if not owner:
                raise BadPayload("A bot needs an owner: the name of an account.")
        else:
            owner = self._registry.find(name)
        if owner.role == "bot":
            raise NotAllowed(f"{owner.name} is a bot; only a person can be the owner of one.")
        return owner

    def _listed(self, names: Iterable[str]) -> tuple[str, ...] | None:
        """The rooms of a list, each once; None if it is empty."""
        rooms = tuple(dict.fromkeys(map(checked_room_name, names)))
        if len(rooms) > MAX_BOT_ROOMS:
            raise BadPayload(f"A bot can be limited to {MAX_BOT_ROOMS} rooms at most.")
        for name in rooms:
            room = self._rooms.any(name)
            if room.deleted_at is not None:
                raise NoSuchRoom(f"The room {name!r} was deleted.")
            if room.kind == "direct":
                raise BadPayload("A bot cannot be limited to a direct conversation.")
        return rooms or None

    def _require_owner_in(self, owner: Account, name: str) -> None:
        room = self._rooms.any(name)
        if room.deleted_at is None and room.kind != "public" and owner.id not in room.members:
            raise NotAllowed(f"{owner.name} is not in {room.title}, so no bot of theirs can be.")

    def _place(
        self, by: By, bot: Account, old: BotLimits | None, new: BotLimits
    ) -> Future[Account]:
        """Bring the bot into the rooms of its new list, and out of those of the old one."""
        before, now = set((old and old.rooms) or ()), set(new.rooms or ())
        owner = self._registry.by_id(new.owner)
        noted = self._note(
            name_of(by),
            "bot-limits",
            name=bot.name,
            owner=owner.name if owner else None,
            rooms=" ".join(new.rooms or ()) or None,
            per_minute=new.per_minute,
        )
        gone = before - now if new.rooms else ()
        entered = [self.enter(bot, self._rooms.any(name)) for name in sorted(now - before)]
        left = [self._leave(bot, self._rooms.any(name)) for name in sorted(gone)]
        return all_of([noted, *entered, *left]).then(lambda _: bot)

    def enter(self, bot: Account, room: Room) -> Future[object]:
        """Make the bot a member of a room, after the right to do so was checked."""
        if room.kind == "public":
            self._memberships.join(as_person(bot), room)
            return Future.of(None)
        added = rerun(lambda: self._rooms.add_member(self._rooms.any(room.name), bot.name))
        return added.then(self._tell)

    def _leave(self, bot: Account, room: Room) -> Future[object]:
        if room.deleted_at is not None or room.name == GENERAL:
            return Future.of(None)
        if room.kind == "public":
            return rerun(lambda: self._memberships.leave(as_person(bot), room)).then(_nothing)
        if bot.id not in room.members:
            return Future.of(None)
        removed = rerun(lambda: self._rooms.remove_member(self._rooms.any(room.name), bot.name))
        return removed.then(self._tell)

    def _account_changed(self, _key: str, old: Account | None, new: Account | None) -> None:
        """A bot whose limits have changed comes in again; so do the bots of somebody whose account
        is gone, or has another role."""
        if old is None:
            return
        if new is None or new.role != old.role:
            for bot in self._registry.bots_of(old.id):
                self._expel(bot.id)
        elif new.limits != old.limits:
            self._expel(new.id)


def _nothing(_: object) -> object:
    return None
