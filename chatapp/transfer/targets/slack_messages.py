"""The messages of a room as Slack's objects.

The id of a message is its time, which is unique in its channel: the last three digits of its
microseconds are those of its seq.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from chatapp.domain.clock import milliseconds
from chatapp.domain.emoji import own_name
from chatapp.domain.model import FileInfo, LinkPreview, Message, Pin, quoted
from chatapp.log.progress import Progress, unwatched
from chatapp.text.actions import action_in
from chatapp.text.shortcodes import shortcode_of
from chatapp.text.to_mrkdwn import as_mrkdwn, escaped
from chatapp.transfer.folded_messages import FoldedMessages
from chatapp.transfer.targets.losses import Losses
from chatapp.transfer.targets.people import TargetPeople, TargetPerson
from chatapp.transfer.targets.rooms import TargetRoom
from chatapp.transfer.targets.wording import DELETED, NamesThere, plain_text

SLACKBOT = "USLACKBOT"
LINES_OF_SLACK = {"joined": "join", "left": "leave", "topic": "topic", "renamed": "name"}
_ID_DIGITS = 10
_CHANNEL_LETTERS = {"public": "C", "private": "G", "direct": "D"}

Told = tuple[str, dict[str, Any]]
"""The day, UTC, and a message."""


def user_id(person: TargetPerson) -> str:
    return "U" + _digest(person.id)


def channel_id(room: TargetRoom) -> str:
    return _CHANNEL_LETTERS[room.kind] + _digest(room.here)


class MessagesForSlack:
    """`files` are the digests of the files, by their paths in the archive; known once the messages
    were read."""

    def __init__(
        self,
        gathered: FoldedMessages,
        people: TargetPeople,
        rooms: Mapping[str, TargetRoom],
        losses: Losses,
        *,
        with_files: bool,
    ) -> None:
        self.files: dict[str, str] = {}
        self._gathered = gathered
        self._people = people
        self._losses = losses
        self._with_files = with_files
        self._names = NamesThere(
            people,
            rooms,
            person=lambda person: f"<@{user_id(person)}>",
            room=lambda room: f"<#{channel_id(room)}|{room.name}>",
            everyone="<!channel>",
        )

    def of(self, room: TargetRoom, progress: Progress = unwatched) -> Iterator[Told]:
        """By their times, because each day is one file."""
        for message in self._gathered.by_time(room.here, progress):
            replies = self._gathered.replies(room.here, message.seq)
            count = sum(1 for reply in replies if self._is_left(reply))
            if told := self._told(message, room, count):
                yield message.at[:10], told

    def _is_left(self, message: Message) -> bool:
        if message.system:
            return message.system.what in LINES_OF_SLACK and bool(message.text)
        return bool(message.text or message.poll or _there(message))

    def _told(self, message: Message, room: TargetRoom, replies: int) -> dict[str, Any] | None:
        author = user_id(self._people.see(message.by, message.sender))
        told: dict[str, Any] = {
            "type": "message",
            "user": author,
            "ts": _ts(message.at, message.seq),
        }
        if replies:
            told |= {"thread_ts": told["ts"], "reply_count": replies}
        if message.system and message.system.what in LINES_OF_SLACK and message.text:
            return told | self._line(message, room, author)
        if message.system and not replies:
            self._losses.count("lines about changes of a room")
            return None
        if not self._is_left(message) and not (message.system and message.text):
            gone = {"user": SLACKBOT, "subtype": "tombstone", "text": DELETED, "hidden": True}
            return told | gone if replies else None
        self._losses.of_message(message)
        if message.via:
            self._losses.count("names that programs gave themselves", bool(message.via.label))
            self._losses.count("names of who approved a draft", bool(message.via.approved_by))
        told |= self._said(message) | self._thread(message) | self._changes(message, author)
        if attachments := [*self._quote(message, room), *map(_preview, message.previews or ())]:
            told["attachments"] = attachments
        if pin := self._gathered.pin(message.room, message.seq):
            told["pinned_to"] = [channel_id(room)]
            told["pinned_info"] = self._pinned(pin, room)
        return told

    def pins_of(self, room: TargetRoom) -> list[dict[str, Any]]:
        """As the list of channels has them."""
        return [
            {
                "id": _ts(at, pin.seq),
                "type": "C",
                "created": int(float(_seconds(pin.at))),
                "user": self._pinned(pin, room)["pinned_by"],
            }
            for pin in self._gathered.pins(room.here)
            if (at := self._gathered.time_of(room.here, pin.seq))
        ]

    def _pinned(self, pin: Pin, room: TargetRoom) -> dict[str, Any]:
        by = self._people.named(pin.sender)
        return {
            "channel": channel_id(room),
            "pinned_by": user_id(by) if by else SLACKBOT,
            "pinned_ts": int(float(_seconds(pin.at))),
        }

    def _quote(self, message: Message, room: TargetRoom) -> Iterator[dict[str, Any]]:
        """Slack shows a message that another one links to below it."""
        seq = message.reply_to
        answered = seq and self._gathered.message(message.room, seq)
        if answered and answered.text:
            text = as_mrkdwn(plain_text(answered), self._names.spans)
            yield {
                "is_msg_unfurl": True,
                "channel_id": channel_id(room),
                "ts": _ts(answered.at, answered.seq),
                "author_id": user_id(self._people.see(answered.by, answered.sender)),
                "text": text,
                "fallback": text,
            }

    def _line(self, message: Message, room: TargetRoom, author: str) -> dict[str, Any]:
        what = message.system.what if message.system else ""
        kind = "group" if room.kind == "private" else "channel"
        told = {"subtype": f"{kind}_{LINES_OF_SLACK[what]}"}
        news = escaped(message.text.removeprefix(message.sender))
        if what in ("topic", "renamed"):
            told["topic" if what == "topic" else "name"] = escaped(quoted(message) or "")
        return told | {"text": f"<@{author}>{news}"}

    def _said(self, message: Message) -> dict[str, Any]:
        deed = None if message.forwarded else action_in(message.text)
        text = as_mrkdwn(deed or plain_text(message) if message.text else "", self._names.spans)
        said: dict[str, Any] = {"text": text}
        if deed:
            said["subtype"] = "me_message"
        files = _there(message)
        if files and self._with_files:
            said["files"] = [self._file(file) for file in files]
        elif files:
            self._losses.count("files (--no-files)", len(files))
        return said

    def _thread(self, message: Message) -> dict[str, Any]:
        """A reply whose message is not in the export is one of the channel."""
        thread = message.thread
        at = self._gathered.time_of(message.room, thread) if thread else None
        if thread is None or at is None:
            return {}
        return {"thread_ts": _ts(at, thread)} | (
            {"subtype": "thread_broadcast"} if message.also_to_room else {}
        )

    def _changes(self, message: Message, author: str) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        if message.edited_at:
            changes["edited"] = {"user": author, "ts": f"{_seconds(message.edited_at)}000"}
        if reactions := list(self._reactions(message)):
            changes["reactions"] = reactions
        return changes

    def _reactions(self, message: Message) -> Iterator[dict[str, Any]]:
        for emoji, names in (message.reactions or {}).items():
            called = own_name(emoji) or shortcode_of(emoji)
            people = [user_id(person) for name in names if (person := self._people.named(name))]
            if called is None:
                self._losses.count("reactions with an emoji that has no name there", len(names))
            else:
                yield {"name": called, "users": people, "count": len(people)}

    def _file(self, file: FileInfo) -> dict[str, Any]:
        id = "F" + _digest(f"{file.sha256} {file.name}")
        name = _within_a_folder(file.name)
        self.files[f"__uploads/{id}/{name}"] = file.sha256
        return {"id": id, "name": name, "title": name, "mimetype": file.type, "size": file.bytes,
                "mode": "hosted"}  # fmt: skip


def _preview(preview: LinkPreview) -> dict[str, Any]:
    return {
        "from_url": preview.url,
        "original_url": preview.url,
        "service_name": preview.site,
        "title": preview.title,
        "title_link": preview.url,
        "text": preview.text,
        "fallback": preview.title,
    }


def _within_a_folder(name: str) -> str:
    """A file's name that is no path, also where the archive is unpacked."""
    return re.sub(r"[/\\]|^\.+$", "_", name)


def _there(message: Message) -> list[FileInfo]:
    return [file for file in message.files or () if not file.removed]


def _ts(at: str, seq: int) -> str:
    return f"{_seconds(at)}{seq % 1000:03}"


def _seconds(at: str) -> str:
    """Since 1970, with milliseconds."""
    seconds, thousandths = divmod(milliseconds(datetime.fromisoformat(at)), 1000)
    return f"{seconds}.{thousandths:03}"


def _digest(id: str) -> str:
    return sha256(id.encode(errors="replace")).hexdigest()[:_ID_DIGITS].upper()
