"""The event handlers `read`, `inbox`, `prefs`, `notifications` and `arrange`. A person's other
devices are told of what has changed."""

from collections.abc import Callable

from msgspec import UNSET
from msgspec.structs import asdict, replace

from chatapp.domain.future import Future
from chatapp.domain.model import Person, Room
from chatapp.domain.rights import check_scope
from chatapp.features.handlers import receive
from chatapp.features.presence.events import RoomSubscriptions
from chatapp.features.reading.inbox import Inbox
from chatapp.features.reading.manager import ReadingManager
from chatapp.features.reading.notifications import NotificationRules
from chatapp.features.rooms.memberships import Memberships, Reading
from chatapp.protocol import events
from chatapp.protocol.answers import ArrangedRooms, KeptNotifications, KeptPrefs, MovedMark, NewMark
from chatapp.protocol.pushes import ReadElsewhere, RoomOrderChange
from chatapp.protocol.requests import Arrange, Prefs, Read, SetNotifications
from chatapp.protocol.values import Notifications, ReadMark, RoomPrefs, ThreadMark
from chatapp.transport import Connection, Realtime


def register(
    realtime: Realtime,
    reading: ReadingManager,
    inbox: Inbox,
    memberships: Memberships,
    find_room: Callable[[Person, str], Room],
    *,
    subscriptions: RoomSubscriptions,
    notifications: NotificationRules,
    mark_thread: Callable[[Person, Read, int], Future[ThreadMark]],
) -> None:
    """`find_room(person, name)` raises `NoSuchRoom` if they cannot see the room.
    `mark_thread(person, mark, thread)` moves a mark in a thread."""

    def read(connection: Connection, payload: Read) -> Future[MovedMark]:
        if payload.thread is not None:
            in_thread = mark_thread(connection.person, payload, payload.thread)
            return in_thread.then(lambda mark: told_of_thread(connection, mark))
        room = find_room(connection.person, payload.room)
        marked = reading.mark(connection.person, replace(payload, room=room.name))
        return marked.then(lambda mark: told(connection, mark, back=payload.back))

    def prefs(connection: Connection, payload: Prefs) -> Future[KeptPrefs]:
        room = find_room(connection.person, payload.room)
        kept = reading.prefer(connection.person, replace(payload, room=room.name))
        return kept.then(lambda now: preferred(connection, now))

    def rules(
        connection: Connection, payload: SetNotifications
    ) -> KeptNotifications | Future[KeptNotifications]:
        if payload == SetNotifications():
            return KeptNotifications(notifications=notifications.of(connection.person))
        check_scope(connection.person, "write")
        kept = notifications.change(connection.person, payload)
        return kept.then(lambda now: ruled(connection, now))

    def arrange(connection: Connection, payload: Arrange) -> Future[ArrangedRooms]:
        names = [find_room(connection.person, name).name for name in payload.rooms]
        kept = memberships.arrange(connection.person, names)
        return kept.then(lambda now: arranged(connection, now))

    def told(connection: Connection, mark: ReadMark, *, back: bool) -> MovedMark:
        subscriptions.tell_others(connection, "read", read_elsewhere(mark, back=back))
        return MovedMark(read=NewMark(**asdict(mark)))

    def told_of_thread(connection: Connection, mark: ThreadMark) -> MovedMark:
        subscriptions.tell_others(connection, "thread", mark)
        return MovedMark(read=NewMark(**asdict(mark)))

    def preferred(connection: Connection, now: RoomPrefs) -> KeptPrefs:
        subscriptions.tell_others(connection, "prefs", now)
        return KeptPrefs(prefs=now)

    def ruled(connection: Connection, now: Notifications) -> KeptNotifications:
        subscriptions.tell_others(connection, "notifications", now)
        return KeptNotifications(notifications=now)

    def arranged(connection: Connection, now: list[str]) -> ArrangedRooms:
        subscriptions.tell_others(connection, "order", RoomOrderChange(rooms=now))
        return ArrangedRooms(rooms=now)

    receive(realtime, events.READ, read)
    receive(
        realtime, events.INBOX, lambda connection, wanted: inbox.page(connection.person, wanted)
    )
    receive(realtime, events.PREFS, prefs)
    receive(realtime, events.NOTIFICATIONS, rules)
    receive(realtime, events.ARRANGE, arrange)


def tell_followed(
    subscriptions: RoomSubscriptions,
    person: Person,
    mark: ReadMark,
    prefs: RoomPrefs,
    *,
    old: Reading | None,
    new: Reading,
) -> None:
    """Tell a person's devices what they have read, or prefer now, by way of another process."""
    old = old or Reading()
    if new.read is not None and new.read != old.read:
        is_back = old.read is not None and new.read < old.read
        subscriptions.tell(person, "read", read_elsewhere(mark, back=is_back))
    if replace(new, read=old.read) != old:
        subscriptions.tell(person, "prefs", prefs)


def read_elsewhere(mark: ReadMark, *, back: bool) -> ReadElsewhere:
    return ReadElsewhere(**asdict(mark), back=back or UNSET)
