"""Which of a bot's functions a message is for."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from chatapp.client.bot.event import BotEvent
from chatapp.domain.limits import name_key
from chatapp.text.mentions import Mentions

Handle = Callable[[BotEvent], object]
"""If it returns a text, that is the reply."""


class BotCommand(NamedTuple):
    """`slash`: people can also type it with a slash, with a `hint` of what follows the name, in
    these `rooms` or in all that the bot is in; see `ChatClient.add_command`."""

    name: str
    help: str
    handle: Handle
    hint: str = ""
    rooms: Sequence[str] | None = None
    posted: bool = False
    slash: bool = True


class Addressed(NamedTuple):
    """The functions that a message is for, and what it says to them."""

    handle: Sequence[Handle]
    text: str


class Handlers:
    """A message is for the first of these that there is: the command that it names, those for
    mentions if it mentions the bot or is to the bot alone, those for all messages."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.commands: dict[str, BotCommand] = {}
        self.mention: list[Handle] = []
        self.message: list[Handle] = []

    def add_command(self, command: BotCommand) -> None:
        key = command.name.casefold()
        if key.split() != [key]:
            raise ValueError(f"{command.name!r} is not one word.")
        if key in self.commands:
            raise ValueError(f"There is a command {command.name!r} already.")
        self.commands[key] = command

    def of(self, text: str, *, me: str, is_direct: bool) -> Addressed | None:
        """None if it is for none of them."""
        told = _told(text, me)
        named = self._named(text, with_prefix=True)
        if named is None and (told is not None or is_direct):
            said = text if told is None else told
            named = self._named(said, True) or self._named(said, False)
        if named is not None:
            return named
        if self.mention and (is_direct or text in Mentions(me, everyone=False)):
            return Addressed(self.mention, text if told is None else told)
        return Addressed(self.message, text) if self.message else None

    def called(self, name: str) -> BotCommand | None:
        """The command with this name."""
        return self.commands.get(name.casefold())

    def help(self) -> str:
        """A list of the commands."""
        commands = self.commands.values()
        lines = [f"`{self.prefix}{one.name}` {one.help}".rstrip() for one in commands]
        return "\n".join(f"- {line}" for line in lines)

    def _named(self, text: str, with_prefix: bool) -> Addressed | None:
        """The command at the beginning of a text."""
        if with_prefix:
            if not text.startswith(self.prefix):
                return None
            text = text.removeprefix(self.prefix)
        word, *rest = text.split(maxsplit=1) or [""]
        command = None if text[:1].isspace() else self.commands.get(word.casefold())
        return command and Addressed([command.handle], rest[0] if rest else "")


def _told(text: str, me: str) -> str | None:
    """The rest of a text that begins with the name of the bot; None if it does not."""
    if not text.startswith("@") or name_key(text[1 : 1 + len(me)]) != name_key(me):
        return None
    rest = text[1 + len(me) :]
    return None if rest[:1].isalnum() else rest.lstrip(" \n,:")
