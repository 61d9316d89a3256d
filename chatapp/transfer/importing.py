"""`chatapp log import`: imports messages; importing a file again adds nothing twice.

There are two kinds of rows: the events of our own export, and the objects that other chats write,
each with its own names of keys. Rows without a `cid` get one derived from their content, so that
importing a file twice adds its messages once. `import_file.py` reads the files, `imported_rooms.py`
names the rooms.
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from chatapp.domain.clock import timestamp
from chatapp.domain.errors import ChatError, ReadOnly, Unavailable
from chatapp.domain.future import Future
from chatapp.domain.limits import (
    MAX_FILES,
    MAX_PREVIEWS,
    checked_cid,
    checked_display_name,
    checked_emoji,
    checked_id,
    checked_name,
    checked_room_name,
    checked_status_emoji,
    checked_text,
)
from chatapp.domain.model import Appended, Draft, Event, Via
from chatapp.domain.polls import ANONYMOUS, is_vote, voter_of
from chatapp.log.errors import StorageError
from chatapp.log.progress import Progress, unwatched
from chatapp.store.message_log import MessageLog
from chatapp.transfer.import_file import rows
from chatapp.transfer.imported_files import ImportedFiles, checked_file
from chatapp.transfer.imported_groups import ImportedGroup, ImportedGroups
from chatapp.transfer.imported_polls import checked_imported_poll, checked_vote
from chatapp.transfer.imported_previews import checked_preview
from chatapp.transfer.imported_threads import NameOf, SeqOf, threads_of

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
"""Turns a row of the plain array into a record, by migrations_json/0001."""

Place = tuple[str, int]
"""Room and seq of a message in the file."""

OUR_KEYS = frozenset(["room", "seq", "sender", "at"])
"""The keys that every row of our own export has."""

AT_ONCE = 1_000
"""The number of messages on their way."""
MAX_PROBLEMS = 100
"""The number of reasons to report; further bad rows are only counted."""


class Imported(msgspec.Struct, kw_only=True):
    """Numbers of rows that became records, were already in the log, or were bad, with the reasons.

    `missing_files` are files whose bytes are not beside the import; `emoji` are those of the chat's
    own that were added. `writers` are the names of people who wrote in each room, `groups` the
    group conversations among these rooms, `keys` the keys of the first row that lacks one.
    """

    imported: int = 0
    duplicates: int = 0
    bad: int = 0
    problems: list[str] = []
    missing_files: int = 0
    emoji: int = 0
    writers: dict[str, set[str]] = {}
    groups: dict[str, ImportedGroup] = {}
    keys: list[str] = []


class Problems:
    """The reasons why rows are bad. A reason is reported once, with its first row."""

    def __init__(self) -> None:
        self.bad = 0
        self._first: dict[str, str] = {}
        self._more: Counter[str] = Counter()

    def note(self, where: str, why: str) -> None:
        self.bad += 1
        if why in self._first:
            self._more[why] += 1
        elif len(self._first) < MAX_PROBLEMS:
            self._first[why] = where

    @property
    def told(self) -> list[str]:
        return [f"{where}{self._and_more(why)}: {why}" for why, where in self._first.items()]

    def _and_more(self, why: str) -> str:
        return f" and {self._more[why]:,} more" if self._more[why] else ""


def import_events(
    log: MessageLog,
    path: Path,
    upgrade: Upgrade,
    progress: Progress = unwatched,
    name_of: NameOf = checked_room_name,
    *,
    files: ImportedFiles | None = None,
    wait: Callable[[Future[Any]], Any] = Future.result,
) -> Imported:
    """Import a file of any kind. Bad rows are reported and skipped. `wait` waits for what is
    appended."""
    result, problems = Imported(), Problems()
    files = files or ImportedFiles.nowhere()
    adding = _Adding(log, result, files, wait)
    doubles: Counter[str] = Counter()
    for where, encoded in rows(path, progress):
        try:
            row = _decoded(encoded)
            event = _event(row, upgrade)
            draft = _draft(event, name_of, adding.seq_of, doubles)
            draft = files.brought(draft)
            adding.add(event, draft)
        except (ReadOnly, Unavailable) as refusal:
            raise _interrupted(refusal, result) from None
        except KeyError as missing:
            result.keys = result.keys or list(row)
            problems.note(where, f"it has no {missing}")
        except (ChatError, msgspec.ValidationError, ValueError, TypeError, OverflowError) as error:
            problems.note(where, str(error))
    try:
        adding.finish()
    except (ReadOnly, Unavailable) as refusal:
        raise _interrupted(refusal, result) from None
    log.flush()
    result.bad, result.problems = problems.bad, problems.told
    result.missing_files = files.missing
    result.groups = adding.groups.by_room
    return result


class _Adding:
    """Appends events. Several messages are on their way at once, where that is faster; what refers
    to one waits for it."""

    def __init__(
        self,
        log: MessageLog,
        result: Imported,
        files: ImportedFiles,
        wait: Callable[[Future[Any]], Any],
    ) -> None:
        self._log = log
        self._result = result
        self._files = files
        self._wait = wait
        self._seqs: dict[Place, int] = {}
        self._on_their_way: list[tuple[Place, Future[Appended]]] = []
        self.groups = ImportedGroups()
        self._places: set[Place] = set()
        """Of those on their way."""

    def add(self, event: Event, draft: Draft) -> None:
        self._result.writers.setdefault(draft.room, set()).add(draft.sender)
        self.groups.see(draft, event.at)
        place = (event.room, event.seq)
        if draft.type != "message":
            self._add_other(event, draft)
            return
        if place in self._places:
            self.finish()
        if event.seq and _is_same_event(self._log, draft, event):
            self._result.duplicates += 1
            self._seqs[place] = event.seq
            self._files.attach(draft, event.seq, event.at)
            return
        appending = self._log.append(draft, at=event.at)
        self._on_their_way.append((place, appending))
        if event.seq:
            self._places.add(place)
        if appending.done or len(self._on_their_way) >= AT_ONCE:
            self.finish()

    def _add_other(self, event: Event, draft: Draft) -> None:
        self.finish()
        if _repeats(self._log, draft, event.at):
            self._result.duplicates += 1
            return
        self._count(self._wait(self._log.append(draft, at=event.at)))

    def seq_of(self, room: str, seq: int) -> int | None:
        """The number here of a message that was added."""
        if (room, seq) in self._places:
            self.finish()
        return self._seqs.get((room, seq))

    def finish(self) -> None:
        """Wait for what is on its way."""
        sent, self._on_their_way = self._on_their_way, []
        for place, pending in sent:
            appended = self._wait(pending)
            self._count(appended)
            self._files.attach(appended.event, appended.event.seq, appended.event.at)
            if place in self._places:
                self._seqs[place] = appended.event.seq
        self._places.clear()

    def _count(self, appended: Appended) -> None:
        self._result.duplicates += appended.duplicate
        self._result.imported += not appended.duplicate


def _interrupted(refusal: ChatError, result: Imported) -> StorageError:
    return StorageError(
        f"{refusal.message} {result.imported:,} rows were imported; import the file again when "
        "there is room, what is there already is skipped."
    )


def _is_same_event(log: MessageLog, draft: Draft, event: Event) -> bool:
    """Whether the row came from this same log; not every message has a cid."""
    for there in log.events(draft.room, after=event.seq - 1, limit=1):
        same = (there.seq, there.type, there.sender, there.by) == (
            *(event.seq, draft.type, draft.sender, draft.by),
        )
        texts = there.text == draft.text or there.erased_at or event.erased_at
        return bool(same and there.at == event.at and texts)
    return False


def _repeats(log: MessageLog, draft: Draft, at: str) -> bool:
    """Whether an edit, deletion or reaction with this time is already in the log."""
    if is_vote(draft):
        return _repeats_vote(log, draft, at)
    new = (draft.type, draft.sender, draft.by, at, draft.text, draft.emoji, draft.on, draft.blobs)
    return any(
        (old.type, old.sender, old.by, old.at, old.text, old.emoji, old.on, old.blobs) == new
        for old in log.followers(draft.room, draft.target or 0)
    )


def _repeats_vote(log: MessageLog, vote: Draft, at: str) -> bool:
    """Whether a vote is in the log, or one of the same person that came after it."""
    poll = vote.target or 0
    last = log.own_votes(vote.room, {poll: voter_of(vote)}).get(poll)
    return last is not None and (at < last.at or (at == last.at and vote.vote == last.options))


def _draft(event: Event, name_of: NameOf, seq_of: SeqOf, doubles: Counter[str]) -> Draft:
    cid = event.cid
    if cid is None and event.type == "message":
        what = f"{event.room}\n{event.sender}\n{event.at}\n{event.text}"
        doubles[what] += 1
        cid = "import-" + sha256(f"{what}\n{doubles[what]}".encode()).hexdigest()[:32]
    is_anonymous = is_vote(event) and event.sender == ANONYMOUS
    return Draft(
        room=name_of(event.room),
        sender=ANONYMOUS if is_anonymous else checked_name(event.sender),
        by=None if event.by is None else checked_id(event.by),
        type=event.type,
        cid=None if cid is None else checked_cid(cid),
        reply_to=seq_of(event.room, event.reply_to) if event.reply_to else None,
        target=_target(event, seq_of),
        **threads_of(event, seq_of, name_of),
        **_reaction(event),
        **_content(event),
    )


def _content(event: Event) -> dict[str, Any]:
    """The text of an event, or the time at which it was erased."""
    if event.type not in ("message", "edit"):
        return {}
    if event.erased_at is not None:
        removed = event.files and [checked_file(file) for file in event.files]
        return {"text": "", "erased_at": _moment(event.erased_at), "files": removed}
    if event.text is None:
        raise ValueError("it has no text")
    if event.poll is not None:
        return {"text": checked_text(event.text), "poll": checked_imported_poll(event.poll)}
    if event.previews is not None:
        previews = [checked_preview(preview) for preview in event.previews[:MAX_PREVIEWS]]
        return {"text": checked_text(event.text), "previews": previews}
    if event.files is None:
        return {"text": checked_text(event.text), "via": event.via and _checked_via(event.via)}
    files = [checked_file(file) for file in event.files[: MAX_FILES + 1]]
    if len(files) > MAX_FILES:
        raise ValueError(f"it has more than {MAX_FILES} files")
    return {"text": event.text and checked_text(event.text), "files": files}


def _checked_via(via: Via) -> Via:
    return Via(
        name=checked_display_name(via.name),
        emoji=checked_status_emoji(via.emoji),
        approved_by=checked_display_name(via.approved_by),
    )


def _target(event: Event, seq_of: SeqOf) -> int | None:
    if event.type == "message":
        return None
    if event.target is None:
        raise ValueError("it does not say which message it is about")
    target = seq_of(event.room, event.target)
    if target is None:
        raise ValueError(f"its message, {event.target}, is not among those before it")
    return target


def _reaction(event: Event) -> dict[str, Any]:
    if event.type != "react":
        return {}
    emoji = checked_emoji(event.emoji or "")
    vote = None if event.vote is None else checked_vote(event.vote)
    return {"emoji": emoji, "on": event.on is not False, "vote": vote}


def _event(row: dict[str, Any], upgrade: Upgrade) -> Event:
    if not row.keys() >= OUR_KEYS:
        row = {"seq": 0, **upgrade(row)}
        checked_text(row["text"])
    known = {key: value for key, value in row.items() if key in Event.__struct_fields__}
    event = msgspec.convert(known, Event)
    return msgspec.structs.replace(event, at=_moment(event.at))


def _moment(at: str) -> str:
    moment = datetime.fromisoformat(at)
    return timestamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _decoded(row: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(row, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"it is no JSON object ({error})") from None
