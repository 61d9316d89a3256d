"""`chatapp log …`: the log from the command line. `log_commands/` has the commands."""

import click

from chatapp.cli.commands_by_name import CommandsByName

_FOLDER = "chatapp.cli.log_commands"
COMMANDS = {
    "verify": f"{_FOLDER}.verify:verify",
    "repair": f"{_FOLDER}.repair:repair",
    "reindex": f"{_FOLDER}.reindex:reindex",
    "stats": f"{_FOLDER}.stats:stats",
    "export": f"{_FOLDER}.export:export",
    "import": f"{_FOLDER}.import_:import_",
    "migrate": f"{_FOLDER}.migrate:migrate",
    "erase": f"{_FOLDER}.erase:erase",
    "retain": f"{_FOLDER}.retain:retain",
    "show": f"{_FOLDER}.show:show",
    "checkpoint": f"{_FOLDER}.proof:checkpoint",
    "rotate-key": f"{_FOLDER}.proof:rotate_key",
    "prove": f"{_FOLDER}.proof:prove",
    "check-proof": f"{_FOLDER}.proof:check_proof_command",
}


@click.group(
    cls=CommandsByName,
    modules=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
def log() -> None:
    """Check, repair, read, move or shorten the log of all messages."""
