"""`chatapp log import`: messages from elsewhere, each once, however often they are imported.

Two kinds of files: our own export (JSON Lines of events), and the JSON array of objects that
simple socket chats write, whose keys have other names in every one of them. Rows without a
`cid` get one made from what they say, so that the same file twice is the same messages once.
"""

import json
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from chatapp.errors import ChatError, ReadOnly, Unavailable
from chatapp.limits import (
    checked_cid,
    checked_emoji,
    checked_name,
    checked_room_name,
    checked_text,
)
from chatapp.model import Draft, Event
from chatapp.storage.errors import StorageError
from chatapp.storage.log import MessageLog
from chatapp.storage.moment import iso
from chatapp.storage.progress import Progress, unwatched

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
"""From a row of the plain array to a record: what migrations_json/0001 says."""

_LOOK_AHEAD_BYTES = 4_096
"""Within these a file must show whether it is an array."""

OUR_KEYS = frozenset(["room", "seq", "sender", "at"])
"""What every row of our own export has; one with fewer is somebody else's."""

MAX_PROBLEMS = 100
"""So many bad rows are told one by one; the rest is counted."""


class Imported(msgspec.Struct, kw_only=True):
    """How many rows became records, were there already, or could not be read, and why.

    `writers` are the names of who wrote in each room.
    """

    imported: int = 0
    duplicates: int = 0
    bad: int = 0
    problems: list[str] = []
    writers: dict[str, set[str]] = {}

    def tell(self, problem: str) -> None:
        self.bad += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem)


def import_events(
    log: MessageLog, path: Path, upgrade: Upgrade, progress: Progress = unwatched
) -> Imported:
    """Imports a file of either kind. A bad row is reported and skipped."""
    result = Imported()
    seqs: dict[tuple[str, int], int] = {}
    doubles: Counter[str] = Counter()
    for where, row in _rows(path, progress):
        try:
            _import(log, _event(_decoded(row), upgrade), seqs, doubles, result)
        except (ReadOnly, Unavailable) as refusal:
            raise StorageError(
                f"{refusal.message} {result.imported:,} rows were imported; import the file "
                "again when there is room, what is there already is skipped."
            ) from None
        except KeyError as missing:
            result.tell(f"{where}: it has no {missing}")
        except (ChatError, msgspec.ValidationError, ValueError, TypeError, OverflowError) as error:
            result.tell(f"{where}: {error}")
    log.flush()
    return result


def _import(
    log: MessageLog,
    event: Event,
    seqs: dict[tuple[str, int], int],
    doubles: Counter[str],
    result: Imported,
) -> None:
    draft = _draft(event, seqs, doubles)
    result.writers.setdefault(draft.room, set()).add(draft.sender)
    known = log.find_cid(draft.sender, draft.cid) if draft.cid else None
    if known is not None and known.room == draft.room:
        result.duplicates += 1
        seq = known.seq
    elif draft.type == "message" and event.seq and _is_there(log, draft, event):
        result.duplicates += 1
        seq = event.seq
    elif draft.type != "message" and _repeats(log, draft, event.at):
        result.duplicates += 1
        return
    else:
        seq = log.append(draft, at=event.at).result().seq
        result.imported += 1
    if event.seq and event.type == "message":
        seqs[event.room, event.seq] = seq


def _is_there(log: MessageLog, draft: Draft, event: Event) -> bool:
    """Whether this log is where the row came from: not every message has a cid to tell by."""
    for there in log.events(draft.room, after=event.seq - 1, limit=1):
        same = (there.seq, there.type, there.sender) == (event.seq, draft.type, draft.sender)
        texts = there.text == draft.text or there.erased_at or event.erased_at
        return bool(same and there.at == event.at and texts)
    return False


def _repeats(log: MessageLog, draft: Draft, at: str) -> bool:
    """Whether an edit, deletion or reaction of this moment is in the log already."""
    new = (draft.type, draft.sender, at, draft.text, draft.emoji, draft.on)
    return any(
        (old.type, old.sender, old.at, old.text, old.emoji, old.on) == new
        for old in log.followers(draft.room, draft.target or 0)
    )


def _draft(event: Event, seqs: dict[tuple[str, int], int], doubles: Counter[str]) -> Draft:
    cid = event.cid
    if cid is None and event.type == "message":
        what = f"{event.room}\n{event.sender}\n{event.at}\n{event.text}"
        doubles[what] += 1
        cid = "import-" + sha256(f"{what}\n{doubles[what]}".encode()).hexdigest()[:32]
    return Draft(
        room=checked_room_name(event.room),
        sender=checked_name(event.sender),
        type=event.type,
        cid=None if cid is None else checked_cid(cid),
        reply_to=seqs.get((event.room, event.reply_to)) if event.reply_to else None,
        target=_target(event, seqs),
        **_reaction(event),
        **_words(event),
    )


def _words(event: Event) -> dict[str, Any]:
    """What was said, or when it was erased."""
    if event.type not in ("message", "edit"):
        return {}
    if event.erased_at is not None:
        return {"text": "", "erased_at": _moment(event.erased_at)}
    if event.text is None:
        raise ValueError("it has no text")
    return {"text": checked_text(event.text)}


def _target(event: Event, seqs: dict[tuple[str, int], int]) -> int | None:
    if event.type == "message":
        return None
    if event.target is None:
        raise ValueError("it does not say which message it is about")
    target = seqs.get((event.room, event.target))
    if target is None:
        raise ValueError(f"its message, {event.target}, is not among those before it")
    return target


def _reaction(event: Event) -> dict[str, Any]:
    if event.type != "react":
        return {}
    return {"emoji": checked_emoji(event.emoji or ""), "on": event.on is not False}


def _event(row: dict[str, Any], upgrade: Upgrade) -> Event:
    if not row.keys() >= OUR_KEYS:
        row = {"seq": 0, **upgrade(row)}
        checked_text(row["text"])
    known = {key: value for key, value in row.items() if key in Event.__struct_fields__}
    event = msgspec.convert(known, Event)
    return msgspec.structs.replace(event, at=_moment(event.at))


def _moment(at: str) -> str:
    moment = datetime.fromisoformat(at)
    return iso(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _rows(path: Path, progress: Progress) -> Iterator[tuple[str, bytes]]:
    """Each row of a file, which may be a pipe, and what to call it."""
    with path.open("rb") as file:
        start = file.peek(_LOOK_AHEAD_BYTES)
        bom = len(BOM_UTF8) if start.startswith(BOM_UTF8) else 0
        is_array = start[bom:].lstrip().startswith(b"[")
        file.read(bom)
        rows = _array(path, file.read()) if is_array else _lines(file)
        progress(bom)
        for number, (row, size) in enumerate(rows, 1):
            if row.strip():
                yield f"{'row' if is_array else 'line'} {number}", row
            progress(size)


def _lines(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Each line, and how many bytes it takes."""
    for line in file:
        yield line, len(line)


def _array(path: Path, data: bytes) -> Iterator[tuple[bytes, int]]:
    """Each row, and its share of the bytes."""
    try:
        rows = _rows_of(data)
    except (ValueError, RecursionError) as error:
        raise StorageError(f"{path.name} is no JSON ({error}).") from None
    for number, row in enumerate(rows):
        share = len(data) * (number + 1) // len(rows) - len(data) * number // len(rows)
        yield row, share


def _rows_of(data: bytes) -> list[bytes]:
    try:
        return [bytes(row) for row in msgspec.json.decode(data, type=list[msgspec.Raw])]
    except msgspec.DecodeError:
        # One row has half of a surrogate pair in it, which others let pass; or nothing is right.
        return [json.dumps(row).encode() for row in json.loads(data)]


def _decoded(row: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(row, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"it is no JSON object ({error})") from None
