"""The doors of moderation: `mute`, `kick`, `ban`, `unban`.

What is decided reaches open connections at once.
"""

from chatapp.doors import Ack, door
from chatapp.errors import Unauthorized
from chatapp.limits import name_key
from chatapp.moderation.manager import ModerationManager
from chatapp.pending import Pending
from chatapp.realtime import EVERYONE, Connection, Realtime
from chatapp.wire import Ban, Kick, Mute


def register(realtime: Realtime, moderation: ModerationManager) -> None:
    def mute(connection: Connection, payload: Mute) -> Pending[Ack]:
        return moderation.mute(connection.person, payload).then(_yes)

    def kick(connection: Connection, payload: Kick) -> Pending[Ack]:
        kicked = moderation.kick(connection.person, payload)
        return kicked.then(lambda _: show_out(payload)).then(_yes)

    def ban(connection: Connection, payload: Ban) -> Pending[Ack]:
        banned = moderation.ban(connection.person, payload)
        return banned.then(lambda _: close_banned(realtime, moderation)).then(_yes)

    def unban(connection: Connection, payload: Ban) -> Pending[Ack]:
        return moderation.unban(connection.person, payload).then(_yes)

    def show_out(payload: Kick) -> None:
        key = name_key(payload.name)
        for other in list(realtime.members(EVERYONE)):
            if name_key(other.person.name) == key:
                realtime.close(other, f"You were asked to leave: {payload.reason}", for_good=True)

    realtime.receive("mute", door(Mute, mute, needs="admin"))
    realtime.receive("kick", door(Kick, kick, needs="admin"))
    realtime.receive("ban", door(Ban, ban, needs="admin"))
    realtime.receive("unban", door(Ban, unban, needs="admin"))


def close_banned(realtime: Realtime, moderation: ModerationManager) -> None:
    """End the connections of everybody who may no longer come in."""
    for connection in list(realtime.members(EVERYONE)):
        try:
            moderation.check_entry(connection.person.name, connection.address)
        except Unauthorized as banned:
            realtime.close(connection, banned.message, for_good=True)


def _yes(_: None) -> Ack:
    return {"ok": True}
