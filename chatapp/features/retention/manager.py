"""The rules of retention: how long a room keeps its messages, and which rooms are on legal hold.

What is older than its room keeps is erased like any other text (admin/erasure_queue.py): lines,
numbers and hashes stay in the log, and it verifies. People do not see that part of a room any more.
A room is cut at a seq, before the first message that is not old: old messages that were imported
behind newer ones go with these.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from msgspec.structs import replace

from chatapp.domain.errors import BadPayload, NotAllowed
from chatapp.domain.future import Future
from chatapp.domain.limits import MAX_RETENTION_DAYS, checked_reason
from chatapp.domain.model import Room
from chatapp.domain.notes import Note
from chatapp.domain.rights import By, name_of, require_admin
from chatapp.features.retention.rows import RULES, RetentionRule, held_rooms
from chatapp.index.lookup import OldMessages
from chatapp.tables.table import TableStore

NO_RULE = RetentionRule()


class LogWithAges(Protocol):
    """What retention needs of the message log."""

    def heads(self) -> dict[str, int]: ...
    def old_messages(self, room: str, *, after: int, before: datetime) -> Future[OldMessages]: ...


class RetentionManager:
    """`room(name)` finds any room; `all_days()` is how long rooms without a rule of their own keep
    messages, 0 for ever. Without a log, rules can be changed, and nothing is known of messages."""

    def __init__(
        self,
        store: TableStore,
        log: LogWithAges | None,
        *,
        room: Callable[[str], Room],
        all_days: Callable[[], int],
        clock: Callable[[], datetime],
        note: Note,
    ) -> None:
        self._table = store.table(RULES, RetentionRule)
        self._log = log
        self._room = room
        self._all_days = all_days
        self._clock = clock
        self._note = note

    def rule(self, room: str) -> RetentionRule:
        """The room's own rule."""
        return self._table.get(room) or NO_RULE

    def rules(self) -> dict[str, RetentionRule]:
        """The rooms' own rules; a rule that only says what is gone already is none."""
        return {
            room: rule for room, rule in self._table.items() if rule.hold or rule.days is not None
        }

    def days(self, room: str) -> int:
        """How many days a room keeps its messages; 0: for ever."""
        own = self.rule(room).days
        return self._all_days() if own is None else own

    def removed_to(self, room: str) -> int:
        """The seq up to which the messages of a room are gone; 0: none."""
        return self.rule(room).removed_to

    def on_change(self, tell: Callable[[str], object]) -> None:
        """`tell(room)` is called when a rule has changed, here or at another process."""

        def changed(room: str, _old: object, _new: object) -> None:
            tell(room)

        self._table.on_change(changed)

    # Changing

    def keep_for(self, admin: By, room: str, days: int | None, reason: str) -> Future[None]:
        """Keep a room's messages for so many days; 0: for ever; None: as long as other rooms'.
        Without an admin, it is the command line."""
        require_admin(admin)
        reason = checked_reason(reason)
        if days is not None and not 0 <= days <= MAX_RETENTION_DAYS:
            raise BadPayload(f"Messages can be kept for up to {MAX_RETENTION_DAYS:,} days.")
        name = self._room(room).name
        rule = self.rule(name)
        if rule.days == days:
            return Future.of(None)
        ever = "yes" if days == 0 else None
        self._note(
            name_of(admin), "retention", room=name, days=days or None, ever=ever, reason=reason
        )
        return self._put(name, replace(rule, days=days))

    def hold(self, admin: By, room: str, on: bool, reason: str) -> Future[None]:
        """Put a room on legal hold, or end that."""
        require_admin(admin)
        reason = checked_reason(reason)
        name = self._room(room).name
        rule = self.rule(name)
        if rule.hold == on:
            return Future.of(None)
        self._note(name_of(admin), "hold" if on else "end-hold", room=name, reason=reason)
        return self._put(name, replace(rule, hold=on))

    def note_removed(self, removed: Mapping[str, int]) -> Future[None]:
        """From now on, nobody sees messages up to these seqs."""
        changes = [
            self._table.change(
                room,
                replace(self.rule(room), removed_to=seq),
                expected=self._table.get(room),
            )
            for room, seq in removed.items()
        ]
        return self._table.write(*changes)

    def _put(self, room: str, rule: RetentionRule) -> Future[None]:
        return self._table.put(room, rule, expected=self._table.get(room))

    # What goes

    def rooms_to_shorten(self) -> list[str]:
        """The rooms that do not keep everything, and are not on hold."""
        return [
            room
            for room in (self._log.heads() if self._log else ())
            if self.days(room) and not self.rule(room).hold
        ]

    def old(self, room: str, days: int | None = None) -> Future[OldMessages]:
        """What of a room is older than it keeps, or than so many days, and is not gone yet."""
        kept = self.days(room) if days is None else days
        after = self.rule(room).removed_to
        if not kept or self._log is None:
            return Future.of(OldMessages(up_to=after, messages=0, files=0))
        before = self._clock() - timedelta(days=kept)
        return self._log.old_messages(room, after=after, before=before)

    # Legal hold

    def held(self) -> list[str]:
        """The rooms on legal hold."""
        return held_rooms(dict(self._table.items()))

    def require_not_held(self, room: str) -> None:
        """Raises `NotAllowed` if nothing may be erased in a room."""
        if self.rule(room).hold:
            raise NotAllowed(
                f"Room {room!r} is on legal hold: nothing in it can be erased until the hold ends."
            )
