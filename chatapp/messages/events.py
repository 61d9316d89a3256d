"""The doors of messages: `message`, `edit`, `delete`, `react`, `history`, `versions`,
`search`, `resume`.

The way of one message stands in `post`: the manager has it logged, and once it is on disk,
it is broadcast to the room but for the connection that sent it, and acked to that one.
"""

from chatapp.doors import Ack, door
from chatapp.messages.manager import MessageManager
from chatapp.model import Event, History, Message
from chatapp.pending import Pending
from chatapp.realtime import Connection, Realtime
from chatapp.wire import Delete, Edit, Post, React, ReadHistory, ReadVersions, Resume, Search


def register(realtime: Realtime, manager: MessageManager) -> None:
    _hang_writing(realtime, manager)
    _hang_reading(realtime, manager)


def _hang_writing(realtime: Realtime, manager: MessageManager) -> None:
    def post(connection: Connection, payload: Post | str) -> Pending[Ack]:
        wanted = Post(text=payload) if isinstance(payload, str) else payload
        posted = manager.post(connection.person, connection.rooms, wanted)

        def deliver(message: Event | Message) -> Ack:
            if posted.duplicate:
                return {"ok": True, "message": message, "duplicate": True}
            realtime.broadcast("message", message, room=message.room, skip=connection)
            return {"ok": True, "message": message}

        return posted.message.then(deliver)

    def edit(connection: Connection, payload: Edit) -> Pending[Ack]:
        return tell(connection, manager.edit(connection.person, connection.rooms, payload))

    def delete(connection: Connection, payload: Delete) -> Pending[Ack]:
        return tell(connection, manager.delete(connection.person, connection.rooms, payload))

    def react(connection: Connection, payload: React) -> Pending[Ack]:
        return tell(connection, manager.react(connection.person, connection.rooms, payload))

    def tell(sender: Connection, change: Pending[Event | None]) -> Pending[Ack]:
        """Broadcast what changed a message, if anything did."""

        def deliver(event: Event | None) -> Ack:
            if event is not None:
                realtime.broadcast(event.type, event, room=event.room, skip=sender)
            return {"ok": True, "event": event}

        return change.then(deliver)

    realtime.receive("message", door(Post | str, post, needs="write"), pipelined=True)
    realtime.receive("edit", door(Edit, edit, needs="write"))
    realtime.receive("delete", door(Delete, delete, needs="write"))
    realtime.receive("react", door(React, react, needs="write"))


def _hang_reading(realtime: Realtime, manager: MessageManager) -> None:
    def history(connection: Connection, payload: ReadHistory) -> Pending[Ack]:
        def answer(page: History) -> Ack:
            more = {"before": page.more_before, "after": page.more_after}
            ack = {"ok": True, "messages": page.messages, "more": more}
            return ack if payload.since is None else {**ack, "found": page.found}

        return manager.history(connection.person, payload).then(answer)

    def versions(connection: Connection, payload: ReadVersions) -> Ack:
        return {"ok": True, "versions": manager.versions(connection.person, payload)}

    def search(connection: Connection, payload: Search) -> Pending[Ack]:
        found = manager.search(connection.person, payload)
        return found.then(
            lambda page: {
                "ok": True,
                "messages": page.json,
                "more": page.more,
                "before": page.before,
            }
        )

    def resume(connection: Connection, payload: Resume) -> Ack:
        missed = manager.resume(connection.person, payload)
        return {
            "ok": True,
            "recovered": missed.recovered,
            "events": missed.events,
            "more": missed.more,
            "head": missed.head,
            "epoch": missed.epoch,
        }

    realtime.receive("history", door(ReadHistory, history))
    realtime.receive("versions", door(ReadVersions, versions))
    realtime.receive("search", door(Search, search))
    realtime.receive("resume", door(Resume, resume))
