"""The addresses of published messages."""

from flask import url_for

from chatapp.features.published.manager import PublishedRoom


def address_of(of: PublishedRoom, seq: int, *, is_whole: bool = False) -> str:
    """The permalink of a message; `is_whole`: with the host."""
    return url_for("published.message", room=of.room.name, seq=seq, _external=is_whole)
