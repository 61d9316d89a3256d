"""The long work on the log, each in a process of its own, one at a time: checking and erasing.

They exclude each other because a log that is put in place file by file does not look whole to
who reads it all at that moment.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from chatapp.admin.erasures import Told
from chatapp.pending import Pending
from chatapp.storage import Gone, MessageLog, Wanted

SEQS_AT_ONCE = 2_000


class Run(Protocol):
    """`chatapp.processes.run_module`."""

    def __call__(
        self, module: str, *arguments: str, asked: object, told: Callable[[dict[str, Any]], None]
    ) -> dict[str, Any]: ...


class Chores:
    """`wait` waits for what is pending, `tell(room, payload)` is the wire's `erased`."""

    def __init__(
        self,
        log: MessageLog,
        data: Path,
        *,
        run: Run,
        wait: Callable[[Pending[Any]], Any],
        alone: AbstractContextManager[Any],
        tell: Callable[[str, dict[str, object]], None],
    ) -> None:
        self._log = log
        self._data = data
        self._run = run
        self._wait = wait
        self._alone = alone
        self._tell = tell

    def check(self, told: Callable[[int], None]) -> dict[str, object]:
        with self._alone:
            return self._run(
                "chatapp.storage.checkup",
                str(self._data),
                asked={},
                told=lambda news: told(news.get("bytes", 0)),
            )

    def erase(self, wanted: Wanted, when: str, told: Told) -> int:
        """The texts are gone from the log and the index when it returns, and pages that are open
        were told.
        """
        with self._alone:
            active = self._wait(self._log.begin_erasing())
            self._run(
                "chatapp.storage.hot_erase",
                str(self._log.folder),
                asked={"wanted": wanted, "when": when, "active": active},
                told=lambda news: told(news.get("lines", 0), news.get("erased", 0)),
            )
            gone = self._finish()
        if gone:
            self._tell_of(gone, when)
        return len(gone)

    def _finish(self) -> list[Gone]:
        steps = self._log.finish_erasing()
        while True:
            try:
                self._wait(next(steps))
            except StopIteration as end:
                gone: list[Gone] = end.value
                return gone

    def _tell_of(self, gone: list[Gone], when: str) -> None:
        """Also rooms where nothing is gone have another epoch now."""
        seqs: dict[str, list[int]] = {room: [] for room in self._log.heads()}
        for one in gone:
            seqs[one.room].append(one.seq)
        for room, of_room in seqs.items():
            for start in range(0, len(of_room) or 1, SEQS_AT_ONCE):
                some = of_room[start : start + SEQS_AT_ONCE]
                news: dict[str, object] = {
                    "room": room,
                    "epoch": self._log.epoch,
                    "at": when,
                    "seqs": some,
                }
                self._tell(room, news)
