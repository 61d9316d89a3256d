"""The lines of a journal in a database, to which several processes append: what a shared journal
needs of it, and of what makes its batches.

cluster/ has the stream of PostgreSQL.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from chatapp.log.format import ChainHead
from chatapp.log.journal import Batch
from chatapp.log.manifest import DecidedErasure

D = TypeVar("D")
V = TypeVar("V")

NO_ANSWER = "The database does not answer: nothing new is accepted, reading works."


class StreamLost(Exception):
    """The stream does not answer. What was about to be committed may be committed."""


class Forked(Exception):
    """The stream does not go on from our copy: the database has gone back, or another way."""


class Outdated(Exception):
    """A draft has to be checked again, when the tables were followed up to line `n`: the rules have
    changed since, or another process has appended what they look at."""

    def __init__(self, n: int) -> None:
        super().__init__(n)
        self.n = n


class Repeated(msgspec.Struct, frozen=True):
    """A draft is there already: it was appended by another process, as this number of its room."""

    seq: int


class Turn(Protocol):
    """Nobody else appends until it ends. `lines` are those after our copy, or the first of them;
    `erasures` are all of the stream, None if there are as many as we know; `rules` is the number of
    the line that changed the rules last, 0 for a stream without rules."""

    n: int
    erasures: list[DecidedErasure] | None
    lines: list[bytes]
    rules: int

    def append(self, lines: Sequence[bytes], tip: ChainHead, *, rules: int | None = None) -> None:
        """Commit these lines at the end of the turn, and tell the others. `rules` is the last of
        them that changes the rules of another stream."""


class Stream(Protocol):
    """The lines of a journal, in a database. Used by one thread at a time, but for `listen`."""

    def turn(self, after: int, *, appends: bool, erasures: int = 0) -> AbstractContextManager[Turn]:
        """Reads the lines after a number. With `appends`, waits until nobody else has a turn.
        `erasures` is how many are known. Raises StreamLost, at the end too."""

    def decide_erasure(self, wanted: dict[str, Any], at: str) -> int:
        """That all copies erase these texts, in the lines that are there now. Returns the number of
        the erasure; raises StreamLost."""

    def begin_again(self, tip: ChainHead, lines: Iterable[bytes]) -> bool:
        """Append these lines, and let the stream begin with them, if it ends at `tip`. Returns
        whether it does. New copies begin there, others when their processes start. Raises
        StreamLost."""

    def listen(self, told: Callable[[], None]) -> None:
        """From now on, `told()` is called, on any thread, when others may have appended."""

    def close(self) -> None: ...


Share = Callable[[ChainHead], Stream]
"""Opens the stream of a copy that ends there."""


class Former(ABC, Generic[D, V]):
    """Makes batches of drafts, and values of the lines of others. It belongs to the writer thread,
    and has what all lines up to the tip say."""

    @abstractmethod
    def form(
        self, drafts: Sequence[D], tip: ChainHead, rules: int, others: Sequence[V]
    ) -> tuple[Batch[V], list["Verdict"]]:
        """A batch of the accepted drafts, and what becomes of each draft. Changes nothing. `others`
        is what was copied in this round."""

    def rules(self, _batch: Batch[V]) -> int | None:
        """The last line that changes the rules of another stream."""
        return None

    @abstractmethod
    def adopted(self, lines: list[bytes], tip: ChainHead) -> Batch[V]:
        """The values of lines that others appended."""

    @abstractmethod
    def written(self, batch: Batch[V]) -> None:
        """These lines are committed, by whomever."""


Verdict = Exception | Repeated | None
"""Of a draft: why it is refused; the message that it repeats; None: it is appended.
`Outdated` means that it has to be checked again, and so has each draft behind it."""
