"""The rules of forwarding: messages that somebody can read, said again in another room.

The server takes text and files from the log, so nobody can put words into another person's mouth.
A copy says who wrote the first message, and when. Where that was, everybody is told if everybody
could see it; otherwise only the log knows, and whoever may see the room can ask (`original`).

All copies are in the log together, or none is. A copy has its own files, with the same bytes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol

from msgspec.structs import replace

from chatapp.domain.errors import (
    ChatError,
    NoSuchRoom,
    NotAllowed,
    NotFound,
    ReadOnly,
    Unavailable,
)
from chatapp.domain.future import Future
from chatapp.domain.limits import MAX_TEXT_BYTES, checked_cid, checked_text
from chatapp.domain.model import Appended, Draft, FileInfo, Forwarded, Message, Person, Room
from chatapp.domain.rates import PersonPace
from chatapp.domain.rights import is_seen_by_everybody, require_joined, require_may_forward
from chatapp.domain.subjects import subject_of
from chatapp.features.messages.decisions import Decisions
from chatapp.features.messages.finding import message_in
from chatapp.features.messages.threading import require_thread
from chatapp.ports import MessageStore
from chatapp.protocol.requests import FindOriginal, ForwardMessages

MAX_MOVES = 10
"""How often an original can be moved, and still be found."""
NOT_HERE = "The original message is gone, or you cannot see it."


class VisibleRoom(Protocol):
    def find(self, person: Person, name: str) -> Room: ...


class ForwardingRules(Protocol):
    """Whether somebody may write in a room now."""

    def check_post(self, person: Person, room: Room) -> None: ...
    def is_slow(self, person: Person, room: Room) -> bool: ...


class CopyFiles(Protocol):
    """Makes files of a person with the same bytes as others (features/files/copying.py)."""

    def check(self, person: Person, files: Sequence[FileInfo]) -> None: ...
    def make(self, person: Person, files: Sequence[FileInfo]) -> Future[list[FileInfo]]: ...
    def drop(self, files: Sequence[FileInfo]) -> None:
        """No message has these copies."""


@dataclass(frozen=True, slots=True)
class _Forwarding:
    """What somebody forwards: the messages `seqs` of a room, in its order, to another room."""

    person: Person
    room: str
    seqs: list[int]
    to_room: str
    to_thread: int | None
    text: str
    cid: str

    def new_cid(self, number: int) -> str:
        """Of the copy with this number; the comment has 0. The same request has the same ones."""
        what = f"{self.cid} {self.room} {self.seqs} {number}"
        return f"forward-{blake2b(what.encode(), digest_size=16).hexdigest()}"


class ForwardManager:
    """`room(name)` is any room. `is_in(id, room)`: whether a person is a member of a room.
    `check_stay(person)` raises an error if they would not come in any more. `new_id()` is
    unique."""

    def __init__(
        self,
        log: MessageStore,
        *,
        rooms: VisibleRoom,
        room: Callable[[str], Room],
        rules: ForwardingRules,
        copies: CopyFiles,
        decisions: Decisions,
        is_in: Callable[[str, Room], bool],
        new_id: Callable[[], str],
        pace: PersonPace | None = None,
        check_stay: Callable[[Person], None] = lambda _person: None,
        max_text_bytes: Callable[[], int] = lambda: MAX_TEXT_BYTES,
    ) -> None:
        self._log = log
        self._rooms = rooms
        self._room = room
        self._rules = rules
        self._copies = copies
        self._decisions = decisions
        self._is_in = is_in
        self._new_id = new_id
        self._pace = pace
        self._check_stay = check_stay
        self._max_text_bytes = max_text_bytes

    def forward(self, person: Person, wanted: ForwardMessages) -> Future[list[int]]:
        """Forward messages; the seqs of what is new in the other room. The same `cid` with the same
        messages is done once."""
        forwarding = _Forwarding(
            person,
            self._rooms.find(person, wanted.room).name,
            sorted(set(wanted.seqs)),
            self._joined(person, wanted.to_room).name,
            wanted.to_thread,
            wanted.text and checked_text(wanted.text, self._max_text_bytes()),
            self._new_id() if wanted.cid is None else checked_cid(wanted.cid),
        )
        drafts = self._drafts(forwarding)
        if sent_before := self._log.sent_before(drafts):
            return sent_before.then(_seqs)
        self._check(forwarding)
        files = [file for draft in drafts for file in draft.files or ()]
        if not files:
            return self._append(forwarding, drafts).then(_seqs)
        self._copies.check(person, files)
        return self._copies.make(person, files).chain(
            lambda copies: self._append_with(forwarding, drafts, copies)
        )

    def original(self, person: Person, wanted: FindOriginal) -> tuple[str, int]:
        """The room and the seq of the first message, where it is now."""
        room = self._rooms.find(person, wanted.room)
        copy = self._log.message(room.name, wanted.seq)
        if copy is None or copy.forwarded is None:
            raise NotFound(f"Message {wanted.seq} of {room.name!r} is not a forwarded one.")
        first = self._log.original(room.name, wanted.seq)
        place = (first.room, first.seq) if first else ("", 0)
        for _ in range(MAX_MOVES):
            try:
                room = self._rooms.find(person, place[0])
            except ChatError:
                break
            message = self._log.message(room.name, place[1])
            if message is None:
                break
            if message.deleted_by is None:
                return place
            if message.moved_to is None:
                break
            place = message.moved_to.room, message.moved_to.seq
        raise NotFound(NOT_HERE)

    # What is new in the other room

    def _drafts(self, forwarding: _Forwarding) -> list[Draft]:
        person = forwarding.person
        room = self._rooms.find(person, forwarding.room)
        new = Draft(
            room=forwarding.to_room,
            sender=person.name,
            by=person.id,
            thread=forwarding.to_thread,
        )
        drafts = [
            replace(new, cid=forwarding.new_cid(number), **self._content(room, seq))
            for number, seq in enumerate(forwarding.seqs, 1)
        ]
        if not forwarding.text:
            return drafts
        return [replace(new, cid=forwarding.new_cid(0), text=forwarding.text), *drafts]

    def _content(self, room: Room, seq: int) -> dict[str, object]:
        message = message_in(room, seq, self._log)
        files = [file for file in message.files or () if not file.removed]
        return {
            "text": message.text,
            "files": files or None,
            "forwarded": self._first(room, message),
        }

    def _first(self, room: Room, message: Message) -> Forwarded:
        """What was forwarded keeps its first author and place."""
        first = message.forwarded and self._log.original(room.name, message.seq)
        if not first:
            return Forwarded(
                sender=message.sender,
                by=message.by,
                at=message.moved_from.at if message.moved_from else message.at,
                room=room.name,
                seq=message.seq,
                private=not is_seen_by_everybody(room),
            )
        is_hidden = first.private or not self._is_public(first.room)
        return replace(first, private=bool(first.room) and is_hidden)

    def _is_public(self, room: str) -> bool:
        try:
            return is_seen_by_everybody(self._room(room))
        except NoSuchRoom:
            return False

    # Checks

    def _check(self, forwarding: _Forwarding) -> None:
        """Raises what stands against it now."""
        person = forwarding.person
        room = self._rooms.find(person, forwarding.room)
        for seq in forwarding.seqs:
            message = message_in(room, seq, self._log)
            require_may_forward(message)
            if not message.text and all(file.removed for file in message.files or ()):
                raise NotFound(f"Nothing is left of message {seq}.")
        target = self._joined(person, forwarding.to_room)
        self._rules.check_post(person, target)
        new = Draft(room=target.name, sender=person.name, thread=forwarding.to_thread)
        require_thread(target, new, self._writable)
        count = len(forwarding.seqs) + bool(forwarding.text)
        if count > 1 and self._rules.is_slow(person, target):
            raise NotAllowed(
                f"{target.title} is in slow mode. Forward one message, without adding one."
            )

    def _joined(self, person: Person, name: str) -> Room:
        room = self._rooms.find(person, name)
        require_joined(room, self._is_in(person.id, room))
        return room

    def _writable(self, room: Room, seq: int) -> Message:
        message = message_in(room, seq, self._log)
        if message.system is not None:
            raise NotAllowed("The chat wrote this line; it has no thread.")
        return message

    # Appending

    def _append_with(
        self, forwarding: _Forwarding, drafts: Sequence[Draft], copies: list[FileInfo]
    ) -> Future[list[int]]:
        """What is not used of the copies goes; where nobody knows whether it is, it stays."""
        left = iter(copies)
        with_copies = [
            replace(draft, files=[next(left) for _ in draft.files]) if draft.files else draft
            for draft in drafts
        ]

        def settle(appended: Future[list[Appended]]) -> None:
            if appended.error is None:
                is_used = not any(each.duplicate for each in appended.result())
            else:
                is_used = isinstance(appended.error, (ReadOnly, Unavailable))
            if not is_used:
                self._copies.drop(copies)

        try:
            appended = self._append(forwarding, with_copies)
        except ChatError:
            self._copies.drop(copies)
            raise
        appended.add_done_callback(settle)
        return appended.then(_seqs)

    def _append(self, forwarding: _Forwarding, drafts: Sequence[Draft]) -> Future[list[Appended]]:
        person = forwarding.person
        subject = subject_of(drafts[0])
        is_slow = self._rules.is_slow(person, self._joined(person, forwarding.to_room))
        slow = (subject,) if is_slow else ()
        rests_on = [*slow, *((forwarding.room, "", seq) for seq in forwarding.seqs)]

        def check() -> None:
            self._check(forwarding)
            if self._pace is not None:
                self._pace.check(person, len(drafts))

        def again() -> None:
            self._check_stay(person)
            self._check(forwarding)

        def append() -> Future[list[Appended]]:
            return self._log.append_all(drafts, check=check, again=again, rests_on=rests_on)

        return self._decisions.make(subject, slow, append) if slow else append()


def _seqs(appended: Sequence[Appended]) -> list[int]:
    return [each.event.seq for each in appended]
