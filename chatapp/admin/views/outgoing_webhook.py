"""The console's outgoing webhooks: where events are sent, and how that goes.

A secret is shown once, on the answer to the form that made it.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from chatapp.admin.forms import page
from chatapp.admin.outgoing_webhooks import WebhookConsole
from chatapp.domain.clock import bounds_of, timestamp
from chatapp.domain.errors import BadPayload, ChatError
from chatapp.domain.future import Future
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.model import Account
from chatapp.features.outgoing_webhooks.manager import OutgoingWebhooks, WantedWebhook
from chatapp.features.outgoing_webhooks.payloads import EVENT_NAMES
from chatapp.features.outgoing_webhooks.rows import OutgoingWebhook, WebhookCommand, WebhookPlace
from chatapp.store.message_log import MessageLog
from chatapp.web.forms import field, see_other
from chatapp.web.waiting import wait

Act = Callable[[str], Future[Any]]


class ListedWebhook(msgspec.Struct, frozen=True):
    id: str
    webhook: OutgoingWebhook
    place: WebhookPlace | None

    @property
    def is_failing(self) -> bool:
        return self.webhook.is_on and self.place is not None and self.place.attempts > 0


class WebhookViews:
    """The two pages, also after a refusal: with the `error`, and with what was `typed`."""

    def __init__(self, webhooks: WebhookConsole, accounts: AccountManager) -> None:
        self._webhooks = webhooks
        self._accounts = accounts

    def all(self, error: ChatError | None = None, **news: Any) -> Response:
        every = [self._listed(id) for id in self._webhooks.manager.rows.all()]
        return self._page("admin/outgoing_webhooks.html", error, webhooks=every, **news)

    def one(self, id: str, error: ChatError | None = None, **news: Any) -> Response:
        """Raises `NotFound`."""
        one = self._listed(id)
        account = self._accounts.registry.by_id(one.webhook.replies_as or "")
        return self._page(
            "admin/outgoing_webhook.html",
            error,
            one=one,
            replies_as=account.name if account else "",
            deliveries=self._webhooks.deliveries.of(id),
            **news,
        )

    def _listed(self, id: str) -> ListedWebhook:
        manager = self._webhooks.manager
        return ListedWebhook(id, manager.find(id), manager.place(id))

    def _page(self, template: str, error: ChatError | None, **values: Any) -> Response:
        bots = [one.name for one in self._accounts.registry.all() if one.role == "bot"]
        return page(template, error, events=EVENT_NAMES, bots=bots, **values)


def add_outgoing_webhook_pages(
    admin: Blueprint, webhooks: WebhookConsole, accounts: AccountManager, log: MessageLog
) -> None:
    manager, shown = webhooks.manager, WebhookViews(webhooks, accounts)

    @admin.get("/outgoing-webhooks")
    def outgoing_webhooks() -> Response:
        return shown.all()

    @admin.post("/outgoing-webhooks")
    def add_outgoing_webhook() -> Response:
        try:
            made = wait(manager.add(g.admin, _typed(accounts)))
        except ChatError as error:
            return shown.all(error, typed=request.form)
        return shown.one(made.id, secret=made.secret)

    @admin.get("/outgoing-webhook")
    def outgoing_webhook() -> Response:
        return shown.one(request.args.get("id", ""))

    @admin.post("/outgoing-webhook")
    def change_outgoing_webhook() -> Response:
        id = field("id")
        manager.find(id)
        try:
            wait(manager.change(g.admin, id, _typed(accounts)))
        except ChatError as error:
            return shown.one(id, error, typed=request.form)
        return see_other(url_for("admin.outgoing_webhook", id=id))

    @admin.post("/outgoing-webhook/rotate")
    def rotate_outgoing_webhook() -> Response:
        id = field("id")
        return shown.one(id, secret=wait(manager.rotate(g.admin, id)))

    @admin.post("/outgoing-webhook/remove")
    def remove_outgoing_webhook() -> Response:
        wait(manager.remove(g.admin, field("id")))
        return see_other(url_for("admin.outgoing_webhooks"))

    for name, act in _acts(webhooks, log).items():
        admin.add_url_rule(
            f"/outgoing-webhook/{name}",
            f"{name}_outgoing_webhook",
            partial(_acted, manager, act, shown.one),
            methods=["POST"],
        )


def _acts(webhooks: WebhookConsole, log: MessageLog) -> dict[str, Act]:
    """What a button does with the webhook of this id."""
    manager, by_hand = webhooks.manager, webhooks.by_hand

    def replay(id: str) -> Future[None]:
        since = _day(field("day"))
        first = wait(log.find(since=since, after=0, limit=1))
        n = first[0].n - 1 if first else log.journal.tip.n
        return manager.replay(g.admin, id, n, timestamp(since))

    return {
        "pause": lambda id: manager.pause(g.admin, id),
        "resume": lambda id: manager.resume(g.admin, id, skip=bool(field("skip"))),
        "skip": lambda id: manager.skip(g.admin, id),
        "replay": replay,
        "test": lambda id: by_hand.test(g.admin, id),
        "again": lambda id: by_hand.again(g.admin, id, field("sent")),
    }


def _acted(
    manager: OutgoingWebhooks,
    act: Act,
    shown: Callable[[str, ChatError], Response],
) -> Response:
    id = field("id")
    manager.find(id)
    try:
        wait(act(id))
    except ChatError as error:
        return shown(id, error)
    return see_other(url_for("admin.outgoing_webhook", id=id, _anchor="attempts"))


def _typed(accounts: AccountManager) -> WantedWebhook:
    """What the form says. Without names of rooms, it is all public ones."""
    rooms = field("rooms").replace(",", " ").split()
    answers = field("replies_as").strip()
    account: Account | None = accounts.registry.find(answers) if answers else None
    return WantedWebhook(
        title=field("title"),
        url=field("url"),
        rooms=rooms or None,
        events=request.form.getlist("event"),
        from_bots=bool(field("from_bots")),
        replies_as=account.id if account else None,
        calls_all=bool(field("calls_all")),
        command=_command(),
    )


def _command() -> WebhookCommand | None:
    """The receiver sends later answers to the address at which this console is open."""
    name = field("command").strip()
    if not name:
        return None
    return WebhookCommand(
        name=name,
        hint=field("hint"),
        description=field("description"),
        signed=bool(field("signed")),
        address=request.host_url.rstrip("/"),
    )


def _day(text: str) -> datetime:
    try:
        return bounds_of(text)[0]
    except ValueError:
        raise BadPayload("A day is written as 2026-11-30.") from None
