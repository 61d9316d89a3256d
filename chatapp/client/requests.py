"""The client's requests besides messages: rooms, people, reading, moderation.

There is a method for each event of docs/protocol.md; payloads are validated before they are sent.
They are methods of `ChatClient`, kept apart from connections, messages and incoming events.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, Literal, TypeVar

from chatapp.domain.limits import checked_display_name, checked_name, checked_room_name
from chatapp.domain.model import Colour, Version
from chatapp.protocol import events
from chatapp.protocol.answers import FoundMessages, InboxPage
from chatapp.protocol.events import ClientEvent
from chatapp.protocol.requests import (
    Arrange,
    Ban,
    ChangeProfile,
    DeleteRoom,
    Invite,
    Kick,
    ListPeople,
    ListRooms,
    Mute,
    Prefs,
    Read,
    ReadInbox,
    ReadVersions,
    Remove,
    Search,
    Status,
    Update,
)
from chatapp.protocol.values import Level, Profile, ReadMark, RoomInfo, RoomPrefs, State

P = TypeVar("P")
A = TypeVar("A")


class Requests(ABC):
    """Sends requests and returns the answers; raises the `ChatError` of a refusal."""

    name: str | None
    """The person's name. With a token, it is known after the answer to `rooms`."""
    id: str | None
    """The person's id (`by` in messages), known after the first answer that contains it."""

    @abstractmethod
    def _ask(self, event: ClientEvent[P, A], payload: P, **options: Any) -> A:
        """Send the event and wait for its answer."""

    # Rooms

    def rooms(self) -> list[RoomInfo]:
        """The rooms that you can see."""
        answer = self._ask(events.ROOMS, ListRooms())
        self.name, self.id = answer.me or self.name, answer.id or self.id
        return answer.rooms

    def update(
        self,
        room: str,
        *,
        title: str | None = None,
        topic: str | None = None,
        read_only: bool | None = None,
        archived: bool | None = None,
        slow_seconds: int | None = None,
    ) -> RoomInfo:
        """Change a room that you created (admins: any room). None leaves a field unchanged."""
        wanted = Update(
            room=checked_room_name(room),
            title=title,
            topic=topic,
            read_only=read_only,
            archived=archived,
            slow_seconds=slow_seconds,
        )
        return self._ask(events.UPDATE, wanted).room

    def delete_room(self, room: str) -> None:
        """Delete a room that you created (admins: any room), for everyone and for good.

        The request is not repeated: after `NotAcknowledged`, check whether it is still there.
        """
        wanted = DeleteRoom(room=checked_room_name(room))
        self._ask(events.DELETE_ROOM, wanted, again=False)

    def invite(self, room: str, name: str) -> RoomInfo:
        """Add an account to a private room that you are in."""
        wanted = Invite(room=checked_room_name(room), name=checked_name(name))
        return self._ask(events.INVITE, wanted).room

    def remove(self, room: str, name: str) -> None:
        """Remove somebody from a private room, as its creator or as an admin.

        The request is not repeated: after `NotAcknowledged`, check whether they are still there.
        """
        wanted = Remove(room=checked_room_name(room), name=checked_name(name))
        self._ask(events.REMOVE, wanted, again=False)

    def arrange(self, rooms: Iterable[str]) -> None:
        """Set the order of your rooms; rooms that are not listed come after."""
        self._ask(events.ARRANGE, Arrange(rooms=list(rooms)))

    # Reading

    def search(
        self, query: str, room: str | None = None, *, before: int | None = None, limit: int = 50
    ) -> FoundMessages:
        """Search messages, newest first; docs/protocol.md lists the operators."""
        return self._ask(events.SEARCH, Search(query=query, room=room, before=before, limit=limit))

    def versions(self, room: str, seq: int) -> list[Version]:
        """The versions of an edited message, oldest first; the last one is the current text."""
        query = ReadVersions(room=checked_room_name(room), seq=seq)
        return self._ask(events.VERSIONS, query).versions

    def read(self, room: str, seq: int, *, back: bool = False) -> ReadMark:
        """Mark a room as read up to this number; with `back`, later messages become unread."""
        mark = Read(room=checked_room_name(room), seq=seq, back=back)
        return self._ask(events.READ, mark).read

    def inbox(self, *, after: str | None = None, limit: int | None = None) -> InboxPage:
        """Your rooms with something new; `after` from one page asks for the next."""
        return self._ask(events.INBOX, ReadInbox(after=after, limit=limit))

    def prefs(
        self,
        room: str,
        *,
        level: Level | None = None,
        favourite: bool | None = None,
        closed: bool | None = None,
        muted_until: str | None = None,
    ) -> RoomPrefs:
        """Change your preferences for a room; None leaves a field unchanged.

        `muted_until` is a time such as `2026-11-22T09:30:00Z`, "always", or "" to unmute.
        """
        wanted = Prefs(
            room=checked_room_name(room),
            level=level,
            favourite=favourite,
            closed=closed,
            muted_until=muted_until,
        )
        return self._ask(events.PREFS, wanted).prefs

    # People

    def people(self, names: Iterable[str]) -> list[Profile]:
        """The profiles of these people (up to 200) who have an account."""
        return self._ask(events.PEOPLE, ListPeople(names=list(names))).people

    def people_of(
        self, room: str, query: str | None = None, *, limit: int | None = None
    ) -> list[Profile]:
        """A room's people whose names match; without a query, those who are offline."""
        wanted = ListPeople(room=checked_room_name(room), query=query, limit=limit)
        return self._ask(events.PEOPLE, wanted).people

    def profile(
        self, *, display_name: str | None = None, colour: Colour | Literal[""] | None = None
    ) -> Profile:
        """Change your profile. None leaves a field unchanged, and "" clears it."""
        if display_name is not None:
            display_name = checked_display_name(display_name)
        wanted = ChangeProfile(display_name=display_name, colour=colour)
        return self._ask(events.PROFILE, wanted).profile

    def status(self, state: State) -> None:
        """Set your state: `online`, `idle`, `away` or `busy`, until this connection ends."""
        self._ask(events.STATUS, Status(state=state))

    # Moderation, for admins

    def mute(self, name: str, seconds: int, reason: str = "") -> None:
        """Mute somebody for a while, with a reason that they see; 0 seconds unmutes them."""
        self._ask(events.MUTE, Mute(name=name, seconds=seconds, reason=reason))

    def kick(self, name: str, reason: str) -> None:
        """Close all connections of somebody. They can reconnect."""
        self._ask(events.KICK, Kick(name=name, reason=reason), again=False)

    def ban(
        self,
        name: str | None = None,
        *,
        address: str | None = None,
        reason: str,
        seconds: int | None = None,
    ) -> None:
        """Ban a name or an address; permanently without `seconds`."""
        wanted = Ban(name=name, address=address, seconds=seconds, reason=reason)
        self._ask(events.BAN, wanted)

    def unban(self, name: str | None = None, *, address: str | None = None) -> None:
        """Lift the ban of a name or an address."""
        self._ask(events.UNBAN, Ban(name=name, address=address), again=False)
