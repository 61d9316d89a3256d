"""The options of `chatapp log import`, together as one value."""

from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from chatapp.cli.log_commands.blob_store import with_bucket
from chatapp.cli.log_commands.command import with_data, with_json
from chatapp.cli.log_commands.shared_chat import with_postgres

_NONE: Mapping[str, str] = MappingProxyType({})


class ImportOptions(NamedTuple):
    """For all imports: a `dry_run` adds nothing, the `report` is written to this file, new rooms
    are `public`. The chat is in the folder `data`, and perhaps in `postgres`; files are in the
    `bucket`, if there is one."""

    data: Path
    dry_run: bool
    report: Path | None
    public: bool
    bucket: str | None
    postgres: str | None
    as_json: bool


class SourceOptions(NamedTuple):
    """For exports of other chats. `same` are accounts here by people there, `into` rooms here by
    rooms there. `chat` is a name for the chat that the export is of; `same_chat`: it is the one of
    an earlier file. Times without a zone are in `time_zone`, or in that of this machine. `media` is
    a folder with the bytes of files."""

    private: bool = False
    same: Mapping[str, str] = _NONE
    into: Mapping[str, str] = _NONE
    chat: str = ""
    same_chat: bool = False
    time_zone: ZoneInfo | None = None
    media: Path | None = None


class RowOptions(NamedTuple):
    """For objects of JSON: the `room` of rows without one, and the names of keys."""

    room: str | None = None
    client_key: str = "client"
    message_key: str = "message"
    timestamp_key: str = "timestamp"

    @property
    def keys(self) -> dict[str, str]:
        """The keys there by ours."""
        return {
            "client": self.client_key,
            "message": self.message_key,
            "timestamp": self.timestamp_key,
        }


ONLY_FOR_SOURCES = "--private, --same, --into, --chat, --same-chat, --time-zone and --media"


def import_options(command: Callable[..., None]) -> Callable[..., None]:
    """As the parameters `options`, `from_source` and `from_rows`."""

    @click.option("--dry-run", is_flag=True, help="Read all, tell what would be imported.")
    @click.option(
        "--report",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write the report to this file, as JSON.",
    )
    @click.option("--public", is_flag=True, help="Make the new rooms public.")
    @_source_options
    @_row_options
    @with_bucket
    @with_postgres
    @with_data
    @with_json
    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        values: dict[str, Any] = {
            parameter: kind(**{name: options.pop(name) for name in kind._fields})
            for parameter, kind in (
                ("options", ImportOptions),
                ("from_source", SourceOptions),
                ("from_rows", RowOptions),
            )
        }
        command(*arguments, **values, **options)

    return run


def _source_options(command: Callable[..., None]) -> Callable[..., None]:
    options = (
        click.option("--private", is_flag=True, help="Make public rooms private to their members."),
        click.option(
            "--same", multiple=True, metavar="THEIRS=OURS", callback=_pairs,
            help="A person there who has this account here.",
        ),
        click.option(
            "--into", multiple=True, metavar="THEIRS=OURS", callback=_pairs,
            help="A room there whose messages go into this room here.",
        ),
        click.option(
            "--chat", metavar="NAME", default="",
            help="A name for that chat, if you import several of one format.",
        ),
        click.option(
            "--same-chat", is_flag=True,
            help="The file is of the same chat as an earlier one of its format.",
        ),
        click.option(
            "--time-zone", metavar="ZONE", callback=_zone,
            help="Of times without one, such as Europe/Madrid.  [default: this machine's]",
        ),
        click.option(
            "--media",
            type=click.Path(path_type=Path, exists=True, file_okay=False),
            help="A folder with the bytes of files that the export only names.",
        ),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def _row_options(command: Callable[..., None]) -> Callable[..., None]:
    options = (
        click.option("--room", help="The room for rows without one.  [default: general]"),
        click.option("--client-key", default="client", show_default=True),
        click.option("--message-key", default="message", show_default=True),
        click.option("--timestamp-key", default="timestamp", show_default=True),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _zone(_context: object, option: click.Parameter, name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise click.BadParameter(f"There is no time zone {name!r}.", param=option) from None


def _pairs(_context: object, option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for value in values:
        there, sign, here = value.partition("=")
        if not (there and sign and here):
            raise click.BadParameter(f"{value!r} is not THEIRS=OURS.", param=option)
        pairs[there] = here
    return pairs
