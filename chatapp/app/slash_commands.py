"""Creates what runs slash commands, and registers its event handlers."""

import secrets

import gevent

from chatapp.app.infrastructure import Infrastructure
from chatapp.app.services import Services
from chatapp.domain import clock
from chatapp.domain.errors import NotAllowed, NotFound
from chatapp.domain.model import Message, Person, Room
from chatapp.features.messages.threading import require_root
from chatapp.features.presence.events import RoomSubscriptions
from chatapp.features.slash_commands import events as command_events
from chatapp.features.slash_commands.events import CommandTeller
from chatapp.features.slash_commands.runs import CommandRunner

CID_BYTES = 16


def run_slash_commands(
    infrastructure: Infrastructure, services: Services, subscriptions: RoomSubscriptions
) -> CommandRunner:
    """From here on, people run the commands of bots."""
    log, presence = infrastructure.log, services.presence
    teller = CommandTeller(subscriptions, services.rooms, infrastructure.broker)

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
        tell=teller.answer,
        new_cid=lambda: secrets.token_hex(CID_BYTES),
        later=gevent.spawn_later,
        clock=clock.now,
    )
    command_events.register(infrastructure.realtime, services.commands, runner)
    return runner
