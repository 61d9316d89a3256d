"""What the rules need of the world beneath, and what that promises.

Each of these has two adapters: for a chat of one process (`alone.py` and the journals on disk), and
for one of several, in PostgreSQL and Redis (`cluster/`). Rules do not know which one they have;
`app/` chooses. `tests/ports/` holds both to the same promises.

The small tables are a port, too, but their caching is the same for both adapters. So that one is a
class, `tables.table.TableStore`, with `ShortLivedTables` for what may be lost.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec

from chatapp.domain.files import FileKind
from chatapp.domain.future import Future
from chatapp.domain.limits import HISTORY_LIMIT
from chatapp.domain.model import (
    Appended,
    Draft,
    Event,
    Forwarded,
    History,
    Message,
    Person,
    Pin,
    Replies,
    Votes,
)
from chatapp.domain.rates import Rate, RateLimiter
from chatapp.domain.subjects import Subject
from chatapp.index.polls.lookup import IndexedVoter, OpenPoll
from chatapp.index.polls.reader import OwnVote
from chatapp.index.reader import FilesPage, SearchPage
from chatapp.text.query import Query

Handler = Callable[[bytes], None]


class MessageStore(Protocol):
    """The messages of all rooms (store/message_log.py).

    What was appended is durable, in one order at all processes, and there once for a `cid` of a
    sender in a room. Readers of a process see it when it is handed to the feed, before its future
    resolves; at other processes, soon.
    """

    epoch: str

    def append(
        self,
        draft: Draft,
        *,
        check: Callable[[], None] = ...,
        again: Callable[[], None] = ...,
        rests_on: Collection[Subject] = ...,
        origin: str | None = ...,
    ) -> Future[Appended]: ...
    def append_all(
        self,
        drafts: Sequence[Draft],
        *,
        check: Callable[[], None] = ...,
        again: Callable[[], None] = ...,
        rests_on: Collection[Subject] = ...,
    ) -> Future[list[Appended]]:
        """Messages with cids that are in the log together: all of them, or none."""

    def sent_before(self, drafts: Sequence[Draft]) -> Future[list[Appended]] | None:
        """The messages with the cids of these drafts, if they are there, or on their way."""

    def head(self, room: str) -> int: ...
    def reach(self, room: str, seq: int) -> Future[None]:
        """Resolved when readers see an event that was committed, at whatever process."""

    def message(self, room: str, seq: int) -> Message | None: ...
    def events(
        self, room: str, *, after: int, limit: int, most_bytes: int = ...
    ) -> list[Event]: ...
    def original(self, room: str, seq: int) -> Forwarded | None:
        """Where a forwarded message was written, also if its readers are not told."""

    def followers(self, room: str, seq: int) -> list[Event]: ...
    def deleted(self, room: str, seqs: Collection[int]) -> set[int]: ...
    def pins(self, room: str) -> list[Pin]: ...
    def count_votes(self, poll: Message) -> Votes: ...
    def own_votes(self, room: str, voters: Mapping[int, str]) -> dict[int, OwnVote]: ...
    def voters(
        self, room: str, poll: int, option: int, *, after: int, limit: int
    ) -> list[IndexedVoter]: ...
    def waiting_polls(self) -> list[OpenPoll]: ...
    def search(
        self, wanted: Query, *, rooms: Sequence[str], before: int | None, limit: int
    ) -> Future[SearchPage]: ...
    def files(
        self, room: str, *, kind: FileKind | None = ..., before: int | None = ..., limit: int
    ) -> Future[FilesPage]: ...
    def lines(
        self, room: str, *, after: int, limit: int, most_bytes: int = ...
    ) -> Future[list[tuple[int, bytes]]]:
        """The lines of the log, each with the number of its record."""

    def leaves(self, first: int, last: int, key: bytes) -> Future[list[bytes] | None]: ...
    def first_since(self, room: str, moment: datetime) -> Future[int | None]: ...
    def history(
        self,
        room: str,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        limit: int = HISTORY_LIMIT,
        thread: int | None = None,
        folded: bool = False,
    ) -> History: ...
    def replies(self, room: str, roots: Collection[int]) -> dict[int, Replies]: ...
    def newest_threads(self, room: str, *, before: int, limit: int) -> list[tuple[int, int]]: ...


class Presence(Protocol):
    """Who is connected, at any process (features/presence/several_processes.py). A guest's name is
    one person's. People, rooms and states of other processes are known within a second or two."""

    def claim(self, person: Person) -> Future[None] | None:
        """Claim the name of somebody who is about to connect; None if there is nothing to wait
        for. Raises `NameTaken`, at once or by the future."""

    def arriving(self, person: Person) -> None:
        """Somebody is about to be in the presence of this process."""

    def changed(self, person: Person) -> None:
        """The rooms or states of a person's connections have changed, or there are more or
        fewer of them."""

    def departed(self, person: Person) -> None:
        """The last connection of a person to this process has ended."""


class RateLimits(Protocol):
    """Limits that an attacker must not multiply by the number of processes."""

    def limiter(self, rate: Rate | None, what: str, name: str | None = None) -> RateLimiter:
        """A limiter of this name, which is `what` if there is no other. What it counts at one
        process counts at all, a moment later."""


class Broker(Protocol):
    """What processes tell each other and may lose. A message is heard at most once, by other
    processes only; those of one publisher are heard in their order."""

    @property
    def is_up(self) -> bool:
        """Whether messages come through now, as far as this process can tell."""

    @property
    def dropped(self) -> int:
        """Number of own messages that could not be sent."""

    def publish(self, topic: str, payload: bytes) -> None:
        """Tell the other processes. Never waits; what cannot be sent is dropped."""

    def subscribe(self, topic: str, handler: Handler) -> None:
        """`handler(payload)` is called on the event loop's thread. A topic is one word."""

    def on_gap(self, handler: Callable[[], None]) -> None:
        """`handler()` is called after messages of another process were missed."""

    def close(self) -> None:
        """Send what waits, if that takes a moment only."""


class Blobs(Protocol):
    """The bytes of files (blobs/, cluster/postgres_blobs.py), by their SHA-256 in hexadecimal.

    They are never changed. What was made from them has the same name with an ending, such as
    `.preview`, and goes with them. Every process reads what any of them has put. All methods wait
    for a disk or for a network, so real threads call them, several at once; they raise
    `BlobsUnavailable`, and `ValueError` for what is no name (blobs/names.py).
    """

    def put(self, name: str, file: Path) -> None:
        """Keep the bytes of a file, which is gone afterwards. They are durable when it returns, and
        all of them or none are there at any time. What is there already stays."""

    def size(self, name: str) -> int | None:
        """How many bytes there are; None: none of this name."""

    def read(self, name: str, offset: int = 0, size: int | None = None) -> Iterator[bytes]:
        """The bytes, or `size` of them from `offset` on, at most `PART_BYTES` at once. Raises
        `BlobMissing` at once if there are none of this name."""

    def delete(self, name: str) -> None:
        """Remove the bytes, and what was made from them, if they are there."""

    def names(self) -> Iterator[tuple[str, int]]:
        """All names in order, each with its number of bytes."""

    def free_bytes(self) -> int | None:
        """How many more bytes find room; None if that is not known."""

    def close(self) -> None: ...


class Lease(Protocol):
    """Who does the jobs that only one process of a chat should do. What is done under it must bear
    to be done twice: for some seconds, two processes may have it."""

    @property
    def is_held(self) -> bool:
        """Whether this process has it now, as far as it can tell."""

    def on_taken(self, begin: Callable[[], None]) -> None:
        """`begin()` is called on the event loop's thread, whenever this process gets it."""


class NodeStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What a process tells the others of itself, for the console. `started` is a timestamp;
    `connections` are its clients; `n` is the number of the last message's record that it has."""

    version: str
    started: str
    connections: int
    n: int


class RunningProcesses(Protocol):
    """The processes of a chat that run now."""

    @property
    def own(self) -> str | None:
        """The name of this process among the others; None if there can be no others."""

    @property
    def count(self) -> int:
        """Number of processes, this one included."""

    @property
    def lease(self) -> Lease: ...

    def statuses(self) -> dict[str, NodeStatus]:
        """What each process told of itself, by id, this one first; empty if it is alone."""

    def missing(self) -> list[str]:
        """The ids of processes that ended lately without saying so."""
