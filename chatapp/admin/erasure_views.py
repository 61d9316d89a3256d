"""The console's doors of erasing: ask for it, and see how far it is."""

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from chatapp.accounts.people import PeopleManager
from chatapp.admin.erasures import Erasures
from chatapp.admin.forms import acting_admin, number, page
from chatapp.admin.reading import LogReader
from chatapp.errors import ChatError, NotFound
from chatapp.waiting import wait
from chatapp.web.forms import field, see_other

REFRESH_SECONDS = 2


def add_erasure_pages(
    admin: Blueprint, erasures: Erasures, people: PeopleManager, log: LogReader
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
            _require_power_over(people, name)
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
            _require_power_over(people, message.sender)
            wait(erasures.ask_for_message(acting_admin(), room, seq, field("reason")))
        except ChatError as error:
            return shown(error)
        return see_other(url_for("admin.erasures_page"))


def _require_power_over(people: PeopleManager, name: str) -> None:
    """Names without an account are nobody's; what they wrote any admin may erase."""
    try:
        account = people.find(name)
    except NotFound:
        return
    if account.key != g.admin.key:
        people.require_power_over(g.admin, account)
