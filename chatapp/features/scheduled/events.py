"""The event handlers `schedule`, `scheduled` and `unschedule`; and what a person's devices are told
of their scheduled messages."""

from chatapp.domain.future import Future
from chatapp.features.handlers import receive
from chatapp.features.presence.events import RoomSubscriptions
from chatapp.features.scheduled.manager import ScheduledManager
from chatapp.features.scheduled.rows import ScheduledRow
from chatapp.protocol import events
from chatapp.protocol.answers import Done, KeptScheduled, ScheduledList
from chatapp.protocol.pushes import ScheduledChange
from chatapp.protocol.requests import ListScheduled, Schedule, Unschedule
from chatapp.protocol.values import Scheduled
from chatapp.transport import Connection, Realtime


def register(
    realtime: Realtime, manager: ScheduledManager, subscriptions: RoomSubscriptions
) -> None:
    def schedule(connection: Connection, payload: Schedule) -> Future[KeptScheduled]:
        kept = manager.schedule(connection.person, payload)
        return kept.then(lambda scheduled: told(connection, scheduled))

    def told(connection: Connection, scheduled: Scheduled) -> KeptScheduled:
        change = ScheduledChange(id=scheduled.id, room=scheduled.room, scheduled=scheduled)
        subscriptions.tell_others(connection, "scheduled", change)
        return KeptScheduled(scheduled=scheduled)

    def listed(connection: Connection, payload: ListScheduled) -> ScheduledList:
        return ScheduledList(scheduled=manager.all_of(connection.person, payload.room))

    def unschedule(connection: Connection, payload: Unschedule) -> Future[Done]:
        return manager.cancel(connection.person, payload.id).then(
            lambda scheduled: cancelled(connection, scheduled)
        )

    def cancelled(connection: Connection, scheduled: Scheduled) -> Done:
        change = ScheduledChange(id=scheduled.id, room=scheduled.room, gone="cancelled")
        subscriptions.tell_others(connection, "scheduled", change)
        return Done()

    receive(realtime, events.SCHEDULE, schedule)
    receive(realtime, events.SCHEDULED, listed)
    receive(realtime, events.UNSCHEDULE, unschedule)


class ScheduledTeller:
    """Tells a person's devices of what became of a scheduled message without a request of one of
    them at this process."""

    def __init__(self, manager: ScheduledManager, subscriptions: RoomSubscriptions) -> None:
        self._manager = manager
        self._subscriptions = subscriptions

    def tell(self, id: str, old: ScheduledRow | None, new: ScheduledRow | None) -> None:
        """The row has changed, here or at another process. Nobody hears that it is claimed."""
        row = new or old
        person = row and self._subscriptions.person(row.by)
        if row and person and not (new and new.sending):
            self._subscriptions.tell(person, "scheduled", self._change(id, row, old, new))

    def _change(
        self, id: str, row: ScheduledRow, old: ScheduledRow | None, new: ScheduledRow | None
    ) -> ScheduledChange:
        if new is None:
            was_sent = old is not None and old.sending
            return ScheduledChange(id=id, room=row.room, gone="sent" if was_sent else "cancelled")
        scheduled = self._manager.shown(id, new)
        if new.refused:
            return ScheduledChange(id=id, room=row.room, gone="refused", scheduled=scheduled)
        return ScheduledChange(id=id, room=row.room, scheduled=scheduled)
