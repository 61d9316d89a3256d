"""The doors of profiles: `people` and `profile`."""

from chatapp.accounts.profiles import ProfileManager
from chatapp.accounts.roster import Roster
from chatapp.doors import Ack, door
from chatapp.pending import Pending
from chatapp.realtime import Connection, Realtime
from chatapp.wire import ChangeProfile, ListPeople


def register(realtime: Realtime, profiles: ProfileManager, roster: Roster) -> None:
    def people(connection: Connection, payload: ListPeople) -> Ack:
        return {"ok": True, "people": roster.people(connection.person, payload)}

    def profile(connection: Connection, payload: ChangeProfile) -> Pending[Ack]:
        changed = profiles.change_own(connection.person, payload)
        return changed.then(lambda profile: {"ok": True, "profile": profile})

    realtime.receive("people", door(ListPeople, people))
    realtime.receive("profile", door(ChangeProfile, profile, needs="write"))
