"""The ports of a chat of one process: nobody else is there to be told, to wait for, or to count."""

from collections.abc import Callable

from chatapp.ports import Handler, Lease, NodeStatus


class LocalBroker:
    """Of a chat of one process, which nobody else hears."""

    is_up = True
    dropped = 0

    def publish(self, topic: str, payload: bytes) -> None:
        pass

    def subscribe(self, topic: str, handler: Handler) -> None:
        pass

    def on_gap(self, handler: Callable[[], None]) -> None:
        pass

    def close(self) -> None:
        pass


class LocalLease:
    """Of a process that is alone: it always has it."""

    is_held = True

    def on_taken(self, begin: Callable[[], None]) -> None:
        """It has it already."""


class SingleNode:
    own = None
    count = 1
    lease: Lease = LocalLease()
    replaced: Callable[[], None]
    """Never called: what one process has, nobody else replaces."""

    def statuses(self) -> dict[str, NodeStatus]:
        return {}

    def missing(self) -> list[str]:
        return []
