"""Long jobs on the log, one at a time: checking, erasing, and signing checkpoints.

They exclude each other, because a check would report a log whose lines are being overwritten.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec
from gevent.lock import BoundedSemaphore

from chatapp.admin.erasure_queue import Told
from chatapp.log.erasing import ErasedRecord
from chatapp.log.manifest import DecidedErasure
from chatapp.log.signed_checkpoint import Signing
from chatapp.protocol.pushes import ErasedTexts
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.erase import Erased, ErasureSelector, ForwardedCopy
from chatapp.upkeep.processes import run_module
from chatapp.upkeep.signing import NewCheckpoints, sign_beside
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
            wait(self._log.journal.catch_up())
            found = run_module(
                "chatapp.upkeep.verify",
                str(self._data),
                asked={},
                told=lambda news: told(news.get("bytes", 0)),
            )
            return found | {"problems": found["problems"] + self._index_problems()}

    def sign(self, asked: Signing) -> NewCheckpoints:
        """Sign checkpoints of what has none yet. Another process may have signed some for records
        that are not in this one's copy yet."""
        with self._exclusively:
            wait(self._log.journal.catch_up())
            return sign_beside(self._log.folder, asked)

    def erase(self, wanted: ErasureSelector, when: str, told: Told) -> Erased:
        """Erase texts from the log and the index, then tell open pages."""
        return self._erase(wanted, when, told)

    def erase_decided(self, decided: DecidedErasure, told: Told) -> Erased:
        """The same in this process's copy of a shared log, where all processes do it."""
        wanted = msgspec.convert(decided.wanted, ErasureSelector)
        return self._erase(wanted, decided.at, told, decided)

    def _erase(
        self,
        wanted: ErasureSelector,
        when: str,
        told: Told,
        decided: DecidedErasure | None = None,
    ) -> Erased:
        with self._exclusively:
            active = wait(self._log.begin_erasing(decided))
            found = run_module(
                "chatapp.upkeep.erase",
                str(self._log.folder),
                asked={"wanted": wanted, "when": when, "active": active},
                told=lambda news: told(news.get("lines", 0), news.get("erased", 0)),
            )
            gone = self._log.finish_erasing(wait, decided)
        if gone or decided:
            self._broadcast_erased(gone, when)
        return Erased(
            erased=len(gone), copies=msgspec.convert(found["copies"], list[ForwardedCopy])
        )

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
