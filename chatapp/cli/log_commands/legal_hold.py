"""Refuses to remove what is on legal hold."""

from contextlib import closing

from chatapp.domain.errors import NotAllowed
from chatapp.features.retention.rows import RULES, RetentionRule, held_rooms
from chatapp.store.data_folder import DataFolder
from chatapp.tables.directory import Directory
from chatapp.tables.table import TableStore


def require_no_hold(tables: TableStore, room: str | None = None) -> None:
    """Raises `NotAllowed` if this room, or without one any room, is on legal hold."""
    held = held_rooms(dict(tables.table(RULES, RetentionRule).items()))
    concerned = [one for one in held if room in (None, one)]
    if concerned:
        raise NotAllowed(
            f"On legal hold: {', '.join(concerned)}. Nothing there can be erased. "
            f"To end a hold: chatapp room hold {concerned[0]} --end --reason …"
        )


def require_no_hold_in(folder: DataFolder, room: str | None = None) -> None:
    """The same for a data folder that no server is using."""
    with closing(Directory.open(folder.directory, compacts=False)) as directory:
        require_no_hold(directory, room)
