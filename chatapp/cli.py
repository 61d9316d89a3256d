"""The command line. Each command lives with what it commands; this is the list of them.

A command's module is loaded when the command is called: saying hello from a script must
not wait for a web server to be imported.
"""

import importlib
from typing import Any

import click

from chatapp import __version__

COMMANDS = {
    "serve": "chatapp.serve:serve_command",
    "chat": "chatapp.client.cli:chat",
    "send": "chatapp.client.cli:send",
    "tail": "chatapp.client.cli:tail",
    "user": "chatapp.accounts.cli:user",
    "room": "chatapp.rooms.cli:room",
    "token": "chatapp.accounts.token_cli:token",
    "invite": "chatapp.accounts.cli:invite",
    "audit": "chatapp.admin.cli:audit",
    "log": "chatapp.storage.cli:log",
    "bench": "chatapp.bench.cli:bench",
    "backup": "chatapp.storage.cli:backup",
    "restore": "chatapp.storage.cli:restore",
}


class CommandsByName(click.Group):
    """A group that imports a command when it is asked for.

    https://click.palletsprojects.com/en/stable/complex/#lazily-loading-subcommands
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=CommandsByName, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="chatapp")
def main(**_: Any) -> None:
    """A self-hosted chat with every message on record."""
