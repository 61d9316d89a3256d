"""Creates the parts of outgoing webhooks, and begins to send."""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import gevent

from chatapp.admin.outgoing_webhooks import WebhookConsole
from chatapp.app.infrastructure import Infrastructure
from chatapp.app.services import Services
from chatapp.domain import clock
from chatapp.domain.errors import NotAllowed
from chatapp.domain.future import Future
from chatapp.domain.model import Appended, Person, Room
from chatapp.domain.rights import By
from chatapp.features.accounts.model import as_person
from chatapp.features.messages.manager import MessageManager
from chatapp.features.outgoing_webhooks.answers import AnswerPoster
from chatapp.features.outgoing_webhooks.attempts import Attempts
from chatapp.features.outgoing_webhooks.by_hand import SentByHand
from chatapp.features.outgoing_webhooks.deliveries import DeliveryLog
from chatapp.features.outgoing_webhooks.events import WebhookTeller
from chatapp.features.outgoing_webhooks.manager import OutgoingWebhooks
from chatapp.features.outgoing_webhooks.payloads import Payloads
from chatapp.features.outgoing_webhooks.rows import WebhookRows
from chatapp.features.outgoing_webhooks.sender import WebhookSender
from chatapp.features.outgoing_webhooks.sending_rights import SendingRights
from chatapp.features.outgoing_webhooks.signing import SealedSecrets
from chatapp.protocol.requests import Post
from chatapp.transport import Connection


@dataclass(frozen=True, slots=True)
class WebhookParts:
    console: WebhookConsole
    sender: WebhookSender


def make_outgoing_webhooks(infrastructure: Infrastructure, services: Services) -> WebhookParts:
    """From here on, what happens is sent."""
    log = infrastructure.log
    rows = WebhookRows(infrastructure.directory)
    payloads = Payloads(log, told=services.polls.told, removed_to=services.retention.removed_to)
    log.feed.subscribe(payloads.hear)
    log.feed.subscribe_to_erased(payloads.hear_erased)
    secrets = SealedSecrets(infrastructure.secret, os.urandom)
    attempts = Attempts(
        infrastructure.webhook_calls.in_turn,
        secrets,
        allowed=lambda: infrastructure.config.outbound_hosts,
        clock=clock.now,
    )

    manager = OutgoingWebhooks(
        rows,
        find_room=lambda by, name: _find_room(services, by, name),
        room=services.rooms.any,
        is_bot=services.accounts.registry.is_bot,
        tip=lambda: log.journal.tip.n,
        secrets=secrets,
        randomness=os.urandom,
        allowed=lambda: infrastructure.config.outbound_hosts,
        of_commands=services.commands.changes_of_webhook,
        clock=clock.now,
        note=services.audit,
    )
    rights = sending_rights(services, secrets)
    deliveries = DeliveryLog(rows.attempts, gevent.spawn_later)
    teller = WebhookTeller(rows, infrastructure.realtime, lambda: _of_accounts(services))
    teller.register()

    def switch_off(id: str, why: str, problem: str) -> None:
        manager.switch_off(id, why, problem).then(lambda _: teller.tell(id))

    sender = WebhookSender(
        rows,
        log,
        payloads=payloads,
        attempts=attempts,
        answers=_make_answers(infrastructure, services),
        deliveries=deliveries,
        wants=manager.wants,
        obstacle=rights.obstacle,
        tip=lambda: log.journal.tip.n,
        switch_off=switch_off,
        share=random.random,
        lease=infrastructure.nodes.lease,
        later=gevent.spawn_later,
        clock=clock.now,
    )
    log.feed.subscribe(sender.hear)
    gevent.spawn(_start, manager, sender)
    by_hand = SentByHand(
        manager,
        payloads,
        attempts,
        deliveries,
        obstacle=rights.obstacle,
        randomness=os.urandom,
        clock=clock.now,
    )
    return WebhookParts(WebhookConsole(manager, by_hand, deliveries), sender)


def _of_accounts(services: Services) -> Iterator[Connection]:
    for account in services.accounts.registry.all():
        yield from services.presence.connections(as_person(account))


def _start(manager: OutgoingWebhooks, sender: WebhookSender) -> None:
    manager.seal_secrets()
    sender.start()


def _find_room(services: Services, by: By, name: str) -> Room:
    if by is None:
        return services.rooms.any(name)  # the command line sees all of them
    account = services.accounts.registry.by_id(by.id)
    if account is None:
        raise NotAllowed("There is no such account any more.")
    return services.rooms.find(as_person(account), name)


def sending_rights(services: Services, secrets: SealedSecrets) -> SendingRights:
    return SendingRights(
        person=lambda id: _person(services, id),
        check_stay=services.check_stay,
        may_see=services.rooms.may_see,
        room=services.rooms.any,
        can_sign=secrets.can_sign,
    )


def posting_anywhere(
    infrastructure: Infrastructure, services: Services
) -> Callable[[Person, Post], Future[Appended]]:
    """Answers go where their account could come in; it need not have joined."""
    messages = MessageManager(
        infrastructure.log,
        rooms=services.rooms,
        rules=services.moderation,
        pace=services.pace,
        decisions=services.decisions,
        max_text_bytes=lambda: services.settings.now.max_text_bytes,
        is_in=lambda _id, _room: True,
        check_stay=services.check_stay,
    )
    return messages.post


def _make_answers(infrastructure: Infrastructure, services: Services) -> AnswerPoster:
    return AnswerPoster(
        posting_anywhere(infrastructure, services),
        lambda id: _person(services, id),
        lambda: services.accounts.registry.names,
    )


def _person(services: Services, id: str) -> Person | None:
    account = services.accounts.registry.by_id(id)
    return as_person(account) if account else None
