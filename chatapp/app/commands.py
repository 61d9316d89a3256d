"""The commands that the running server accepts from the command line."""

from collections.abc import Callable

from chatapp.admin.commands import admin_commands
from chatapp.app.infrastructure import Infrastructure
from chatapp.app.services import Services
from chatapp.control.server import Commands
from chatapp.features.bots.commands import bot_commands
from chatapp.features.checkpoints.commands import checkpoint_commands
from chatapp.features.checkpoints.manager import CheckpointManager
from chatapp.features.emoji.commands import emoji_commands
from chatapp.features.incoming_webhooks.commands import incoming_webhook_commands
from chatapp.features.moderation import events as moderation_events
from chatapp.features.outgoing_webhooks.commands import outgoing_webhook_commands
from chatapp.features.outgoing_webhooks.manager import OutgoingWebhooks
from chatapp.features.photos.commands import photo_commands
from chatapp.features.published.commands import published_commands
from chatapp.features.retention.commands import retention_commands
from chatapp.features.rooms.commands import room_commands
from chatapp.features.rooms.events import RoomEvents


def make_commands(
    infrastructure: Infrastructure,
    services: Services,
    checkpoints: CheckpointManager,
    room_events: RoomEvents,
    address: Callable[[], str],
    *,
    webhooks: OutgoingWebhooks,
) -> Commands:
    """`address()` is the server's address."""
    commands = admin_commands(
        services.accounts,
        services.people,
        services.profiles,
        services.moderation,
        infrastructure.audit_log,
        statuses=services.statuses,
        disconnect_banned=lambda: moderation_events.close_banned(
            infrastructure.realtime, services.moderation
        ),
        address=address,
    )
    return {
        **commands,
        **bot_commands(services.bots, services.people, address),
        **room_commands(services.rooms, room_events.tell),
        **emoji_commands(services.emoji, services.keep_emoji),
        **photo_commands(services.photos, services.keep_photo),
        **retention_commands(services.retention),
        **published_commands(services.published),
        **checkpoint_commands(checkpoints),
        **incoming_webhook_commands(services.incoming_hooks, address),
        **outgoing_webhook_commands(
            webhooks, lambda name: services.accounts.registry.find(name).id
        ),
        "log.check_index": infrastructure.index_problems,
    }
