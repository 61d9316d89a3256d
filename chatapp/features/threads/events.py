"""The event handlers `follow`, `threads`, `title` and `move`. A person's other devices are told of
what has changed."""

from chatapp.domain.future import Future
from chatapp.domain.model import Person, Room
from chatapp.features.handlers import receive
from chatapp.features.presence.events import RoomSubscriptions
from chatapp.features.threads.follows import Follow, Thread, parts_of
from chatapp.features.threads.manager import ThreadManager
from chatapp.features.threads.moving import MessageMover
from chatapp.protocol import events
from chatapp.protocol.answers import Done, FollowedThread, MovedMessages, ThreadsPage
from chatapp.protocol.requests import FollowThread, ListThreads, MoveMessages, TitleThread
from chatapp.protocol.values import ThreadInfo, ThreadMark
from chatapp.transport import Connection, Realtime


def register(
    realtime: Realtime,
    threads: ThreadManager,
    mover: MessageMover,
    subscriptions: RoomSubscriptions,
) -> None:
    def follow(connection: Connection, payload: FollowThread) -> Future[FollowedThread]:
        followed = threads.follow(connection.person, payload)
        return followed.then(lambda info: told(connection, info))

    def told(connection: Connection, info: ThreadInfo) -> FollowedThread:
        subscriptions.tell_others(connection, "thread", _mark(info))
        return FollowedThread(thread=info)

    def page(connection: Connection, payload: ListThreads) -> ThreadsPage:
        return threads.page(connection.person, payload)

    def title(connection: Connection, payload: TitleThread) -> Future[Done]:
        return mover.title(connection.person, payload).then(lambda _: Done())

    def move(connection: Connection, payload: MoveMessages) -> Future[MovedMessages]:
        moved = mover.move(connection.person, payload)
        return moved.then(lambda seqs: MovedMessages(seqs=seqs))

    receive(realtime, events.TITLE, title)
    receive(realtime, events.MOVE, move)
    receive(realtime, events.FOLLOW, follow)
    receive(realtime, events.THREADS, page)


class FollowTeller:
    """Tells a person's devices of threads that they follow, or have read, by something other than
    their own request."""

    def __init__(self, threads: ThreadManager, subscriptions: RoomSubscriptions) -> None:
        self._threads = threads
        self._subscriptions = subscriptions

    def tell(self, person: Person, room: Room, thread: Thread) -> None:
        if self._subscriptions.person(person.id):
            mark = self._threads.mark_of(person, room, thread)
            self._subscriptions.tell(person, "thread", mark)

    def followed(self, key: str, _old: Follow | None, new: Follow | None) -> None:
        """By way of another process."""
        id, thread = parts_of(key)
        person = self._subscriptions.person(id)
        room = person and self._threads.room_of(person, thread)
        if new and person and room:
            self.tell(person, room, thread)


def _mark(info: ThreadInfo) -> ThreadMark:
    return ThreadMark(
        room=info.room,
        thread=info.thread,
        read=info.read,
        unread=info.unread,
        mentions=info.mentions,
        following=info.following,
    )
