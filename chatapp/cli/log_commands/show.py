"""`chatapp log show`: a room as it was at some moment."""

import sys
from collections.abc import Callable
from pathlib import Path

import click
import msgspec

from chatapp.cli.log_commands.command import one_clear_line, showing_progress, with_data
from chatapp.client.terminal.render import Transcript
from chatapp.client.terminal.streams import has_colour
from chatapp.domain.clock import moment_typed, timestamp
from chatapp.domain.limits import checked_room_name
from chatapp.domain.model import Message
from chatapp.domain.visible import harmless_json
from chatapp.transfer.export_filter import ExportFilter
from chatapp.transfer.folded_messages import END_OF_TIME, FoldedMessages
from chatapp.transfer.output import written


class MomentType(click.ParamType[str]):
    """A day, which means its end, or a time; in the machine's time zone, unless one is given.
    Becomes a timestamp, as events have them."""

    name = "time"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return timestamp(moment_typed(value).astimezone())
        except (ValueError, OverflowError):
            like = "2026-11-01 or 2026-11-01T14:30"
            self.fail(f"{value!r} is no time; it is like {like}.", param, ctx)


@click.command()
@click.argument("room")
@click.option(
    "--at",
    "as_of",
    type=MomentType(),
    metavar="DATE[TTIME]",
    help="As the room was at the end of this day, or at this time, in the time zone of this "
    "machine: 2026-11-01, 2026-11-01T14:30, 2026-11-01T14:30Z.  [default: now]",
)
@click.option("--format", "kind", type=click.Choice(["text", "json"]), default="text")
@with_data
@one_clear_line
def show(room: str, as_of: str | None, kind: str, data: Path) -> None:
    """Print a room as people saw it at some moment. A server may be running.

    Edits, deletions, reactions and votes of later are left out, and what was deleted later is there
    again. A text that was erased stays erased. Messages that were moved or imported are at the time
    at which they were written.

    JSON is one message a line, as clients get them; text has times in the time zone of this
    machine.
    """
    folder, extract = data / "messages", ExportFilter(room=checked_room_name(room))
    line_of = _text_line() if kind == "text" else _json_line
    with (
        written(None, harmless=lambda text: text) as output,
        showing_progress("Reading", folder) as progress,
        FoldedMessages(folder, extract, progress, as_of=as_of or END_OF_TIME) as gathered,
    ):
        for span in gathered.rooms():
            for message in gathered.messages(span.room):
                output.write(line_of(message) + "\n")


def _json_line(message: Message) -> str:
    line = msgspec.json.encode(message).decode()
    return harmless_json(line) if sys.stdout.isatty() else line


def _text_line() -> Callable[[Message], str]:
    transcript = Transcript(colour=has_colour(sys.stdout))

    def line(message: Message) -> str:
        given = (message.reactions or {}).items()
        reactions = [transcript.note(f"      {emoji} {', '.join(who)}") for emoji, who in given]
        return "\n".join([transcript.message(message, f"#{message.seq}"), *reactions])

    return line
