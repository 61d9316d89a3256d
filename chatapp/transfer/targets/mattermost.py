"""Writes a bulk export of Mattermost, as JSON Lines:

    {"type":"version","version":1}
    {"type":"emoji", …}                the chat's own, if there is a folder for their pictures
    {"type":"team", …}  {"type":"channel", …}  {"type":"user", …}  {"type":"bot", …}
    {"type":"post", …}                 with its replies
    {"type":"direct_channel", …}  {"type":"direct_post", …}

https://docs.mattermost.com/administration-guide/onboard/bulk-loading-data.html describes them. The
files are beside it, as those of every export are: `files/9f86d0….png` is `data/files/9f86d0….png`
of the archive that Mattermost imports.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from chatapp.domain.clock import milliseconds
from chatapp.domain.emoji import own_name
from chatapp.domain.model import Message
from chatapp.log.progress import Progress
from chatapp.text.actions import action_in
from chatapp.text.shortcodes import shortcode_of
from chatapp.transfer.export_filter import ExportFilter
from chatapp.transfer.exported_files import ExportedFiles
from chatapp.transfer.folded_messages import FoldedMessages
from chatapp.transfer.targets.losses import Losses
from chatapp.transfer.targets.people import TargetPeople, TargetPerson
from chatapp.transfer.targets.rooms import TargetRoom, people_and_rooms
from chatapp.transfer.targets.wording import DELETED, NamesThere, plain_text, quote_of

TEAM = "chat"
GENERAL_THERE = "town-square"
"""The channel that everyone in a team is in."""
MOST_IN_A_CONVERSATION = 8
MAX_POST_CHARACTERS = 16_383
LINES_THERE = {"joined": "system_join_channel", "left": "system_leave_channel"}
LONG_AGO = 1
"""Milliseconds since 1970: when somebody left, or a room was archived, as nobody knows when."""


def to_mattermost(
    data: Path,
    extract: ExportFilter,
    progress: Progress,
    files: ExportedFiles | None,
    losses: Losses,
) -> Iterator[str]:
    with FoldedMessages(data / "messages", extract, progress) as gathered:
        people, rooms = people_and_rooms(
            data, extract, progress, gathered, losses,
            general=GENERAL_THERE, most=MOST_IN_A_CONVERSATION,
        )  # fmt: skip
        yield _line("version", 1)
        yield from _emoji(files)
        yield from _head(people, rooms)
        posts = _Posts(gathered, people, rooms, files, losses)
        for kinds in (("public", "private"), ("direct",)):
            for room in rooms.values():
                if room.kind in kinds:
                    yield from posts.of(room, progress)


def _emoji(files: ExportedFiles | None) -> Iterator[str]:
    if files:
        for name, picture in files.emoji.by_name:
            yield _line("emoji", {"name": name, "image": files.path_of(picture)})


def _head(people: TargetPeople, rooms: dict[str, TargetRoom]) -> Iterator[str]:
    """Everything that is known before the first post."""
    yield _line("team", {"name": TEAM, "display_name": "Chat", "type": "I"})
    channels_of: dict[str, list[str]] = {}
    for room in rooms.values():
        if room.kind == "direct":
            continue
        yield _line("channel", _channel(room))
        for member in room.members:
            channels_of.setdefault(member.id, []).append(room.name)
    owner = next((person.username for person in people if not (person.is_bot or person.gone)), None)
    for person in people:
        if person.is_bot and owner:
            yield _line("bot", {"username": person.username, "owner": owner, **_shown(person)})
        else:
            yield _line("user", _user(person, channels_of.get(person.id, [])))


def _channel(room: TargetRoom) -> dict[str, Any]:
    channel = {
        "team": TEAM,
        "name": room.name,
        "display_name": room.title,
        "type": "O" if room.kind == "public" else "P",
        "header": room.topic,
    }
    return channel | ({"deleted_at": LONG_AGO} if room.archived else {})


def _user(person: TargetPerson, channels: list[str]) -> dict[str, Any]:
    member = [
        {"name": name, "roles": "channel_user"}
        for name in dict.fromkeys([GENERAL_THERE, *channels])
    ]
    user = {
        "username": person.username,
        "email": person.email,
        "nickname": person.display_name,
        "roles": "system_user",
        "teams": [{"name": TEAM, "roles": "team_user", "channels": member}],
    }
    return user | ({"delete_at": LONG_AGO} if person.gone else {})


def _shown(person: TargetPerson) -> dict[str, Any]:
    return {"display_name": person.display_name} if person.display_name else {}


class _Posts:
    """The lines of the messages of a room. Each is written piece by piece, because a thread can be
    of any length."""

    def __init__(
        self,
        gathered: FoldedMessages,
        people: TargetPeople,
        rooms: dict[str, TargetRoom],
        files: ExportedFiles | None,
        losses: Losses,
    ) -> None:
        self._gathered = gathered
        self._people = people
        self._files = files
        self._losses = losses
        self._names = NamesThere(
            people,
            rooms,
            person=lambda person: f"@{person.username}",
            room=lambda room: f"~{room.name}",
            everyone="@channel",
        )

    def of(self, room: TargetRoom, progress: Progress) -> Iterator[str]:
        kind = "post"
        place: dict[str, Any] = {"team": TEAM, "channel": room.name}
        if room.kind == "direct":
            names = [member.username for member in room.members]
            members = names if len(names) > 1 else names * 2  # a note to oneself
            yield _line("direct_channel", {"members": members, "header": room.topic})
            kind, place = "direct_post", {"channel_members": members}
        for message in self._gathered.messages(room.here, progress):
            if message.thread is None or self._gathered.time_of(room.here, message.thread) is None:
                yield from self._with_replies(kind, place, message)

    def _with_replies(self, kind: str, place: dict[str, Any], message: Message) -> Iterator[str]:
        replies = self._replies(message)
        first = next(replies, None)
        post = self._post(message, is_root=first is not None)
        if post is None:
            return
        line = _line(kind, place | post)
        if first is None:
            yield line
            return
        yield line.removesuffix("}}\n") + ',"replies":[' + _json(first)
        for reply in replies:
            yield "," + _json(reply)
        yield "]}}\n"

    def _replies(self, message: Message) -> Iterator[dict[str, Any]]:
        for reply in self._gathered.replies(message.room, message.seq):
            if made := self._post(reply, is_root=False):
                self._losses.count("replies shown in the room too", bool(reply.also_to_room))
                # One that was moved here can be older; Mattermost takes no such reply.
                made["create_at"] = max(made["create_at"], _moment(message.at))
                self._losses.count("pins of replies", made.pop("is_pinned", False))
                yield made

    def _post(self, message: Message, *, is_root: bool) -> dict[str, Any] | None:
        """None of what is not to be there: what was deleted, and lines of the chat that Mattermost
        does not know."""
        author = self._people.see(message.by, message.sender)
        at = _moment(message.at)
        post: dict[str, Any] = {"user": author.username, "create_at": at}
        if message.system and message.system.what in LINES_THERE and message.text:
            kind = LINES_THERE[message.system.what]
            return post | {"type": kind, "message": message.text}
        if message.system and not is_root:
            self._losses.count("lines about changes of a room")
            return None
        text, attachments = self._text(message), self._attachments(message)
        if not text and not attachments:
            return post | {"message": DELETED} if is_root else None
        self._losses.of_message(message)
        post["message"] = text
        if self._gathered.pin(message.room, message.seq):
            post["is_pinned"] = True
        if attachments:
            post["attachments"] = attachments
        if message.edited_at:
            post["edit_at"] = _moment(message.edited_at)
        if message.via and message.via.label:
            props = {"from_webhook": "true", "override_username": message.via.label}
            post["props"] = props
        if reactions := list(self._reactions(message, at)):
            post["reactions"] = reactions
        return post

    def _text(self, message: Message) -> str:
        if not message.text:
            return ""
        deed = action_in(message.text)
        said = f"*{deed}*" if deed and not message.forwarded else plain_text(message)
        text = self._names.in_text("\n\n".join(filter(None, [self._quote(message), said])))
        if len(text) > MAX_POST_CHARACTERS:
            self._losses.count(f"ends of texts of more than {MAX_POST_CHARACTERS:,} characters")
        return text[:MAX_POST_CHARACTERS]

    def _quote(self, message: Message) -> str:
        answered = message.reply_to and self._gathered.message(message.room, message.reply_to)
        return quote_of(answered, f"@{answered.sender}") if answered else ""

    def _attachments(self, message: Message) -> list[dict[str, Any]]:
        there = [file for file in message.files or () if not file.removed]
        if self._files is None:
            self._losses.count("files (they are written only beside an output file)", len(there))
            return []
        return [{"path": self._files.path_of(file)} for file in there]

    def _reactions(self, message: Message, at: int) -> Iterator[dict[str, Any]]:
        """Each with its time; Mattermost takes none that is older than its message."""
        if not message.reactions:
            return
        times = self._gathered.reaction_times(message.room, message.seq)
        for emoji, names in message.reactions.items():
            called = own_name(emoji) or _without_tone(shortcode_of(emoji))
            if called is None:
                self._losses.count("reactions with an emoji that has no name there", len(names))
                continue
            for name in names:
                if person := self._people.named(name):
                    when = max(at, _moment(times.get((emoji, name), message.at)))
                    yield {"user": person.username, "emoji_name": called, "create_at": when}


def _without_tone(name: str | None) -> str | None:
    return name and name.partition("::")[0]


def _moment(at: str) -> int:
    return milliseconds(datetime.fromisoformat(at))


def _line(kind: str, value: object) -> str:
    return _json({"type": kind, kind: value}) + "\n"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
