"""One client that is connected: what handlers see of it, and where its parts hang together."""

from typing import Any, Protocol

from chatapp.realtime.packets import Packet


class Refused(Exception):
    """Raised by a connect handler: the client gets a connect error with `data`."""

    def __init__(self, data: Any) -> None:
        super().__init__("connection refused")
        self.data = data


class Receiver(Protocol):
    """What takes a connection's packets, and handles them in order."""

    @property
    def is_clear(self) -> bool:
        """Whether more may come."""

    @property
    def is_idle(self) -> bool:
        """Whether every event that was taken is answered."""

    @property
    def unanswered(self) -> int:
        """How many packets were taken, and are not done with."""

    def wait_until_clear(self) -> None:
        """Until more may come."""

    def take(self, packets: list[Packet]) -> None:
        """Handle these after those that came before. May wait where a handler does."""

    def forget(self) -> None:
        """The connection is gone. What waits will not be handled; what runs is not interrupted."""


class Transport(Protocol):
    """What carries a connection's packets: a WebSocket, or polling requests."""

    name: str

    @property
    def unsent_bytes(self) -> int:
        """How much waits until the client reads."""

    @property
    def is_closed(self) -> bool:
        """Whether everything that could be sent is sent."""

    def write(self, frames: list[bytes], data: bytes) -> None:
        """Send `frames`, or keep what cannot be sent yet. `data` is the frames joined."""

    def is_hopeless(self, now: float) -> bool:
        """Whether the client will not take in time what waits for it."""

    def drop_backlog(self) -> None:
        """What waits is not worth sending any more."""

    def resume_reading(self) -> None:
        """The receiver is ready for more."""

    def close(self, code: int, reason: str) -> None:
        """Send what is left, if the client takes it, and close."""

    def drop(self) -> None:
        """Close at once."""


class Connection:
    """One client. `person` and `session` are the application's to fill.

    `sid` is public; `id`, Engine.IO's name for the connection, is known to its client only.
    `open` is true from the client's acceptance until the connection is lost or closed;
    `rooms` stay readable afterwards, for those who have to tell them.
    """

    __slots__ = (
        "address",
        "beat",
        "environ",
        "gone",
        "heard",
        "id",
        "open",
        "pending",
        "person",
        "receiver",
        "rooms",
        "session",
        "sid",
        "transport",
    )

    receiver: Receiver
    transport: Transport

    def __init__(self, id: str, sid: str, address: str, environ: dict[str, Any]) -> None:
        self.id = id
        self.sid = sid
        self.address = address
        self.environ: dict[str, Any] | None = environ
        """Of the first request; forgotten once the connection is accepted."""
        self.open = False
        self.gone = False
        """Whether it is over: what is sent to it goes nowhere, and it enters no room."""
        self.person: Any = None
        self.session: dict[str, Any] | None = None
        self.rooms: set[str] = set()
        self.pending: list[bytes] = []
        """The frames that the next flush sends."""
        self.beat = 0
        """Which of the heartbeat's turns is this connection's."""
        self.heard = True
        """Whether anything came since the last ping."""

    def __repr__(self) -> str:
        return f"<Connection {self.sid} {self.address}{'' if self.open else ' closed'}>"
