"""Whether the disk takes what is written, and the news of it.

A disk that is full is looked at every second until there is room again, also when nobody
writes. One that fails is not trusted again before the next start.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from chatapp.errors import ChatError, Unavailable
from chatapp.pending import Pending
from chatapp.wire import ReadOnlyMode

LOOK_SECONDS = 1.0


class Journal(Protocol):
    """Something that is written to disk."""

    refusal: ChatError | None
    """Why it takes nothing at the moment."""
    refused: Callable[[], None]
    """Called whenever something could not be written."""

    def look_for_room(self) -> Pending[bool]: ...


class HealthManager:
    """`tell(mode)` brings the news to everyone who is here."""

    def __init__(
        self,
        journals: Sequence[Journal],
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

    def _refused(self) -> None:
        was_on = self.mode.on
        self._set(next(journal.refusal for journal in self._journals if journal.refusal))
        if not was_on:
            self._later(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        answers: list[bool] = []

        def heard(asked: Pending[bool]) -> None:
            try:
                answers.append(asked.result())
            except Unavailable:
                return  # the server is stopping
            if len(answers) == len(self._journals):
                self._seen(has_room=all(answers))

        for journal in self._journals:
            journal.look_for_room().when_done(heard)

    def _seen(self, *, has_room: bool) -> None:
        if has_room and not any(journal.refusal for journal in self._journals):
            self._set(None)
        else:
            self._later(LOOK_SECONDS, self._look)

    def _set(self, refusal: ChatError | None) -> None:
        mode = ReadOnlyMode(on=refusal is not None, reason=refusal.message if refusal else None)
        if mode != self.mode:
            self.mode = mode
            self._tell(mode)
