"""The chat page at `/`, `/rooms/<room>`, `/inbox`, `/threads` and `/saved`, which already contains
the newest messages, with folded threads.

`?at=<seq>` links to a message: the page then contains the messages around it. `?thread=<seq>` links
to a thread, and with `at` to a reply in it: the page contains the messages around its root.
"""

from collections.abc import Callable, Iterable
from functools import cache

import msgspec
from flask import Blueprint, render_template, request, url_for
from msgspec import UNSET
from msgspec.structs import replace
from werkzeug.wrappers import Response

from chatapp.domain import groups
from chatapp.domain.clock import now, timestamp
from chatapp.domain.limits import MAX_INTEGER
from chatapp.domain.model import GENERAL, History, Message, Person
from chatapp.features.emoji.manager import EmojiManager
from chatapp.features.messages.manager import MessageManager
from chatapp.features.pages.file_places import add_file_filters
from chatapp.features.pages.own_emoji import emoji_in
from chatapp.features.pages.richness import in_short, is_formatted_by_script, is_long, is_rich
from chatapp.features.pages.sidebar import COOKIE, Layout, as_heard, listed_rooms, sections
from chatapp.features.pages.system_lines import sentence
from chatapp.features.pages.worker import add_worker
from chatapp.features.rooms.room_descriptions import RoomDescriptions
from chatapp.protocol.answers import EmojiList
from chatapp.protocol.requests import ReadHistory
from chatapp.protocol.values import Notifications, Profile, RoomInfo, State
from chatapp.text.actions import is_action
from chatapp.text.grouping import continues
from chatapp.web.forms import see_other


def pages_blueprint(
    who: Callable[[], Person | None],
    descriptions: RoomDescriptions,
    messages: MessageManager,
    *,
    profiles: Callable[[Iterable[str]], dict[str, Profile]],
    state_of: Callable[[str], State | None],
    settings: Callable[[], object],
    saved: Callable[[Person], tuple[int, int]],
    notifications: Callable[[Person], Notifications],
    emoji: EmojiManager,
) -> Blueprint:
    """`who()` is the visitor of the current request, None without a name; `profiles(names)` are the
    profiles of those with an account, `state_of(name)` what they do now; `settings()` are the
    public settings; `saved(person)` is how many messages they have saved, and how many are due;
    `notifications(person)` is what they want to be notified of."""
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
        at = asked_seq("at")
        here = descriptions.room(person, room)
        thread = asked_seq("thread")
        page = first_page(messages, person, here, thread or at)
        if at and not thread and (thread := thread_of(messages, person, here, page, at)):
            return see_other(f"{request.path}?thread={thread}&at={at}")
        rooms = descriptions.rooms(person)
        at_this_time = timestamp(now())
        listed, unlisted = listed_rooms([as_heard(one, at_this_time) for one in rooms], here)
        opened = here if view == "room" else None
        people = profiles(names_on(person, here, rooms, page.messages))
        for name in {face_of(each, person.name) for each in listed} & people.keys():
            people[name] = replace(people[name], state=state_of(name))
        titles = {each.name: title_for(each, person.name, people) for each in rooms}
        layout = Layout.of_cookie(request.cookies.get(COOKIE, ""))
        originals = {each.seq: each for each in page.messages}
        begin = {
            "me": person.name,
            "id": person.id,
            "role": person.role,
            "guest": person.is_guest,
            "place": settings(),
            "room": here,
            "rooms": rooms,
            "people": list(people.values()),
            "asked": room,
            "at": at,
        }
        if (rules := notifications(person)) != Notifications():
            begin["notifications"] = rules
        own = emoji_in(page.messages, emoji.find)
        if emoji.version:
            begin["emoji"] = EmojiList(version=emoji.version, emoji=own.all)
        texts = [own.without(each.text) for each in page.messages]
        return render_template(
            "chat.html",
            me=person.name,
            room=here,
            sections=sections(listed, opened, layout, lambda each: titles[each.name]),
            unlisted=unlisted,
            view=view,
            saved=saved(person),
            opened=opened.name if opened else "",
            face_of=lambda each: face_of(each, person.name),
            people=people,
            shown=lambda name: shown(name, people),
            shown_all=lambda names: ", ".join(shown(name, people) for name in names),
            role_of=lambda name: role_of(name, people, person),
            marked=lambda message: role_of_sender(message, people, person),
            titles=titles,
            begin=begin,
            messages=page.messages,
            originals=originals,
            in_short=cache(lambda seq: in_short(originals[seq].text)),
            more_before=page.more_before,
            more_after=page.more_after,
            with_files=any(
                each.files or each.poll or each.forwarded or each.via for each in page.messages
            ),
            own_emoji=own.called,
            formatting=any(map(is_formatted_by_script, texts)) or bool(own.all),
            rich=any(map(is_rich, texts)),
        )

    return pages


def first_page(messages: MessageManager, person: Person, room: RoomInfo, at: int | None) -> History:
    """The messages around the linked one or the first unread one; otherwise the newest."""
    page = messages.history(person, ReadHistory(room=room.name, around=at, folded=True)).result()
    if at is None and (unread := first_unread_before(page, room)):
        asked = ReadHistory(room=room.name, around=unread, folded=True)
        return messages.history(person, asked).result()
    return page


def thread_of(
    messages: MessageManager, person: Person, room: RoomInfo, page: History, seq: int
) -> int | None:
    """The root of the thread that a message is in, if it is not on the page for that reason."""
    if any(each.seq == seq for each in page.messages):
        return None
    asked = ReadHistory(room=room.name, around=seq, limit=1)
    found = messages.history(person, asked).result().messages
    return found[0].thread if found and found[0].seq == seq else None


def names_on(
    me: Person, room: RoomInfo, rooms: list[RoomInfo], messages: list[Message]
) -> set[str]:
    """The names of all people on the page."""
    talking = [name for each in rooms if each.kind == "direct" for name in each.invited]
    senders = [message.sender for message in messages]
    deleters = [message.deleted_by for message in messages if message.deleted_by]
    return {me.name, *room.members, *talking, *senders, *deleters}


def title_for(room: RoomInfo, me: str, people: dict[str, Profile]) -> str:
    """The title of a direct room for one of its members; same as in rooms.js of the page."""
    others = [name for name in room.invited if name != me]
    is_named = room.group is not UNSET and room.group.named
    if room.kind != "direct" or not others or is_named:
        return room.title
    return groups.in_short([shown(name, people) for name in others])


def face_of(room: RoomInfo, me: str) -> str:
    """Whose face stands for a direct room: the other one's; "" for other rooms and for a group."""
    others = [name for name in room.invited if name != me]
    is_of_two = room.kind == "direct" and room.group is UNSET
    return others[0] if is_of_two and len(others) == 1 else ""


def shown(name: str, people: dict[str, Profile]) -> str:
    return (name in people and people[name].display_name) or name


def role_of(name: str, people: dict[str, Profile], reader: Person) -> str:
    """The role that is named beside somebody; "" for members. Guests are not marked for guests."""
    role = people[name].role if name in people else "guest"
    is_told = role != "member" and not (role == "guest" and reader.is_guest)
    return role if is_told else ""


def role_of_sender(message: Message, people: dict[str, Profile], reader: Person) -> str:
    """The same for a message: names of guests may be an account's by now."""
    if (message.by or "").startswith("guest:"):
        return "" if reader.is_guest else "guest"
    return role_of(message.sender, people, reader) if message.sender in people else ""


def first_unread_before(page: History, room: RoomInfo) -> int | None:
    """The seq of the first unread message, if it is before this page."""
    if room.read is None or room.unread == 0 or not page.more_before:
        return None
    return room.read + 1 if room.read + 1 < page.messages[0].seq else None


def icon_of(room: RoomInfo) -> str:
    """The icon of a room's kind; same as in static/js/models/rooms/rooms.js."""
    if room.kind == "direct":
        return "person" if room.group is UNSET else "people"
    return "lock" if room.kind == "private" else "hash"


def asked_seq(name: str) -> int | None:
    """The seq that the URL links to under this name, or None."""
    seq = request.args.get(name, type=int)
    return seq if seq is not None and 0 < seq <= MAX_INTEGER else None
