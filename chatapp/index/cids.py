"""Which cids the log has: a message whose cid it has is not appended again.

    recent   messages on their way to the disk, and those that the index does not have yet
    filter   two bits for each older one: where one is not set, no message has that cid
    index    asked where both are set: with 1,000,000 messages, for one new message in seventy

Nearly every message is new, and a look into the index costs 6 to 40 µs. The filter is filled by
the index's worker after a start, a section of the index at a time, so that searches have their
turn between. Until it is there, the index is asked about every cid.
"""

import logging
import sqlite3
from collections.abc import Iterable
from functools import partial

from chatapp.domain.future import Future
from chatapp.domain.model import Appended, Draft, Event
from chatapp.index.entries import IndexEntry
from chatapp.index.schema import SECTION_BITS, cid_hash
from chatapp.index.worker import IndexWorker
from chatapp.log.errors import StorageError

BITS_A_CID = 12
LEAST_BITS = 1 << 24
"""2 MB, enough for more than 1,000,000 messages."""

logger = logging.getLogger(__name__)

_Key = tuple[str, str, str | None, str]
"""Room, sender, the sender's id, and cid."""


class KnownCids:
    """All methods are for the owner's thread. Without a worker there is no filter."""

    def __init__(self, n: int, newer: Iterable[IndexEntry], worker: IndexWorker | None) -> None:
        """The log ends with record `n`, and the index may not have the `newer` ones of it."""
        self._n = n
        self._recent: dict[_Key, Future[Appended]] = {}
        for entry in newer:
            if entry.event.cid is not None:
                known = Future.of(Appended(entry.event, duplicate=False))
                self._recent[_key(entry.event)] = known
        self._worker = worker
        self._filter: CidFilter | None = None
        self._meanwhile = [cid_hash(sender, cid) for _, sender, _, cid in self._recent]
        if worker:
            self._fill(worker, CidFilter(n), 0)

    def recent(self, draft: Draft) -> Future[Appended] | None:
        """The same message, if it is on its way, or newer than the index.

        It is the same with the sender's id, or without any: older versions kept the name only.
        """
        room, sender, by, cid = _key(draft)
        found = self._recent.get((room, sender, by, cid))
        return found or self._recent.get((room, sender, None, cid))

    def may_be_older(self, draft: Draft) -> bool:
        """Whether the index may have this cid; False is for certain. From now on, it may."""
        if self._worker is None:
            return True
        hash = cid_hash(draft.sender, draft.cid or "")
        if self._filter:
            return self._filter.had(hash)
        self._meanwhile.append(hash)
        return True

    def has_perhaps(self, draft: Draft) -> bool:
        """Whether the index may have this cid; False is for certain. Nothing changes by asking."""
        hash = cid_hash(draft.sender, draft.cid or "")
        return self._filter is None or self._filter.has(hash)

    def add(self, draft: Draft, appended: Future[Appended] | None = None) -> Future[Appended]:
        """A message goes on its way: resolve what this gives when it is on the disk, or fail it."""
        appended = appended or Future()
        key = _key(draft)
        self._recent[key] = appended
        appended.add_done_callback(partial(self._settled, key))
        return appended

    def know(self, event: Event) -> None:
        """Another process has appended this event."""
        if event.cid is not None:
            self._recent[_key(event)] = Future.of(Appended(event, duplicate=False))
            hash = cid_hash(event.sender, event.cid)
            if self._filter:
                self._filter.add([hash])
            else:
                self._meanwhile.append(hash)

    def _settled(self, key: _Key, appended: Future[Appended]) -> None:
        if appended.has_failed and self._recent.get(key) is appended:
            del self._recent[key]

    def forget(self, entries: Iterable[IndexEntry]) -> None:
        """The index has these now."""
        for entry in entries:
            if entry.event.cid is not None:
                self._recent.pop(_key(entry.event), None)

    def _fill(self, worker: IndexWorker, cids: "CidFilter", section: int) -> None:
        def read() -> None:
            cids.add(worker.reader.lookup.cid_hashes(section))

        worker.between(read).add_done_callback(partial(self._filled, worker, cids, section))

    def _filled(
        self, worker: IndexWorker, cids: "CidFilter", section: int, asked: Future[None]
    ) -> None:
        try:
            asked.result()
        except (StorageError, sqlite3.Error) as error:
            logger.error("The cids cannot be read (%s); each new one is looked up instead", error)
            self._worker, self._meanwhile = None, []
            return
        if section < self._n >> SECTION_BITS:
            self._fill(worker, cids, section + 1)
        else:
            cids.add(self._meanwhile)
            self._filter, self._meanwhile = cids, []


class CidFilter:
    """Two bits for each hash, of its last digits and of those before them."""

    def __init__(self, cids: int) -> None:
        """Room for so many cids; with more, it errs more often."""
        self._digits = (max(BITS_A_CID * cids, LEAST_BITS) - 1).bit_length()
        self._mask = (1 << self._digits) - 1
        self._bits = bytearray(1 << (self._digits - 3))

    def add(self, hashes: Iterable[int]) -> None:
        bits, mask, digits = self._bits, self._mask, self._digits
        for hash in hashes:
            at, also_at = hash & mask, hash >> digits & mask
            bits[at >> 3] |= 1 << (at & 7)
            bits[also_at >> 3] |= 1 << (also_at & 7)

    def has(self, hash: int) -> bool:
        """Whether a hash may be there."""
        at, also_at = hash & self._mask, hash >> self._digits & self._mask
        bits = self._bits
        return bool(bits[at >> 3] & 1 << (at & 7) and bits[also_at >> 3] & 1 << (also_at & 7))

    def had(self, hash: int) -> bool:
        """Adds a hash; whether it may have been there before."""
        bits = self._bits
        at, also_at = hash & self._mask, hash >> self._digits & self._mask
        bit, also_bit = 1 << (at & 7), 1 << (also_at & 7)
        had = bool(bits[at >> 3] & bit and bits[also_at >> 3] & also_bit)
        bits[at >> 3] |= bit
        bits[also_at >> 3] |= also_bit
        return had


def _key(said: Draft | Event) -> _Key:
    return said.room, said.sender, said.by, said.cid or ""
