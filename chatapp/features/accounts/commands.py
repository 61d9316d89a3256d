"""The command line's commands for accounts. They are the same with and without a running server."""

from collections.abc import Callable
from typing import Any

import msgspec

from chatapp.domain.future import Future
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.model import Account, checked_role
from chatapp.features.accounts.people import PeopleManager
from chatapp.features.accounts.profiles import ProfileManager, asked_profile


def account_commands(
    accounts: AccountManager,
    people: PeopleManager,
    profiles: ProfileManager,
    address: Callable[[], str],
) -> dict[str, Callable[..., Any]]:
    """`address()` is the chat's URL, for links."""

    def add(
        name: str,
        password: str,
        role: str,
        display_name: str | None = None,
        colour: str | None = None,
    ) -> Future[str]:
        profile = asked_profile(display_name, colour)
        created = accounts.create(name, password, checked_role(role), profile)
        return created.then(lambda account: account.name)

    def profile(name: str, display_name: str | None, colour: str | None) -> Future[None]:
        change = asked_profile(display_name, colour)
        return profiles.change(None, name, change).then(_nothing)

    def list_all() -> list[dict[str, Any]]:
        return [_public(account, people) for account in people.registry.all()]

    def password(name: str, password: str) -> Future[None]:
        return accounts.set_password(name, password).then(_nothing)

    def role(name: str, role: str) -> Future[None]:
        return people.give_role(None, name, checked_role(role)).then(_nothing)

    def reset(name: str) -> Future[str]:
        secret = people.reset_link(None, name)
        return secret.then(lambda secret: f"{address()}/reset/{secret}")

    def remove(name: str) -> Future[None]:
        return people.remove(None, name)

    def invite(role: str, uses: int, days: int) -> Future[str]:
        secret = people.invite(None, role=checked_role(role), uses=uses, days=days)
        return secret.then(lambda secret: f"{address()}/invite/{secret}")

    def invite_to(name: str, days: int) -> Future[str]:
        secret = people.invite_to(None, name, days=days)
        return secret.then(lambda secret: f"{address()}/invite/{secret}")

    return {
        "user.add": add,
        "user.list": list_all,
        "user.password": password,
        "user.profile": profile,
        "user.role": role,
        "user.reset": reset,
        "user.remove": remove,
        "user.invite": invite_to,
        "invite": invite,
    }


def token_commands(people: PeopleManager) -> dict[str, Callable[..., Any]]:
    def create_token(
        name: str, title: str, scopes: list[str], days: int | None = None
    ) -> Future[str]:
        return people.create_token(None, name, title, tuple(scopes), days)

    def list_tokens() -> list[dict[str, Any]]:
        return [{"id": id, **msgspec.to_builtins(token)} for id, token in people.tokens()]

    def revoke_token(id: str) -> Future[None]:
        return people.revoke_token(None, id)

    return {"token.create": create_token, "token.list": list_tokens, "token.revoke": revoke_token}


def _public(account: Account, people: PeopleManager) -> dict[str, Any]:
    """The account's fields, without the password's hash and what `bot.list` tells of bots."""
    shown = msgspec.structs.asdict(account) | {"unclaimed": account.is_unclaimed}
    del shown["password"], shown["limits"]
    sessions = people.registry.sessions.named(account)
    return shown | {
        "sessions": len(sessions),
        "seen_at": sessions[0][1].seen_at if sessions else None,
    }


def _nothing(_: object) -> None:
    return None
