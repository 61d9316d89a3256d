"""The function that rules call to write to the audit log, without depending on the log."""

from typing import Any, Protocol

from chatapp.domain.future import Future

UNKNOWN = "?"
"""The actor if a name is unknown: somebody may have typed a password there."""


class Note(Protocol):
    """Example: `note("ana", "role", name="bea", role="admin")`; done when it is on disk."""

    def __call__(self, actor: str, action: str, **details: str | int | None) -> Future[Any]: ...


def no_audit(actor: str, action: str, **details: str | int | None) -> Future[Any]:
    """A `Note` that does nothing, for uses without an audit log."""
    return Future.of(None)
