"""`/emoji` of `chatapp chat`: the chat's own emoji, and their names for completion."""

from pathlib import Path

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.slash_commands import CommandContext, SlashCommand, WrongArguments
from chatapp.domain.visible import visible
from chatapp.protocol.pushes import EmojiChange
from chatapp.protocol.values import CustomEmoji


class EmojiCommands:
    def __init__(self, chat: ChatClient) -> None:
        self._chat = chat
        self._known: dict[str, CustomEmoji] = {}

    @property
    def commands(self) -> dict[str, SlashCommand]:
        return {"emoji": self._emoji}

    @property
    def names(self) -> list[str]:
        """As they are written, aliases too."""
        return [f":{name}:" for one in self._known.values() for name in (one.name, *one.aliases)]

    def learn(self) -> None:
        """Ask for all; an older server has none."""
        if self._chat.has_own_emoji:
            self._known = {one.name: one for one in self._chat.emoji()}

    def hear(self, news: object) -> None:
        """Any news."""
        match news:
            case EmojiChange(name=name, emoji=None):
                self._known.pop(name, None)
            case EmojiChange(name=name, emoji=CustomEmoji() as emoji):
                self._known[name] = emoji

    def _emoji(self, rest: str, _context: CommandContext) -> str:
        what, _, more = rest.partition(" ")
        if what == "add":
            name, _, path = more.strip().partition(" ")
            if not path.strip():
                raise WrongArguments
            return (
                f":{self._chat.add_emoji(name, Path(path.strip()).expanduser()).name}: was added."
            )
        if what == "remove":
            if not more.strip():
                raise WrongArguments
            self._chat.remove_emoji(more)
            return f":{more.strip().strip(':')}: was removed; messages keep its name."
        self.learn()
        lines = [_line(one) for _, one in sorted(self._known.items()) if what in _line(one)]
        return "\n".join(lines) or ("No emoji found." if what else "There are no emoji here yet.")


def _line(one: CustomEmoji) -> str:
    names = " ".join(f":{name}:" for name in (one.name, *one.aliases))
    kind = ", animated" if one.animated else ""
    by = f", by {visible(one.by)}" if one.by else ""
    return f"{names}  {one.width} × {one.height}{kind}{by}"
