"""`chatapp chat`, `send`, `scheduled`, `tail`, `get`, `threads` and `saved`.

Their names, options and exit codes.

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
from chatapp.exit_codes import OTHER
from chatapp.standard_streams import is_of_standard_output

TAIL_LINES = 10
SEND_SECONDS = 30.0
INPUT_NAME = "standard-input"
EPILOG = """
\b
With an account, CHATAPP_TOKEN says who you are; `chatapp token create` makes one.

\b
Exit codes: 0 ok, 1 other, 2 usage, 3 not signed in, 4 no such room, message or file,
5 not allowed, 10 network, 12 sent but not acknowledged, 130 interrupted.
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


def thread_option(what: str) -> Callable[[C], C]:
    return click.option("--thread", metavar="SEQ", type=click.IntRange(min=1), help=what)


@click.command(epilog=EPILOG)
@identity_options
@room_option
@click.option("--bell/--no-bell", default=True, help="Ring for what notifies you [bell].")
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
    "-f",
    "--file",
    "paths",
    metavar="FILE",
    multiple=True,
    help="Attach a file, or with - standard input. Can be given up to 10 times.",
)
@click.option(
    "--alt",
    "alts",
    metavar="TEXT",
    multiple=True,
    help="Describe the first (second, …) --file for people who do not see it.",
)
@click.option(
    "--file-name",
    "input_name",
    metavar="NAME",
    default=INPUT_NAME,
    show_default=True,
    help="The name of the file from standard input.",
)
@thread_option("Post into the thread of message SEQ.")
@click.option("--also-to-room", is_flag=True, help="Show a reply in the room as well.")
@click.option(
    "--at",
    metavar="TIME",
    help="Let the server send it at this time: 2026-12-01T09:00, +2h, 'tomorrow 9:00'.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=SEND_SECONDS,
    show_default=True,
    help="Seconds to wait for the server, per message; of a file, without any progress.",
)
@click.argument("words", metavar="[TEXT… | -]", nargs=-1)
def send(url: str, name: str | None, token: str | None, **options: Any) -> None:
    """Send TEXT and files; with - send standard input, one message for each line.

    The command exits when the message is on the server's disk. It waits when lines come faster than
    the rate limit. An upload goes on where a lost connection has left it.

    \b
        chatapp send --file plan.pdf "The plan for Monday."
        chatapp send --at "tomorrow 9:00" "Good morning!"
        pg_dump shop | gzip | chatapp send --file - --file-name shop.sql.gz
    """
    words, paths = options["words"], options.pop("paths")
    if options["at"] and words == ("-",) and not options["whole"]:
        raise click.UsageError("With --at, send standard input as one message: --whole -")
    _check_what_is_sent(words, paths, options["whole"], options["thread"], options["also_to_room"])
    attachments = _attachments(paths, options.pop("alts"), options.pop("input_name"))
    _run("send", url, name, token, attachments=attachments, bar=_bar(), **options)


def _check_what_is_sent(
    words: tuple[str, ...],
    paths: tuple[str, ...],
    whole: bool,
    thread: int | None,
    also_to_room: bool,
) -> None:
    if not words and not paths:
        raise click.UsageError("Missing argument: a TEXT, - for standard input, or --file.")
    if whole and words != ("-",):
        raise click.UsageError("--whole is for standard input: chatapp send --whole -")
    if paths and words == ("-",) and not whole:
        raise click.UsageError("With --file, send standard input as one message: --whole -")
    if (paths.count("-") + (words == ("-",))) > 1:
        raise click.UsageError("Standard input can be only one thing: a file or the text.")
    if also_to_room and thread is None:
        raise click.UsageError("--also-to-room is for replies: --thread SEQ")


def _attachments(paths: tuple[str, ...], alts: tuple[str, ...], input_name: str) -> Any:
    if len(alts) > len(paths):
        raise click.UsageError("There are more --alt than --file.")
    kind = importlib.import_module("chatapp.client.terminal.send").SentFiles
    return kind(paths, alts, input_name)


def _bar() -> Any:
    return importlib.import_module("chatapp.cli.progress_bar").progress_bar


@click.command(epilog=EPILOG)
@identity_options
@room_option
@click.option(
    "-o",
    "--output",
    "to",
    metavar="PATH",
    default=".",
    help="A folder, the new file, or - for standard output [the current folder].",
)
@click.option("--force", "overwrite", is_flag=True, help="Overwrite files that exist.")
@click.argument("what", metavar="SEQ | LINK | ADDRESS")
def get(url: str, name: str | None, token: str | None, **options: Any) -> None:
    """Download the files of a message, or one file by its address.

    Give the message's number in the room, its link, or the address of a file as `chatapp tail`
    shows it. The paths of the new files are printed. A download that was interrupted goes on where
    it stopped, and the bytes are compared with the file's SHA-256.
    """
    _run("get", url, name, token, bar=_bar(), **options)


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
@thread_option("Only the replies to message SEQ.")
def tail(url: str, name: str | None, token: str | None, **options: Any) -> None:
    """Print the messages of a room, and new ones as they come.

    Into a pipe: the time, the sender and the text, separated by tabs. Files follow the text, with
    their addresses; a reply begins with ↳ and the number of its thread. Lost connections are
    reported on standard error.
    """
    _run("tail", url, name, token, **options)


@click.command(epilog=EPILOG)
@identity_options
@click.option("-r", "--room", help="All threads of this room [those that you follow].")
@click.option("--unread", is_flag=True, help="Only threads with something new.")
@click.option("--json", "as_json", is_flag=True, help="Output JSON Lines, as on the wire.")
def threads(url: str, name: str | None, token: str | None, **options: Any) -> None:
    """List the threads that you follow, the one with the newest reply first.

    Into a pipe: the time of the last reply, the room, the number of the thread, how many replies it
    has, how many are new, and its title, separated by tabs.
    """
    _run("threads", url, name, token, **options)


@click.command(epilog=EPILOG)
@identity_options
@click.option("--due", is_flag=True, help="Only messages whose reminder has come.")
@click.option("--json", "as_json", is_flag=True, help="Output JSON Lines, as on the wire.")
def saved(url: str, name: str | None, token: str | None, **options: Any) -> None:
    """List the messages that you have saved for later, those that are due first.

    Into a pipe: when it was saved, the time of its reminder, "due" if that has come, the room, the
    number of the message, its sender, and the beginning of its text, separated by tabs.
    """
    _run("saved_messages.listing", url, name, token, **options)


@click.group(epilog=EPILOG)
def scheduled() -> None:
    """List and cancel the messages that `chatapp send --at` has written."""


@scheduled.command("list", epilog=EPILOG)
@identity_options
@click.option("-r", "--room", help="Only those of this room.")
@click.option("--json", "as_json", is_flag=True, help="Output JSON Lines, as on the wire.")
def list_scheduled(url: str, name: str | None, token: str | None, **options: Any) -> None:
    """List your scheduled messages by time, with their ids for cancelling them.

    Into a pipe: the id, the time, the room, why it could not be sent, and the text, separated by
    tabs.
    """
    _run("scheduled.listing", url, name, token, cancel=(), **options)


@scheduled.command(epilog=EPILOG)
@identity_options
@click.argument("cancel", metavar="ID…", nargs=-1, required=True)
def cancel(url: str, name: str | None, token: str | None, **options: Any) -> None:
    """Cancel scheduled messages."""
    _run("scheduled.listing", url, name, token, **options)


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
    except OSError as error:
        if is_of_standard_output(error) or isinstance(error, BrokenPipeError):
            raise
        click.echo(f"chatapp: {visible(exits.in_words(error))}", err=True)
        sys.exit(OTHER)
    except KeyboardInterrupt:
        sys.exit(exits.INTERRUPTED)


def _checked_url(url: str) -> str:
    if not is_address(url):
        raise click.BadParameter(f"a chat is at an address such as {DEFAULT_URL}.")
    return url.rstrip("/")
