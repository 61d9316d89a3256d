"""The chat page at `/`, `/rooms/<room>`, `/inbox`, `/threads` and `/saved`, which already contains
the newest messages, with folded threads.

`?at=<seq>` links to a message: the page then contains the messages around it. `?thread=<seq>` links
to a thread, and with `at` to a reply in it: the page contains the messages around its root.
"""

from collections.abc import Callable

import msgspec
from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from chatapp.domain.limits import MAX_INTEGER
from chatapp.domain.model import GENERAL, Person
from chatapp.features.pages.chat_page import ChatPage, icon_of
from chatapp.features.pages.file_places import add_file_filters
from chatapp.features.pages.richness import is_long
from chatapp.features.pages.system_lines import sentence
from chatapp.features.pages.worker import add_worker
from chatapp.text.actions import is_action
from chatapp.text.grouping import continues
from chatapp.web.forms import see_other


def pages_blueprint(who: Callable[[], Person | None], page: ChatPage) -> Blueprint:
    """`who()` is the visitor of the current request, None without a name."""
    pages = Blueprint("pages", __name__)
    pages.add_app_template_test(continues, "continuing")
    pages.add_app_template_test(is_action, "action")
    pages.add_app_template_test(is_long, "long")
    pages.add_app_template_filter(lambda value: msgspec.json.encode(value).decode(), "as_json")
    pages.add_app_template_global(sentence)
    pages.add_app_template_filter(icon_of, "room_icon")
    add_file_filters(pages)
    add_worker(pages)

    @pages.get("/")
    def home() -> str | Response:
        return chat(GENERAL)

    @pages.get("/inbox")
    def inbox() -> str | Response:
        return chat(GENERAL, view="inbox")

    @pages.get("/threads")
    def threads() -> str | Response:
        return chat(GENERAL, view="threads")

    @pages.get("/saved")
    def saved_page() -> str | Response:
        return chat(GENERAL, view="saved")

    @pages.get("/rooms/<room>")
    def chat(room: str, view: str = "room") -> str | Response:
        person = who()
        if person is None:
            return see_other(url_for("accounts.name", next=request.full_path.rstrip("?")))
        at, thread = asked_seq("at"), asked_seq("thread")
        here = page.room(person, room)
        history = page.history(person, here, thread or at)
        if at and not thread and (thread := page.thread_of(person, here, history, at)):
            return see_other(f"{request.path}?thread={thread}&at={at}")
        return page.render(person, here, history, asked=room, at=at, view=view)

    return pages


def asked_seq(name: str) -> int | None:
    """The seq that the URL links to under this name, or None."""
    seq = request.args.get(name, type=int)
    return seq if seq is not None and 0 < seq <= MAX_INTEGER else None
