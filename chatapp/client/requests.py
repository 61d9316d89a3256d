"""What a client asks for and does besides talking: rooms, people, reading, moderation.

A method for each event of docs/protocol.md, with its payload checked here first where that
tells sooner. They are `ChatClient`'s own methods; here they stand apart from connections,
messages and what comes in.
"""

from collections.abc import Iterable
from typing import Any, Literal, TypeVar

import msgspec

from chatapp.client import answers
from chatapp.client.answers import Found, ReadMark, RoomPrefs
from chatapp.client.messages import Versions
from chatapp.limits import checked_display_name, checked_name, checked_room_name
from chatapp.model import Colour, Version
from chatapp.wire import (
    Arrange,
    Ban,
    ChangeProfile,
    Invite,
    Kick,
    Level,
    ListPeople,
    ListRooms,
    Mute,
    Prefs,
    Profile,
    Read,
    ReadVersions,
    Remove,
    RoomInfo,
    Search,
    State,
    Status,
    Update,
)

A = TypeVar("A")


class Requests:
    """Asks, and gives the answers; raises the `ChatError` of a refusal."""

    def _ask(self, event: str, payload: msgspec.Struct, answer: type[A], **options: Any) -> A:
        raise NotImplementedError

    # Rooms

    def rooms(self) -> list[RoomInfo]:
        """The rooms that you may enter."""
        return self._ask("rooms", ListRooms(), answers.AllRooms).rooms

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
        """Change a room that you made, or as an admin any; what is None stays."""
        wanted = Update(
            room=checked_room_name(room),
            title=title,
            topic=topic,
            read_only=read_only,
            archived=archived,
            slow_seconds=slow_seconds,
        )
        return self._ask("update", wanted, answers.OneRoom).room

    def invite(self, room: str, name: str) -> RoomInfo:
        """Let an account see a private room that you are in."""
        wanted = Invite(room=checked_room_name(room), name=checked_name(name))
        return self._ask("invite", wanted, answers.OneRoom).room

    def remove(self, room: str, name: str) -> None:
        """Take a private room out of somebody's sight, as who made it or as an admin.

        It is not asked for twice: after `NotAcknowledged`, look whether they are still there.
        """
        wanted = Remove(room=checked_room_name(room), name=checked_name(name))
        self._ask("remove", wanted, answers.Done, again=False)

    def arrange(self, rooms: Iterable[str]) -> None:
        """In which order you want to see the rooms; the others come after."""
        self._ask("arrange", Arrange(rooms=list(rooms)), answers.Done)

    # Reading

    def search(
        self, query: str, room: str | None = None, *, before: int | None = None, limit: int = 50
    ) -> Found:
        """Messages that say this, newest first; docs/protocol.md has the operators."""
        return self._ask(
            "search", Search(query=query, room=room, before=before, limit=limit), Found
        )

    def versions(self, room: str, seq: int) -> list[Version]:
        """What a message said before it was edited, oldest first; the last is what it says now."""
        query = ReadVersions(room=checked_room_name(room), seq=seq)
        return self._ask("versions", query, Versions).versions

    def read(self, room: str, seq: int, *, back: bool = False) -> ReadMark:
        """You have read a room up to this number; with `back` what follows is unread again."""
        mark = Read(room=checked_room_name(room), seq=seq, back=back)
        return self._ask("read", mark, answers.OneMark).read

    def prefs(
        self, room: str, *, level: Level | None = None, favourite: bool | None = None
    ) -> RoomPrefs:
        """How you want to hear of a room; what is None stays."""
        wanted = Prefs(room=checked_room_name(room), level=level, favourite=favourite)
        return self._ask("prefs", wanted, answers.OnePrefs).prefs

    # People

    def people(self, names: Iterable[str]) -> list[Profile]:
        """Those of these (up to 200) who have an account, as they are shown."""
        return self._ask("people", ListPeople(names=list(names)), answers.People).people

    def people_of(
        self, room: str, query: str | None = None, *, limit: int | None = None
    ) -> list[Profile]:
        """The people of a room who are called like this; without a query, those who are away."""
        wanted = ListPeople(room=checked_room_name(room), query=query, limit=limit)
        return self._ask("people", wanted, answers.People).people

    def profile(
        self, *, display_name: str | None = None, colour: Colour | Literal[""] | None = None
    ) -> Profile:
        """How you want to be shown; what is None stays, and "" takes it back."""
        if display_name is not None:
            display_name = checked_display_name(display_name)
        wanted = ChangeProfile(display_name=display_name, colour=colour)
        return self._ask("profile", wanted, answers.OneProfile).profile

    def status(self, state: State) -> None:
        """What you are doing: `online`, `idle`, `away` or `busy`, until this connection ends."""
        self._ask("status", Status(state=state), answers.Done)

    # Moderation, for admins

    def mute(self, name: str, seconds: int, reason: str = "") -> None:
        """Somebody may read but not write for a time, and is told why; 0 lifts it."""
        self._ask("mute", Mute(name=name, seconds=seconds, reason=reason), answers.Done)

    def kick(self, name: str, reason: str) -> None:
        """Close all connections of somebody. They may come back."""
        self._ask("kick", Kick(name=name, reason=reason), answers.Done, again=False)

    def ban(
        self,
        name: str | None = None,
        *,
        address: str | None = None,
        reason: str,
        seconds: int | None = None,
    ) -> None:
        """Keep a name or an address out; for good where no seconds are given."""
        wanted = Ban(name=name, address=address, seconds=seconds, reason=reason)
        self._ask("ban", wanted, answers.Done)

    def unban(self, name: str | None = None, *, address: str | None = None) -> None:
        """Let a name or an address in again."""
        self._ask("unban", Ban(name=name, address=address), answers.Done, again=False)
