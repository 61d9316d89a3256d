"""What an import did: counts, and each row that was skipped, by the reason, with the first ones."""

import msgspec

from chatapp.domain.visible import visible

MAX_REASONS = 100
"""The number of reasons to report; rows with others are only counted."""
EXAMPLES = 3
SHOWN_ROOMS = 10
MAX_SHOWN_CHARACTERS = 200


class ReasonCount(msgspec.Struct):
    """How many rows there are for a reason, and where the first ones are."""

    count: int = 0
    examples: list[str] = []


class Report(msgspec.Struct, kw_only=True):
    """Numbers of what was added, and of what was there before (`known`, `duplicates`). `skipped`
    are rows that did not come over, `incomplete` are parts of rows that did. `rooms` are the names
    of new rooms by their names there; `renamed` are people whose name here differs."""

    format: str
    dry_run: bool = False
    people: int = 0
    known_people: int = 0
    deleted_people: int = 0
    bots: int = 0
    rooms: dict[str, str] = {}
    conversations: int = 0
    known_rooms: int = 0
    public_rooms: int = 0
    renamed: dict[str, str] = {}
    messages: int = 0
    replies: int = 0
    duplicates: int = 0
    edits: int = 0
    deletions: int = 0
    reactions: int = 0
    files: int = 0
    emoji: int = 0
    skipped: dict[str, ReasonCount] = {}
    incomplete: dict[str, ReasonCount] = {}

    def skip(self, where: str, why: str) -> None:
        _count(self.skipped, where, why)

    def lose(self, where: str, why: str) -> None:
        _count(self.incomplete, where, why)

    @property
    def is_whole(self) -> bool:
        return not self.skipped and not self.incomplete

    @property
    def lines(self) -> list[str]:
        """For people."""
        would = "would be " if self.dry_run else ""
        added = [
            _some(self.messages, "message", _some(self.replies, "reply", plural="replies")),
            _some(self.edits, "edit"),
            _some(self.deletions, "deletion"),
            _some(self.reactions, "reaction"),
            _some(self.files, "file"),
            _some(self.emoji, "emoji", plural="emoji"),
            _some(self.people, "account"),
            _some(self.deleted_people, "former member"),
            _some(len(self.rooms), "room"),
            _some(self.conversations, "conversation"),
        ]
        told = [f"{would}imported: {', '.join(filter(None, added)) or 'nothing'}."]
        told.append(f"{self.duplicates:,} were there already.")
        if self.rooms:
            more = ", …" if len(self.rooms) > SHOWN_ROOMS else ""
            told.append(f"New rooms: {', '.join([*self.rooms.values()][:SHOWN_ROOMS])}{more}.")
        told += [
            f"{visible(there)} is called {visible(here)} here."
            for there, here in self.renamed.items()
        ]
        told += _told("Skipped", self.skipped)
        told += _told("Incomplete", self.incomplete)
        return [line[:1].upper() + line[1:] for line in told]


def _count(reasons: dict[str, ReasonCount], where: str, why: str) -> None:
    why = visible(why[:MAX_SHOWN_CHARACTERS])
    if why not in reasons and len(reasons) >= MAX_REASONS:
        why = "other reasons"
    counted = reasons.get(why)
    if counted is None:
        counted = reasons[why] = ReasonCount()
    counted.count += 1
    if len(counted.examples) < EXAMPLES:
        counted.examples = [*counted.examples, visible(where[:MAX_SHOWN_CHARACTERS])]


def _some(count: int, what: str, about: str = "", *, plural: str = "") -> str:
    if not count:
        return ""
    counted = what if count == 1 else plural or f"{what}s"
    return f"{count:,} {counted}" + (f" ({about})" if about else "")


def _told(what: str, reasons: dict[str, ReasonCount]) -> list[str]:
    return [
        f"{what}: {counted.count:,} × {why} ({', '.join(counted.examples)}"
        f"{', …' if counted.count > len(counted.examples) else ''})"
        for why, counted in reasons.items()
    ]
