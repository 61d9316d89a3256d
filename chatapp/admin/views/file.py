"""The console's files: a list with a search, downloads, and removing a file from its message."""

from collections.abc import Callable, Sequence

from flask import Blueprint, request, session, url_for
from werkzeug.wrappers import Response

from chatapp.admin.actions import AdminActions
from chatapp.admin.files import FileCatalogue, FileListing, FileQuery, ListedFile
from chatapp.admin.filters import MAX_FILTER_CHARACTERS
from chatapp.admin.forms import acting_admin, number, page
from chatapp.admin.private_rooms import Closed, Viewings
from chatapp.config import format_size
from chatapp.domain.errors import ChatError
from chatapp.domain.files import FILE_KINDS
from chatapp.features.accounts.people import PeopleManager
from chatapp.features.files.manager import FileManager
from chatapp.features.files.serving import send_file
from chatapp.features.settings.manager import SettingsManager
from chatapp.web.forms import field, see_other
from chatapp.web.waiting import wait

FILTERS = ("text", "room", "sender", "kind")


def add_file_pages(  # noqa: PLR0917 - the parts of the page
    admin: Blueprint,
    catalogue: FileCatalogue,
    manager: FileManager,
    actions: AdminActions,
    people: PeopleManager,
    settings: SettingsManager,
    viewings: Viewings,
) -> None:
    def shown(error: ChatError | None = None) -> Response:
        given = {
            name: typed[:MAX_FILTER_CHARACTERS]
            for name in FILTERS
            if (typed := request.args.get(name, "").strip())
        }
        values: dict[str, object] = {"listing": FileListing([])}
        try:
            values["listing"] = _found(given)
        except Closed as closed:
            values["closed"] = closed.room
        except ChatError as refused:
            error = error or refused
        now = settings.now
        use = catalogue.use(now.all_file_bytes, now.person_file_bytes)
        owners = [(_name_of(id), size) for id, size in use.people]
        return page(
            "admin/files.html",
            error,
            given=given,
            kinds=FILE_KINDS,
            rooms=viewings.public(),
            use=use,
            limit=format_size(use.limit),
            each=format_size(use.each),
            owners=owners,
            **values,
        )

    def _name_of(id: str) -> str | None:
        account = people.registry.by_id(id)
        return (account.display_name or account.name) if account else None

    def _found(given: dict[str, str]) -> FileListing:
        sender = given.get("sender", "")
        wanted = FileQuery(
            text=given.get("text", ""),
            kind=given.get("kind", ""),
            sender=people.name_in_log(sender) if sender else "",
        )
        where: Sequence[str] | None = viewings.where(session, given.get("room", ""))
        return catalogue.listing(wanted, where, request.args.get("before", ""))

    def find(value: Callable[[str], str]) -> ListedFile:
        room, seq = value("room"), number(value("seq"), "the message")
        viewings.require_open(session, room)
        return catalogue.find(room, seq, value("id"))

    @admin.get("/files")
    def files() -> Response:
        return shown()

    @admin.get("/file")
    def file() -> Response:
        return send_file(manager, find(lambda name: request.args.get(name, "")).file)

    @admin.post("/files/remove")
    def remove_file() -> Response:
        listed = find(field)
        message = listed.message
        try:
            wait(actions.remove_file(acting_admin(), message, listed.file, field("reason")))
        except ChatError as error:
            return shown(error)
        return see_other(url_for("admin.message", room=message.room, seq=message.seq))
