"""The console's views for erasing: request it and see its progress."""

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from chatapp.admin.erasure_queue import ErasureQueue
from chatapp.admin.forms import acting_admin, number, page
from chatapp.domain.errors import ChatError, NotFound
from chatapp.domain.model import Message
from chatapp.domain.rights import require_may_erase
from chatapp.features.accounts.people import PeopleManager
from chatapp.store.message_log import MessageLog
from chatapp.web.forms import field, see_other
from chatapp.web.waiting import wait

REFRESH_SECONDS = 2


def add_erasure_pages(
    admin: Blueprint, erasures: ErasureQueue, people: PeopleManager, log: MessageLog
) -> None:
    def shown(error: ChatError | None = None, name: str = "") -> Response:
        return page(
            "admin/erasures.html",
            error,
            erasures=erasures.all(),
            progress=erasures.progress,
            records=sum(log.heads().values()),
            refresh=REFRESH_SECONDS,
            name=name or request.args.get("name", ""),
        )

    @admin.get("/erasures")
    def erasures_page() -> Response:
        return shown()

    @admin.post("/erasures/person")
    def erase_person() -> Response:
        name = field("name")
        try:
            require_may_erase(g.admin, people.registry.named(name))
            if not wait(log.find(sender=name, limit=1)):
                raise NotFound(f"Nobody called {name[:60]!r} has written anything.")
            asked = erasures.ask_for_person(
                acting_admin(), name, confirm=field("confirm"), reason=field("reason")
            )
            wait(asked)
        except ChatError as error:
            return shown(error, name)
        return see_other(url_for("admin.erasures_page"))

    @admin.post("/erasures/message")
    def erase_message() -> Response:
        room, seq = field("room"), number(field("seq"), "the message")
        message = log.message(room, seq)
        if message is None:
            raise NotFound(f"There is no message {seq} in {room[:60]!r}.")
        try:
            require_may_erase(g.admin, people.author(message))
            for where in _places(log, message):
                wait(erasures.ask_for_message(acting_admin(), *where, field("reason")))
        except ChatError as error:
            return shown(error)
        return see_other(url_for("admin.erasures_page"))


def _places(log: MessageLog, message: Message) -> list[tuple[str, int]]:
    """The rooms and seqs of a message and of its copies, before and after moves: each has the
    text."""
    places = [(message.room, message.seq)]
    for following in (_before, _after):
        one: Message | None = message
        while one and (place := following(one)) and place not in places:
            places.append(place)
            one = log.message(*place)
    return places


def _before(message: Message) -> tuple[str, int] | None:
    where = message.moved_from
    return (where.room, where.seq) if where and where.room else None


def _after(message: Message) -> tuple[str, int] | None:
    where = message.moved_to
    return (where.room, where.seq) if where and where.room else None
