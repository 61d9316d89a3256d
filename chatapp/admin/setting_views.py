"""The console's settings: what can change while the chat runs.

A form says what each setting was when it was shown, so that what another admin has changed
meanwhile is not changed back by a form that never meant to.
"""

from typing import get_args

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from chatapp.admin.forms import acting_admin, page
from chatapp.errors import ChatError
from chatapp.limits import MAX_PLACE_NAME_CHARACTERS, MAX_TEXT_BYTES, MAX_WELCOME_CHARACTERS
from chatapp.model import RoomMakers
from chatapp.settings.manager import SettingsManager
from chatapp.settings.model import MIN_TEXT_BYTES, NAMES
from chatapp.waiting import wait
from chatapp.web.forms import field, see_other


def add_settings_page(admin: Blueprint, settings: SettingsManager) -> None:
    def shown(error: ChatError | None = None, **typed: str) -> Response:
        now = settings.texts()
        return page(
            "admin/settings.html",
            error,
            now=now,
            typed=now | typed,
            fixed=settings.fixed,
            is_exposed=settings.is_exposed,
            makers=get_args(RoomMakers),
            max_name=MAX_PLACE_NAME_CHARACTERS,
            max_welcome=MAX_WELCOME_CHARACTERS,
            text_bytes=(MIN_TEXT_BYTES, MAX_TEXT_BYTES),
        )

    @admin.get("/settings")
    def settings_page() -> Response:
        return shown()

    @admin.post("/settings")
    def change_settings() -> Response:
        typed = {name: field(name) for name in NAMES if name in request.form}
        wanted = {
            name: text
            for name, text in typed.items()
            if _plain(text) != _plain(field(f"was_{name}"))
        }
        try:
            wait(settings.change(acting_admin(), wanted))
        except ChatError as error:
            return shown(error, **typed)
        return see_other(url_for("admin.settings_page", _anchor="kept"))


def _plain(text: str) -> str:
    """Browsers send line ends as CRLF."""
    return text.replace("\r\n", "\n").strip()
