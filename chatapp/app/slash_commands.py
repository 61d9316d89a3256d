"""Creates what runs slash commands, and registers its event handlers."""

import os
import secrets

import gevent
from flask import Flask

from chatapp.app.infrastructure import Infrastructure
from chatapp.app.outgoing_webhooks import posting_anywhere, sending_rights
from chatapp.app.services import Services
from chatapp.domain import clock
from chatapp.domain.errors import NotAllowed, NotFound
from chatapp.domain.model import Message, Person, Room
from chatapp.features.messages.threading import require_root
from chatapp.features.outgoing_webhooks.rows import WebhookRows
from chatapp.features.outgoing_webhooks.signing import SealedSecrets
from chatapp.features.presence.events import RoomSubscriptions
from chatapp.features.slash_commands import events as command_events
from chatapp.features.slash_commands.answering import CommandAnswers
from chatapp.features.slash_commands.events import CommandTeller
from chatapp.features.slash_commands.runs import CommandRunner
from chatapp.features.slash_commands.views import command_answers_blueprint
from chatapp.features.slash_commands.webhook_calls import WebhookCalls
from chatapp.features.slash_commands.webhook_runs import WebhookRuns
from chatapp.text.harmless_mentions import without_mentions_of_all

CID_BYTES = 16


def run_slash_commands(
    app: Flask,
    infrastructure: Infrastructure,
    services: Services,
    subscriptions: RoomSubscriptions,
) -> None:
    """From here on, people run the commands of bots and webhooks."""
    log, presence = infrastructure.log, services.presence
    teller = CommandTeller(
        subscriptions, services.rooms, infrastructure.broker, infrastructure.short_lived.reach
    )

    def is_online(bot: Person) -> bool:
        return bool(presence.devices(bot.name) or presence.elsewhere(bot.name))

    def find(room: Room, seq: int) -> Message:
        message = log.message(room.name, seq)
        if message is None or message.system is not None:
            raise NotFound(f"There is no message {seq} in {room.name!r}.")
        return message

    def check_thread(room: Room, seq: int) -> None:
        if room.threads == "off":
            raise NotAllowed(f"{room.title} has no threads.")
        require_root(room, seq, find)

    answers = CommandAnswers(
        rooms=services.rooms,
        rules=services.moderation,
        max_text_bytes=services.max_text_bytes,
        tell=teller.answer,
        post=posting_anywhere(infrastructure, services),
        clock=clock.now,
    )
    runner = CommandRunner(
        services.commands,
        rooms=services.rooms,
        rules=services.moderation,
        is_in=services.memberships.is_in,
        pace=services.pace,
        post=services.messages.post,
        check_thread=check_thread,
        max_text_bytes=lambda: services.settings.now.max_text_bytes,
        is_online=is_online,
        call=teller.call,
        answers=answers,
        webhooks=_webhook_runs(infrastructure, services, answers),
        new_cid=lambda: secrets.token_hex(CID_BYTES),
        later=gevent.spawn_later,
        clock=clock.now,
    )
    command_events.register(infrastructure.realtime, services.commands, runner)
    app.register_blueprint(command_answers_blueprint(runner))


def _webhook_runs(
    infrastructure: Infrastructure, services: Services, answers: CommandAnswers
) -> WebhookRuns:
    sealed = SealedSecrets(infrastructure.secret, os.urandom)
    calls = WebhookCalls(
        WebhookRows(infrastructure.directory),
        infrastructure.webhook_calls.call,
        sealed,
        obstacle=sending_rights(services, sealed).obstacle,
        allowed=lambda: infrastructure.config.outbound_hosts,
        secret=infrastructure.secret,
        clock=clock.now,
    )
    return WebhookRuns(
        services.commands.rows.runs,
        calls,
        answers,
        bot=services.commands.bot,
        without_calls=lambda text: without_mentions_of_all(text, services.accounts.registry.names),
    )
