"""The command line's commands for bots. They are the same with and without a running server."""

from collections.abc import Callable, Sequence
from typing import Any

from chatapp.domain.errors import NotFound
from chatapp.domain.future import Future, all_of
from chatapp.domain.scopes import OF_AGENTS
from chatapp.features.accounts.people import PeopleManager
from chatapp.features.accounts.sign_in.tokens import checked_scopes
from chatapp.features.agents.setting_up import require_rooms
from chatapp.features.bots.manager import BotManager, BotView, WantedLimits


def bot_commands(
    bots: BotManager, people: PeopleManager, address: Callable[[], str]
) -> dict[str, Callable[..., Any]]:
    """`address()` is the chat's URL, which agents are told."""

    def add(
        name: str,
        owner: str,
        *,
        rooms: Sequence[str] = (),
        scopes: Sequence[str] = (),
        per_minute: int = 0,
        title: str = "",
        days: int | None = None,
    ) -> Future[dict[str, str]]:
        """Where the chat is, and the bot's first token."""
        is_agent = bool(OF_AGENTS & set(scopes))
        allowed = checked_scopes(scopes if is_agent else ["read", *scopes])
        require_rooms(scopes, rooms)
        wanted = WantedLimits(owner=owner, rooms=rooms, per_minute=per_minute)
        token = bots.add(None, name, wanted).chain(
            lambda bot: people.create_token(None, bot.name, title or bot.name, allowed, days)
        )
        return token.then(lambda secret: {"url": address(), "token": secret})

    def change(name: str, **limits: Any) -> Future[None]:
        return bots.limit(None, name, WantedLimits(**limits)).then(_nothing)

    def list_all() -> list[dict[str, Any]]:
        return [_told(view) for view in bots.all()]

    def show(name: str) -> dict[str, Any]:
        return _told(bots.view(name))

    def revoke(name: str, id: str | None = None) -> Future[int]:
        """How many tokens were revoked."""
        ids = [known for known, _ in bots.view(name).tokens if id in (None, known)]
        if not ids:
            raise NotFound(f"{name} has no token{f' {id!r}' if id else ''}.")
        return all_of([people.revoke_token(None, known) for known in ids]).then(len)

    def remove(name: str) -> Future[None]:
        return people.remove(None, bots.find(name).name)

    return {
        "bot.add": add,
        "bot.set": change,
        "bot.list": list_all,
        "bot.show": show,
        "bot.revoke": revoke,
        "bot.remove": remove,
    }


def _told(view: BotView) -> dict[str, Any]:
    limits = view.account.limits
    return {
        "name": view.account.name,
        "id": view.account.id,
        "created_at": view.account.created_at,
        "owner": view.owner.name if view.owner else None,
        "rooms": limits.rooms if limits else None,
        "per_minute": limits.per_minute if limits else None,
        "used_at": view.used_at,
        "tokens": [
            {
                "id": id,
                "title": token.title,
                "scopes": token.scopes,
                "created_at": token.created_at,
                "expires_at": token.expires_at,
                "used_at": token.used_at,
            }
            for id, token in view.tokens
        ],
    }


def _nothing(_: object) -> None:
    return None
