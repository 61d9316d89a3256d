"""`chatapp user …` and `chatapp invite`: manages accounts.

Anyone who can write to the data folder can use these commands, with or without a running server.
Created links and secrets are printed to standard output, alone on a line.
"""

import base64
import shutil
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar, get_args

import click

from chatapp.cli.remote import ask, data_option, fail, lines_option, require_terminal, show
from chatapp.domain.errors import BadPayload, TooLarge
from chatapp.domain.model import COLOURS
from chatapp.exit_codes import OTHER, USAGE
from chatapp.features.accounts.model import Role
from chatapp.features.accounts.people import INVITE_DAYS
from chatapp.features.files.pictures import Pictures
from chatapp.features.files.small_pictures import check_size
from chatapp.features.files.types import PICTURES, type_of
from chatapp.standard_streams import input_lines

C = TypeVar("C", bound=Callable[..., Any])

ROLES = click.Choice(get_args(Role))

stdin_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from the first line of stdin."
)


def profile_options(command: C) -> C:
    colour = click.option("--colour", type=click.Choice(["", *COLOURS]), help="Avatar colour.")
    shown = click.option("--display-name", metavar="NAME", help="Display name.")
    return shown(colour(command))


@click.group("user")
def user() -> None:
    """Add, list, change and remove accounts."""


@user.command("add")
@click.argument("name")
@click.option("--role", type=ROLES, default="member", show_default=True)
@profile_options
@stdin_option
@data_option
def add(name: str, password_stdin: bool, data: str | None, **options: str | None) -> None:
    """Create an account. Asks for its password."""
    password = _new_password(password_stdin)
    ask(data, "user.add", name=name, password=password, **options)


@user.command("list")
@lines_option
@data_option
def list_users(as_json: bool, data: str | None) -> None:
    """List all accounts."""
    columns = {
        "Name": lambda account: account["name"],
        "Display name": lambda account: account["display_name"] or "-",
        "Role": lambda account: account["role"],
        "Since": lambda account: account["created_at"][:10],
        "Last used": _last_used,
        "Sessions": lambda account: str(account["sessions"]),
    }
    show(ask(data, "user.list"), as_json, columns)


@user.command("profile")
@click.argument("name")
@profile_options
@data_option
def profile(name: str, data: str | None, **options: str | None) -> None:
    """Set someone's display name and avatar colour; "" clears them."""
    if set(options.values()) == {None}:
        fail("Give --display-name or --colour.", USAGE)
    ask(data, "user.profile", name=name, **options)


@user.command("photo")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@data_option
def photo(name: str, file: Path, data: str | None) -> None:
    """Set someone's photo: a PNG, JPEG, GIF or WebP. Its middle is kept, as a small square."""
    ask(data, "user.photo", name=name, picture=base64.b64encode(_small_photo(file)).decode())


@user.command("remove-photo")
@click.argument("name")
@data_option
def remove_photo(name: str, data: str | None) -> None:
    """Remove someone's photo."""
    ask(data, "user.remove-photo", name=name)


@user.command("clear-status")
@click.argument("name")
@data_option
def clear_status(name: str, data: str | None) -> None:
    """Clear what someone says of themselves."""
    ask(data, "user.clear-status", name=name)


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
    """Print a link for setting a new password; it works once, within a day."""
    click.echo(ask(data, "user.reset", name=name))


@user.command("invite")
@click.argument("name")
@click.option("--days", default=INVITE_DAYS, show_default=True, help="Days until it expires.")
@data_option
def invite_to(name: str, days: int, data: str | None) -> None:
    """Print a link that gives an imported account to its person; it works once.

    `chatapp invite` makes links for new accounts.
    """
    click.echo(ask(data, "user.invite", name=name, days=days))


@user.command("role")
@click.argument("name")
@click.argument("role", type=ROLES)
@data_option
def role(name: str, role: str, data: str | None) -> None:
    """Give a role: owner, admin, member or bot."""
    ask(data, "user.role", name=name, role=role)


@user.command("ban")
@click.argument("name", required=False)
@click.option("--address", help="An address instead of a name; keeps guests out too.")
@click.option("--reason", required=True, help="Shown to them and kept in the audit log.")
@click.option("--days", type=click.IntRange(1, 3650), help="How many days; without it, for good.")
@data_option
def ban(
    name: str | None, address: str | None, reason: str, days: int | None, data: str | None
) -> None:
    """Ban someone, and close their connections."""
    seconds = days and days * 24 * 60 * 60
    ask(data, "user.ban", name=name, address=address, reason=reason, seconds=seconds)


@user.command("unban")
@click.argument("name", required=False)
@click.option("--address", help="An address instead of a name.")
@data_option
def unban(name: str | None, address: str | None, data: str | None) -> None:
    """Lift a ban."""
    ask(data, "user.unban", name=name, address=address)


@user.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_option
def remove(name: str, yes: bool, data: str | None) -> None:
    """Remove an account, also from all rooms. Its name is never reused.

    Its messages stay in the log; see `chatapp log erase`.
    """
    if not yes:
        require_terminal("Give --yes to remove an account without being asked.")
        click.confirm(f"Remove the account {name}?", abort=True, err=True)
    ask(data, "user.remove", name=name)


@user.command("erase", hidden=True)
@click.argument("name")
@click.option("--yes", is_flag=True)
@data_option
@click.pass_context
def erase(context: click.Context, name: str, yes: bool, data: str | None) -> None:
    """The former name of `remove`."""
    click.echo("chatapp: `user erase` is now `user remove`; the old name will go.", err=True)
    context.invoke(remove, name=name, yes=yes, data=data)


@click.command("invite")
@click.option("--role", type=ROLES, default="member", show_default=True)
@click.option("--uses", default=1, show_default=True, help="How many times it can be used.")
@click.option("--days", default=INVITE_DAYS, show_default=True, help="Days until it expires.")
@data_option
def invite(role: str, uses: int, days: int, data: str | None) -> None:
    """Print a link for creating accounts."""
    click.echo(ask(data, "invite", role=role, uses=uses, days=days))


def _last_used(account: dict[str, Any]) -> str:
    if account["unclaimed"]:
        return "unclaimed"
    return str(account["seen_at"] or "-")[:16].replace("T", " ")


def _new_password(from_stdin: bool) -> str:
    if from_stdin:
        return _first_line()
    require_terminal("There is no terminal to ask on; use --password-stdin.")
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return answer


def _first_line() -> str:
    try:
        return next(input_lines(), "").rstrip("\n")
    except BadPayload as error:
        fail(error.message, OTHER)


def _small_photo(file: Path) -> bytes:
    """Made here, because a running server takes only small requests of the command line."""
    with tempfile.TemporaryDirectory() as folder, closing(Pictures()) as pictures:
        copy = Path(folder) / "photo"
        try:
            shutil.copyfile(file, copy)
            check_size("photo", copy.stat().st_size)
            type = type_of(copy)
            if type not in PICTURES:
                fail(f"{file} is no PNG, JPEG, GIF or WebP.", OTHER)
            seen, made, _ = pictures.look(copy, type, "photo")
            if seen.error:
                fail(f"{file}: {seen.reason or 'This picture cannot be read.'}", OTHER)
            return made.read_bytes()
        except OSError as error:
            fail(f"{file} cannot be read: {error.strerror}.", OTHER)
        except TooLarge as error:
            fail(str(error), OTHER)
