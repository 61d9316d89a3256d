"""`chatapp log import`: imports messages; importing a file again adds nothing twice.

There are two kinds of rows: the events of our own export, and the objects that other chats write,
each with its own names of keys. Rows without a `cid` get one derived from their content, so that
importing a file twice adds its messages once. `import_file.py` reads the files, `adding_events.py`
appends, `imported_rooms.py` names the rooms.
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
from chatapp.domain.model import Draft, Event, Via
from chatapp.domain.polls import ANONYMOUS, is_vote
from chatapp.log.errors import StorageError
from chatapp.log.progress import Progress, unwatched
from chatapp.store.message_log import MessageLog
from chatapp.transfer.adding_events import EventAdder
from chatapp.transfer.import_file import rows
from chatapp.transfer.imported_files import ImportedFiles, checked_file
from chatapp.transfer.imported_groups import ImportedGroup
from chatapp.transfer.imported_polls import checked_imported_poll, checked_vote
from chatapp.transfer.imported_previews import checked_preview
from chatapp.transfer.imported_threads import NameOf, SeqOf, threads_of
from chatapp.transfer.sources.report import Report

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
"""Turns a row of the plain array into a record, by migrations_json/0001."""

OUR_KEYS = frozenset(["room", "seq", "sender", "at"])
"""The keys that every row of our own export has."""

_BAD_ROW = (ChatError, msgspec.ValidationError, ValueError, TypeError, OverflowError)


class ImportedRows(msgspec.Struct, kw_only=True):
    """`writers` are the names of people who wrote in each room, `groups` the group conversations
    among these rooms, `keys` the keys of the first row that lacks one."""

    writers: dict[str, set[str]] = {}
    groups: dict[str, ImportedGroup] = {}
    keys: list[str] = []


def import_events(
    log: MessageLog,
    path: Path,
    upgrade: Upgrade,
    report: Report,
    *,
    progress: Progress = unwatched,
    name_of: NameOf = checked_room_name,
    files: ImportedFiles | None = None,
    wait: Callable[[Future[Any]], Any] = Future.result,
    dry_run: bool = False,
) -> ImportedRows:
    """Import a file of any kind. Bad rows are reported and skipped. `wait` waits for what is
    appended; a `dry_run` appends nothing. Raises StorageError if the log takes nothing more."""
    result = ImportedRows()
    files = files or ImportedFiles.nowhere()
    adder = EventAdder(log, report, files, wait, dry_run=dry_run)
    doubles: Counter[str] = Counter()
    try:
        for where, encoded in rows(path, progress):
            try:
                row = _decoded(encoded)
                event = _event(row, upgrade)
                draft = _draft(event, name_of, adder.seq_of, doubles)
                adder.add(where, event, draft)
            except (ReadOnly, Unavailable):
                raise
            except KeyError as missing:
                result.keys = result.keys or list(row)
                report.skip(where, f"it has no {missing}")
            except _BAD_ROW as error:
                report.skip(where, str(error))
        adder.finish()
    except (ReadOnly, Unavailable) as refusal:
        raise StorageError(
            f"{refusal.message} {report.messages:,} messages were imported; import the file again "
            "when there is room, what is there already is skipped."
        ) from None
    log.flush()
    result.writers, result.groups = adder.writers, adder.groups.by_room
    return result


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
