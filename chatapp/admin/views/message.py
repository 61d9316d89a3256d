"""The console's page of one message: its record, and how to delete it.

A deleted message leaves a tombstone: readers no longer see the text, but the log keeps it. Erasing
it (erasure.py) removes the text from the log's files too.
"""

from collections.abc import Callable

from flask import Blueprint, g, request, session, url_for
from werkzeug.wrappers import Response

from chatapp.admin.actions import AdminActions
from chatapp.admin.files import FileCatalogue
from chatapp.admin.forms import acting_admin, number, page
from chatapp.admin.private_rooms import Viewings
from chatapp.domain.errors import ChatError, NotFound
from chatapp.domain.model import Message
from chatapp.domain.polls import text_of
from chatapp.features.accounts.people import PeopleManager
from chatapp.features.moderation.manager import ModerationManager
from chatapp.protocol.requests import Ban
from chatapp.store.message_log import MessageLog
from chatapp.web.forms import field, see_other
from chatapp.web.waiting import wait


def add_message_page(  # noqa: PLR0917 - the parts of the page
    admin: Blueprint,
    log: MessageLog,
    catalogue: FileCatalogue,
    actions: AdminActions,
    people: PeopleManager,
    moderation: ModerationManager,
    viewings: Viewings,
    disconnect_banned: Callable[[], None],
) -> None:
    """`disconnect_banned()` closes the connections of banned people."""

    def find(value: Callable[[str], str]) -> Message:
        room, seq = value("room"), number(value("seq"), "the message")
        viewings.require_open(session, room)
        message = log.message(room, seq)
        if message is None:
            raise NotFound(f"There is no message {seq} in {room[:60]!r}.")
        return message

    def shown(message: Message, error: ChatError | None = None) -> Response:
        author = people.author(message)
        return page(
            "admin/message.html",
            error,
            message=message,
            poll=text_of(message.poll) if message.poll else None,
            files=catalogue.files_of(message),
            has_account=author is not None,
            ban=moderation.ban_of(author) if author else moderation.ban_of_guests(message.sender),
        )

    @admin.get("/message")
    def message() -> Response:
        return shown(find(lambda name: request.args.get(name, "")))

    @admin.post("/message/delete")
    def delete_message() -> Response:
        message = find(field)
        try:
            wait(actions.delete_message(acting_admin(), message.room, message.seq, field("reason")))
        except ChatError as error:
            return shown(message, error)
        return see_other(url_for("admin.message", room=message.room, seq=message.seq))

    @admin.post("/message/ban")
    def ban_sender() -> Response:
        """Ban the author, with or without an account."""
        message = find(field)
        try:
            if people.author(message) is None and people.registry.is_taken(message.sender):
                raise NotFound("The author has no account, and can no longer use the name.")
            banned = Ban(name=message.sender, reason=field("reason"))
            wait(moderation.ban(g.admin, banned))
        except ChatError as error:
            return shown(message, error)
        disconnect_banned()
        return see_other(url_for("admin.message", room=message.room, seq=message.seq))
