"""The formats that can be imported from other chats, and which of them a file has."""

from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path
from typing import NamedTuple

from chatapp.transfer.sources.csv_table import CsvTable
from chatapp.transfer.sources.discord.export import DiscordExport, is_discord_export
from chatapp.transfer.sources.irc.logs import IrcLogs, is_irc_log
from chatapp.transfer.sources.matrix.export import MatrixExport, is_matrix_export
from chatapp.transfer.sources.mattermost import MattermostExport, is_mattermost_export
from chatapp.transfer.sources.records import Source
from chatapp.transfer.sources.rocketchat.export import RocketChatExport, is_rocketchat_export
from chatapp.transfer.sources.slack import SlackExport, is_slack_export
from chatapp.transfer.sources.zulip.export import ZulipExport, is_zulip_export


class SourceFormat(NamedTuple):
    """`open(path, zone)` reads times that have no zone as times in `zone`, or in that of this
    machine. `is_one(path)` looks at the beginning of a file, or at the names in an archive."""

    open: Callable[[Path, tzinfo | None], Source]
    is_one: Callable[[Path], bool]


def _with_zones(open: Callable[[Path], Source]) -> Callable[[Path, tzinfo | None], Source]:
    """For a format whose times have their zones."""
    return lambda path, _zone: open(path)


FORMATS: dict[str, SourceFormat] = {
    "slack": SourceFormat(_with_zones(SlackExport), is_slack_export),
    "mattermost": SourceFormat(_with_zones(MattermostExport), is_mattermost_export),
    "rocketchat": SourceFormat(_with_zones(RocketChatExport), is_rocketchat_export),
    "zulip": SourceFormat(_with_zones(ZulipExport), is_zulip_export),
    "discord": SourceFormat(_with_zones(DiscordExport), is_discord_export),
    "matrix": SourceFormat(_with_zones(MatrixExport), is_matrix_export),
    "csv": SourceFormat(CsvTable, lambda path: path.suffix.lower() in (".csv", ".tsv")),
    "irc": SourceFormat(IrcLogs, is_irc_log),
}


def format_of(path: Path) -> str | None:
    """The format of a file; None for one that none of these programs has written, and for a pipe,
    which can be read only once."""
    if not path.is_file():
        return None
    return next((name for name, format in FORMATS.items() if format.is_one(path)), None)
