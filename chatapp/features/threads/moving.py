"""Titles of threads, and moving messages within a room.

Both are lines of the chat, from which the index and clients learn what is where. Moving a message
changes its thread and nothing else. `room_moves.py` moves messages to another room.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from chatapp.domain.errors import BadPayload, NotAllowed, NotFound
from chatapp.domain.future import Future
from chatapp.domain.limits import checked_title
from chatapp.domain.model import Appended, Draft, Message, Person, Room, SystemLine
from chatapp.domain.polls import is_open
from chatapp.domain.rates import PersonPace
from chatapp.domain.rights import require_joined, require_may_move, require_may_title
from chatapp.features.messages.finding import message_in
from chatapp.features.messages.threading import require_root
from chatapp.features.threads.manager import FindRooms
from chatapp.features.threads.room_moves import MoveJob, RoomMoves
from chatapp.ports import MessageStore
from chatapp.protocol.requests import MoveMessages, TitleThread


class MovingRules(Protocol):
    """Raises an error if somebody may not change anything, or post, in a room now."""

    def check_change(self, person: Person, room: Room) -> None: ...
    def check_post(self, person: Person, room: Room) -> None: ...


class MessageMover:
    """`is_in(id, room)`: whether a person is a member of a room. `check_stay(person)` raises an
    error if they would not come in any more."""

    def __init__(
        self,
        log: MessageStore,
        room_moves: RoomMoves,
        *,
        rooms: FindRooms,
        rules: MovingRules,
        is_in: Callable[[str, Room], bool],
        pace: PersonPace | None,
        check_stay: Callable[[Person], None] = lambda _person: None,
    ) -> None:
        self._log = log
        self._room_moves = room_moves
        self._rooms = rooms
        self._rules = rules
        self._is_in = is_in
        self._pace = pace
        self._check_stay = check_stay

    def title(self, person: Person, wanted: TitleThread) -> Future[None]:
        """Name a thread; an empty title removes its name. Done when the line is in the log."""
        title = checked_title(wanted.title) if wanted.title.strip() else ""

        def check() -> Room:
            room = self._writable(person, wanted.room)
            root = require_root(room, wanted.thread, self._message)
            require_may_title(person, room, root)
            return room

        room = check()
        replies = self._log.replies(room.name, [wanted.thread]).get(wanted.thread)
        if replies is None:
            raise NotFound("Nobody has answered in this thread yet.")
        if (replies.title or "") == title:
            return Future.of(None)
        self._check_rate(person)
        what = f"named the thread “{title}”" if title else "removed the title of the thread"
        line = Draft(
            room=room.name,
            sender=person.name,
            by=person.id,
            text=f"{person.name} {what}",
            system=SystemLine(what="titled", thread=wanted.thread),
            thread=wanted.thread,
        )
        return self._append(person, line, check).then(lambda _: None)

    def move(self, person: Person, wanted: MoveMessages) -> Future[list[int]]:
        """Move messages into a thread or out of theirs, or to another room; the seqs that they have
        then. What is there already stays."""
        seqs = sorted(set(wanted.seqs))
        if wanted.to_room is not None:
            target = self._rooms.find(person, wanted.to_room)
            if target.name != self._rooms.find(person, wanted.room).name:
                return self._to_room(person, wanted, target, seqs)
        if wanted.to_thread is None:
            raise BadPayload("Say where they go: to_room, to_thread, or both.")
        thread = wanted.to_thread or None

        def check() -> Room:
            room = self._writable(person, wanted.room)
            messages = self._movable(person, room, seqs)
            if thread is not None:
                self._require_target(room, thread)
                self._require_whole_threads(room, messages, thread)
            return room

        room = check()
        messages = [self._message(room, seq) for seq in seqs]
        moving = [message.seq for message in messages if message.thread != thread]
        if not moving:
            return Future.of(seqs)
        self._check_rate(person)
        where = "out of their thread" if thread is None else "into a thread"
        line = Draft(
            room=room.name,
            sender=person.name,
            by=person.id,
            text=f"{person.name} moved {counted(len(moving))} {where}",
            system=SystemLine(what="moved", seqs=moving, thread=thread),
        )
        return self._append(person, line, check).then(lambda _: seqs)

    def _to_room(
        self, person: Person, wanted: MoveMessages, target: Room, seqs: list[int]
    ) -> Future[list[int]]:
        if person.is_guest:
            raise NotAllowed("Moving messages to another room needs an account.")
        room = self._writable(person, wanted.room)
        job = MoveJob(
            room=room.name,
            seqs=seqs,
            to_room=target.name,
            to_thread=wanted.to_thread or None,
            name=person.name,
            by=person.id,
        )
        if self._room_moves.is_begun(job):
            return self._room_moves.do(job)
        require_joined(target, self._is_in(person.id, target))
        self._rules.check_post(person, target)
        messages = [message for message in self._messages(room, seqs) if message.moved_to is None]
        self._movable(person, room, [message.seq for message in messages])
        require_may_move(person, messages, room, target)
        if any(map(is_open, messages)):
            raise NotAllowed("Votes stay in their room. Close the poll before you move it.")
        if wanted.to_thread:
            self._require_target(target, wanted.to_thread)
        if not messages:
            raise NotFound("These messages have been moved.")
        self._check_rate(person)
        return self._room_moves.do(job)

    # Checks

    def _writable(self, person: Person, name: str) -> Room:
        room = self._rooms.find(person, name)
        require_joined(room, self._is_in(person.id, room))
        self._rules.check_change(person, room)
        return room

    def _movable(self, person: Person, room: Room, seqs: Sequence[int]) -> list[Message]:
        messages = self._messages(room, seqs)
        for message in messages:
            if message.deleted_by is not None:
                raise NotFound(f"Message {message.seq} has been deleted.")
            if message.erased_at is not None:
                raise NotFound(f"Message {message.seq} has been erased.")
        require_may_move(person, messages, room)
        return messages

    def _require_target(self, room: Room, thread: int) -> None:
        if room.threads == "off":
            raise NotAllowed(f"{room.title} has no threads.")
        require_root(room, thread, self._message)

    def _require_whole_threads(self, room: Room, messages: Sequence[Message], thread: int) -> None:
        """A reply has no thread of its own: the messages of one go together, or not at all."""
        moving = {message.seq for message in messages}
        if thread in moving:
            raise BadPayload("A message cannot go into its own thread.")
        for message in messages:
            page = self._log.history(room.name, thread=message.seq, limit=len(moving) + 1)
            left = (one for one in page.messages if one.system is None and not one.deleted_by)
            if any(one.seq not in moving for one in left):
                raise NotAllowed(
                    f"Message {message.seq} has answers in its thread; move all of them with it."
                )

    def _messages(self, room: Room, seqs: Sequence[int]) -> list[Message]:
        return [self._message(room, seq) for seq in seqs]

    def _message(self, room: Room, seq: int) -> Message:
        message = message_in(room, seq, self._log)
        if message.system is not None:
            raise NotAllowed("The chat wrote this line; it stays where it is.")
        return message

    def _append(self, person: Person, line: Draft, check: Callable[[], object]) -> Future[Appended]:
        def again() -> None:
            self._check_stay(person)
            check()

        return self._log.append(line, again=again)

    def _check_rate(self, person: Person) -> None:
        if self._pace is not None:
            self._pace.check(person)


def counted(messages: int) -> str:
    return "a message" if messages == 1 else f"{messages} messages"
