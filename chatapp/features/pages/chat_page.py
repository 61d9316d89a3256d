"""The chat page as the server draws it: what it contains for one person and one room."""

from collections.abc import Callable, Iterable
from functools import cache

from flask import render_template, request
from msgspec import UNSET
from msgspec.structs import replace

from chatapp.domain import groups
from chatapp.domain.clock import now, timestamp
from chatapp.domain.model import History, Message, Person
from chatapp.features.emoji.manager import EmojiManager
from chatapp.features.messages.manager import MessageManager
from chatapp.features.pages.own_emoji import ShownEmoji, emoji_in
from chatapp.features.pages.richness import in_short, is_formatted_by_script, is_rich
from chatapp.features.pages.sidebar import COOKIE, Layout, as_heard, listed_rooms, sections
from chatapp.features.rooms.room_descriptions import RoomDescriptions
from chatapp.protocol.answers import EmojiList
from chatapp.protocol.requests import ReadHistory
from chatapp.protocol.values import Notifications, Profile, RoomInfo, State


class ChatPage:
    """`profiles(names)` are the profiles of those with an account, `state_of(name)` what they do
    now; `settings()` are the public settings; `saved(person)` is how many messages they have saved,
    and how many are due; `notifications(person)` is what they want to be notified of."""

    def __init__(
        self,
        descriptions: RoomDescriptions,
        messages: MessageManager,
        *,
        profiles: Callable[[Iterable[str]], dict[str, Profile]],
        state_of: Callable[[str], State | None],
        settings: Callable[[], object],
        saved: Callable[[Person], tuple[int, int]],
        notifications: Callable[[Person], Notifications],
        emoji: EmojiManager,
    ) -> None:
        self._descriptions = descriptions
        self._messages = messages
        self._profiles = profiles
        self._state_of = state_of
        self._settings = settings
        self._saved = saved
        self._notifications = notifications
        self._emoji = emoji

    def room(self, person: Person, name: str) -> RoomInfo:
        """Raises `NoSuchRoom`."""
        return self._descriptions.room(person, name)

    def history(self, person: Person, room: RoomInfo, at: int | None) -> History:
        """The messages around the linked one or the first unread one; otherwise the newest."""
        asked = ReadHistory(room=room.name, around=at, folded=True)
        page = self._messages.history(person, asked).result()
        if at is None and (unread := first_unread_before(page, room)):
            asked = ReadHistory(room=room.name, around=unread, folded=True)
            return self._messages.history(person, asked).result()
        return page

    def thread_of(self, person: Person, room: RoomInfo, history: History, seq: int) -> int | None:
        """The root of the thread that a message is in, if it is not on the page for that reason."""
        if any(each.seq == seq for each in history.messages):
            return None
        asked = ReadHistory(room=room.name, around=seq, limit=1)
        found = self._messages.history(person, asked).result().messages
        return found[0].thread if found and found[0].seq == seq else None

    def render(
        self,
        person: Person,
        room: RoomInfo,
        history: History,
        *,
        asked: str,
        at: int | None,
        view: str,
    ) -> str:
        """`asked` and `at` are the room and the message of the URL; `view` is what is open: the
        room, or one of the lists."""
        rooms = self._descriptions.rooms(person)
        at_this_time = timestamp(now())
        listed, unlisted = listed_rooms([as_heard(one, at_this_time) for one in rooms], room)
        people = self._people(person, room, rooms, listed, history.messages)
        titles = {each.name: title_for(each, person.name, people) for each in rooms}
        layout = Layout.of_cookie(request.cookies.get(COOKIE, ""))
        opened = room if view == "room" else None
        own = emoji_in(history.messages, self._emoji.find)
        return render_template(
            "chat.html",
            me=person.name,
            room=room,
            view=view,
            sections=sections(listed, opened, layout, lambda each: titles[each.name]),
            unlisted=unlisted,
            opened=opened.name if opened else "",
            titles=titles,
            saved=self._saved(person),
            begin=self._begin(person, room, rooms, people, own) | {"asked": asked, "at": at},
            **_of_people(people, person),
            **_of_messages(history, own),
        )

    def _people(
        self,
        me: Person,
        room: RoomInfo,
        rooms: list[RoomInfo],
        listed: list[RoomInfo],
        messages: list[Message],
    ) -> dict[str, Profile]:
        """Those on the page; those whose faces are in the sidebar with what they do now."""
        people = self._profiles(names_on(me, room, rooms, messages))
        for name in {face_of(each, me.name) for each in listed} & people.keys():
            people[name] = replace(people[name], state=self._state_of(name))
        return people

    def _begin(
        self,
        person: Person,
        room: RoomInfo,
        rooms: list[RoomInfo],
        people: dict[str, Profile],
        own: ShownEmoji,
    ) -> dict[str, object]:
        """What the script begins with."""
        begin: dict[str, object] = {
            "me": person.name,
            "id": person.id,
            "role": person.role,
            "guest": person.is_guest,
            "place": self._settings(),
            "room": room,
            "rooms": rooms,
            "people": list(people.values()),
        }
        if (rules := self._notifications(person)) != Notifications():
            begin["notifications"] = rules
        if self._emoji.version:
            begin["emoji"] = EmojiList(version=self._emoji.version, emoji=own.all)
        return begin


def _of_people(people: dict[str, Profile], reader: Person) -> dict[str, object]:
    """What the template knows of people."""
    return {
        "people": people,
        "face_of": lambda room: face_of(room, reader.name),
        "shown": lambda name: shown(name, people),
        "shown_all": lambda names: ", ".join(shown(name, people) for name in names),
        "role_of": lambda name: role_of(name, people, reader),
        "marked": lambda message: role_of_sender(message, people, reader),
    }


def _of_messages(history: History, own: ShownEmoji) -> dict[str, object]:
    """What the template knows of messages."""
    messages = history.messages
    originals = {each.seq: each for each in messages}
    texts = [own.without(each.text) for each in messages]
    return {
        "messages": messages,
        "originals": originals,
        "in_short": cache(lambda seq: in_short(originals[seq].text)),
        "more_before": history.more_before,
        "more_after": history.more_after,
        "with_files": any(
            each.files or each.poll or each.forwarded or each.via for each in messages
        ),
        "own_emoji": own.called,
        "formatting": any(map(is_formatted_by_script, texts)) or bool(own.all),
        "rich": any(map(is_rich, texts)),
    }


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
