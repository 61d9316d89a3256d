"""The console's page of the chat's own emoji: all of them, and removing one."""

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from chatapp.admin.forms import acting_admin, page
from chatapp.domain.errors import ChatError
from chatapp.features.emoji.manager import EmojiManager
from chatapp.web.forms import field, see_other
from chatapp.web.waiting import wait


def add_emoji_pages(admin: Blueprint, emoji: EmojiManager) -> None:
    def shown(error: ChatError | None = None) -> Response:
        return page("admin/emoji.html", error, emoji=emoji.all)

    @admin.get("/emoji")
    def own_emoji() -> Response:
        return shown()

    @admin.post("/emoji/remove")
    def remove_emoji() -> Response:
        try:
            wait(emoji.remove(acting_admin(), field("name")))
        except ChatError as error:
            return shown(error)
        return see_other(url_for("admin.own_emoji"))
