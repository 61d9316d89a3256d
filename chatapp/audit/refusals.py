"""What was refused to whom, in the audit log, without letting anybody fill the disk with it.

The first refusal of a kind (who, what, from where) is noted at once. Further ones within ten
minutes are counted, and noted as one record with their number. Beyond a hundred records an
hour nothing is noted but, at the end of the hour, how many there were.
"""

from collections.abc import Callable

from chatapp.notes import UNKNOWN, Note

GROUP_SECONDS = 10 * 60
HOUR_SECONDS = 60 * 60
RECORDS_AN_HOUR = 100
KINDS = 1_000
"""So many are told apart; when there are more, those before are written down and forgotten."""

Kind = tuple[str, str, str]


class Refusals:
    def __init__(self, note: Note, *, now: Callable[[], float]) -> None:
        """`now()` is in seconds of any epoch."""
        self._note = note
        self._now = now
        self._groups: dict[Kind, tuple[float, int]] = {}
        self._hour = now()
        self._records = 0
        self._unsaid = 0

    def __call__(self, who: str | None, what: str, address: str) -> None:
        """`what` was refused to `who`, None who has no name here, at this address."""
        now = self._now()
        self._write_what_is_over(now)
        kind = (who or UNKNOWN, what, address)
        if kind in self._groups:
            since, more = self._groups[kind]
            self._groups[kind] = since, more + 1
        else:
            self._groups[kind] = now, 0
            self._write(kind, 1)

    def flush(self) -> None:
        """Writes what was only counted yet: the server is about to stop."""
        for kind, (_, more) in self._groups.items():
            if more:
                self._write(kind, more)
        self._groups.clear()
        self._end_hour()

    def _write_what_is_over(self, now: float) -> None:
        if now - self._hour >= HOUR_SECONDS:
            self._end_hour()
            self._hour = now
        if len(self._groups) >= KINDS:
            self.flush()
        for kind, (since, more) in list(self._groups.items()):
            if now - since < GROUP_SECONDS:
                return  # they are in order of time
            del self._groups[kind]
            if more:
                self._write(kind, more)

    def _write(self, kind: Kind, times: int) -> None:
        if self._records >= RECORDS_AN_HOUR:
            self._unsaid += times
            return
        self._records += 1
        who, what, address = kind
        self._note(who, "refused", what=what, address=address, times=times)

    def _end_hour(self) -> None:
        if self._unsaid:
            self._note(UNKNOWN, "refused", what="more than was written down", times=self._unsaid)
        self._records = self._unsaid = 0
