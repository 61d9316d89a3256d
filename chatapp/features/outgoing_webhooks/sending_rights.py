"""By whose rights a webhook sends: by those of the admin who made it, or changed it last.

They are asked for before each delivery. A webhook whose maker was removed or banned, is no longer
an admin, or can no longer see the room is switched off, and the other admins are told. One of them
who sees its rooms goes on with it by resuming it.

A webhook whose secret this server cannot open does not send either: its signatures would be wrong.
"""

from collections.abc import Callable

import msgspec

from chatapp.domain.errors import Unauthorized
from chatapp.domain.model import Person, Room
from chatapp.domain.rights import is_admin
from chatapp.features.outgoing_webhooks.rows import OutgoingWebhook


class Obstacle(msgspec.Struct, frozen=True):
    """Why a webhook may not send: `why` as in `SwitchedOff`."""

    why: str
    problem: str


SECRET_LOST = Obstacle(
    "secret",
    "Its secret was made by a server with another key, so it cannot sign. Make a new secret.",
)


class SendingRights:
    """`person(id)` has an account; `check_stay(person)` raises `Unauthorized` if they may not come
    in; `may_see(person, room)`: whether they see a room; `room(name)` is any room; `can_sign`:
    whether the secret of a webhook can be opened."""

    def __init__(
        self,
        *,
        person: Callable[[str], Person | None],
        check_stay: Callable[[Person], None],
        may_see: Callable[[Person, Room], bool],
        room: Callable[[str], Room],
        can_sign: Callable[[OutgoingWebhook], bool],
    ) -> None:
        self._person = person
        self._check_stay = check_stay
        self._may_see = may_see
        self._room = room
        self._can_sign = can_sign

    def obstacle(self, webhook: OutgoingWebhook, room: str | None = None) -> Obstacle | None:
        """Why a webhook may not send what happens in a room, or a test; None if it may."""
        if not self._can_sign(webhook):
            return SECRET_LOST
        problem = self._lacks(webhook, room)
        return Obstacle("maker", problem) if problem else None

    def _lacks(self, webhook: OutgoingWebhook, room: str | None) -> str:
        if not webhook.made_by:
            return ""  # the command line sees everything
        maker = self._person(webhook.made_by)
        if maker is None:
            return "The account of its maker is gone."
        try:
            self._check_stay(maker)
        except Unauthorized:
            return f"Its maker, {maker.name}, is banned."
        if not is_admin(maker):
            return f"Its maker, {maker.name}, is no longer an admin."
        if room is not None and not self._may_see(maker, self._room(room)):
            return f"Its maker, {maker.name}, can no longer see the room {room}."
        return ""
