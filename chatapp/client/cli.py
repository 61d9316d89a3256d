"""`chatapp chat`, `send` and `tail`: their names, options and exit codes.

What they do is in `terminal/`, one module a command, loaded when the command runs: `--help`
must not wait for a Socket.IO library. Data goes to standard output, all else to standard error.
"""

import importlib
import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from chatapp.client.address import DEFAULT_URL, is_address
from chatapp.client.terminal import exits
from chatapp.client.terminal.identity import key_for, login_name
from chatapp.client.terminal.streams import has_terminal
from chatapp.client.terminal.visible import visible
from chatapp.errors import ChatError, NameTaken, Unauthorized
from chatapp.model import GENERAL

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


def whose_chat(command: C) -> C:
    """The options that say which chat, and as whom."""
    for option in (
        click.option(
            "--token", envvar="CHATAPP_TOKEN", help="What proves who you are.", hidden=True
        ),
        click.option("--name", envvar="CHATAPP_NAME", help="Your name there [your login name]."),
        click.option(
            "--url",
            envvar="CHATAPP_URL",
            default=DEFAULT_URL,
            show_default=True,
            callback=lambda _context, _option, url: _checked_url(url),
            help="Where the chat is.",
        ),
    ):
        command = option(command)
    return command


room_option = click.option(
    "-r", "--room", default=GENERAL, show_default=True, help="The room, by its name."
)


@click.command(epilog=EPILOG)
@whose_chat
@room_option
def chat(url: str, name: str | None, token: str | None, **options: Any) -> None:
    """Chat in this terminal. /help in there lists what you can do.

    Without a terminal, it sends the lines of standard input and prints what is said meanwhile.
    """
    _run("chat", url, name, token, **options)


@click.command(epilog=EPILOG)
@whose_chat
@room_option
@click.option("--whole", is_flag=True, help="One message of all of standard input.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=SEND_SECONDS,
    show_default=True,
    help="Seconds to wait for the server, for each message.",
)
@click.argument("words", metavar="TEXT… | -", nargs=-1, required=True)
def send(url: str, name: str | None, token: str | None, **options: Any) -> None:
    """Send TEXT, or with - what standard input says, a message a line.

    It ends when the server has it on disk. Lines that come faster than the server takes them
    wait.
    """
    if options["whole"] and options["words"] != ("-",):
        raise click.UsageError("--whole is for standard input: chatapp send --whole -")
    _run("send", url, name, token, **options)


@click.command(epilog=EPILOG)
@whose_chat
@room_option
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line, as on the wire.")
@click.option("--since", type=click.IntRange(min=0), help="All after the message of this number.")
@click.option(
    "-n",
    "--lines",
    type=click.IntRange(min=0),
    default=TAIL_LINES,
    show_default=True,
    help="Begin with the last so many.",
)
@click.option("--follow/--no-follow", default=True, help="Wait for later ones [yes].")
def tail(url: str, name: str | None, token: str | None, **options: Any) -> None:
    """Print the messages of a room, and later ones as they come.

    Into a pipe: the time, the sender and the text, with tabs between them. That the server is away
    or back is told on standard error.
    """
    _run("tail", url, name, token, **options)


def _run(module: str, url: str, name: str | None, token: str | None, **options: Any) -> None:
    """Run a command of `terminal/` as a person, and end with its exit code."""
    if name is None and token is None:
        name = login_name() if has_terminal() else None
        if name is None:
            raise click.UsageError(
                "Say who you are: --name NAME, CHATAPP_NAME=NAME, or CHATAPP_TOKEN=TOKEN."
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
    except BrokenPipeError:
        _forget_standard_output()


def _forget_standard_output() -> None:
    """Who read our output has seen enough. Python would complain of it once more at its end.

    https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _checked_url(url: str) -> str:
    if not is_address(url):
        raise click.BadParameter(f"a chat is at an address such as {DEFAULT_URL}.")
    return url.rstrip("/")
