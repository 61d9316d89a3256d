"""Long jobs on the log, one at a time: checking and erasing.

They exclude each other, because a check would report a log whose lines are being overwritten.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec
from gevent.lock import BoundedSemaphore

from chatapp.admin.erasure_queue import Told
from chatapp.log.erasing import ErasedRecord
from chatapp.log.manifest import DecidedErasure
from chatapp.protocol.pushes import ErasedTexts
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.erase import ErasureSelector
from chatapp.upkeep.processes import run_module
from chatapp.web.waiting import wait

SEQS_AT_ONCE = 2_000


class LogJobs:
    """Each method returns when its job is done; other greenlets run meanwhile."""

    def __init__(
        self, log: MessageLog, data: Path, *, index_problems: Callable[[], list[str]]
    ) -> None:
        self._log = log
        self._data = data
        self._index_problems = index_problems
        self._exclusively = BoundedSemaphore()

    def check(self, told: Callable[[int], None]) -> dict[str, object]:
        with self._exclusively:
            found = run_module(
                "chatapp.upkeep.verify",
                str(self._data),
                asked={},
                told=lambda news: told(news.get("bytes", 0)),
            )
            return found | {"problems": found["problems"] + self._index_problems()}

    def erase(self, wanted: ErasureSelector, when: str, told: Told) -> int:
        """Erase texts from the log and the index, then tell open pages. Returns the number of
        texts."""
        return self._erase(wanted, when, told)

    def erase_decided(self, decided: DecidedErasure, told: Told) -> int:
        """The same in this process's copy of a shared log, where all processes do it."""
        wanted = msgspec.convert(decided.wanted, ErasureSelector)
        return self._erase(wanted, decided.at, told, decided)

    def _erase(
        self,
        wanted: ErasureSelector,
        when: str,
        told: Told,
        decided: DecidedErasure | None = None,
    ) -> int:
        with self._exclusively:
            active = wait(self._log.begin_erasing(decided))
            run_module(
                "chatapp.upkeep.erase",
                str(self._log.folder),
                asked={"wanted": wanted, "when": when, "active": active},
                told=lambda news: told(news.get("lines", 0), news.get("erased", 0)),
            )
            gone = self._log.finish_erasing(wait, decided)
        if gone or decided:
            self._broadcast_erased(gone, when)
        return len(gone)

    def _broadcast_erased(self, gone: list[ErasedRecord], when: str) -> None:
        """Rooms without erased texts are told as well, because the epoch has changed."""
        seqs: dict[str, list[int]] = {room: [] for room in self._log.heads()}
        for one in gone:
            seqs[one.room].append(one.seq)
        for room, erased_here in seqs.items():
            for start in range(0, len(erased_here) or 1, SEQS_AT_ONCE):
                some = erased_here[start : start + SEQS_AT_ONCE]
                erased = ErasedTexts(room=room, epoch=self._log.epoch, at=when, seqs=some)
                self._log.feed.hand_out_erased(erased)
