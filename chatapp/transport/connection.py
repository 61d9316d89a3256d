"""One connected client, as handlers see it, and the interfaces between its parts."""

from typing import Any, Protocol

from chatapp.domain.addresses import network_of
from chatapp.transport.wire.packets import Packet


class ConnectRefused(Exception):
    """Raised by a connect handler: the client gets a connect error with `data`."""

    def __init__(self, data: Any) -> None:
        super().__init__("connection refused")
        self.data = data


class Receiver(Protocol):
    """Handles a connection's packets in order."""

    @property
    def is_clear(self) -> bool:
        """Whether it accepts more packets."""

    @property
    def is_idle(self) -> bool:
        """Whether all accepted events are answered."""

    @property
    def unanswered(self) -> int:
        """Number of packets accepted and not finished."""

    def wait_until_clear(self) -> None:
        """Block until it accepts more packets."""

    def take(self, packets: list[Packet]) -> None:
        """Handle `packets` after earlier ones. Blocks if a handler does."""

    def charge(self, weight: float) -> None:
        """Charge the client for input that needs no handler."""

    def drained(self) -> None:
        """The client has read some of its backlog."""

    def forget(self) -> None:
        """The connection is gone: drop waiting packets. Running handlers are not interrupted."""


class Transport(Protocol):
    """Carries a connection's packets: a WebSocket, or polling requests."""

    name: str

    @property
    def unsent_bytes(self) -> int:
        """Bytes in the backlog."""

    @property
    def is_closed(self) -> bool:
        """Whether everything that can be sent has been sent."""

    def write(self, frames: list[bytes], data: bytes) -> None:
        """Send `frames`, and buffer the rest. `data` is the frames joined."""

    def is_stalled(self, now: float) -> bool:
        """Whether the client reads its backlog too slowly."""

    def drop_backlog(self) -> None:
        """Discard the backlog."""

    def resume_reading(self) -> None:
        """The receiver accepts more packets."""

    def left(self) -> None:
        """The client has left the namespace: answer a poll that is waiting."""

    def close(self, code: int, reason: str) -> None:
        """Send the backlog, if the client reads it, and close."""

    def hang_up(self, code: int) -> None:
        """Answer the client's close with this code, and close."""

    def drop(self) -> None:
        """Close immediately."""


class Connection:
    """One client. The application sets `person` and `session`.

    `sid` is public; `id`, the Engine.IO session id, is known only to the client. `open` is true
    from the moment the connection is accepted until it is lost or closed; `rooms` can still be read
    afterwards, to notify their members.
    """

    __slots__ = (
        "address",
        "attachments",
        "beat",
        "environ",
        "gone",
        "heard",
        "id",
        "left",
        "network",
        "open",
        "payer",
        "pending",
        "person",
        "pinged",
        "receiver",
        "rooms",
        "session",
        "sid",
        "transport",
        "why_gone",
    )

    receiver: Receiver
    transport: Transport

    def __init__(self, id: str, sid: str, address: str, environ: dict[str, Any]) -> None:
        self.id = id
        self.sid = sid
        self.address = address
        self.network = network_of(address)
        self.environ: dict[str, Any] | None = environ
        """Of the first request; discarded when the connection is accepted."""
        self.open = False
        self.left = False
        """The client has left the namespace. The connection stays open, but cannot enter rooms."""
        self.gone = False
        """The connection has ended: nothing is sent to it, and it cannot enter rooms."""
        self.why_gone = ""
        self.person: Any = None
        self.payer = id
        """Key of the allowance that pays for its events; all connections of a person share one."""
        self.session: dict[str, Any] | None = None
        self.rooms: set[str] = set()
        self.attachments = 0
        """Binary messages still expected for events that were refused."""
        self.pending: list[bytes] = []
        """Frames for the next flush."""
        self.beat = 0
        """Its slot in the wheel of the heartbeat."""
        self.pinged = False
        """Whether it has been pinged and its timeout is running."""
        self.heard = True
        """Whether anything arrived since the last ping."""

    def __repr__(self) -> str:
        return f"<Connection {self.sid} {self.address}{'' if self.open else ' closed'}>"
