"""The client's requests besides messages: rooms, people, reading, moderation.

There is a method for each event of docs/protocol.md; payloads are validated before they are sent.
They are methods of `ChatClient`, kept apart from connections, messages and incoming events.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Literal, TypeVar

from msgspec import UNSET, UnsetType

from chatapp.client.command_requests import CommandRequests
from chatapp.domain.errors import NotFound
from chatapp.domain.files import FileKind
from chatapp.domain.limits import (
    checked_display_name,
    checked_emoji_name,
    checked_name,
    checked_room_name,
    checked_text,
)
from chatapp.domain.model import Colour, Pinning, ThreadsMode, Version
from chatapp.protocol import events
from chatapp.protocol.answers import (
    CheckpointsPage,
    FoundFiles,
    FoundMessages,
    InboxPage,
    NewMark,
    PinsPage,
    ProofsPage,
    SavedPage,
    ThreadsPage,
    VoterList,
)
from chatapp.protocol.requests import (
    Arrange,
    Ban,
    ChangeProfile,
    DeleteRoom,
    FindOriginal,
    FollowThread,
    ForwardMessages,
    Invite,
    Kick,
    ListCheckpoints,
    ListEmoji,
    ListFiles,
    ListPeople,
    ListPins,
    ListRooms,
    ListSaved,
    ListScheduled,
    ListThreads,
    ListVoters,
    MoveMessages,
    Mute,
    PinMessage,
    Prefs,
    Read,
    ReadInbox,
    ReadProofs,
    ReadVersions,
    Remove,
    RemoveEmoji,
    SaveMessage,
    Schedule,
    Search,
    SetNotifications,
    Status,
    TitleThread,
    Unschedule,
    Update,
)
from chatapp.protocol.values import (
    CustomEmoji,
    Level,
    Notifications,
    PersonStatus,
    Profile,
    QuietHours,
    RoomInfo,
    RoomPrefs,
    Saved,
    Scheduled,
    State,
    ThreadInfo,
)

P = TypeVar("P")
A = TypeVar("A")


class Requests(CommandRequests):
    """Sends requests and returns the answers; raises the `ChatError` of a refusal."""

    name: str | None
    """The person's name. With a token, it is known after the answer to `rooms`."""
    id: str | None
    """The person's id (`by` in messages), known after the first answer that contains it."""

    has_own_emoji = False
    """Whether the server knows emoji of the chat's own, known after the answer to `rooms`."""

    # Rooms

    def rooms(self) -> list[RoomInfo]:
        """The rooms that you can see."""
        answer = self._ask(events.ROOMS, ListRooms())
        self.name, self.id = answer.me or self.name, answer.id or self.id
        self.has_own_emoji = answer.emoji is not None
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
        threads: ThreadsMode | None = None,
        pinning: Pinning | None = None,
    ) -> RoomInfo:
        """Change a room that you created (admins: any room). None leaves a field unchanged.

        Everyone in a group conversation can change its title; with "" it has none.
        """
        wanted = Update(
            room=checked_room_name(room),
            title=title,
            topic=topic,
            read_only=read_only,
            archived=archived,
            slow_seconds=slow_seconds,
            threads=threads,
            pinning=pinning,
        )
        return self._ask(events.UPDATE, wanted).room

    def delete_room(self, room: str) -> None:
        """Delete a room that you created (admins: any room), for everyone and for good.

        The request is not repeated: after `NotAcknowledged`, check whether it is still there.
        """
        wanted = DeleteRoom(room=checked_room_name(room))
        self._ask(events.DELETE_ROOM, wanted, again=False)

    def invite(self, room: str, name: str) -> RoomInfo:
        """Add an account to a private room or a group conversation that you are in."""
        wanted = Invite(room=checked_room_name(room), name=checked_name(name))
        return self._ask(events.INVITE, wanted).room

    def remove(self, room: str, name: str) -> None:
        """Remove somebody from a private room or a group, as its creator or as an admin.

        The request is not repeated: after `NotAcknowledged`, check whether they are still there.
        """
        wanted = Remove(room=checked_room_name(room), name=checked_name(name))
        self._ask(events.REMOVE, wanted, again=False)

    def arrange(self, rooms: Iterable[str]) -> None:
        """Set the order of your rooms; rooms that are not listed come after."""
        self._ask(events.ARRANGE, Arrange(rooms=list(rooms)))

    # Pinned messages

    def pin(self, room: str, seq: int) -> None:
        """Pin a message for everyone in the room; one that is pinned stays so."""
        self._ask(events.PIN, PinMessage(room=checked_room_name(room), seq=seq, on=True))

    def unpin(self, room: str, seq: int) -> None:
        """Pin a message no longer."""
        self._ask(events.PIN, PinMessage(room=checked_room_name(room), seq=seq, on=False))

    def pins(self, room: str, *, after: str | None = None, limit: int | None = None) -> PinsPage:
        """The pinned messages of a room, the one that was pinned last first; `after` from one page
        asks for the next."""
        wanted = ListPins(room=checked_room_name(room), after=after, limit=limit)
        return self._ask(events.PINS, wanted)

    # Scheduled messages

    def scheduled(self, room: str | None = None) -> list[Scheduled]:
        """Your scheduled messages, by time: all, or those of a room."""
        return self._ask(events.SCHEDULED, ListScheduled(room=room)).scheduled

    def reschedule(
        self, id: str, *, at: datetime | None = None, text: str | None = None, now: bool = False
    ) -> Scheduled:
        """Change the time (with a time zone) or the text of a scheduled message; with `now`, it is
        sent at once."""
        return self._ask(events.SCHEDULE, Schedule(id=id, at=at, text=text, now=now)).scheduled

    def unschedule(self, id: str) -> None:
        """Cancel a scheduled message."""
        self._ask(events.UNSCHEDULE, Unschedule(id=id), again=False)

    # Reading

    def voters(
        self, room: str, seq: int, option: int, *, after: int = 0, limit: int | None = None
    ) -> VoterList:
        """Who chose an option of a poll, counted from 0, in the order in which they did; with
        `after`, ask again after it. Not of an anonymous poll, nor while the votes are hidden."""
        wanted = ListVoters(room=room, seq=seq, option=option, after=after, limit=limit)
        return self._ask(events.VOTERS, wanted)

    def search(
        self, query: str, room: str | None = None, *, before: int | None = None, limit: int = 50
    ) -> FoundMessages:
        """Search messages, newest first; docs/protocol.md lists the operators."""
        return self._ask(events.SEARCH, Search(query=query, room=room, before=before, limit=limit))

    def files(
        self,
        room: str,
        *,
        kind: FileKind | None = None,
        before: int | None = None,
        limit: int | None = None,
    ) -> FoundFiles:
        """The files of a room's messages, newest first; for the next page, before the last seq."""
        wanted = ListFiles(room=checked_room_name(room), kind=kind, before=before, limit=limit)
        return self._ask(events.FILES, wanted)

    def proofs(self, room: str, *, after: int = 0, limit: int | None = None) -> ProofsPage:
        """That events of a room stand in the log, as a signed checkpoint says; those behind the seq
        `after`, up to 200. `domain/transparency/event_proofs.py` checks them."""
        wanted = ReadProofs(room=checked_room_name(room), after=after, limit=limit)
        return self._ask(events.PROOFS, wanted)

    def checkpoints(self, *, after: int = 0) -> CheckpointsPage:
        """Signed checkpoints about records with higher numbers than `after`, and all keys."""
        return self._ask(events.CHECKPOINTS, ListCheckpoints(after=after))

    def versions(self, room: str, seq: int) -> list[Version]:
        """The versions of an edited message, oldest first; the last one is the current text."""
        query = ReadVersions(room=checked_room_name(room), seq=seq)
        return self._ask(events.VERSIONS, query).versions

    def read(
        self, room: str, seq: int, *, thread: int | None = None, back: bool = False
    ) -> NewMark:
        """Mark a room, or a thread that you follow, as read up to this number; with `back`, later
        messages become unread."""
        mark = Read(room=checked_room_name(room), seq=seq, thread=thread, back=back)
        return self._ask(events.READ, mark).read

    def follow(self, room: str, thread: int, *, on: bool = True) -> ThreadInfo:
        """Follow the thread of a message, or no longer."""
        wanted = FollowThread(room=checked_room_name(room), thread=thread, on=on)
        return self._ask(events.FOLLOW, wanted).thread

    def title(self, room: str, thread: int, title: str) -> None:
        """Name a thread that you began (whoever is in charge of the room: any); "" removes it."""
        self._ask(
            events.TITLE, TitleThread(room=checked_room_name(room), thread=thread, title=title)
        )

    def forward(
        self,
        room: str,
        seqs: Iterable[int],
        *,
        to_room: str,
        to_thread: int | None = None,
        text: str = "",
    ) -> list[int]:
        """Forward messages with their author's words and files to a room that you have joined, or
        into a thread there. A `text` is a message of yours that comes before them.

        Returns the numbers of what is new there: all of it, or nothing.
        """
        wanted = ForwardMessages(
            room=checked_room_name(room),
            seqs=list(seqs),
            to_room=checked_room_name(to_room),
            to_thread=to_thread,
            text=text and checked_text(text),
            cid=secrets.token_hex(16),
        )
        return self._ask(events.FORWARD, wanted).seqs

    def original(self, room: str, seq: int) -> tuple[str, int]:
        """The room and the number of the message that was forwarded as this one; raises `NotFound`
        if you cannot see it."""
        answer = self._ask(events.ORIGINAL, FindOriginal(room=checked_room_name(room), seq=seq))
        return answer.room, answer.seq

    def move(
        self,
        room: str,
        seqs: Iterable[int],
        *,
        to_room: str | None = None,
        to_thread: int | None = None,
    ) -> list[int]:
        """Move messages into a thread, with `to_thread` 0 out of theirs, or to another room.

        Returns the numbers that they have there."""
        wanted = MoveMessages(
            room=checked_room_name(room),
            seqs=list(seqs),
            to_room=None if to_room is None else checked_room_name(to_room),
            to_thread=to_thread,
        )
        return self._ask(events.MOVE, wanted).seqs

    def threads(
        self,
        room: str | None = None,
        *,
        unread: bool = False,
        after: str | None = None,
        limit: int | None = None,
    ) -> ThreadsPage:
        """The threads that you follow, or all of a room, the one with the newest reply first; with
        `unread`, those with something new. `after` from one page asks for the next."""
        name = None if room is None else checked_room_name(room)
        wanted = ListThreads(room=name, unread=unread, after=after, limit=limit)
        return self._ask(events.THREADS, wanted)

    def inbox(self, *, after: str | None = None, limit: int | None = None) -> InboxPage:
        """Your rooms with something new; `after` from one page asks for the next."""
        return self._ask(events.INBOX, ReadInbox(after=after, limit=limit))

    def save(self, room: str, seq: int, *, remind_at: datetime | str | None = None) -> Saved:
        """Save a message for later. `remind_at` is a time with a zone, "" removes a reminder, and
        None leaves the one that is there."""
        at = remind_at.isoformat() if isinstance(remind_at, datetime) else remind_at
        wanted = SaveMessage(room=checked_room_name(room), seq=seq, on=True, remind_at=at)
        saved = self._ask(events.SAVE, wanted).saved
        if saved is None:
            raise NotFound(f"Another device has removed message {seq} from what you saved.")
        return saved

    def unsave(self, room: str, seq: int) -> None:
        """Save a message no longer."""
        self._ask(events.SAVE, SaveMessage(room=checked_room_name(room), seq=seq, on=False))

    def saved(self, *, after: str | None = None, limit: int | None = None) -> SavedPage:
        """What you have saved, what is due first; `after` from one page asks for the next."""
        return self._ask(events.SAVED, ListSaved(after=after, limit=limit))

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

    def notifications(
        self,
        *,
        keywords: Iterable[str] | None = None,
        quiet: QuietHours | UnsetType | None = UNSET,
    ) -> Notifications:
        """What you want to be notified of: your keywords, and your quiet hours. Clients decide by
        it what to ring for (`chatapp.text.keywords`, `chatapp.domain.quiet_hours`). What is not
        given does not change; with `quiet=None`, there are no quiet hours.
        """
        wanted = SetNotifications(
            keywords=None if keywords is None else list(keywords), quiet=quiet
        )
        return self._ask(events.NOTIFICATIONS, wanted).notifications

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

    def status(
        self,
        state: State | None = None,
        *,
        emoji: str | None = None,
        text: str | None = None,
        until: datetime | None = None,
        out_of_office: bool | None = None,
    ) -> PersonStatus | None:
        """Set your state, `online`, `idle`, `away` or `busy`, until this connection ends; or your
        status, which replaces the one before: an emoji, a text, when it ends (with a time zone),
        and whether you are out of office. `text=""` alone clears it. Returns the status if it was
        set.
        """
        wanted = Status(
            state=state, emoji=emoji, text=text, until=until, out_of_office=out_of_office
        )
        return self._ask(events.STATUS, wanted).status or None

    # Emoji

    def emoji(self) -> list[CustomEmoji]:
        """The chat's own emoji by name. In texts and reactions, one is written `:name:`."""
        listed = self._ask(events.EMOJI, ListEmoji()).emoji
        return [] if listed is UNSET else listed

    def remove_emoji(self, name: str) -> None:
        """Remove an emoji that you added (admins: any). Texts and reactions keep its name."""
        self._ask(events.REMOVE_EMOJI, RemoveEmoji(name=checked_emoji_name(name)), again=False)

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
