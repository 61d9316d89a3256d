"""Renders messages as terminal lines: time, name and text in aligned columns."""

import zlib
from datetime import datetime

from rich.cells import cell_len

from chatapp.client.terminal.markup import styled
from chatapp.domain.limits import name_key
from chatapp.domain.model import Event, Message
from chatapp.domain.visible import visible, visible_lines
from chatapp.text.actions import action_in

NAME_CELLS = 12
"""The width of the column of names; a longer name pushes its text to the right."""
NAME_COLOURS = (31, 32, 33, 34, 35, 36, 91, 92, 93, 94, 95, 96)
"""The twelve standard colours, which people have configured to be readable."""
BOLD, DIM, RED = 1, 2, 31
FOLD_ABOVE_LINES, SHOWN_LINES = 16, 12
"""Texts longer than the first number of lines are cut to the second."""


class Transcript:
    """Renders messages one after another, with a separator at the beginning of each day."""

    def __init__(self, *, colour: bool, folds: bool = False) -> None:
        """`folds`: whether long texts are shortened, because the person can ask for the whole."""
        self._colour = colour
        self._folds = folds
        self._day = ""

    def message(
        self,
        message: Message,
        room: str | None = None,
        shown: str | None = None,
        *,
        whole: bool = False,
    ) -> str:
        """The lines of a message; `room` is named unless None.

        `shown` is the sender's display name, if there is one.
        """
        at = datetime.fromisoformat(message.at).astimezone()
        if message.system is not None:
            told = f"{at:%H:%M} {f'[{visible(room)}] ' if room else ''}· {visible(message.text)}"
            return f"{self._day_line(at)}{self._in(told, DIM)}"
        where = f"[{visible(room)}] " if room else ""
        is_action = action_in(message.text) is not None
        sender = f"{'* ' if is_action else ''}{visible(shown or message.sender)}"
        head = f"{at:%H:%M} {where}{sender}"
        indent = " " * max(cell_len(f"00:00 {where}") + NAME_CELLS + 1, cell_len(head) + 1)
        padding = " " * (cell_len(indent) - cell_len(head))
        time = self._in(f"{at:%H:%M}", DIM)
        name = self._in(sender, BOLD, colour_of(message.sender))
        text = f"\n{indent}".join(self._text_of(message, whole=whole))
        return f"{self._day_line(at)}{time} {where}{name}{padding}{text}"

    def note(self, text: str) -> str:
        """A line other than a message: somebody joined, or a command's result."""
        return "\n".join(self._in(line, DIM) for line in visible_lines(text))

    def change(self, event: Event, shown: str | None = None) -> str:
        """A line about an edit, a deletion or a reaction; `shown` is the actor's display name."""
        who = shown or event.sender
        match event.type:
            case "edit":
                return self.note(f"{who} changed #{event.target} to: {event.text}")
            case "delete":
                return self.note(f"{who} deleted #{event.target}.")
            case _:
                given = "reacted with" if event.on else "took back"
                return self.note(f"{who} {given} {event.emoji} (#{event.target})")

    def error(self, text: str) -> str:
        return self._in(visible(text), RED)

    def _text_of(self, message: Message, *, whole: bool) -> list[str]:
        if message.deleted_by is not None:
            return [self._in("(deleted)", DIM)]
        action = action_in(message.text)
        lines = visible_lines(action or message.text)
        hidden = len(lines) - SHOWN_LINES
        if self._colour and action is None:
            lines = styled(lines)
        if self._folds and not whole and len(lines) > FOLD_ABOVE_LINES:
            more = f"… {hidden} more lines: /show #{message.seq}"
            lines = [*lines[:SHOWN_LINES], self._in(more, DIM)]
        if message.reply_to is not None:
            lines[0] = self._in(f"↪ {message.reply_to} ", DIM) + lines[0]
        if message.edited_at is not None:
            lines[-1] += self._in(" (edited)", DIM)
        return lines

    def _day_line(self, at: datetime) -> str:
        day, before = f"{at:%Y-%m-%d}", self._day
        self._day = day
        return "" if day == before else self._in(f"── {day} ──", DIM) + "\n"

    def _in(self, text: str, *codes: int) -> str:
        if not self._colour or not text:
            return text
        return f"\x1b[{';'.join(map(str, codes))}m{text}\x1b[0m"


def colour_of(name: str) -> int:
    """The colour of a person, the same everywhere."""
    return NAME_COLOURS[zlib.crc32(name_key(name).encode()) % len(NAME_COLOURS)]


def table_line(message: Message) -> str:
    """A message on one line for other programs: time, sender, text, separated by tabs."""
    return f"{message.at}\t{visible(message.sender)}\t{visible(message.text)}"
