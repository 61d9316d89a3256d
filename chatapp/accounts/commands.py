"""What the command line can do with accounts, by name. The same beside a server and without."""

from collections.abc import Callable
from typing import Any, get_args

import msgspec

from chatapp.accounts.manager import AccountManager
from chatapp.accounts.model import Account, Role
from chatapp.accounts.people import PeopleManager
from chatapp.accounts.profiles import ProfileManager, asked_profile
from chatapp.errors import BadPayload
from chatapp.pending import Pending


def account_commands(
    accounts: AccountManager,
    people: PeopleManager,
    profiles: ProfileManager,
    address: Callable[[], str],
) -> dict[str, Callable[..., Any]]:
    """`address()` is where the chat is, for the links that are made."""

    def add(
        name: str,
        password: str,
        role: str,
        display_name: str | None = None,
        colour: str | None = None,
    ) -> Pending[str]:
        profile = asked_profile(display_name, colour)
        created = accounts.create(name, password, _role(role), profile)
        return created.then(lambda account: account.name)

    def profile(name: str, display_name: str | None, colour: str | None) -> Pending[None]:
        change = asked_profile(display_name, colour)
        return profiles.change(None, name, change).then(_nothing)

    def list_all() -> list[dict[str, Any]]:
        return [_public(account, people) for account in people.all()]

    def password(name: str, password: str) -> Pending[None]:
        return accounts.set_password(name, password).then(_nothing)

    def role(name: str, role: str) -> Pending[None]:
        return people.give_role(None, name, _role(role)).then(_nothing)

    def reset(name: str) -> Pending[str]:
        secret = people.reset_link(None, name)
        return secret.then(lambda secret: f"{address()}/reset/{secret}")

    def remove(name: str) -> Pending[None]:
        return people.remove(None, name)

    def invite(role: str, uses: int, days: int) -> Pending[str]:
        secret = people.invite(None, role=_role(role), uses=uses, days=days)
        return secret.then(lambda secret: f"{address()}/invite/{secret}")

    return {
        "user.add": add,
        "user.list": list_all,
        "user.password": password,
        "user.profile": profile,
        "user.role": role,
        "user.reset": reset,
        "user.erase": remove,
        "invite": invite,
    }


def token_commands(people: PeopleManager) -> dict[str, Callable[..., Any]]:
    def create_token(
        name: str, title: str, scopes: list[str], days: int | None = None
    ) -> Pending[str]:
        return people.create_token(None, name, title, tuple(scopes), days)

    def list_tokens() -> list[dict[str, Any]]:
        return [{"id": id, **msgspec.to_builtins(token)} for id, token in people.tokens()]

    def revoke_token(id: str) -> Pending[None]:
        return people.revoke_token(None, id)

    return {
        "token.create": create_token,
        "token.list": list_tokens,
        "token.revoke": revoke_token,
    }


def _public(account: Account, people: PeopleManager) -> dict[str, Any]:
    """Everything but the password's hash."""
    shown = msgspec.structs.asdict(account)
    del shown["password"]
    sessions = people.sessions(account)
    return shown | {
        "sessions": len(sessions),
        "seen_at": sessions[0][1].seen_at if sessions else None,
    }


def _role(role: str) -> Role:
    if role not in get_args(Role):
        raise BadPayload(f"{role!r} is no role; it is one of {', '.join(get_args(Role))}.")
    return role  # type: ignore[return-value]


def _nothing(_: object) -> None:
    return None
