"""The event handlers `people` and `profile`."""

from chatapp.domain.future import Future
from chatapp.features.accounts.people_directory import PeopleDirectory
from chatapp.features.accounts.profiles import ProfileManager
from chatapp.features.handlers import receive
from chatapp.protocol import events
from chatapp.protocol.answers import OwnProfile, PeopleList
from chatapp.protocol.requests import ChangeProfile, ListPeople
from chatapp.transport import Connection, Realtime


def register(realtime: Realtime, profiles: ProfileManager, roster: PeopleDirectory) -> None:
    def people(connection: Connection, payload: ListPeople) -> PeopleList:
        if not payload.here:
            return PeopleList(people=roster.people(connection.person, payload))
        people, more = roster.present(connection.person, payload)
        return PeopleList(people=people, more=more)

    def profile(connection: Connection, payload: ChangeProfile) -> Future[OwnProfile]:
        changed = profiles.change_own(connection.person, payload)
        return changed.then(lambda profile: OwnProfile(profile=profile))

    receive(realtime, events.PEOPLE, people)
    receive(realtime, events.PROFILE, profile)
