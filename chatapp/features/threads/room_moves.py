"""Moves messages to another room: copies them there, and deletes them where they were.

    row in the table `moves` ── copies, one by one ── deletions ── a line in both rooms ── row gone

Each step can be done again: a copy has a cid of its message, a deleted message is not deleted
again, and the lines have cids, too. So after a crash, the next start goes on with the rows that it
finds, and so does whoever asks for the same move again. Nothing is missing in between: for a
moment, a message is in both rooms.

A room is named in the other one only if everybody there can see it.
"""

import logging
from collections.abc import Callable, Iterable
from functools import partial
from hashlib import blake2b

import msgspec

from chatapp.domain.errors import Unavailable
from chatapp.domain.future import Future
from chatapp.domain.model import (
    Appended,
    Draft,
    Message,
    MovedFrom,
    MovedTo,
    Room,
    SystemLine,
)
from chatapp.domain.polls import as_copied
from chatapp.domain.rights import is_seen_by_all_of
from chatapp.domain.subjects import deletion_of
from chatapp.ports import MessageStore
from chatapp.tables.table import TableStore

TABLE = "moves"
ANOTHER_ROOM = ""
"""The name of a room that readers may not know."""

logger = logging.getLogger(__name__)


class MoveJob(msgspec.Struct, frozen=True, kw_only=True):
    """What is being moved, and who does it. Table `moves`."""

    room: str
    seqs: list[int]
    to_room: str
    to_thread: int | None
    name: str
    by: str

    @property
    def key(self) -> str:
        return blake2b(msgspec.json.encode(self), digest_size=16).hexdigest()


class AlreadyDeleted(Exception):
    """A message has been deleted meanwhile, at another process."""


class RoomMoves:
    """`room(name)` is any room."""

    def __init__(
        self, store: TableStore, log: MessageStore, *, room: Callable[[str], Room]
    ) -> None:
        self._jobs = store.table(TABLE, MoveJob)
        self._log = log
        self._room = room

    def is_begun(self, job: MoveJob) -> bool:
        return job.key in self._jobs

    def do(self, job: MoveJob) -> Future[list[int]]:
        """Do the whole of it. The seqs in the other room, when the lines are in the log."""
        begun = Future.of(None) if self.is_begun(job) else self._jobs.put(job.key, job)
        return begun.chain(lambda _: self._copied(job)).chain(lambda new: self._finish(job, new))

    def resume(self) -> None:
        """Go on with what was interrupted."""
        for _, job in self._jobs.items():
            self.do(job).add_done_callback(_log_failure)

    # Steps

    def _copied(self, job: MoveJob) -> Future[dict[int, int]]:
        """The new seqs of all messages, once they are in the other room."""
        return _each(self._in_order(job), lambda seq, new: self._copy(job, seq, new))

    def _in_order(self, job: MoveJob) -> list[int]:
        """By seq, but a thread's first message before its answers."""
        threads = {seq: self._message(job.room, seq).thread for seq in job.seqs}
        of_moved = {seq: thread for seq, thread in threads.items() if thread in threads}
        return sorted(job.seqs, key=lambda seq: (max(seq, of_moved.get(seq) or 0), seq in of_moved))

    def _copy(self, job: MoveJob, seq: int, new: dict[int, int]) -> Future[int | None]:
        message = self._message(job.room, seq)
        if message.moved_to is not None and message.moved_to.room == job.to_room:
            return Future.of(message.moved_to.seq)
        copy = self._as_copy(job, message, new)
        if message.deleted_by is None:
            return self._log.append(copy).then(_copied_seq)
        try:  # deleted by its author meanwhile: there may be a copy
            return self._log.append(copy, check=_refuse).then(_copied_seq)
        except AlreadyDeleted:
            return Future.of(None)

    def _as_copy(self, job: MoveJob, message: Message, new: dict[int, int]) -> Draft:
        target = self._room(job.to_room)
        thread = job.to_thread or new.get(message.thread or 0)
        if target.threads == "off":
            thread = None
        return Draft(
            room=job.to_room,
            sender=message.sender,
            by=message.by,
            text=message.text,
            cid=_cid(job.room, message.seq),
            reply_to=new.get(message.reply_to or 0),
            thread=thread,
            also_to_room=(message.also_to_room or None) if thread else None,
            moved_from=self._origin_of(job, message),
            forwarded=message.forwarded and self._log.original(job.room, message.seq),
            files=message.files,
            previews=message.previews,
            poll=message.poll and as_copied(message.poll),
            via=message.via,
        )

    def _origin_of(self, job: MoveJob, message: Message) -> MovedFrom:
        if message.moved_from is not None:
            return message.moved_from
        if self._names(job.room, to=job.to_room):
            return MovedFrom(room=job.room, seq=message.seq, at=message.at)
        return MovedFrom(room=ANOTHER_ROOM, seq=0, at=message.at)

    def _finish(self, job: MoveJob, new: dict[int, int]) -> Future[list[int]]:
        deleted = _each(list(new), lambda seq, _: self._delete(job, seq, new[seq]))
        told = deleted.chain(lambda _: self._tell(job, new))
        return told.chain(lambda _: self._jobs.delete(job.key)).then(lambda _: [*new.values()])

    def _delete(self, job: MoveJob, seq: int, copy: int) -> Future[int | None]:
        message = self._message(job.room, seq)
        if message.moved_to is not None:
            return Future.of(None)
        if message.deleted_by is not None:  # by its author, while it was copied
            gone = Draft(
                room=job.to_room,
                sender=message.deleted_by,
                type="delete",
                target=copy,
            )
            return self._delete_once(gone)
        shown = self._names(job.to_room, to=job.room)
        place = MovedTo(room=job.to_room, seq=copy) if shown else MovedTo(room=ANOTHER_ROOM, seq=0)
        return self._delete_once(
            Draft(
                room=job.room,
                sender=job.name,
                by=job.by,
                type="delete",
                target=seq,
                moved_to=place,
            )
        )

    def _delete_once(self, deletion: Draft) -> Future[int | None]:
        def again() -> None:
            if self._is_deleted(deletion):
                raise AlreadyDeleted

        if self._is_deleted(deletion):
            return Future.of(None)
        done = Future[int | None]()

        def settle(appended: Future[Appended]) -> None:
            if appended.error is not None and not isinstance(appended.error, AlreadyDeleted):
                done.fail(appended.error)
            else:
                done.resolve(None)

        appended = self._log.append(deletion, again=again, rests_on=(deletion_of(deletion),))
        appended.add_done_callback(settle)
        return done

    def _is_deleted(self, deletion: Draft) -> bool:
        return self._message(deletion.room, deletion.target or 0).deleted_by is not None

    def _tell(self, job: MoveJob, new: dict[int, int]) -> Future[None]:
        """A line in each of the rooms."""
        lines = [
            self._line(job, job.room, list(new), job.to_room, "to"),
            self._line(job, job.to_room, sorted(new.values()), job.room, "here from"),
        ]
        first, second = (self._log.append(line) for line in lines)
        return first.chain(lambda _: second).then(lambda _: None)

    def _line(self, job: MoveJob, room: str, seqs: list[int], other: str, where: str) -> Draft:
        is_named = self._names(other, to=room)
        name = f"“{self._room(other).title}”" if is_named else "another room"
        count = "a message" if len(seqs) == 1 else f"{len(seqs)} messages"
        return Draft(
            room=room,
            sender=job.name,
            by=job.by,
            text=f"{job.name} moved {count} {where} {name}",
            cid=_cid(f"{job.room} {job.to_room}", *job.seqs),
            system=SystemLine(
                what="moved",
                seqs=seqs,
                room=other if is_named else ANOTHER_ROOM,
                thread=job.to_thread if room == job.to_room else None,
            ),
        )

    def _names(self, room: str, *, to: str) -> bool:
        """Whether everybody who can see one room can see the other, too."""
        return is_seen_by_all_of(self._room(room), self._room(to))

    def _message(self, room: str, seq: int) -> Message:
        message = self._log.message(room, seq)
        if message is None:
            raise Unavailable(f"Message {seq} of {room!r} cannot be read.")
        return message


def _cid(where: str, *seqs: int) -> str:
    """Of a message's copy. Only its author could give it to another message: see `_copied_seq`."""
    return f"moved-{blake2b(f'{where} {seqs}'.encode(), digest_size=16).hexdigest()}"


def _copied_seq(appended: Appended) -> int:
    if appended.event.moved_from is None:
        raise Unavailable("Another message has the id of a copy; it cannot be moved.")
    return appended.event.seq


def _refuse() -> None:
    raise AlreadyDeleted


def _each(
    seqs: Iterable[int], step: Callable[[int, dict[int, int]], Future[int | None]]
) -> Future[dict[int, int]]:
    """What the steps gave, one after another; each gets what those before it gave."""
    given: dict[int, int] = {}
    outcome, rest = Future[dict[int, int]](), iter(seqs)

    def took(seq: int, done: Future[int | None]) -> bool:
        if done.error is not None:
            outcome.fail(done.error)
            return False
        if (value := done.result()) is not None:
            given[seq] = value
        return True

    def go_on() -> None:
        try:
            for seq in rest:
                pending = step(seq, given)
                if not pending.done:
                    pending.add_done_callback(partial(come_back, seq))
                    return
                if not took(seq, pending):
                    return
        except Exception as error:
            outcome.fail(error)
        else:
            outcome.resolve(given)

    def come_back(seq: int, done: Future[int | None]) -> None:
        if took(seq, done):
            go_on()

    go_on()
    return outcome


def _log_failure(done: Future[list[int]]) -> None:
    if done.error is not None:
        logger.warning("Messages are not moved yet, the next start tries it again: %s", done.error)
