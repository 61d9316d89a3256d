"""The console's settings page.

The form contains each setting's value when the page was loaded, so that saving does not undo what
another admin has changed meanwhile.
"""

from typing import get_args

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from chatapp.admin.forms import acting_admin, page
from chatapp.domain.errors import ChatError
from chatapp.domain.limits import MAX_PLACE_NAME_CHARACTERS, MAX_TEXT_BYTES, MAX_WELCOME_CHARACTERS
from chatapp.domain.model import EmojiMakers, RoomMakers
from chatapp.features.settings.manager import SettingsManager
from chatapp.features.settings.model import MIN_TEXT_BYTES, NAMES
from chatapp.web.forms import field, see_other
from chatapp.web.waiting import wait


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
            emoji_makers=get_args(EmojiMakers),
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
