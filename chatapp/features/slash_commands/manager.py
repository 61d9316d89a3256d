"""The rules of slash commands: who registers them, and where they are offered.

    what a bot registers          /deploy  "ENV"  "puts the newest build there"  in #ops
    who may use it                whoever is in #ops, while the bot is, and sees it
    whose it is                   the first bot's, until that removes it, or is removed

A bot has a command only where it could answer: it has joined the room, and its limits and its
owner let it be there.
"""

from collections.abc import Callable, Collection, Sequence

from msgspec import UNSET
from msgspec.structs import replace

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.errors import BadPayload, NameTaken, NotFound, QuotaReached
from chatapp.domain.future import Future
from chatapp.domain.limits import (
    MAX_COMMANDS,
    MAX_COMMANDS_OF_A_BOT,
    checked_command_line,
    checked_command_name,
)
from chatapp.domain.model import Person, Room
from chatapp.domain.notes import Note
from chatapp.domain.rights import (
    By,
    is_seen_by_everybody,
    name_of,
    require_admin,
    require_joined,
    require_may_register_commands,
)
from chatapp.features.accounts.model import Account, as_person
from chatapp.features.outgoing_webhooks.rows import OutgoingWebhook
from chatapp.features.slash_commands.rows import CommandRows, RegisteredCommand
from chatapp.protocol.requests import AddCommand
from chatapp.protocol.values import OfferedCommand
from chatapp.tables.table import Change


class SlashCommandManager:
    """`find_room(person, name)` is a room that somebody can see, `may_see(person, room)` whether
    they can. `is_in(id, room)`: whether an account is a member of a room. `account(id)` is an
    account. `own_names` are the commands of the chat's own."""

    def __init__(
        self,
        rows: CommandRows,
        *,
        find_room: Callable[[Person, str], Room],
        may_see: Callable[[Person, Room], bool],
        is_in: Callable[[str, Room], bool],
        account: Callable[[str], Account | None],
        own_names: Collection[str],
        note: Note,
        clock: Clock,
    ) -> None:
        self.rows = rows
        self._find_room = find_room
        self._may_see = may_see
        self._is_in = is_in
        self._account = account
        self._own_names = frozenset(own_names)
        self._note = note
        self._clock = clock

    # What there is

    def offered(self, person: Person, name: str) -> list[OfferedCommand]:
        """The commands in a room that the person can see, by name."""
        room = self._find_room(person, name)
        every = self.rows.all()
        return [self._offer(key, one) for key, one in every if self._is_offered(key, one, room)]

    def registered(self, bot: Person) -> list[OfferedCommand]:
        """Those that the bot has registered itself, by name."""
        return [self._told(name, one) for name, one in self.rows.of(bot.id)]

    def every(self) -> list[OfferedCommand]:
        """All of the chat, by name."""
        return [self._told(name, one) for name, one in self.rows.all()]

    def find(self, person: Person, room: str, name: str) -> tuple[Room, RegisteredCommand, Person]:
        """The room, the command that the person has there, and its bot; raises `NotFound`."""
        place = self._find_room(person, room)
        require_joined(place, self._is_in(person.id, place))
        command = self.rows.table.get(name)
        if command is None or not self._is_offered(name, command, place):
            raise NotFound(f"There is no command /{name[:40]} in {place.title}.")
        return place, command, self.bot(command.bot)

    def bot(self, id: str) -> Person:
        account = self._account(id)
        if account is None:
            raise NotFound("This bot has no account any more.")
        return as_person(account)

    def _is_offered(self, name: str, command: RegisteredCommand, room: Room) -> bool:
        account = self._owner(command)
        if account is None or name in self._own_names:
            return False
        if command.rooms is not None and room.name not in command.rooms:
            return False
        if not self._may_see(as_person(account), room):
            return False
        if command.webhook:
            return command.rooms is not None or is_seen_by_everybody(room)
        return self._is_in(account.id, room)

    def _told(self, name: str, command: RegisteredCommand) -> OfferedCommand:
        offer = self._offer(name, command)
        return replace(offer, rooms=command.rooms, registered_at=command.registered_at)

    def _offer(self, name: str, command: RegisteredCommand) -> OfferedCommand:
        """As people in a room are told of it: other rooms may be none of their business."""
        account = self._account(command.bot)
        return OfferedCommand(
            name=name,
            hint=command.hint,
            description=command.description,
            owner=account.name if account else "",
            posted=command.posted or UNSET,
        )

    # Registering

    def add(self, bot: Person, wanted: AddCommand) -> Future[None]:
        """Register a command, or change what was registered by the same bot."""
        require_may_register_commands(bot)
        name = checked_command_name(wanted.name)
        before = self.rows.table.get(name)
        self._require_free(name, before, bot.id)
        is_own = before is not None and before.bot == bot.id
        command = RegisteredCommand(
            bot=bot.id,
            hint=checked_command_line(wanted.hint, "A hint"),
            description=checked_command_line(wanted.description, "A description"),
            rooms=self._checked_rooms(bot, wanted.rooms),
            posted=wanted.posted,
            registered_at=before.registered_at if before and is_own else self._now(),
        )
        if command == before:
            return Future.of(None)  # A bot registers its commands at each start.
        if not is_own:
            self._require_space(bot)
        rooms = None if command.rooms is None else " ".join(command.rooms)
        noted = self._note(bot.name, "add-slash-command", command=f"/{name}", rooms=rooms)
        kept = self.rows.table.put(name, command, expected=before)
        return kept.chain(lambda _: noted).then(lambda _: None)

    def changes_of_webhook(
        self, id: str, old: OutgoingWebhook | None, new: OutgoingWebhook | None
    ) -> list[Change]:
        """What is written with the row of a webhook, so that it has the command that it says."""
        was, now = old.command if old else None, new.command if new else None
        changes = []
        if was is not None and (now is None or now.name != was.name):
            there = self.rows.table.get(was.name)
            if there is not None and there.webhook == id:
                changes.append(self.rows.table.change(was.name, None, expected=there))
        if now is not None and new is not None:
            before = self.rows.table.get(now.name)
            self._require_free(now.name, before, new.replies_as or "", id)
            command = RegisteredCommand(
                bot=new.replies_as or "",
                webhook=id,
                hint=now.hint,
                description=now.description,
                rooms=new.rooms,
                registered_at=before.registered_at if before else self._now(),
            )
            changes.append(self.rows.table.change(now.name, command, expected=before))
        return changes

    def remove_own(self, bot: Person, name: str) -> Future[None]:
        """A bot has this command no longer; raises `NotFound` if it did not have it."""
        command = self.rows.table.get(name)
        if command is None or command.bot != bot.id or command.webhook:
            raise NotFound(f"There is no command /{name[:40]} of yours.")
        return self._remove(bot, name, command)

    def remove(self, by: By, name: str) -> Future[None]:
        """An admin removes anybody's command. A bot that runs registers it again at its next
        start."""
        require_admin(by)
        command = self.rows.table.get(name)
        if command is None:
            raise NotFound(f"There is no command /{name[:40]}.")
        return self._remove(by, name, command)

    def _remove(self, by: By, name: str, command: RegisteredCommand) -> Future[None]:
        removed = self.rows.table.delete(name, expected=command)
        noted = self._note(name_of(by), "remove-slash-command", command=f"/{name}")
        return removed.chain(lambda _: noted).then(lambda _: None)

    def forget(self, id: str) -> None:
        """The account with this id was removed."""
        self.rows.forget(id)

    def _require_free(
        self, name: str, before: RegisteredCommand | None, bot: str, webhook: str = ""
    ) -> None:
        if name in self._own_names:
            raise NameTaken(f"/{name} is a command of the chat's own. Choose another name.")
        owner = self._owner(before) if before else None
        if before is None or owner is None:
            return
        is_own = before.webhook == webhook if webhook else (before.bot, before.webhook) == (bot, "")
        if not is_own:
            raise NameTaken(f"/{name} is a command of {owner.name} already. Choose another name.")

    def _owner(self, command: RegisteredCommand) -> Account | None:
        """None if it is no bot any more, or its account was removed while no server ran."""
        account = self._account(command.bot)
        return account if account and account.role == "bot" else None

    def _now(self) -> str:
        return timestamp(self._clock())

    def _require_space(self, bot: Person) -> None:
        if len(self.rows.of(bot.id)) >= MAX_COMMANDS_OF_A_BOT:
            raise QuotaReached(f"A bot has at most {MAX_COMMANDS_OF_A_BOT} commands.")
        if len(self.rows.table) >= MAX_COMMANDS:
            raise QuotaReached(f"A chat has at most {MAX_COMMANDS:,} registered commands.")

    def _checked_rooms(self, bot: Person, wanted: Sequence[str] | None) -> list[str] | None:
        if wanted is None:
            return None
        if not wanted:
            raise BadPayload("Name a room, or leave the rooms out.")
        return list(dict.fromkeys(self._find_room(bot, name).name for name in wanted))
