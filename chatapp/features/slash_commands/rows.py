"""What is stored of slash commands: the registered ones for good, those that run for a while.

The name of a command is its key, so two owners never have the same one, whichever process they
asked. A run is a row as well, so that only one program takes it, and that a retry finds it.
"""

import msgspec

from chatapp.tables.table import TableStore

TABLE = "slash_commands"
RUNS = "command_runs"


class RegisteredCommand(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A command of the account of a bot, by its id. It is offered in these `rooms`, or with None
    wherever the bot is. `posted`: what people type is also posted as their message. With a
    `webhook`, by its id, that is called instead, and the bot posts its answers; `rooms` None are
    all public ones."""

    bot: str
    webhook: str = ""
    hint: str = ""
    description: str = ""
    rooms: list[str] | None = None
    posted: bool = False
    registered_at: str = ""


class CommandRun(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A command that the person with the id `by` has typed in a room or thread, and that the bot
    with the id `bot` may answer. `taken` is the mark of the connection that has taken it; `seq` is
    the message, if it was posted. Of a `webhook`: the `problem` with its answer, and how many later
    answers there were, `uses`."""

    name: str
    bot: str
    room: str
    thread: int | None = None
    by: str
    at: str
    seq: int | None = None
    taken: str = ""
    webhook: str = ""
    problem: str = ""
    uses: int = 0


class CommandRows:
    """`lasting` has the registered commands; `short_lived` the runs, the newest of them."""

    def __init__(self, lasting: TableStore, short_lived: TableStore) -> None:
        self.table = lasting.table(TABLE, RegisteredCommand)
        self.runs = short_lived.table(RUNS, CommandRun)

    def all(self) -> list[tuple[str, RegisteredCommand]]:
        """By name."""
        return sorted(self.table.items())

    def of(self, bot: str) -> list[tuple[str, RegisteredCommand]]:
        """Those that the bot with this id has registered, by name."""
        every = self.all()
        return [(name, one) for name, one in every if one.bot == bot and not one.webhook]

    def forget(self, bot: str) -> None:
        """The account was removed, and its commands with it."""
        for name, command in self.all():
            if command.bot == bot:
                self.table.delete(name)
