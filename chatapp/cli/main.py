"""The entry point of the command line, with the list of commands."""

import sys
from typing import Any

import click

from chatapp import __version__
from chatapp.cli.commands_by_name import CommandsByName
from chatapp.exit_codes import OTHER
from chatapp.standard_streams import is_of_standard_output, print_everything

COMMANDS = {
    "serve": "chatapp.app.serve:serve_command",
    "chat": "chatapp.cli.chat:chat",
    "send": "chatapp.cli.chat:send",
    "scheduled": "chatapp.cli.chat:scheduled",
    "tail": "chatapp.cli.chat:tail",
    "get": "chatapp.cli.chat:get",
    "follow": "chatapp.cli.follow:follow",
    "mcp": "chatapp.cli.mcp:mcp",
    "threads": "chatapp.cli.chat:threads",
    "saved": "chatapp.cli.chat:saved",
    "user": "chatapp.cli.user:user",
    "bot": "chatapp.cli.bot:bot",
    "room": "chatapp.cli.room:room",
    "emoji": "chatapp.cli.emoji:emoji",
    "token": "chatapp.cli.token:token",
    "hook": "chatapp.cli.hook:hook",
    "webhook": "chatapp.cli.webhook:webhook",
    "invite": "chatapp.cli.user:invite",
    "audit": "chatapp.cli.audit:audit",
    "log": "chatapp.cli.log:log",
    "bench": "chatapp.cli.bench:bench",
    "backup": "chatapp.cli.log_commands.backup:backup",
    "restore": "chatapp.cli.log_commands.backup:restore",
    "move": "chatapp.cli.move:move",
}


class CommandLine(CommandsByName):
    def main(self, *args: Any, **options: Any) -> Any:
        """Report a failing standard output, such as a full disk, by one line and an exit code."""
        print_everything()
        try:
            try:
                return super().main(*args, **options)
            finally:
                sys.stdout.flush()
        except OSError as error:
            if not is_of_standard_output(error):
                raise
            click.echo(f"Error: {error.filename}: {error.strerror}", err=True)
            sys.exit(OTHER)

    def invoke(self, ctx: click.Context) -> Any:
        """A closed pipe ends the command quietly: `chatapp log export | head`."""
        try:
            value = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            return None
        return value


@click.group(
    cls=CommandLine, modules=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="chatapp")
def main(**_: Any) -> None:
    """A self-hosted chat that keeps every message."""
