"""Records refused requests in the audit log, without letting anybody fill the disk.

The first refusal of a kind (person, action, address) is recorded at once. Further ones within ten
minutes are counted and recorded once with their number. Beyond a hundred records an hour, only
their number is recorded at the end of the hour.
"""

from collections.abc import Callable

from chatapp.domain.notes import UNKNOWN, Note

GROUP_SECONDS = 10 * 60
HOUR_SECONDS = 60 * 60
RECORDS_AN_HOUR = 100
KINDS = 1_000
"""Maximum of kinds in memory; beyond it, all counts are recorded and discarded."""

Kind = tuple[str, str, str]


class DeniedRequests:
    def __init__(self, note: Note, *, now: Callable[[], float]) -> None:
        """`now()` is in seconds since any fixed moment."""
        self._note = note
        self._now = now
        self._groups: dict[Kind, tuple[float, int]] = {}
        self._hour = now()
        self._records = 0
        self._omitted = 0

    def __call__(self, who: str | None, what: str, address: str) -> None:
        """`what` was refused to the person `who` at this address; None is somebody unknown."""
        now = self._now()
        self._write_expired(now)
        kind = (who or UNKNOWN, what, address)
        if kind in self._groups:
            since, more = self._groups[kind]
            self._groups[kind] = since, more + 1
        else:
            self._groups[kind] = now, 0
            self._write(kind, 1)

    def flush(self) -> None:
        """Write the counts that are not recorded yet, before the server stops."""
        for kind, (_, more) in self._groups.items():
            if more:
                self._write(kind, more)
        self._groups.clear()
        self._end_hour()

    def _write_expired(self, now: float) -> None:
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
            self._omitted += times
            return
        self._records += 1
        who, what, address = kind
        self._note(who, "refused", what=what, address=address, times=times)

    def _end_hour(self) -> None:
        if self._omitted:
            self._note(UNKNOWN, "refused", what="further refusals", times=self._omitted)
        self._records = self._omitted = 0
