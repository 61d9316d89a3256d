"""The slash commands of a bot: registered when it connects, taken at once, handled in turn.

    reading thread ──▶ coming ──▶ the taker: take_command ──▶ taken ──▶ the handler, one at a time

A command must be taken within three seconds, however long the bot works on the one before it. One
that was taken and not handled yet when the bot ends is lost; whoever has typed it sees no answer.
"""

import logging
import queue
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable

from msgspec import UNSET

from chatapp.client.bot.handlers import BotCommand
from chatapp.client.chat import ChatClient
from chatapp.domain.errors import ChatError
from chatapp.domain.limits import (
    MAX_DESCRIPTION_CHARACTERS,
    MAX_HINT_CHARACTERS,
    checked_command_name,
)
from chatapp.protocol.pushes import CommandCall
from chatapp.protocol.requests import AddCommand

MARK_BYTES = 8
REMEMBERED = 1_000
"""Commands that this bot knows to have taken; a retry calls for one again."""
HELP = "help"
"""Is the chat's own as a slash command; a bot has it only behind its prefix."""

logger = logging.getLogger(__name__)


class SlashCalls:
    """`handle(call)` works on a command that this bot has taken."""

    def __init__(self, chat: ChatClient, handle: Callable[[CommandCall], None]) -> None:
        self._chat = chat
        self._handle = handle
        self._mark = secrets.token_hex(MARK_BYTES)
        self._coming: queue.SimpleQueue[CommandCall | None] = queue.SimpleQueue()
        self._taken: queue.SimpleQueue[CommandCall | None] = queue.SimpleQueue()
        self._known: OrderedDict[str, None] = OrderedDict()
        self._threads = [
            threading.Thread(target=self._take_all, name="bot takes commands", daemon=True),
            threading.Thread(target=self._handle_all, name="bot handles commands", daemon=True),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._coming.put(None)

    def hear(self, call: CommandCall) -> None:
        """Called on the client's reading thread."""
        self._coming.put(call)

    def register(self, commands: Iterable[BotCommand]) -> None:
        """Register what is new or was changed, and remove what the bot no longer has. A refusal is
        logged: the commands work behind the bot's prefix, as without slash."""
        wanted = {one.name: _as_registered(one) for one in commands if _has_slash(one)}
        try:
            registered = {one.name: one for one in self._chat.commands()}
            for name in registered.keys() - wanted.keys():
                self._chat.remove_command(name)
        except ChatError as refusal:
            logger.warning("The bot has no slash commands: %s", refusal)
            return
        for name, command in wanted.items():
            there = registered.get(name)
            is_there = there is not None and command == AddCommand(
                name=there.name,
                hint=there.hint,
                description=there.description,
                rooms=None if there.rooms is UNSET else there.rooms,
                posted=there.posted is True,
            )
            if not is_there:
                self._add(command)

    def _add(self, wanted: AddCommand) -> None:
        try:
            self._chat.add_command(
                wanted.name,
                hint=wanted.hint,
                description=wanted.description,
                rooms=wanted.rooms,
                posted=wanted.posted,
            )
        except ChatError as refusal:
            logger.warning("/%s was not registered: %s", wanted.name, refusal)

    def _take_all(self) -> None:
        while (call := self._coming.get()) is not None:
            if call.id not in self._known and self._is_ours(call):
                self._known[call.id] = None
                if len(self._known) > REMEMBERED:
                    self._known.popitem(last=False)
                self._taken.put(call)
        self._taken.put(None)

    def _is_ours(self, call: CommandCall) -> bool:
        try:
            self._chat.take_command(call.id, self._mark)
        except ChatError as refusal:
            logger.info("/%s is not for this bot: %s", call.name, refusal)
            return False
        return True

    def _handle_all(self) -> None:
        while (call := self._taken.get()) is not None:
            self._handle(call)


def _has_slash(command: BotCommand) -> bool:
    if not command.slash or command.name == HELP:
        return False
    try:
        checked_command_name(command.name)
    except ChatError as refusal:
        logger.warning("%s has no slash command: %s", command.name, refusal)
        return False
    return True


def _as_registered(command: BotCommand) -> AddCommand:
    rooms = None if command.rooms is None else sorted(set(command.rooms))
    return AddCommand(
        name=command.name,
        hint=command.hint.strip()[:MAX_HINT_CHARACTERS],
        description=command.help.strip()[:MAX_DESCRIPTION_CHARACTERS],
        rooms=rooms,
        posted=command.posted,
    )
