"""The console's incoming webhooks: by which addresses other programs post, and how that goes.

An address is shown once, on the answer to the form that made it.
"""

from typing import Any

import msgspec
from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from chatapp.admin.forms import page
from chatapp.domain.errors import ChatError
from chatapp.domain.model import Room
from chatapp.features.incoming_webhooks.manager import IncomingHookManager
from chatapp.features.incoming_webhooks.model import SOURCES, IncomingHook, checked_source
from chatapp.features.rooms.manager import RoomManager
from chatapp.web.forms import field, see_other
from chatapp.web.waiting import wait


class ListedHook(msgspec.Struct, frozen=True):
    id: str
    name: str
    hook: IncomingHook


def add_incoming_webhook_pages(
    admin: Blueprint, hooks: IncomingHookManager, rooms: RoomManager
) -> None:
    def shown(error: ChatError | None = None, **news: Any) -> Response:
        return page(
            "admin/incoming_webhooks.html",
            error,
            hooks=[ListedHook(id, hooks.name_of(hook), hook) for id, hook in hooks.all()],
            rooms=[room for room in rooms.all() if _takes_webhooks(room)],
            sources=SOURCES,
            address=request.host_url.rstrip("/"),
            **news,
        )

    @admin.get("/incoming-webhooks")
    def incoming_webhooks() -> Response:
        return shown(was_tested=request.args.get("tested", ""))

    @admin.post("/incoming-webhooks")
    def add_incoming_webhook() -> Response:
        try:
            made = wait(
                hooks.create(
                    g.admin,
                    field("name").strip().removeprefix("@"),
                    field("room"),
                    owner=field("owner").strip().removeprefix("@") or g.admin.name,
                    source=checked_source(field("source") or "auto"),
                    calls_all=bool(field("calls_all")),
                    signed=bool(field("signed")),
                )
            )
        except ChatError as error:
            return shown(error, typed=request.form)
        return shown(made=made)

    @admin.post("/incoming-webhooks/test")
    def test_incoming_webhook() -> Response:
        id = field("id")
        try:
            wait(hooks.test(g.admin, id))
        except ChatError as error:
            return shown(error)
        return see_other(url_for("admin.incoming_webhooks", tested=id))

    @admin.post("/incoming-webhooks/revoke")
    def revoke_incoming_webhook() -> Response:
        try:
            wait(hooks.revoke(g.admin, field("id")))
        except ChatError as error:
            return shown(error)
        return see_other(url_for("admin.incoming_webhooks"))


def _takes_webhooks(room: Room) -> bool:
    return room.kind != "direct" and room.deleted_at is None
