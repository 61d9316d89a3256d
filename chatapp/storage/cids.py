"""Which cids there may be: nearly every message is new, and must not cost a look into the index.

Two bits for each hash, one for its last 27 bits and one for the 27 before them. If one of them is
not set, certainly no message has such a cid; if both are, that says nothing, and the index is
asked. With 10,000,000 messages, one new message in fifty is looked up for nothing.

The bits of what is in the index already are read by a thread of its own, on a connection of
its own. Until they are there, `may_have` says yes to everything.

    thread   reads the table of cids ── bits ──▶ owner: adds what came in meanwhile, and uses them
    owner    marks each draft as it is appended, in the bits or for what comes in meanwhile

Who sends a message asks for its cid first and appends it a moment later: the hash of the last
question is remembered. A mark for a draft that never got to the disk costs a look, no more.
"""

import logging
import sqlite3
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from threading import Event as Flag
from threading import Thread

from chatapp.storage.journal import Deliver
from chatapp.storage.schema import cid_hash, connect

HASH_BITS = 27
"""16 MB; the system gives only the pages that are touched."""
ROWS = 10_000
"""Read at once, before the thread looks whether it should stop."""

logger = logging.getLogger(__name__)

_MASK = (1 << HASH_BITS) - 1


class SeenCids:
    """All methods are for the owner's thread. `index` is the file of an index that is up to date
    but for what is told to `add`."""

    def __init__(self, index: Path, deliver: Deliver) -> None:
        self._index = index
        self._deliver = deliver
        self._bits: bytearray | None = None
        self._meanwhile: list[int] = []
        self._stopping = Flag()
        self._asked: tuple[str, str] | None = None
        self._answered = 0
        self._thread = Thread(target=self._read, name="log cids", daemon=True)

    def start(self, newer: Iterable[tuple[str, str]] = ()) -> None:
        """`newer` are the senders and cids that the index may not have."""
        for sender, cid in newer:
            self.add(sender, cid)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def may_have(self, sender: str, cid: str) -> bool:
        """Whether a message of this sender may have this cid; False is for certain."""
        if self._bits is None:
            return True
        self._asked = (sender, cid)
        self._answered = hash = cid_hash(sender, cid)
        at, also_at = hash & _MASK, hash >> HASH_BITS & _MASK
        return bool(
            self._bits[at >> 3] & (1 << (at & 7))
            and self._bits[also_at >> 3] & (1 << (also_at & 7))
        )

    def add(self, sender: str, cid: str) -> None:
        """A message with this cid is on its way into the log, or there."""
        hash = self._answered if (sender, cid) == self._asked else cid_hash(sender, cid)
        if self._bits is None:
            self._meanwhile.append(hash)
        else:
            _set(self._bits, (hash,))

    def _read(self) -> None:
        """The thread: the bits of all that is in the index."""
        bits = bytearray(1 << (HASH_BITS - 3))
        try:
            connection = connect(self._index)
            try:
                rows = connection.execute("SELECT hash FROM cids")
                while (some := rows.fetchmany(ROWS)) and not self._stopping.is_set():
                    _set(bits, (hash for (hash,) in some))
            finally:
                connection.close()
        except sqlite3.Error:
            logger.exception("The cids cannot be read; each new message is looked up instead")
            return
        if not self._stopping.is_set():
            self._deliver(partial(self._use, bits))

    def _use(self, bits: bytearray) -> None:
        _set(bits, self._meanwhile)
        self._bits, self._meanwhile = bits, []


def _set(bits: bytearray, hashes: Iterable[int]) -> None:
    for hash in hashes:
        at, also_at = hash & _MASK, hash >> HASH_BITS & _MASK
        bits[at >> 3] |= 1 << (at & 7)
        bits[also_at >> 3] |= 1 << (also_at & 7)
