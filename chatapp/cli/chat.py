"""`chatapp chat`, `send` and `tail`: their names, options and exit codes.

`client/terminal/` implements them, one module for each command, imported when the command runs:
`--help` must not wait for a Socket.IO library. Data goes to standard output, everything else to
standard error.
"""

import importlib
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from chatapp.client.address import DEFAULT_URL, is_address
from chatapp.client.terminal import exits
from chatapp.client.terminal.identity import key_for, login_name
from chatapp.client.terminal.streams import has_terminal
from chatapp.domain.errors import ChatError, NameTaken, Unauthorized
from chatapp.domain.model import GENERAL
from chatapp.domain.visible import visible

TAIL_LINES = 10
SEND_SECONDS = 30.0
EPILOG = """
\b
With an account, CHATAPP_TOKEN says who you are; `chatapp token create` makes one.

\b
Exit codes: 0 ok, 1 other, 2 usage, 3 not signed in, 4 no such room, 5 not allowed,
10 network, 12 sent but not acknowledged, 130 interrupted.
"""

HOW_TO_SIGN_IN = " With an account: CHATAPP_TOKEN, from `chatapp token create`."

C = TypeVar("C", bound=Callable[..., Any])


def identity_options(command: C) -> C:
    """The options for the chat's address and the person's name."""
    for option in (
        click.option(
            "--token", envvar="CHATAPP_TOKEN", help="The token of your account.", hidden=True
        ),
        click.option(
            "--name", envvar="CHATAPP_NAME", help="Your name in the chat [your login name]."
        ),
        click.option(
            "--url",
            envvar="CHATAPP_URL",
            default=DEFAULT_URL,
            show_default=True,
            callback=lambda _context, _option, url: _checked_url(url),
            help="The address of the chat.",
        ),
    ):
        command = option(command)
    return command


room_option = click.option(
    "-r", "--room", default=GENERAL, show_default=True, help="The room's name."
)


@click.command(epilog=EPILOG)
@identity_options
@room_option
def chat(url: str, name: str | None, token: str | None, **options: Any) -> None:
    """Chat in this terminal. Type /help for a list of commands.

    Without a terminal, it sends the lines of standard input and prints new messages meanwhile.
    """
    _run("chat", url, name, token, **options)


@click.command(epilog=EPILOG)
@identity_options
@room_option
@click.option("--whole", is_flag=True, help="Send all of stdin as one message.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=SEND_SECONDS,
    show_default=True,
    help="Seconds to wait for the server, per message.",
)
@click.argument("words", metavar="TEXT… | -", nargs=-1, required=True)
def send(url: str, name: str | None, token: str | None, **options: Any) -> None:
    """Send TEXT; with - send standard input, one message for each line.

    The command exits when the message is on the server's disk. It waits when lines come faster than
    the rate limit.
    """
    if options["whole"] and options["words"] != ("-",):
        raise click.UsageError("--whole is for standard input: chatapp send --whole -")
    _run("send", url, name, token, **options)


@click.command(epilog=EPILOG)
@identity_options
@room_option
@click.option("--json", "as_json", is_flag=True, help="Output JSON Lines, as on the wire.")
@click.option("--since", type=click.IntRange(min=0), help="Start after message N.")
@click.option(
    "-n",
    "--lines",
    type=click.IntRange(min=0),
    default=TAIL_LINES,
    show_default=True,
    help="Start with the last N messages.",
)
@click.option("--follow/--no-follow", default=True, help="Keep following [yes].")
def tail(url: str, name: str | None, token: str | None, **options: Any) -> None:
    """Print the messages of a room, and new ones as they come.

    Into a pipe: the time, the sender and the text, separated by tabs. Lost connections are reported
    on standard error.
    """
    _run("tail", url, name, token, **options)


def _run(module: str, url: str, name: str | None, token: str | None, **options: Any) -> None:
    """Run a command of `client/terminal/` as a person, and exit with its code."""
    if name is None and token is None:
        name = login_name() if has_terminal() else None
        if name is None:
            raise click.UsageError(
                "Give a name or a token: --name NAME, CHATAPP_NAME=NAME, or CHATAPP_TOKEN=TOKEN."
            )
    try:
        command = importlib.import_module(f"chatapp.client.terminal.{module}")
        client = importlib.import_module("chatapp.client.chat").ChatClient
        command.run(client(url, name=name, token=token, key=key_for(url)), **options)
    except ChatError as error:
        needs_account = token is None and isinstance(error, Unauthorized | NameTaken)
        advice = HOW_TO_SIGN_IN if needs_account else ""
        click.echo(f"chatapp: {visible(error.message)}{advice}", err=True)
        sys.exit(exits.exit_code(error))
    except KeyboardInterrupt:
        sys.exit(exits.INTERRUPTED)


def _checked_url(url: str) -> str:
    if not is_address(url):
        raise click.BadParameter(f"a chat is at an address such as {DEFAULT_URL}.")
    return url.rstrip("/")
