"""`/pin`, `/unpin` and `/pins` of `chatapp chat`."""

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.people_names import PeopleNames
from chatapp.client.terminal.saved_messages.commands import missing, quoted, shown_time
from chatapp.client.terminal.slash_commands import (
    CommandContext,
    SlashCommand,
    WrongArguments,
    message_number,
)
from chatapp.domain.limits import MAX_PINS_AT_ONCE
from chatapp.protocol.values import PinnedMessage


class PinCommands:
    def __init__(self, chat: ChatClient, people: PeopleNames) -> None:
        self._chat = chat
        self._people = people
        self.commands: dict[str, SlashCommand] = {
            "pin": self._pin,
            "unpin": self._unpin,
            "pins": self._pins,
        }

    def _pin(self, rest: str, context: CommandContext) -> str:
        seq = _only_number(rest, context)
        self._chat.pin(context.room, seq)
        return f"#{seq} is pinned."

    def _unpin(self, rest: str, context: CommandContext) -> str:
        seq = _only_number(rest, context)
        self._chat.unpin(context.room, seq)
        return f"#{seq} is no longer pinned."

    def _pins(self, rest: str, context: CommandContext) -> str:
        if rest:
            raise WrongArguments
        page = self._chat.pins(context.room, limit=MAX_PINS_AT_ONCE)
        self._people.learn(
            name for pin in page.pins for name in (pin.message.sender, pin.pinned_by)
        )
        lines = [self._line(pin) for pin in page.pins]
        if page.after is not None:
            lines.append(f"These are the {MAX_PINS_AT_ONCE} that were pinned last.")
        return "\n".join(lines) or "No messages are pinned here."

    def _line(self, pin: PinnedMessage) -> str:
        """`#12 ben: Lunch is at noon (pinned by ana, Tue 1 Dec 09:00)`"""
        problem = missing(pin.message)
        sender = self._people.shown(pin.message.sender)
        said = f"({problem})" if problem else f"{sender}: {quoted(pin.message)}"
        by = self._people.shown(pin.pinned_by)
        return f"#{pin.seq} {said} (pinned by {by}, {shown_time(pin.pinned_at)})"


def _only_number(rest: str, context: CommandContext) -> int:
    seq, more = message_number(rest, context.last)
    if more:
        raise WrongArguments
    return seq
