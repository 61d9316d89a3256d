"""The formats that can be imported from other chats, and which of them a file has."""

from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path
from typing import NamedTuple

from chatapp.transfer.sources.csv_table import CsvTable
from chatapp.transfer.sources.discord.export import DiscordExport, is_discord_export
from chatapp.transfer.sources.irc.logs import IrcLogs, is_irc_log
from chatapp.transfer.sources.matrix.export import MatrixExport, is_matrix_export
from chatapp.transfer.sources.mattermost.export import MattermostExport, is_mattermost_export
from chatapp.transfer.sources.media_folder import MediaFolder
from chatapp.transfer.sources.records import Source
from chatapp.transfer.sources.rocketchat.export import RocketChatExport, is_rocketchat_export
from chatapp.transfer.sources.slack.export import SlackExport, is_slack_export
from chatapp.transfer.sources.zulip.export import ZulipExport, is_zulip_export


class SourceSettings(NamedTuple):
    """Times that have no zone are in `zone`, or in that of this machine. Bytes of files that are
    not in the export are in the folder `media`."""

    zone: tzinfo | None = None
    media: Path | None = None


class SourceFormat(NamedTuple):
    """`is_one(path)` looks at the beginning of a file, or at the names in an archive.
    `takes_media`: files may be in a folder beside the export. `names_are_ids`: people and rooms of
    two chats may have the same ids."""

    open: Callable[[Path, SourceSettings], Source]
    is_one: Callable[[Path], bool]
    takes_media: bool = False
    names_are_ids: bool = False


FORMATS: dict[str, SourceFormat] = {
    "slack": SourceFormat(lambda path, _: SlackExport(path), is_slack_export),
    "mattermost": SourceFormat(
        lambda path, _: MattermostExport(path), is_mattermost_export, names_are_ids=True
    ),
    "rocketchat": SourceFormat(
        lambda path, settings: RocketChatExport(path, MediaFolder(settings.media)),
        is_rocketchat_export,
        takes_media=True,
    ),
    "zulip": SourceFormat(lambda path, _: ZulipExport(path), is_zulip_export),
    "discord": SourceFormat(lambda path, _: DiscordExport(path), is_discord_export),
    "matrix": SourceFormat(
        lambda path, settings: MatrixExport(path, MediaFolder(settings.media)),
        is_matrix_export,
        takes_media=True,
    ),
    "csv": SourceFormat(
        lambda path, settings: CsvTable(path, settings.zone),
        lambda path: path.suffix.lower() in (".csv", ".tsv"),
        names_are_ids=True,
    ),
    "irc": SourceFormat(
        lambda path, settings: IrcLogs(path, settings.zone), is_irc_log, names_are_ids=True
    ),
}


def format_of(path: Path) -> str | None:
    """The format of a file; None for one that none of these programs has written, and for a pipe,
    which can be read only once."""
    if not path.is_file():
        return None
    return next((name for name, format in FORMATS.items() if format.is_one(path)), None)
