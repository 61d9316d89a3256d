"""The command lines of this server for the console's answers: with its program and data folder."""

import os
import pwd
import shlex
import sys
from pathlib import Path

import msgspec

import chatapp

BACKUPS = "/backups"
DAY = "$(date +%F)"
"""Part of a folder's name, for the shell to fill in."""
NIGHTLY = "15 3 * * *"
"""A line of crontab begins with this: at 3:15. A percent sign there needs a backslash."""

BOT = """\
from chatapp.client import Bot

bot = Bot("{address}", token="chatapp_…", state="echo.json")

@bot.command("echo")
def echo(event):
    return event.text

bot.run()"""
"""A bot that answers, for Python."""


class ServerCommands(msgspec.Struct, frozen=True, kw_only=True):
    """Lines to be copied into a terminal on the server's machine."""

    user: str
    """The user who owns the data and runs the server."""
    version: str
    backup: str
    nightly: str
    restore: str
    erase: str
    add_bot: str
    update: str


def server_commands(data: Path) -> ServerCommands:
    program = shlex.quote(_program())
    where = f"--data {shlex.quote(str(data))}"
    backup = f"{program} backup {BACKUPS}/chat-{DAY} {where}"
    return ServerCommands(
        user=_user(),
        version=chatapp.__version__,
        backup=backup,
        nightly=f"{NIGHTLY} {backup.replace('%', chr(92) + '%')}",
        restore=f"{program} restore {BACKUPS}/chat-2026-11-22 {where}",
        erase=f"{program} log erase --sender NAME --backup {BACKUPS}/chat-2026-11-22 {where}",
        add_bot=f"{program} token create NAME TITLE {where}",
        update=_update(),
    )


def _program() -> str:
    """The command `chatapp` beside the interpreter that runs it, if it is there."""
    beside = Path(sys.executable).parent / "chatapp"
    return str(beside) if beside.is_file() else "chatapp"


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"#{os.geteuid()}"


def _update() -> str:
    """In a checkout the newest source, otherwise the newest wheel that one has."""
    top = Path(chatapp.__file__).parent.parent
    if (top / "tools" / "setup.py").is_file():
        return f"cd {shlex.quote(str(top))} && git pull && python3 -m tools.setup"
    return f"{shlex.quote(sys.executable)} -m pip install --upgrade chatapp-VERSION.whl"
