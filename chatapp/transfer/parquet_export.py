"""Messages as a Parquet file, with the columns of the data frame (frame.py).

It is written in parts of some thousand messages, which are then put together, so a long log needs
no more memory than a short one. polars is imported when it is needed.
"""

import importlib
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chatapp.domain.model import Message
from chatapp.log.progress import Progress
from chatapp.transfer.export_filter import ExportFilter
from chatapp.transfer.folded_messages import FoldedMessages
from chatapp.transfer.frame import polars_schema, row_of

MESSAGES_OF_A_PART = 2_000
"""Also those of a row group: polars holds several of them in memory."""


def to_parquet(folder: Path, extract: ExportFilter, progress: Progress, output: Path) -> None:
    """The parts are beside the output meanwhile. Raises ImportError without polars."""
    polars = _polars()
    schema = polars_schema(polars)
    with (
        FoldedMessages(folder, extract, progress) as gathered,
        TemporaryDirectory(prefix=f".{output.name}.", dir=output.parent) as parts,
    ):
        polars.DataFrame(schema=schema).write_parquet(Path(parts) / _part(0))
        messages = _all(gathered, progress)
        for number in count(1):
            rows = [row_of(message) for message in islice(messages, MESSAGES_OF_A_PART)]
            if not rows:
                break
            polars.DataFrame(rows, schema=schema).write_parquet(Path(parts) / _part(number))
        written = polars.scan_parquet(sorted(Path(parts).iterdir()), glob=False)
        written.sink_parquet(output, row_group_size=MESSAGES_OF_A_PART)


def _all(gathered: FoldedMessages, progress: Progress) -> Iterator[Message]:
    for span in gathered.rooms():
        yield from gathered.messages(span.room, progress)


def _part(number: int) -> str:
    """In the order of their names."""
    return f"{number:09}.parquet"


def _polars() -> Any:
    try:
        return importlib.import_module("polars")
    except ImportError:
        raise ImportError("Parquet needs polars: pip install 'chatapp[data]'") from None
