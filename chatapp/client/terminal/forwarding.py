"""`/forward` and `/quote` of `chatapp chat`."""

import re
from urllib.parse import quote

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.known_rooms import KnownRooms
from chatapp.client.terminal.slash_commands import (
    CommandContext,
    SlashCommand,
    WrongArguments,
    message_number,
    needed,
)
from chatapp.domain.errors import NotFound
from chatapp.domain.model import Message

_NUMBER = "#?[0-9]{1,15}"
_FORWARD = re.compile(
    rf"(?:(?P<seqs>{_NUMBER}(?:[\s,]+{_NUMBER})*)\s+)?to\s+(?:"
    r"thread\s+#?(?P<thread>[0-9]{1,15})|@(?P<person>\S+)|#?(?P<room>\S+))(?:\s+(?P<text>.+))?",
    re.DOTALL,
)


class ForwardCommands:
    def __init__(self, chat: ChatClient, rooms: KnownRooms) -> None:
        self._chat = chat
        self._rooms = rooms
        self.commands: dict[str, SlashCommand] = {
            "forward": self._forward,
            "quote": self._quote,
        }

    def _forward(self, rest: str, context: CommandContext) -> str:
        found = _FORWARD.fullmatch(needed(rest))
        if found is None:
            raise WrongArguments
        seqs = [int(number) for number in re.findall("[0-9]+", found["seqs"] or "")]
        if not seqs:
            seqs = [message_number("", context.last)[0]]
        there = self._chat.forward(
            context.room,
            seqs,
            to_room=self._target(found, context),
            to_thread=int(found["thread"]) if found["thread"] else None,
            text=found["text"] or "",
        )
        where = f"the thread #{found['thread']}" if found["thread"] else ""
        where = where or (f"@{found['person']}" if found["person"] else found["room"])
        numbers = ", ".join(f"#{seq}" for seq in there)
        return f"Forwarded to {where}: {numbers} there."

    def _target(self, found: re.Match[str], context: CommandContext) -> str:
        if found["thread"]:
            return context.room
        if found["person"]:
            room = self._chat.talk_to(found["person"])
            self._rooms.hear(room)
            return room.name
        return found["room"]

    def _quote(self, rest: str, context: CommandContext) -> str:
        seq, text = message_number(rest, context.last)
        page = self._chat.history(context.room, around=seq, limit=2)
        message = next((one for one in page.messages if one.seq == seq), None)
        if message is None or not message.text:
            raise NotFound(f"There is no text #{seq} to quote.")
        said = quoted(message, f"{self._chat.url}{path_of(message)}")
        self._chat.send(context.room, f"{said}\n\n{needed(text)}", thread=context.thread)
        return ""


def quoted(message: Message, address: str) -> str:
    """A text in Markdown, with its author and a link: as quoting.js of the page makes it."""
    first = message.forwarded or message
    lines = [f"**{first.sender}** [{first.at[:10]} {first.at[11:16]}]({address})"]
    return "\n".join(f"> {line}".rstrip() for line in [*lines, *message.text.split("\n")])


def path_of(message: Message) -> str:
    return f"/rooms/{quote(message.room)}?at={message.seq}"
