"""Renders messages as terminal lines: time, name and text in aligned columns."""

import zlib
from datetime import datetime

from rich.cells import cell_len

from chatapp.client.terminal.file_lines import AddressOf, file_text
from chatapp.client.terminal.markup import styled
from chatapp.client.terminal.polls.lines import poll_lines, poll_state, result_line
from chatapp.domain.files import is_removal
from chatapp.domain.limits import name_key
from chatapp.domain.model import Event, Forwarded, Message, Poll, Replies
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

    def __init__(
        self,
        *,
        colour: bool,
        folds: bool = False,
        links: bool = False,
        address_of: AddressOf | None = None,
    ) -> None:
        """`folds`: whether long texts are shortened, because the person can ask for the whole.
        Files are shown with their addresses if `address_of` is given, as `links` if the terminal
        has them."""
        self._colour = colour
        self._folds = folds
        self._links = links
        self._address_of = address_of
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
            where = f"[{visible(room)}] " if room else ""
            told = f"{at:%H:%M} {where}· {_marks(message)}{visible(message.text)}{_pinned(message)}"
            return f"{self._day_line(at)}{self._in(told, DIM)}"
        where = f"[{visible(room)}] " if room else ""
        is_action = action_in(message.text) is not None and message.forwarded is None
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
        if about_poll := _about_poll(event, who):
            return self.note(about_poll)
        match event.type:
            case "edit" if is_removal(event):
                return self.note(f"{who} removed a file of #{event.target}.")
            case "edit":
                return self.note(f"{who} changed #{event.target} to: {event.text}")
            case "delete" if event.moved_to is not None:
                to = event.moved_to
                return self.note(f"{who} moved #{event.target} to {to.room}: #{to.seq} there.")
            case "delete":
                return self.note(f"{who} deleted #{event.target}.")
            case _:
                given = "reacted with" if event.on else "took back"
                return self.note(f"{who} {given} {event.emoji} (#{event.target})")

    def error(self, text: str) -> str:
        return self._in(visible(text), RED)

    def _text_of(self, message: Message, *, whole: bool) -> list[str]:
        if message.moved_to is not None:
            to = message.moved_to
            return [self._in(f"(moved to {visible(to.room)}: #{to.seq} there)", DIM)]
        if message.deleted_by is not None:
            return [self._in("(deleted)", DIM)]
        if message.erased_at is not None:
            return [self._in("(erased)", DIM)]
        if message.poll is not None:
            return self._poll(message, message.poll)
        action = None if message.forwarded else action_in(message.text)
        lines = visible_lines(action or message.text) if message.text else []
        hidden = len(lines) - SHOWN_LINES
        if self._colour and action is None:
            lines = styled(lines)
        if self._folds and not whole and len(lines) > FOLD_ABOVE_LINES:
            more = f"… {hidden} more lines: /show #{message.seq}"
            lines = [*lines[:SHOWN_LINES], self._in(more, DIM)]
        lines += [
            file_text(file, self._address_of, links=self._links) for file in message.files or ()
        ]
        lines = lines or [""]
        lines[0] = self._in(_marks(message), DIM) + lines[0]
        if message.edited_at is not None:
            lines[-1] += self._in(" (edited)", DIM)
        if message.via is not None:
            lines[-1] += self._in(f" ({visible(message.via.words)})", DIM)
        if message.forwarded is not None:
            lines[-1] += self._in(f" ({visible(origin_text(message.forwarded))})", DIM)
        if message.moved_from is not None:
            lines[-1] += self._in(f" (moved from {visible(message.moved_from.room)})", DIM)
        if message.replies is not None:
            lines.append(self._in(replies_text(message.seq, message.replies), DIM))
        return lines

    def _poll(self, message: Message, poll: Poll) -> list[str]:
        question, *options = poll_lines(poll)
        lines = [self._in(_marks(message), DIM) + self._in(question, BOLD), *options]
        lines.append(self._in(poll_state(message.seq, poll), DIM))
        if message.moved_from is not None:
            lines[-1] += self._in(f" (moved from {visible(message.moved_from.room)})", DIM)
        if message.replies is not None:
            lines.append(self._in(replies_text(message.seq, message.replies), DIM))
        return lines

    def _day_line(self, at: datetime) -> str:
        day, before = f"{at:%Y-%m-%d}", self._day
        self._day = day
        return "" if day == before else self._in(f"── {day} ──", DIM) + "\n"

    def _in(self, text: str, *codes: int) -> str:
        if not self._colour or not text:
            return text
        return f"\x1b[{';'.join(map(str, codes))}m{text}\x1b[0m"


def _about_poll(event: Event, who: str) -> str | None:
    """A vote, or the end of a poll."""
    if event.poll is not None:
        return f"The poll #{event.target} is closed: {result_line(event.poll)}"
    if event.votes is not None:
        voted = "voted" if event.on else "withdrew a vote"
        return f"{who or 'Someone'} {voted} (#{event.target})"
    return None


def _marks(message: Message) -> str:
    """The thread that a message is in, and the message that it replies to."""
    thread = f"↳ {message.thread} " if message.thread is not None else ""
    return thread + (f"↪ {message.reply_to} " if message.reply_to is not None else "")


def _pinned(line: Message) -> str:
    """The message that a line of the chat is about, if it pins or unpins one."""
    if line.system is None or line.system.what not in ("pinned", "unpinned"):
        return ""
    return "".join(f" (#{seq})" for seq in line.system.seqs or ())


def origin_text(forwarded: Forwarded) -> str:
    """`forwarded from ben`, with the place if it is told."""
    if forwarded.room:
        return f"forwarded from {forwarded.sender}, {forwarded.room} #{forwarded.seq}"
    return f"forwarded from {forwarded.sender}"


def replies_text(seq: int, replies: Replies) -> str:
    """`↳ “Lunch”, 12 replies, 3 new: /thread 12`."""
    title = f"“{visible(replies.title)}”, " if replies.title else ""
    new = f", {replies.unread:,} new" if replies.unread else ""
    count = f"{replies.count:,} {'reply' if replies.count == 1 else 'replies'}"
    return f"↳ {title}{count}{new}: /thread {seq}"


def colour_of(name: str) -> int:
    """The colour of a person, the same everywhere."""
    return NAME_COLOURS[zlib.crc32(name_key(name).encode()) % len(NAME_COLOURS)]


def table_line(message: Message, address_of: AddressOf | None = None) -> str:
    """A message on one line for other programs: time, sender, text, separated by tabs. Files follow
    the text, and what is in a thread begins with its number."""
    thread = f"↳ {message.thread}" if message.thread is not None else ""
    files = [file_text(file, address_of) for file in message.files or ()]
    text = " ".join(filter(None, [thread, visible(message.text), *files]))
    return f"{message.at}\t{visible(message.sender)}\t{text}"
