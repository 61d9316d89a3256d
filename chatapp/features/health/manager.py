"""Watches whether messages can be saved, and announces changes.

The files are checked twice a second, even if nobody writes: somebody could have deleted them.
A full disk is checked every second until there is space again. A disk that fails is not trusted
again before the next start.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from chatapp.domain.errors import ChatError, Unavailable
from chatapp.domain.future import Future
from chatapp.protocol.pushes import ReadOnlyMode

SPACE_CHECK_SECONDS = 1.0
FILE_CHECK_SECONDS = 0.5


class WatchedJournal(Protocol):
    """A journal on disk, as the health checks need it."""

    refusal: ChatError | None
    """The error that writes currently raise; None if they work."""
    is_over: bool
    """Whether it refuses all writes until the next start."""
    refused: Callable[[], None]
    """Called whenever a write fails."""

    def look_for_room(self) -> Future[bool]: ...

    def end(self, refusal: ChatError) -> None: ...

    def look_at_files(self) -> None:
        """Calls `refused` if somebody else has changed the files."""


class HealthManager:
    """`tell(mode)` sends a change of the mode to everyone online."""

    def __init__(
        self,
        journals: Sequence[WatchedJournal],
        *,
        tell: Callable[[ReadOnlyMode], object],
        later: Callable[[float, Callable[[], None]], Any],
    ) -> None:
        self.mode = ReadOnlyMode(on=False)
        self._journals = journals
        self._tell = tell
        self._later = later
        for journal in journals:
            journal.refused = self._refused

    def start(self) -> None:
        """Check the files from now on."""
        self._later(FILE_CHECK_SECONDS, self._check_files)

    def _check_files(self) -> None:
        for journal in self._journals:
            journal.look_at_files()
        self.start()

    def _refused(self) -> None:
        was_on = self.mode.on
        refusal = next(journal.refusal for journal in self._journals if journal.refusal)
        if any(journal.is_over for journal in self._journals):
            self._end_all()
        self._set(refusal)
        if not was_on:
            self._later(SPACE_CHECK_SECONDS, self._check_space)

    def _end_all(self) -> None:
        """A message is useless without its room, and an admin's action must not miss its audit
        record."""
        why = next(each.refusal for each in self._journals if each.is_over and each.refusal)
        for journal in self._journals:
            if not journal.is_over:
                journal.end(why)

    def _check_space(self) -> None:
        answers: list[bool] = []

        def collect(asked: Future[bool]) -> None:
            try:
                answers.append(asked.result())
            except Unavailable:
                return  # the server is stopping
            if len(answers) == len(self._journals):
                self._space_checked(has_room=all(answers))

        for journal in self._journals:
            journal.look_for_room().add_done_callback(collect)

    def _space_checked(self, *, has_room: bool) -> None:
        if has_room and not any(journal.refusal for journal in self._journals):
            self._set(None)
        else:
            self._later(SPACE_CHECK_SECONDS, self._check_space)

    def _set(self, refusal: ChatError | None) -> None:
        mode = ReadOnlyMode(on=refusal is not None, reason=refusal.message if refusal else None)
        if mode != self.mode:
            self.mode = mode
            self._tell(mode)
