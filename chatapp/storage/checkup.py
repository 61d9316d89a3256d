"""`python -m chatapp.storage.checkup DATA`: `chatapp log verify` for the server itself."""

import sys
import time
from pathlib import Path
from typing import Any

from chatapp.storage.child import Tell, child
from chatapp.storage.journals import JOURNALS, index_of
from chatapp.storage.verify import verify

TELL_SECONDS = 0.5


def check(data: Path, tell: Tell) -> None:
    """Says so many `bytes` now and then, and at the end how many `records`, and the `problems`."""
    done, said, records = 0, 0.0, 0
    problems: list[str] = []

    def progress(more: int) -> None:
        nonlocal done, said
        done += more
        if time.monotonic() - said > TELL_SECONDS:
            said = time.monotonic()
            tell(bytes=done)

    for name in JOURNALS:
        if (data / name).exists():
            index = index_of(data, name)
            found = verify(data / name, index=index, progress=progress, processes=1)
            records += found.records
            problems += found.problems
    tell(bytes=done, records=records, problems=problems)


def _work(_asked: dict[str, Any], tell: Tell) -> None:
    check(Path(sys.argv[1]), tell)


if __name__ == "__main__":
    child(dict[str, Any], _work)
