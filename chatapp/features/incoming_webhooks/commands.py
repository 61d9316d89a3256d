"""The command line's commands for incoming webhooks."""

from collections.abc import Callable
from typing import Any

import msgspec

from chatapp.domain.future import Future
from chatapp.features.incoming_webhooks.manager import IncomingHookManager
from chatapp.features.incoming_webhooks.model import NewHook, checked_source


def incoming_webhook_commands(
    hooks: IncomingHookManager, address: Callable[[], str]
) -> dict[str, Callable[..., Any]]:
    """`address()` is the chat's URL, for addresses of webhooks."""

    def add(
        *,
        name: str,
        room: str,
        owner: str | None,
        source: str,
        mention_all: bool,
        signed: bool,
    ) -> Future[dict[str, Any]]:
        made = hooks.create(
            None,
            name,
            room,
            owner=owner,
            source=checked_source(source),
            calls_all=mention_all,
            signed=signed,
        )
        return made.then(shown)

    def shown(new: NewHook) -> dict[str, Any]:
        return {"url": f"{address()}/hooks/{new.secret}", **msgspec.to_builtins(new)}

    def list_all() -> list[dict[str, Any]]:
        return [
            {"id": id, "name": hooks.name_of(hook), **msgspec.to_builtins(hook)}
            for id, hook in hooks.all()
        ]

    def revoke(id: str) -> Future[None]:
        return hooks.revoke(None, id)

    return {"hook.add": add, "hook.list": list_all, "hook.revoke": revoke}
