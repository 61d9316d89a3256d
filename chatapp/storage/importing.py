"""`chatapp log import`: messages from elsewhere, each once, however often they are imported.

Two kinds of files: our own export (JSON Lines of events), and the JSON array of objects that
simple socket chats write, whose keys have other names in every one of them. Rows without a
`cid` get one made from what they say, so that the same file twice is the same messages once.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from chatapp.errors import ChatError
from chatapp.limits import checked_cid, checked_name, checked_room_name, checked_text
from chatapp.model import Draft, Event
from chatapp.storage.errors import StorageError
from chatapp.storage.log import MessageLog

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
"""From a row of the plain array to a record: what migrations_json/0001 says."""


class Imported(msgspec.Struct, kw_only=True):
    """How many rows became records, were there already, or could not be read, and why."""

    imported: int = 0
    duplicates: int = 0
    bad: int = 0
    problems: list[str] = []


MAX_PROBLEMS = 100
"""So many bad rows are told one by one; the rest is counted."""


def import_events(log: MessageLog, path: Path, upgrade: Upgrade) -> Imported:
    """Imports a file of either kind. A bad row is reported and skipped."""
    result = Imported(problems=[])
    seqs: dict[tuple[str, int], int] = {}
    doubles: Counter[str] = Counter()
    for where, row in _rows(path):
        try:
            event = _event(row, upgrade)
            _import(log, event, seqs, doubles, result)
        except (ChatError, msgspec.ValidationError, ValueError, KeyError, TypeError) as error:
            result.bad += 1
            if len(result.problems) < MAX_PROBLEMS:
                result.problems.append(f"{where}: {error}")
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
    known = log.find_cid(draft.sender, draft.cid) if draft.cid else None
    if known is not None and known.room == draft.room:
        result.duplicates += 1
        seq = known.seq
    elif draft.type != "message" and _repeats(log, draft, event.at):
        result.duplicates += 1
        return
    else:
        seq = log.append(draft, at=event.at).result().seq
        result.imported += 1
    seqs[event.room, event.seq] = seq


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
    target = event.target
    if target is not None:
        target = seqs[event.room, target]
    return Draft(
        room=checked_room_name(event.room),
        sender=checked_name(event.sender),
        type=event.type,
        text=None if event.text is None else event.text and checked_text(event.text),
        cid=None if cid is None else checked_cid(cid),
        reply_to=seqs.get((event.room, event.reply_to or 0)),
        target=target,
        emoji=event.emoji,
        on=event.on,
    )


def _event(row: dict[str, Any], upgrade: Upgrade) -> Event:
    if "sender" not in row:
        row = {"seq": 0, **upgrade(row)}
    return msgspec.convert({k: v for k, v in row.items() if k in Event.__struct_fields__}, Event)


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each row of a file, and what to call it."""
    with path.open("rb") as file:
        if file.read(1) == b"[":
            file.seek(0)
            yield from _array(path, file.read())
            return
        file.seek(0)
        for number, line in enumerate(file, 1):
            if line.strip():
                yield from _checked(f"line {number}", line)


def _array(path: Path, data: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        rows = msgspec.json.decode(data, type=list[msgspec.Raw])
    except msgspec.DecodeError as error:
        raise StorageError(f"{path.name} is no JSON ({error}).") from None
    for number, row in enumerate(rows, 1):
        yield from _checked(f"row {number}", bytes(row))


def _checked(where: str, text: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        yield where, msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError:
        yield where, {}
