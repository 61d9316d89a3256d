"""The messages of a data folder as a data frame, for analysis.

    import chatapp
    chatapp.frame("data").group_by("sender").len()

It only reads, and a server may be running. The libraries are imported when a frame is asked for:
nothing else needs them.
"""

import importlib
from datetime import datetime
from pathlib import Path
from typing import Any

from chatapp.domain.clock import timestamp
from chatapp.domain.limits import checked_room_name
from chatapp.domain.model import Message
from chatapp.transfer.export_filter import ExportFilter
from chatapp.transfer.folded_messages import END_OF_TIME, FoldedMessages

LIBRARIES = ("polars", "pandas")
_TIMES = ("at", "edited_at", "erased_at")


def frame(data: str | Path, *, room: str | None = None, as_of: datetime | None = None) -> Any:
    """A row for each message, in its current form or as it was at the moment `as_of`: a polars
    data frame, or one of pandas where only that is installed.

    Columns: `room`, `seq`, `at`, `sender`, `by` (the id of its author), `text`, `reply_to`,
    `thread`, `edited_at`, `deleted_by`, `erased_at`, `system` (what happened, of a line of the
    chat), `files` (their names), `reactions` (each with its `emoji` and the `names` of people).
    Times are in UTC. Raises StorageError if there is no log, NoSuchRoom if it has no such room, and
    ImportError without a library.
    """
    library = _library()
    extract = ExportFilter(room=room and checked_room_name(room))
    at = timestamp(as_of.astimezone()) if as_of else END_OF_TIME
    with FoldedMessages(Path(data) / "messages", extract, as_of=at) as gathered:
        columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
        for span in gathered.rooms():
            for message in gathered.messages(span.room):
                for name, value in row_of(message).items():
                    columns[name].append(value)
    if library.__name__ == "pandas":
        frame = library.DataFrame(columns)
        return frame.astype(dict.fromkeys(_TIMES, "datetime64[ms, UTC]") | _PANDAS_TYPES)
    return library.DataFrame(columns, schema=polars_schema(library))


def _library() -> Any:
    for name in LIBRARIES:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise ImportError("A data frame needs polars or pandas: pip install 'chatapp[data]'")


def row_of(message: Message) -> dict[str, Any]:
    """The cells of a message, by their columns."""
    row = {name: getattr(message, name, None) for name in _COLUMNS}
    row |= {name: _moment(row[name]) for name in _TIMES}
    row["system"] = message.system.what if message.system else None
    row["files"] = [file.name for file in message.files or () if not file.removed]
    row["reactions"] = [
        {"emoji": emoji, "names": names} for emoji, names in (message.reactions or {}).items()
    ]
    return row


def _moment(at: str | None) -> datetime | None:
    return None if at is None else datetime.fromisoformat(at)


_COLUMNS = (
    *("room", "seq", "at", "sender", "by", "text", "reply_to", "thread"),
    *("edited_at", "deleted_by", "erased_at", "system", "files", "reactions"),
)
_PANDAS_TYPES = {"seq": "int64", "reply_to": "Int64", "thread": "Int64"}


def polars_schema(polars: Any) -> dict[str, Any]:
    text, number, time = polars.String, polars.Int64, polars.Datetime("ms", "UTC")
    reaction = polars.Struct({"emoji": text, "names": polars.List(text)})
    kinds = dict.fromkeys(_TIMES, time) | dict.fromkeys(("seq", "reply_to", "thread"), number)
    kinds |= {"files": polars.List(text), "reactions": polars.List(reaction)}
    return {name: kinds.get(name, text) for name in _COLUMNS}
