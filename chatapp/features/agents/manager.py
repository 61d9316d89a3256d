"""What agents read: rooms, messages, threads, people and files of the rooms in their list.

An agent is a bot with a list of rooms, by a token with the scope `agent`. It sees less than a bot
does otherwise: no direct conversation, no room that is not in its list. Reading a private room is
noted before it is answered (private_reads.py). Everything is bounded, and cited by room and seq.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

import msgspec

from chatapp.delivery.other_rooms import without_other_rooms
from chatapp.domain.bots import BotLimits
from chatapp.domain.errors import BadPayload, NoSuchRoom, NotFound, Unsupported
from chatapp.domain.files import all_files
from chatapp.domain.future import Future, all_of
from chatapp.domain.limits import HISTORY_LIMIT
from chatapp.domain.model import FileInfo, History, Message, Person, Replies, Room
from chatapp.domain.rights import require_agent
from chatapp.features.agents.private_reads import PrivateReads
from chatapp.features.messages.room_as_of import room_as_of
from chatapp.features.messages.searching import ShownLike, rooms_called, with_people
from chatapp.index.reader import SearchPage
from chatapp.protocol.agents import (
    FILE_BYTES,
    SHOWN_CHARACTERS,
    AgentFile,
    AgentFileText,
    AgentFound,
    AgentMessages,
    AgentPeople,
    AgentPeopleList,
    AgentPerson,
    AgentRead,
    AgentRoom,
    AgentRoomList,
    AgentSearch,
    AgentThreadList,
    AgentThreads,
    CitedFile,
    CitedMessage,
)
from chatapp.protocol.answers import MoreMessages
from chatapp.protocol.requests import ListPeople, ReadHistory
from chatapp.protocol.values import Profile
from chatapp.store.message_log import MessageLog
from chatapp.text.query import parse
from chatapp.web.waiting import in_greenlet

A = TypeVar("A")

READ_LIMIT = 20
"""Messages in an answer, if the agent does not say how many."""


class RoomsOfAgents(Protocol):
    def visible_to(self, person: Person) -> list[Room]: ...
    def find(self, person: Person, name: str) -> Room: ...


class AgentManager:
    """`limits_of(id)` are those of a bot, `history(person, query)` a page of a room, `present` the
    people in one, and `read_file(sha256, offset, size)` bytes of a file. `removed_to(room)`: nobody
    sees its messages up to there. `shown_like` finds people by display name."""

    def __init__(
        self,
        log: MessageLog,
        reads: PrivateReads,
        *,
        rooms: RoomsOfAgents,
        limits_of: Callable[[str], BotLimits | None],
        history: Callable[[Person, ReadHistory], Future[History]],
        present: Callable[[Person, ListPeople], tuple[list[Profile], bool]],
        read_file: Callable[[str, int, int], Iterator[bytes]],
        removed_to: Callable[[str], int],
        shown_like: ShownLike,
    ) -> None:
        self._log = log
        self._reads = reads
        self._rooms = rooms
        self._limits_of = limits_of
        self._history = history
        self._present = present
        self._read_file = read_file
        self._removed_to = removed_to
        self._shown_like = shown_like

    # Rooms

    def rooms(self, agent: Person) -> AgentRoomList:
        """The rooms of the agent's list that it can see now."""
        read = self._reads.of(agent)
        return AgentRoomList(
            may_draft="draft" in agent.scopes,
            rooms=[
                AgentRoom(
                    name=room.name,
                    title=room.title,
                    kind=room.kind,
                    head=self._log.head(room.name),
                    topic=room.topic if room.kind == "public" else "",
                    is_read=room.name in read,
                )
                for room in self._listed(agent)
            ],
        )

    def find(self, agent: Person, name: str) -> Room:
        """A room of the agent's list; raises `NoSuchRoom`, and `NotAllowed` for who is no agent."""
        limits = self._limits_of(agent.id)
        require_agent(agent, limits)
        room = self._rooms.find(agent, name)
        if limits is None or limits.rooms is None or room.name not in limits.rooms:
            raise NoSuchRoom(f"There is no room called {name[:60]!r}.")
        return room

    def _listed(self, agent: Person) -> list[Room]:
        limits = self._limits_of(agent.id)
        require_agent(agent, limits)
        listed = (limits and limits.rooms) or ()
        return [room for room in self._rooms.visible_to(agent) if room.name in listed]

    # Messages

    def read(self, agent: Person, wanted: AgentRead) -> Future[AgentMessages]:
        """Messages of a room, oldest first; or of the room as it was."""
        room = self.find(agent, wanted.room)
        if wanted.as_of is not None:
            past = in_greenlet(lambda: self._past(room, wanted))
            return past.chain(lambda page: self._noted(agent, room, page))
        if wanted.older is not None:
            raise BadPayload("`older` is for a room as it was: give `as_of` too.")
        query = ReadHistory(
            room=room.name,
            before=wanted.before,
            after=wanted.after,
            around=wanted.around,
            thread=wanted.thread,
            limit=wanted.limit or READ_LIMIT,
        )
        found = self._history(agent, query)
        return found.chain(lambda page: self._noted(agent, room, _as_answer(page)))

    def _past(self, room: Room, wanted: AgentRead) -> AgentMessages:
        bounds = (wanted.before, wanted.after, wanted.around, wanted.thread)
        if wanted.as_of is None or any(bound is not None for bound in bounds):
            raise BadPayload("A room as it was has no other bounds than `older`.")
        limit = wanted.limit or READ_LIMIT
        page = room_as_of(self._log, room.name, wanted.as_of, wanted.older, limit)
        first = self._removed_to(room.name) + 1
        kept = [message for message in page.messages if message.seq >= first]
        gone = self._log.deleted(room.name, {message.seq for message in kept}) if kept else set()
        shown = [
            CitedMessage(
                room=room.name,
                seq=message.seq,
                at=message.at,
                sender=message.sender,
                text="",
                is_deleted=True,
            )
            if message.seq in gone
            else _cited(message)
            for message in kept
        ]
        older = page.older if len(kept) == len(page.messages) else None
        more = MoreMessages(before=older is not None, after=False)
        return AgentMessages(messages=shown, more=more, older=older)

    def threads(self, agent: Person, wanted: AgentThreads) -> Future[AgentThreadList]:
        """The first messages of a room's threads, that with the newest reply first."""
        room = self.find(agent, wanted.room)
        limit = wanted.limit or READ_LIMIT
        before = wanted.before or self._log.head(room.name) + 1
        found = self._log.newest_threads(room.name, before=before, limit=limit + 1)
        first = self._removed_to(room.name) + 1
        seqs = [seq for seq, _ in found[:limit] if seq >= first]
        replies = self._log.replies(room.name, seqs) if seqs else {}
        roots = [root for seq in seqs if (root := self._log.message(room.name, seq))]
        answer = AgentThreadList(
            threads=[_cited(root, replies.get(root.seq)) for root in roots],
            before=found[limit - 1][1] if len(found) > limit else None,
        )
        return self._noted(agent, room, answer)

    def search(self, agent: Person, wanted: AgentSearch) -> Future[AgentFound]:
        """Messages that match a query, newest first, in the rooms of the agent's list."""
        rooms = self._listed(agent)
        if wanted.room is not None:
            rooms = [self.find(agent, wanted.room)]
        query = with_people(parse(wanted.query), agent, self._shown_like)
        if query.rooms:
            called = [one for typed in query.rooms for one in rooms_called(typed, rooms, agent)]
            rooms = [room for room in rooms if room in called]
        found = self._log.search(
            msgspec.structs.replace(query, rooms=()),
            rooms=[room.name for room in rooms],
            before=wanted.before,
            limit=wanted.limit or READ_LIMIT,
        )
        return found.chain(lambda page: self._found(agent, rooms, page))

    def _found(self, agent: Person, rooms: Sequence[Room], page: SearchPage) -> Future[AgentFound]:
        messages = page.messages
        answer = AgentFound(
            messages=[_cited(message) for message in messages],
            before=page.before if page.more else None,
        )
        hit = {message.room for message in messages}
        noted = [self._reads.note(agent, room) for room in rooms if room.name in hit]
        return all_of(noted).then(lambda _: answer)

    # People and files

    def people(self, agent: Person, wanted: AgentPeople) -> Future[AgentPeopleList]:
        """The people who are in a room now, by name."""
        room = self.find(agent, wanted.room)
        query = ListPeople(room=room.name, here=True, after=wanted.after, limit=HISTORY_LIMIT)
        profiles, more = self._present(agent, query)
        people = [
            AgentPerson(
                name=one.name, role=one.role, display_name=one.display_name, state=one.state
            )
            for one in profiles
        ]
        return self._noted(agent, room, AgentPeopleList(people=people, more=more))

    def file(self, agent: Person, wanted: AgentFile) -> Future[AgentFileText]:
        """A part of the text of a file that a message of the room has."""
        room = self.find(agent, wanted.room)
        message = self._log.message(room.name, wanted.seq)
        if message is None or wanted.seq <= self._removed_to(room.name):
            raise NotFound(f"There is no message {wanted.seq} in {room.name!r}.")
        files = [file for file in all_files(message) if not file.removed]
        file = next((file for file in files if file.id == wanted.file), None)
        if file is None:
            raise NotFound(f"Message {wanted.seq} has no such file.")
        _require_text(file, wanted.offset)
        part = in_greenlet(lambda: self._part(message, file, wanted.offset))
        return part.chain(lambda text: self._noted(agent, room, text))

    def _part(self, message: Message, file: FileInfo, offset: int) -> AgentFileText:
        size = min(FILE_BYTES, file.bytes - offset)
        raw = b"".join(self._read_file(file.sha256, offset, size)) if size else b""
        end = offset + len(raw)
        text = raw.decode(errors="ignore" if end < file.bytes else "replace")
        if end < file.bytes:
            end = offset + len(text.encode())
        return AgentFileText(
            room=message.room,
            seq=message.seq,
            file=_cited_file(file),
            text=text,
            next=end if end < file.bytes and text else None,
        )

    def _noted(self, agent: Person, room: Room, answer: A) -> Future[A]:
        """The answer, once it is durable that the agent has read this room."""
        return self._reads.note(agent, room).then(lambda _: answer)


def _as_answer(page: History) -> AgentMessages:
    is_whole = len(page.messages) == 1
    return AgentMessages(
        messages=[_cited(message, is_whole=is_whole) for message in page.messages],
        more=MoreMessages(before=page.more_before, after=page.more_after),
    )


def _cited(
    message: Message, replies: Replies | None = None, *, is_whole: bool = False
) -> CitedMessage:
    message = without_other_rooms(message)  # an agent has rooms of its own
    text = message.text if is_whole else message.text[:SHOWN_CHARACTERS]
    return CitedMessage(
        room=message.room,
        seq=message.seq,
        at=message.at,
        sender=message.sender,
        text=text,
        is_cut=len(text) < len(message.text),
        is_system=message.system is not None,
        is_deleted=message.deleted_by is not None or message.erased_at is not None,
        edited_at=message.edited_at,
        reply_to=message.reply_to,
        thread=message.thread,
        replies=replies.count if replies else 0,
        reactions=message.reactions or {},
        files=[_cited_file(f) for f in message.files or () if not f.removed],
    )


def _cited_file(file: FileInfo) -> CitedFile:
    return CitedFile(
        id=file.id, name=file.name, type=file.type, bytes=file.bytes, has_text=_has_text(file)
    )


def _has_text(file: FileInfo) -> bool:
    return file.type.startswith("text/")


def _require_text(file: FileInfo, offset: int) -> None:
    if not _has_text(file):
        raise Unsupported(f"{file.name} is {file.type}; only files of text can be read.")
    if offset > file.bytes:
        raise BadPayload(f"The file has {file.bytes:,} bytes.")
