"""`chatapp log …`, `chatapp backup` and `chatapp restore`: the log from the command line.

This is the list of them; what each does stands in `commands/`, a command a file.
"""

import click

from chatapp.storage.commands.backup import backup, restore
from chatapp.storage.commands.erase import erase
from chatapp.storage.commands.export import export
from chatapp.storage.commands.import_ import import_
from chatapp.storage.commands.migrate import migrate
from chatapp.storage.commands.reindex import reindex
from chatapp.storage.commands.repair import repair
from chatapp.storage.commands.retain import retain
from chatapp.storage.commands.stats import stats
from chatapp.storage.commands.verify import verify

__all__ = ["backup", "log", "restore"]


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    commands=[verify, repair, reindex, stats, export, import_, migrate, erase, retain],
)
def log() -> None:
    """The log of every message: check, repair, read, move, shorten it."""
