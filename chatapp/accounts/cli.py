"""`chatapp user …` and `chatapp invite`: accounts from the command line.

Whoever may write into the data folder may do all of this, beside a running server as well
as without one. What is made is said on standard output, alone on its line.
"""

import sys
from collections.abc import Callable
from typing import Any, TypeVar, get_args

import click

from chatapp.accounts.model import Role
from chatapp.accounts.people import INVITE_DAYS
from chatapp.control.run import USAGE, fail
from chatapp.model import COLOURS
from chatapp.parts.command_line import ask, data_option, lines_option, show

C = TypeVar("C", bound=Callable[..., Any])

ROLES = click.Choice(get_args(Role))

stdin_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, a line."
)


def profile_options(command: C) -> C:
    colour = click.option("--colour", type=click.Choice(["", *COLOURS]), help="Of their flag.")
    shown = click.option("--display-name", metavar="NAME", help="What they are shown as.")
    return shown(colour(command))


@click.group("user")
def user() -> None:
    """Accounts: add, list, change, reset, remove."""


@user.command("add")
@click.argument("name")
@click.option("--role", type=ROLES, default="member", show_default=True)
@profile_options
@stdin_option
@data_option
def add(name: str, password_stdin: bool, data: str | None, **options: str | None) -> None:
    """Make an account. Asks for its password."""
    password = _new_password(password_stdin)
    ask(data, "user.add", name=name, password=password, **options)


@user.command("list")
@lines_option
@data_option
def list_users(as_json: bool, data: str | None) -> None:
    """Everybody who has an account."""
    columns = {
        "Name": lambda account: account["name"],
        "Shown as": lambda account: account["display_name"] or "-",
        "Role": lambda account: account["role"],
        "Since": lambda account: account["created_at"][:10],
        "Last used": lambda account: (account["seen_at"] or "-")[:16].replace("T", " "),
        "Sessions": lambda account: str(account["sessions"]),
    }
    show(ask(data, "user.list"), as_json, columns)


@user.command("profile")
@click.argument("name")
@profile_options
@data_option
def profile(name: str, data: str | None, **options: str | None) -> None:
    """Set what somebody is shown as, and the colour of their flag; "" takes it back."""
    if set(options.values()) == {None}:
        fail("Say --display-name or --colour.", USAGE)
    ask(data, "user.profile", name=name, **options)


@user.command("password")
@click.argument("name")
@stdin_option
@data_option
def password(name: str, password_stdin: bool, data: str | None) -> None:
    """Set a new password. All sessions of the account end."""
    ask(data, "user.password", name=name, password=_new_password(password_stdin))


@user.command("reset")
@click.argument("name")
@data_option
def reset(name: str, data: str | None) -> None:
    """Print a link with which somebody sets a new password, once, within a day."""
    click.echo(ask(data, "user.reset", name=name))


@user.command("role")
@click.argument("name")
@click.argument("role", type=ROLES)
@data_option
def role(name: str, role: str, data: str | None) -> None:
    """Give a role: owner, admin, member or bot."""
    ask(data, "user.role", name=name, role=role)


@user.command("ban")
@click.argument("name", required=False)
@click.option("--address", help="An address instead of a name: it keeps guests out, too.")
@click.option("--reason", required=True, help="Is shown to them, and noted in the audit log.")
@click.option("--days", type=click.IntRange(1, 3650), help="For so many days; else for good.")
@data_option
def ban(
    name: str | None, address: str | None, reason: str, days: int | None, data: str | None
) -> None:
    """Keep somebody out, and close their connections."""
    seconds = days and days * 24 * 60 * 60
    ask(data, "user.ban", name=name, address=address, reason=reason, seconds=seconds)


@user.command("unban")
@click.argument("name", required=False)
@click.option("--address", help="An address instead of a name.")
@data_option
def unban(name: str | None, address: str | None, data: str | None) -> None:
    """Let somebody in again."""
    ask(data, "user.unban", name=name, address=address)


@user.command("erase")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_option
def erase(name: str, yes: bool, data: str | None) -> None:
    """Remove an account. What it wrote stays in the log; see `chatapp log erase`."""
    if not yes:
        _require_terminal("Say --yes to remove an account without being asked.")
        click.confirm(f"Remove the account {name}?", abort=True, err=True)
    ask(data, "user.erase", name=name)


@click.command("invite")
@click.option("--role", type=ROLES, default="member", show_default=True)
@click.option("--uses", default=1, show_default=True, help="For so many people.")
@click.option("--days", default=INVITE_DAYS, show_default=True, help="Works for so many days.")
@data_option
def invite(role: str, uses: int, days: int, data: str | None) -> None:
    """Print a link with which people make their accounts."""
    click.echo(ask(data, "invite", role=role, uses=uses, days=days))


def _new_password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    _require_terminal("There is no terminal to ask on; use --password-stdin.")
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return answer


def _require_terminal(otherwise: str) -> None:
    if not sys.stdin.isatty():
        fail(otherwise, USAGE)
