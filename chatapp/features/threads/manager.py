"""The threads that people follow: what is new in each, and the list of them.

A followed thread has a read mark of its own: reading the room does not read the threads that one
follows. The room's unread count goes on counting every message.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol

from msgspec.structs import replace

from chatapp.domain.errors import NoSuchRoom, NotFound
from chatapp.domain.future import Future
from chatapp.domain.model import Message, Person, Replies, Room
from chatapp.features.messages.finding import message_in
from chatapp.features.threads.follows import Follow, Follows, Thread
from chatapp.index.thread_unread import ThreadRead
from chatapp.index.unread import UnreadCount
from chatapp.protocol.answers import ThreadsPage
from chatapp.protocol.requests import FollowThread, ListThreads, Read
from chatapp.protocol.values import ThreadInfo, ThreadMark
from chatapp.text.mentions import Mentions
from chatapp.text.tokens import NOBODY, Names

THREADS_LIMIT = 20
NONE_UNREAD = UnreadCount(unread=0, mentions=0)


class ThreadLog(Protocol):
    """What threads need of the message log."""

    def head(self, room: str) -> int: ...
    def message(self, room: str, seq: int) -> Message | None: ...
    def replies_in(
        self, wanted: Mapping[str, Collection[int]]
    ) -> dict[str, dict[int, Replies]]: ...
    def newest_threads(self, room: str, *, before: int, limit: int) -> list[tuple[int, int]]: ...
    def unread_replies(self, person: Person, marks: Sequence[ThreadRead]) -> list[UnreadCount]: ...


class FindRooms(Protocol):
    """Finds the rooms that a person can see; other rooms cannot be found."""

    def visible_to(self, person: Person) -> list[Room]: ...
    def find(self, person: Person, name: str) -> Room: ...


class ThreadManager:
    """`is_in(id, room)`: whether a person is a member of a room; `names` can be mentioned."""

    def __init__(
        self,
        follows: Follows,
        log: ThreadLog,
        *,
        rooms: FindRooms,
        is_in: Callable[[str, Room], bool],
        names: Names = NOBODY,
    ) -> None:
        self._follows = follows
        self._log = log
        self._rooms = rooms
        self._is_in = is_in
        self._names = names

    # One thread

    def follow(self, person: Person, wanted: FollowThread) -> Future[ThreadInfo]:
        """Follow a thread from now on, or no longer."""
        room = self._rooms.find(person, wanted.room)
        thread = (room.name, self._root(room, wanted.thread).seq)
        row = self._follows.get(person.id, thread)
        if row is None and not wanted.on:
            return Future.of(self._info(person, room, thread))
        if row is None or row.on != wanted.on:
            read = self._log.head(room.name) if row is None or wanted.on else row.read
            changed = Follow(read=read, on=wanted.on)
            kept = self._follows.change(person, thread, changed)
            return kept.then(lambda _: self._info(person, room, thread))
        return Future.of(self._info(person, room, thread))

    def mark(self, person: Person, wanted: Read, root: int) -> Future[ThreadMark]:
        """Mark a thread as read up to a seq. Who does not follow it has no mark in it."""
        room = self._rooms.find(person, wanted.room)
        thread = (room.name, self._root(room, root).seq)
        row = self._follows.get(person.id, thread)
        seq = min(wanted.seq, self._log.head(room.name))
        if row is None or not row.on or (seq <= row.read and not wanted.back):
            return Future.of(self.mark_of(person, room, thread))
        kept = self._follows.change(person, thread, replace(row, read=seq))
        return kept.then(lambda _: self.mark_of(person, room, thread))

    def mark_of(self, person: Person, room: Room, thread: Thread) -> ThreadMark:
        row = self._follows.get(person.id, thread)
        is_followed = row is not None and row.on
        (count,) = self._counts(person, {thread: row} if row and row.on else {}) or [NONE_UNREAD]
        return ThreadMark(
            room=room.name,
            thread=thread[1],
            read=row.read if row and row.on else None,
            unread=count.unread,
            mentions=count.mentions,
            following=is_followed,
        )

    def room_of(self, person: Person, thread: Thread) -> Room | None:
        """The room of a thread; None if the person cannot see it any more."""
        try:
            return self._rooms.find(person, thread[0])
        except NoSuchRoom:
            return None

    def _root(self, room: Room, seq: int) -> Message:
        root = message_in(room, seq, self._log)
        if root.thread is not None:
            raise NotFound(f"Message {seq} is in the thread of message {root.thread}.")
        return root

    def _info(self, person: Person, room: Room, thread: Thread) -> ThreadInfo:
        root = self._root(room, thread[1])
        replies = self._replies([thread]).get(thread)
        return self._described(root, replies, self.mark_of(person, room, thread))

    # Several threads

    def page(self, person: Person, wanted: ListThreads) -> ThreadsPage:
        """The threads that a person follows, or all of a room, those with the newest replies
        first."""
        if wanted.room is not None:
            return self._of_room(person, self._rooms.find(person, wanted.room), wanted)
        followed = self._followed(person)
        replies = self._replies(followed)
        keys = {_key_of(thread, each): thread for thread, each in replies.items()}
        order = sorted(keys, reverse=True)
        if wanted.after is not None:
            order = [key for key in order if key < wanted.after]
        if wanted.unread:
            new = self._new(person, followed, replies)
            order = [key for key in order if keys[key] in new]
        limit = wanted.limit or THREADS_LIMIT
        threads = [keys[key] for key in order[:limit]]
        after = order[limit - 1] if len(order) > limit else None
        return ThreadsPage(threads=self._infos(person, threads, replies), after=after)

    def count_new(self, person: Person) -> int:
        """How many of the threads that a person follows have something new."""
        followed = self._followed(person)
        return len(self._new(person, followed, self._replies(followed)))

    def with_marks(self, person: Person, room: str, messages: list[Message]) -> list[Message]:
        """Messages of a folded page, with what is the person's own of their threads."""
        rows = {
            (room, message.seq): row
            for message in messages
            if message.replies and (row := self._follows.get(person.id, (room, message.seq)))
            if row.on
        }
        if not rows:
            return messages
        counts = dict(zip(rows, self._counts(person, rows), strict=True))
        return [
            replace(
                message,
                replies=replace(
                    message.replies, following=True, unread=counts[room, message.seq].unread
                ),
            )
            if message.replies and (room, message.seq) in counts
            else message
            for message in messages
        ]

    def _of_room(self, person: Person, room: Room, wanted: ListThreads) -> ThreadsPage:
        limit = wanted.limit or THREADS_LIMIT
        before = _seq_after(wanted.after) or self._log.head(room.name) + 1
        found = self._log.newest_threads(room.name, before=before, limit=limit + 1)
        threads = [(room.name, root) for root, _ in found[:limit]]
        replies = self._replies(threads)
        after = str(found[limit - 1][1]) if len(found) > limit else None
        if wanted.unread:
            rows = {thread: row for thread in threads if (row := self._row(person, thread))}
            new = self._new(person, rows, replies)
            threads = [thread for thread in threads if thread in new]
        return ThreadsPage(threads=self._infos(person, threads, replies), after=after)

    def _row(self, person: Person, thread: Thread) -> Follow | None:
        row = self._follows.get(person.id, thread)
        return row if row and row.on else None

    def _followed(self, person: Person) -> dict[Thread, Follow]:
        """The followed threads of rooms that the person can see."""
        followed = self._follows.of(person.id)
        if not followed:
            return {}
        visible = {room.name for room in self._rooms.visible_to(person)}
        return {thread: row for thread, row in followed.items() if thread[0] in visible}

    def _replies(self, threads: Iterable[Thread]) -> dict[Thread, Replies]:
        by_room: dict[str, list[int]] = {}
        for room, root in threads:
            by_room.setdefault(room, []).append(root)
        found = self._log.replies_in(by_room)
        return {(room, root): each for room in found for root, each in found[room].items()}

    def _new(
        self, person: Person, rows: Mapping[Thread, Follow], replies: Mapping[Thread, Replies]
    ) -> set[Thread]:
        """The threads with something unread."""
        newer = {
            thread: row
            for thread, row in rows.items()
            if thread in replies and replies[thread].last_seq > row.read
        }
        counts = zip(newer, self._counts(person, newer, mentions=False), strict=True)
        return {thread for thread, count in counts if count.unread}

    def _infos(
        self, person: Person, threads: Sequence[Thread], replies: Mapping[Thread, Replies]
    ) -> list[ThreadInfo]:
        rooms = {room: self._rooms.find(person, room) for room, _ in threads}
        rows = {thread: row for thread in threads if (row := self._row(person, thread))}
        counts = dict(zip(rows, self._counts(person, rows), strict=True))
        infos = []
        for room, seq in threads:
            root = self._log.message(rooms[room].name, seq)
            if root is None:  # retained no longer
                continue
            row, count = rows.get((room, seq)), counts.get((room, seq), NONE_UNREAD)
            mark = ThreadMark(
                room=room,
                thread=seq,
                read=row.read if row else None,
                unread=count.unread,
                mentions=count.mentions,
                following=row is not None,
            )
            infos.append(self._described(root, replies.get((room, seq)), mark))
        return infos

    def _described(self, root: Message, replies: Replies | None, mark: ThreadMark) -> ThreadInfo:
        return ThreadInfo(
            room=root.room,
            thread=root.seq,
            root=root,
            title=replies.title if replies else None,
            count=replies.count if replies else 0,
            last=replies.last if replies else root.at,
            last_seq=replies.last_seq if replies else root.seq,
            by=replies.by if replies else [],
            unread=mark.unread,
            mentions=mark.mentions,
            following=mark.following,
            read=mark.read,
        )

    def _counts(
        self, person: Person, rows: Mapping[Thread, Follow], *, mentions: bool = True
    ) -> list[UnreadCount]:
        """What is unread in each of these threads."""
        if not rows:
            return []
        in_room, by_name = (
            Mentions(person.name, self._names, everyone=is_in) for is_in in (True, False)
        )
        inside = {room: self._is_in_room(person, room) for room, _ in rows}
        marks = [
            ThreadRead(
                room=room,
                root=root,
                read=row.read,
                last=self._log.head(room),
                mentions=(in_room if inside[room] else by_name) if mentions else None,
            )
            for (room, root), row in rows.items()
        ]
        return self._log.unread_replies(person, marks)

    def _is_in_room(self, person: Person, room: str) -> bool:
        return self._is_in(person.id, self._rooms.find(person, room))


def _key_of(thread: Thread, replies: Replies) -> str:
    """Sorts threads, and says where a page ended. Two replies in a room may have the same time."""
    room, root = thread
    return f"{replies.last} {room} {replies.last_seq:016d} {root:016d}"


def _seq_after(after: str | None) -> int | None:
    return int(after) if after and after.isascii() and after.isdecimal() else None
