"""The commands that the running server accepts from the command line."""

from collections.abc import Callable

from chatapp.admin.commands import admin_commands
from chatapp.app.infrastructure import Infrastructure
from chatapp.app.services import Services
from chatapp.control.server import Commands
from chatapp.features.moderation import events as moderation_events
from chatapp.features.rooms.commands import room_commands
from chatapp.features.rooms.events import RoomEvents


def make_commands(
    infrastructure: Infrastructure,
    services: Services,
    room_events: RoomEvents,
    address: Callable[[], str],
) -> Commands:
    """`address()` is the server's address."""
    commands = admin_commands(
        services.accounts,
        services.people,
        services.profiles,
        services.moderation,
        infrastructure.audit_log,
        disconnect_banned=lambda: moderation_events.close_banned(
            infrastructure.realtime, services.moderation
        ),
        address=address,
    )
    return {
        **commands,
        **room_commands(services.rooms, room_events.tell),
        "log.check_index": infrastructure.index_problems,
    }
