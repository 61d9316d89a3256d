"""What happened to a message of a source, as drafts: its edit, its reactions, its deletion."""

from collections.abc import Iterator

from chatapp.domain.errors import ChatError
from chatapp.domain.limits import checked_emoji
from chatapp.domain.model import Draft, Event
from chatapp.transfer.sources.people import ImportedPeople
from chatapp.transfer.sources.records import SourceMessage
from chatapp.transfer.sources.report import Report

TimedDraft = tuple[str, Draft]
"""When it happened, and what."""


def has_changes(message: SourceMessage) -> bool:
    return bool(message.reactions or message.edited_at or message.is_deleted)


class SourceChanges:
    """Counts in the report what is new, and what cannot come over."""

    def __init__(self, people: ImportedPeople, report: Report) -> None:
        self._people = people
        self._report = report
        self._emoji: dict[str, str | None] = {}

    def new(
        self, message: SourceMessage, draft: Draft, seq: int, there: list[Event]
    ) -> Iterator[TimedDraft]:
        """What happened to the message with this seq, of which the log has what is `there`."""
        known = {(event.type, event.by, event.emoji) for event in there}
        for at, change in self._all(message, draft, seq):
            if (change.type, change.by, change.emoji) not in known:
                known.add((change.type, change.by, change.emoji))
                self._count(change)
                yield at, change

    def _all(self, message: SourceMessage, draft: Draft, seq: int) -> Iterator[TimedDraft]:
        room, sender, by = draft.room, draft.sender, draft.by
        if message.edited_at and draft.text:
            edit = Draft(room, sender, by, type="edit", text=draft.text, target=seq)
            yield message.edited_at, edit
        for reaction in message.reactions or ():
            if react := self._reaction(message, reaction.person, reaction.emoji, room, seq):
                yield reaction.at or message.at, react
        if message.is_deleted:
            yield message.at, Draft(room, sender, by, type="delete", target=seq)

    def _reaction(
        self, message: SourceMessage, person: str, emoji: str, room: str, seq: int
    ) -> Draft | None:
        who = self._people.get(person)
        if who is None:
            self._report.lose(message.where, "whose reaction it is, is not in the export")
            return None
        known = self._checked(emoji)
        if known is None:
            self._report.lose(message.where, f"there is no emoji {emoji[:40]} for a reaction")
            return None
        return Draft(room, who.name, who.id, type="react", target=seq, emoji=known, on=True)

    def _checked(self, emoji: str) -> str | None:
        if emoji not in self._emoji:
            try:
                self._emoji[emoji] = checked_emoji(emoji)
            except ChatError:
                return None
        return self._emoji[emoji]

    def _count(self, change: Draft) -> None:
        report = self._report
        report.edits += change.type == "edit"
        report.deletions += change.type == "delete"
        report.reactions += change.type == "react"
