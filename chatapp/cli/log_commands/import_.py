"""`chatapp log import`: imports messages from an export or from another chat."""

from pathlib import Path

import click

from chatapp.cli.log_commands.command import one_clear_line
from chatapp.cli.log_commands.import_options import (
    ONLY_FOR_SOURCES,
    ImportOptions,
    RowOptions,
    SourceOptions,
    import_options,
)
from chatapp.cli.log_commands.import_rows import import_rows
from chatapp.cli.log_commands.import_source import import_source
from chatapp.transfer.sources.formats import FORMATS, format_of


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--format",
    type=click.Choice(["auto", "json", *FORMATS]),
    default="auto",
    show_default=True,
    help="What the file is.",
)
@import_options
@one_clear_line
def import_(
    file: Path,
    format: str,
    options: ImportOptions,
    from_source: SourceOptions,
    from_rows: RowOptions,
) -> None:
    """Import the export of another chat, our own export, or objects with client, message and
    timestamp.

    \b
    slack        the ZIP archive of a workspace
    mattermost   a bulk export: JSON Lines, or the ZIP archive that has them
    rocketchat   a ZIP archive of collections that mongoexport has written
    zulip        the export of an organization, .tar.gz
    discord      JSON of DiscordChatExporter, or a ZIP archive of several channels
    matrix       a room that Element has exported as JSON
    irc          a log of WeeChat, irssi or ZNC, or a ZIP archive of logs
    csv          a table with sender, text and time, and perhaps room
    json         our own export, or the objects of another chat

    An export of another chat brings people, too: as accounts to which nobody can sign in before
    they follow an invitation (chatapp user invite). docs/import.md has the rest.

    Objects are JSON Lines, a JSON array, or {"messages": [...]}, in UTF-8 or UTF-16. Messages
    already in the log are skipped; bad rows are reported, counted, and cause exit code 1. Missing
    rooms are created: for the people who wrote in them, or with --public for everyone; group
    conversations for the people in them. A room whose name is not valid here gets a similar one,
    and the old name as its title. The server must be stopped. With --postgres, the servers of the
    chat may run; their clients get the messages as they come.

    Files of messages, and emoji of the chat's own, are taken from the folder "files" beside the
    file.

    Times are ISO 8601, in UTC unless they have an offset, or seconds or milliseconds since 1970.
    """
    if format == "auto":
        format = format_of(file) or "json"
    if format != "json":
        import_source(file, format, from_source, options)
    elif from_source != SourceOptions(same={}, into={}):
        raise click.UsageError(f"These options are for exports of other chats: {ONLY_FOR_SOURCES}.")
    else:
        import_rows(file, from_rows, options)
