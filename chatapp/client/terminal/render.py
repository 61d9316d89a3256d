"""Messages as lines of a terminal: time, name, text, in columns that line up."""

import zlib
from datetime import datetime

from rich.cells import cell_len

from chatapp.client.terminal.visible import visible, visible_lines
from chatapp.limits import name_key
from chatapp.model import Event, Message

NAME_CELLS = 12
"""The width of the column of names; a longer name pushes its text to the right."""
NAME_COLOURS = (31, 32, 33, 34, 35, 36, 91, 92, 93, 94, 95, 96)
"""The twelve colours that every terminal has, and that its owner made readable."""
BOLD, DIM, RED = 1, 2, 31


class Transcript:
    """Renders one message after another, with a line where a day begins."""

    def __init__(self, *, colour: bool) -> None:
        self._colour = colour
        self._day = ""

    def message(self, message: Message, room: str | None = None, shown: str | None = None) -> str:
        """The lines of a message; `room` is named where it is not clear.

        `shown` is what its sender is shown as, if not by name.
        """
        at = datetime.fromisoformat(message.at).astimezone()
        where = f"[{visible(room)}] " if room else ""
        sender = visible(shown or message.sender)
        head = f"{at:%H:%M} {where}{sender}"
        indent = " " * max(cell_len(f"00:00 {where}") + NAME_CELLS + 1, cell_len(head) + 1)
        padding = " " * (cell_len(indent) - cell_len(head))
        time = self._in(f"{at:%H:%M}", DIM)
        name = self._in(sender, BOLD, colour_of(message.sender))
        text = f"\n{indent}".join(self._text_of(message))
        return f"{self._day_line(at)}{time} {where}{name}{padding}{text}"

    def note(self, text: str) -> str:
        """Something that nobody said: who came, what a command answered."""
        return "\n".join(self._in(line, DIM) for line in visible_lines(text))

    def change(self, event: Event, shown: str | None = None) -> str:
        """That a message was edited, deleted or reacted to, by who is `shown` as this."""
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

    def _text_of(self, message: Message) -> list[str]:
        if message.deleted_by is not None:
            return [self._in("(deleted)", DIM)]
        lines = visible_lines(message.text)
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
    """A person has the same colour everywhere."""
    return NAME_COLOURS[zlib.crc32(name_key(name).encode()) % len(NAME_COLOURS)]


def table_line(message: Message) -> str:
    """A message on one line for other programs: time, sender, text, with tabs between."""
    return f"{message.at}\t{visible(message.sender)}\t{visible(message.text)}"
