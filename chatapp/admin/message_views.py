"""The console's page of one message: what it says, and how to take it away.

To delete a message is to leave a tombstone: readers no longer see the text, the log keeps
it. To erase it takes it out of the log's files too: erasure_views.py.
"""

from collections.abc import Callable

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from chatapp.accounts.people import PeopleManager
from chatapp.admin.forms import acting_admin, number, page
from chatapp.admin.reading import LogReader
from chatapp.admin.upkeep import Upkeep
from chatapp.errors import ChatError, NotFound
from chatapp.limits import name_key
from chatapp.model import Message
from chatapp.moderation.manager import ModerationManager
from chatapp.waiting import wait
from chatapp.web.forms import field, see_other
from chatapp.wire import Ban


def add_message_page(  # noqa: PLR0917 - each is a part of the page
    admin: Blueprint,
    log: LogReader,
    upkeep: Upkeep,
    people: PeopleManager,
    moderation: ModerationManager,
    show_out: Callable[[], None],
) -> None:
    """`show_out()` closes the connections of who is banned."""

    def find(value: Callable[[str], str]) -> Message:
        room, seq = value("room"), number(value("seq"), "the message")
        message = log.message(room, seq)
        if message is None:
            raise NotFound(f"There is no message {seq} in {room[:60]!r}.")
        return message

    def shown(message: Message, error: ChatError | None = None) -> Response:
        return page(
            "admin/message.html",
            error,
            message=message,
            has_account=people.has(message.sender),
            ban=moderation.bans().get(f"name:{name_key(message.sender)}"),
        )

    @admin.get("/message")
    def message() -> Response:
        return shown(find(lambda name: request.args.get(name, "")))

    @admin.post("/message/delete")
    def delete_message() -> Response:
        message = find(field)
        try:
            wait(upkeep.delete_message(acting_admin(), message.room, message.seq, field("reason")))
        except ChatError as error:
            return shown(message, error)
        return see_other(url_for("admin.message", room=message.room, seq=message.seq))

    @admin.post("/message/ban")
    def ban_sender() -> Response:
        """Whoever wrote it, with an account or without."""
        message = find(field)
        try:
            if people.has(message.sender):
                people.require_power_over(g.admin, people.find(message.sender))
            banned = Ban(name=message.sender, reason=field("reason"))
            wait(moderation.ban(acting_admin(), banned))
        except ChatError as error:
            return shown(message, error)
        show_out()
        return see_other(url_for("admin.message", room=message.room, seq=message.seq))
