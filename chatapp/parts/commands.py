"""What the command line can ask of the running server."""

from collections.abc import Callable

from chatapp.admin.commands import admin_commands
from chatapp.control.server import Commands
from chatapp.moderation import events as moderation_events
from chatapp.parts.ground import Ground
from chatapp.parts.rules import Rules
from chatapp.rooms.commands import room_commands
from chatapp.rooms.events import RoomEvents


def make_commands(
    ground: Ground, rules: Rules, room_events: RoomEvents, address: Callable[[], str]
) -> Commands:
    """The server is found at `address()`."""
    commands = admin_commands(
        rules.accounts,
        rules.people,
        rules.profiles,
        rules.moderation,
        ground.audit_log,
        show_out=lambda: moderation_events.close_banned(ground.realtime, rules.moderation),
        address=address,
    )
    return {**commands, **room_commands(rules.rooms, room_events.tell)}
