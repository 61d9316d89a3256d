"""The chat page at `/` and `/rooms/<room>`, with its newest messages already in it.

`?at=<seq>` is the link to a message: the page has what was said around it.
"""

from collections.abc import Callable, Iterable
from math import inf

import msgspec
from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from chatapp.limits import MAX_INTEGER
from chatapp.messages.manager import MessageManager
from chatapp.model import GENERAL, History, Message, Person
from chatapp.pages.richness import in_short, is_formatted_by_script
from chatapp.pages.worker import add_worker
from chatapp.rooms.lobby import Lobby
from chatapp.web.forms import see_other
from chatapp.wire import Profile, ReadHistory, RoomInfo

MEMBERS_SHOWN = 200
MANY_ROOMS = 25
"""With more than these, one sees one's own; static/js/models/rooms.js has the same number."""
KINDS = ("public", "private", "direct")


def pages_blueprint(
    who: Callable[[], Person | None],
    lobby: Lobby,
    messages: MessageManager,
    *,
    profiles: Callable[[Iterable[str]], dict[str, Profile]],
    settings: Callable[[], object],
) -> Blueprint:
    """`who()` is the visitor of the current request, or None who has no name yet;
    `profiles(names)`, how those of these who have an account are shown; `settings()` is what the
    page learns of the place.
    """
    pages = Blueprint("pages", __name__)
    add_worker(pages)
    pages.add_app_template_filter(in_short)

    @pages.get("/")
    def home() -> str | Response:
        return chat(GENERAL)

    @pages.get("/rooms/<room>")
    def chat(room: str) -> str | Response:
        person = who()
        if person is None:
            return see_other(url_for("accounts.name", next=request.full_path.rstrip("?")))
        joined, at = {GENERAL, room}, asked_seq()
        here = lobby.room(person, room, joined)
        page = what_was_said(messages, person, here, at)
        rooms = sorted(lobby.rooms(person, joined), key=place)
        present = [each for each in rooms if not each.archived or each.name == here.name]
        listed = present if len(present) <= MANY_ROOMS else [*filter(own_or(here), present)]
        people = profiles(names_on(person, here, rooms, page.messages))
        begin = {
            "me": person.name,
            "role": person.role,
            "guest": person.is_guest,
            "place": settings(),
            "room": here,
            "rooms": rooms,
            "people": [one for one in people.values() if one.display_name or one.colour],
            "asked": room,
            "at": at,
        }
        return render_template(
            "chat.html",
            me=person.name,
            room=here,
            listed=listed,
            unlisted=len(present) - len(listed),
            people=people,
            titles={each.name: title_for(each, person.name, people) for each in rooms},
            begin=msgspec.to_builtins(begin),
            messages=page.messages,
            more_before=page.more_before,
            more_after=page.more_after,
            formatting=any(is_formatted_by_script(each.text) for each in page.messages),
        )

    return pages


def what_was_said(
    messages: MessageManager, person: Person, room: RoomInfo, at: int | None
) -> History:
    """Around the message that the address points at, or the first unread one; else the last."""
    page = messages.history(person, ReadHistory(room=room.name, around=at)).result()
    if at is None and (unread := first_unread_before(page, room)):
        return messages.history(person, ReadHistory(room=room.name, around=unread)).result()
    return page


def names_on(
    me: Person, room: RoomInfo, rooms: list[RoomInfo], messages: list[Message]
) -> set[str]:
    """Whoever is named on the page."""
    talking = [name for each in rooms if each.kind == "direct" for name in each.invited]
    senders = [message.sender for message in messages]
    deleters = [message.deleted_by for message in messages if message.deleted_by]
    return {me.name, *room.members[:MEMBERS_SHOWN], *talking, *senders, *deleters}


def title_for(room: RoomInfo, me: str, people: dict[str, Profile]) -> str:
    """What a direct room is called for one of those in it; as in static/js/models/rooms.js."""
    others = [name for name in room.invited if name != me]
    if room.kind != "direct" or not others:
        return room.title
    shown = {name: profile.display_name for name, profile in people.items()}
    return ", ".join(shown.get(name) or name for name in others)


def first_unread_before(page: History, room: RoomInfo) -> int | None:
    """The seq behind what the person has read, where that lies before this page."""
    if room.read is None or room.unread == 0 or not page.more_before:
        return None
    return room.read + 1 if room.read + 1 < page.messages[0].seq else None


def asked_seq() -> int | None:
    """The message that the address points at; None where it points at none."""
    seq = request.args.get("at", type=int)
    return seq if seq is not None and 0 < seq <= MAX_INTEGER else None


def own_or(here: RoomInfo) -> Callable[[RoomInfo], bool]:
    """Those that one is in, or wants to have in the sidebar, and this one."""
    return lambda room: room.joined or room.favourite or room.name == here.name


def place(room: RoomInfo) -> tuple[bool, float, int, str]:
    """Where a room stands in the sidebar; static/js/models/rooms.js has the same order."""
    rank = -1 if room.name == GENERAL else KINDS.index(room.kind)
    own = inf if room.place is None else room.place
    return not room.favourite, own, rank, room.title.casefold()
