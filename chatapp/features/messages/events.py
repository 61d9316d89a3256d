"""The event handlers `message`, `edit`, `delete`, `react`, `hide_previews`, `history`, `versions`,
`search` and `resume`.

They append and answer. They do not broadcast: the feed passes appended events to `delivery/`, and
the answer is sent after that.
"""

from collections.abc import Callable
from typing import cast

from msgspec import UNSET

from chatapp.domain.future import Future
from chatapp.domain.model import Appended, Event, History, Message
from chatapp.features.handlers import receive
from chatapp.features.messages.manager import MessageManager
from chatapp.index.reader import SearchPage
from chatapp.protocol import events
from chatapp.protocol.answers import (
    ChangedMessage,
    FoundMessages,
    HistoryPage,
    MessageVersions,
    MoreMessages,
    PostedMessage,
    ResumedEvents,
)
from chatapp.protocol.requests import (
    Delete,
    Edit,
    HidePreviews,
    Post,
    React,
    ReadHistory,
    ReadVersions,
    Resume,
    Search,
)
from chatapp.protocol.values import Profile
from chatapp.transport import Connection, Realtime

Unreached = Callable[[Event | Message], list[str]]
"""The names of mentioned accounts that cannot see the room."""
OutOfOffice = Callable[[Event | Message], list[Profile]]
"""Those who are mentioned or written to, and are out of office."""


def register(
    realtime: Realtime, manager: MessageManager, unreached: Unreached, out_of_office: OutOfOffice
) -> None:
    _register_writing(realtime, manager, unreached, out_of_office)
    _register_reading(realtime, manager)


def _register_writing(
    realtime: Realtime, manager: MessageManager, unreached: Unreached, out_of_office: OutOfOffice
) -> None:
    def post(connection: Connection, payload: Post | str) -> Future[PostedMessage]:
        wanted = Post(text=payload) if isinstance(payload, str) else payload
        posted = manager.post(connection.person, wanted, connection.sid)
        return posted.then(as_answer)

    def as_answer(appended: Appended) -> PostedMessage:
        message = cast(Message, appended.event)  # as which an event of this type reads
        if appended.duplicate:
            return PostedMessage(message=message, duplicate=True)
        return PostedMessage(
            message=message,
            unreached=unreached(message) or UNSET,
            out_of_office=out_of_office(message) or UNSET,
        )

    def edit(connection: Connection, payload: Edit) -> Future[ChangedMessage]:
        edited = manager.edit(connection.person, payload, connection.sid)
        return edited.then(changed)

    def delete(connection: Connection, payload: Delete) -> Future[ChangedMessage]:
        deleted = manager.delete(connection.person, payload, connection.sid)
        return deleted.then(changed)

    def react(connection: Connection, payload: React) -> Future[ChangedMessage]:
        reacted = manager.react(connection.person, payload, connection.sid)
        return reacted.then(changed)

    def hide_previews(connection: Connection, payload: HidePreviews) -> Future[ChangedMessage]:
        hidden = manager.hide_previews(connection.person, payload, connection.sid)
        return hidden.then(changed)

    def changed(event: Event | None) -> ChangedMessage:
        return ChangedMessage(event=event)

    receive(realtime, events.MESSAGE, post)
    receive(realtime, events.EDIT, edit)
    receive(realtime, events.DELETE, delete)
    receive(realtime, events.REACT, react)
    receive(realtime, events.HIDE_PREVIEWS, hide_previews)


def _register_reading(realtime: Realtime, manager: MessageManager) -> None:
    def history(connection: Connection, payload: ReadHistory) -> Future[HistoryPage]:
        def answer(page: History) -> HistoryPage:
            more = MoreMessages(before=page.more_before, after=page.more_after)
            found = UNSET if payload.since is None else page.found
            return HistoryPage(messages=page.messages, more=more, found=found)

        return manager.history(connection.person, payload).then(answer)

    def versions(connection: Connection, payload: ReadVersions) -> MessageVersions:
        return MessageVersions(versions=manager.versions(connection.person, payload))

    def search(connection: Connection, payload: Search) -> Future[FoundMessages]:
        def answer(page: SearchPage) -> FoundMessages:
            messages = cast(list[Message], page.json)  # which are JSON already
            return FoundMessages(messages=messages, more=page.more, before=page.before)

        return manager.search(connection.person, payload).then(answer)

    def resume(connection: Connection, payload: Resume) -> Future[ResumedEvents]:
        return manager.resume(connection.person, payload)

    receive(realtime, events.HISTORY, history)
    receive(realtime, events.VERSIONS, versions)
    receive(realtime, events.SEARCH, search)
    receive(realtime, events.RESUME, resume)
