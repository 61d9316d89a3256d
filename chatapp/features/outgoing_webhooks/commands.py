"""The command line's commands for outgoing webhooks, beside a running server and without one."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from chatapp.domain.future import Future
from chatapp.features.outgoing_webhooks.manager import MadeWebhook, OutgoingWebhooks, WantedWebhook
from chatapp.features.outgoing_webhooks.rows import OutgoingWebhook, WebhookCommand, WebhookPlace


def outgoing_webhook_commands(
    webhooks: OutgoingWebhooks, account_id: Callable[[str], str]
) -> dict[str, Callable[..., Any]]:
    """`account_id(name)` is the id of the account with this name."""

    def add(
        *,
        title: str,
        url: str,
        rooms: Sequence[str] | None,
        events: Sequence[str],
        from_bots: bool,
        replies_as: str | None,
        calls_all: bool,
        slash_command: dict[str, Any] | None = None,
    ) -> Future[dict[str, str]]:
        wanted = WantedWebhook(
            title=title,
            url=url,
            rooms=rooms,
            events=events,
            from_bots=bool(from_bots),
            replies_as=account_id(replies_as) if replies_as else None,
            calls_all=bool(calls_all),
            command=WebhookCommand(**slash_command) if slash_command else None,
        )
        return webhooks.add(None, wanted).then(_shown)

    def every() -> list[dict[str, Any]]:
        """Without the secrets."""
        return [
            {
                "id": id,
                "title": webhook.title,
                "url": webhook.url,
                "rooms": webhook.rooms,
                "events": webhook.events,
                "command": webhook.command.name if webhook.command else None,
                "state": "off" if webhook.off else "paused" if webhook.paused else "on",
                "problem": _problem(webhook, webhooks.place(id)),
            }
            for id, webhook in webhooks.rows.all().items()
        ]

    return {
        "webhook.add": add,
        "webhook.list": every,
        "webhook.pause": lambda id: webhooks.pause(None, id),
        "webhook.resume": lambda id, skip: webhooks.resume(None, id, skip=bool(skip)),
        "webhook.rotate": lambda id: webhooks.rotate(None, id),
        "webhook.remove": lambda id: webhooks.remove(None, id),
    }


def _problem(webhook: OutgoingWebhook, place: WebhookPlace | None) -> str:
    if webhook.off:
        return webhook.off.problem
    return place.problem if place else ""


def _shown(made: MadeWebhook) -> dict[str, str]:
    shown: dict[str, str] = msgspec.structs.asdict(made)
    return shown
