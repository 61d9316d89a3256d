"""How rules note in the audit log who did what, without knowing the log."""

from typing import Protocol

UNKNOWN = "?"
"""Who acted, where that name is nobody's here. What was typed may have been a password."""


class Note(Protocol):
    """For instance `note("ana", "role", name="bea", role="admin")`."""

    def __call__(self, actor: str, action: str, **details: str | int | None) -> object: ...


def not_noted(actor: str, action: str, **details: str | int | None) -> None:
    """A `Note` where there is no audit log."""
