"""The event handlers `mute`, `kick`, `ban` and `unban`.

Decisions apply to open connections at once. Other processes are told of a kick, which is no
row of a table; the person may be connected to any of them.
"""

import msgspec

from chatapp.alone import LocalBroker
from chatapp.domain.errors import Unauthorized
from chatapp.domain.future import Future
from chatapp.domain.limits import name_key
from chatapp.features.handlers import receive
from chatapp.features.moderation.manager import ModerationManager
from chatapp.ports import Broker
from chatapp.protocol import events
from chatapp.protocol.answers import Done
from chatapp.protocol.requests import Ban, Kick, Mute
from chatapp.transport import EVERYONE, Connection, Realtime

KICK_TOPIC = "kick"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Kick).decode


def register(
    realtime: Realtime, moderation: ModerationManager, broker: Broker | None = None
) -> None:
    broker = broker or LocalBroker()

    def mute(connection: Connection, payload: Mute) -> Future[Done]:
        return moderation.mute(connection.person, payload).then(_yes)

    def kick(connection: Connection, payload: Kick) -> Future[Done]:
        kicked = moderation.kick(connection.person, payload)
        return kicked.then(lambda _: disconnect_everywhere(payload)).then(_yes)

    def ban(connection: Connection, payload: Ban) -> Future[Done]:
        banned = moderation.ban(connection.person, payload)
        return banned.then(lambda _: close_banned(realtime, moderation)).then(_yes)

    def unban(connection: Connection, payload: Ban) -> Future[Done]:
        return moderation.unban(connection.person, payload).then(_yes)

    def disconnect_everywhere(payload: Kick) -> None:
        disconnect_kicked(payload)
        broker.publish(KICK_TOPIC, _encode(payload))

    def disconnect_kicked(payload: Kick) -> None:
        key = name_key(payload.name)
        for other in list(realtime.members(EVERYONE)):
            if name_key(other.person.name) == key:
                realtime.close(other, f"You were asked to leave: {payload.reason}", for_good=True)

    receive(realtime, events.MUTE, mute)
    receive(realtime, events.KICK, kick)
    receive(realtime, events.BAN, ban)
    receive(realtime, events.UNBAN, unban)
    broker.subscribe(KICK_TOPIC, lambda told: disconnect_kicked(_decode(told)))


def close_banned(realtime: Realtime, moderation: ModerationManager) -> None:
    """Close the connections of everybody who is banned."""
    for connection in list(realtime.members(EVERYONE)):
        try:
            moderation.check_entry(connection.person, connection.address)
        except Unauthorized as banned:
            realtime.close(connection, banned.message, for_good=True)


def _yes(_: None) -> Done:
    return Done()
