"""The console's rooms: members, name and topic, restrictions, deletion."""

from collections.abc import Callable
from typing import Any, get_args

import msgspec
from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from chatapp.admin.actions import AdminActions
from chatapp.admin.forms import acting_admin, number, page
from chatapp.admin.maintenance import Maintenance
from chatapp.admin.views.retention import of_room, typed_days
from chatapp.domain.errors import BadPayload, ChatError
from chatapp.domain.future import Future
from chatapp.domain.limits import (
    MAX_RETENTION_DAYS,
    MAX_SLOW_SECONDS,
    MAX_TITLE_CHARACTERS,
    MAX_TOPIC_CHARACTERS,
)
from chatapp.domain.model import GENERAL, Pinning, Room, ThreadsMode
from chatapp.features.published.manager import PublishedRooms
from chatapp.features.retention.manager import RetentionManager
from chatapp.features.retention.runs import RetentionRuns
from chatapp.protocol.requests import Update
from chatapp.store.message_log import MessageLog
from chatapp.web.forms import field, see_other
from chatapp.web.waiting import wait

PAGE_LENGTH = 50

Act = Callable[[Callable[[str, str], Future[Any]]], Response]
"""Does something with the room and the reason of a form, and shows the room's page."""


class RoomRow(msgspec.Struct, frozen=True):
    """A room with its number of `events` and the time of the last one, `last_at`."""

    room: Room
    events: int
    last_at: str | None
    here: int


def add_room_pages(
    admin: Blueprint,
    log: MessageLog,
    actions: AdminActions,
    maintenance: Maintenance,
    *,
    published: PublishedRooms,
    here: Callable[[str], int],
) -> None:
    """`here(room)` is the number of people in a room now."""

    def row(room: Room) -> RoomRow:
        head = log.head(room.name)
        last = log.events(room.name, after=head - 1, limit=1) if head else []
        return RoomRow(room, head, last[0].at if last else None, here(room.name))

    @admin.get("/rooms")
    def rooms() -> Response:
        query = request.args.get("q", "").strip()
        found = _after(request.args.get("after", ""), _matching(query, actions.rooms.all()))
        return page(
            "admin/rooms.html",
            rows=[row(room) for room in found[:PAGE_LENGTH]],
            more=found[PAGE_LENGTH - 1].name if len(found) > PAGE_LENGTH else None,
            query=query[:MAX_TITLE_CHARACTERS],
        )

    add_room_page(
        admin,
        actions,
        row,
        maintenance.retention,
        maintenance.retention_runs,
        published=published,
    )


def _matching(query: str, rooms: list[Room]) -> list[Room]:
    """By title, direct messages after the rooms, deleted rooms last."""
    wanted = query.casefold().removeprefix("#")
    matching = [one for one in rooms if any(wanted in known for known in _known_as(one))]
    return sorted(matching, key=_place)


def _known_as(room: Room) -> list[str]:
    """Its address, its title, and, of a conversation, the people in it."""
    people = room.members.values() if room.kind == "direct" else ()
    return [room.name, *(known.casefold() for known in (room.title, *people))]


def _place(room: Room) -> tuple[bool, bool, str, str]:
    return room.deleted_at is not None, room.kind == "direct", room.title.casefold(), room.name


def _after(name: str, rooms: list[Room]) -> list[Room]:
    """The rooms after the one with this name; all of them if it is not there."""
    places = [index for index, room in enumerate(rooms) if room.name == name]
    return rooms[places[0] + 1 :] if places else rooms


def add_room_page(
    admin: Blueprint,
    actions: AdminActions,
    row: Callable[[Room], RoomRow],
    retention: RetentionManager,
    runs: RetentionRuns,
    *,
    published: PublishedRooms,
) -> None:
    """The page of one room. Each form on it has the room's name in `room`, and a reason."""

    def one(name: str, error: ChatError | None = None) -> Response:
        return page(
            "admin/room.html",
            error,
            row=row(actions.rooms.any(name)),
            is_general=name == GENERAL,
            max_title=MAX_TITLE_CHARACTERS,
            max_topic=MAX_TOPIC_CHARACTERS,
            max_slow_seconds=MAX_SLOW_SECONDS,
            retention=of_room(retention, name),
            max_days=MAX_RETENTION_DAYS,
            next_run=runs.next_at,
            can_be_published=published.is_on,
            is_published=published.is_published(actions.rooms.any(name)),
        )

    def act(step: Callable[[str, str], Future[Any]]) -> Response:
        name = actions.rooms.any(field("room")).name
        try:
            wait(step(name, field("reason")))
        except ChatError as error:
            return one(name, error)
        return see_other(url_for("admin.room", name=name))

    @admin.get("/room")
    def room() -> Response:
        return one(request.args.get("name", ""))

    @admin.post("/room")
    def change_room() -> Response:
        return act(lambda name, why: actions.change_room(acting_admin(), _update(name), why))

    @admin.post("/room/members")
    def change_members() -> Response:
        """Remove the person whose button was pressed, or add the one whose name was typed."""
        gone, new = field("remove"), field("person").strip().removeprefix("@")
        if gone:
            return act(lambda room, why: actions.remove_member(acting_admin(), room, gone, why))
        return act(lambda room, why: actions.add_member(acting_admin(), room, new, why))

    @admin.post("/room/delete")
    def delete_room() -> Response:
        def delete(name: str, why: str) -> Future[None]:
            if field("confirm").strip().removeprefix("#") != name:
                raise BadPayload("Type the room's address exactly, to delete it.")
            return actions.delete_room(acting_admin(), name, why)

        return act(delete)

    _add_keeping(admin, act, retention)
    _add_publishing(admin, act, published)


def _add_keeping(admin: Blueprint, act: Act, retention: RetentionManager) -> None:
    @admin.post("/room/retention")
    def keep_room_for() -> Response:
        """How long the room keeps its messages."""

        def keep(room: str, why: str) -> Future[None]:
            return retention.keep_for(acting_admin(), room, typed_days(), why)

        return act(keep)

    @admin.post("/room/hold")
    def hold_room() -> Response:
        """Begin a legal hold, or end it."""
        on = field("hold") == "on"
        return act(lambda room, why: retention.hold(acting_admin(), room, on, why))


def _add_publishing(admin: Blueprint, act: Act, published: PublishedRooms) -> None:
    @admin.post("/room/publish")
    def publish_room() -> Response:
        """Let the web read the room, or no longer."""
        what = field("what")
        if what not in ("new", "everything", "nothing"):
            raise BadPayload("The web can read what is new, everything, or nothing.")

        def publish(room: str, why: str) -> Future[None]:
            if what == "nothing":
                return published.withdraw(acting_admin(), room, why)
            everything = what == "everything"
            return published.publish(acting_admin(), room, why, everything=everything)

        return act(publish)


def _update(name: str) -> Update:
    """The update from the form. Browsers do not send unchecked checkboxes."""
    seconds = number(field("slow_seconds"), "seconds")
    if seconds > MAX_SLOW_SECONDS:
        raise BadPayload(f"Slow mode is at most {MAX_SLOW_SECONDS} seconds.")
    return Update(
        room=name,
        title=request.form.get("title"),
        topic=request.form.get("topic"),
        archived=field("archived") == "on",
        read_only=field("read_only") == "on",
        slow_seconds=seconds,
        threads=_chosen("threads", ThreadsMode),
        previews=field("previews") == "on",
        pinning=_chosen("pinning", Pinning),
    )


def _chosen(name: str, modes: Any) -> Any:
    """One of the values of a `Literal`; None if the form has no such field."""
    chosen = field(name)
    if chosen and chosen not in get_args(modes):
        raise BadPayload(f"{name.title()} can be {' or '.join(get_args(modes))}.")
    return chosen or None
