"""`chatapp log …`, `chatapp backup` and `chatapp restore`: the log from the command line.

This module lists them; `log_commands/` implements them.
"""

import click

from chatapp.cli.log_commands.backup import backup, restore
from chatapp.cli.log_commands.erase import erase
from chatapp.cli.log_commands.export import export
from chatapp.cli.log_commands.import_ import import_
from chatapp.cli.log_commands.migrate import migrate
from chatapp.cli.log_commands.proof import check_proof_command, checkpoint, prove
from chatapp.cli.log_commands.reindex import reindex
from chatapp.cli.log_commands.repair import repair
from chatapp.cli.log_commands.retain import retain
from chatapp.cli.log_commands.show import show
from chatapp.cli.log_commands.stats import stats
from chatapp.cli.log_commands.verify import verify

__all__ = ["backup", "log", "restore"]


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    commands=[
        *(verify, repair, reindex, stats, export, import_, migrate, erase, retain),
        *(show, checkpoint, prove, check_proof_command),
    ],
)
def log() -> None:
    """Check, repair, read, move or shorten the log of all messages."""
