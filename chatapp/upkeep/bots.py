"""Which accounts are bots, for what is written of the log."""

from pathlib import Path

import msgspec

from chatapp.domain.structs import prepare
from chatapp.tables.stored_rows import stored_rows


class _Role(msgspec.Struct, frozen=True):
    """What there is to know of a row of the table `accounts`; an old one has no id but its key."""

    role: str
    id: str = ""


prepare([_Role])


def bot_ids(directory: Path) -> frozenset[str]:
    """The ids of bots. A server may be using the directory."""
    rows = stored_rows(directory, "accounts", _Role)
    return frozenset(row.id or key for key, row in rows.items() if row.role == "bot")
