"""The times of a source that does not say in which time zone they are."""

from datetime import UTC, datetime, timedelta, tzinfo

_AN_HOUR = timedelta(hours=1)


def utc_of(local: datetime, zone: tzinfo | None) -> datetime:
    """A time without a zone is in `zone`, or in that of this machine."""
    if local.tzinfo is None and zone is not None:
        local = local.replace(tzinfo=zone)
    return local.astimezone(UTC)


class LocalTimes:
    """Times in `zone`, or in that of this machine, one after the other. An hour that is there
    twice, when summer time ends, is the second one as soon as the clock has gone back."""

    def __init__(self, zone: tzinfo | None) -> None:
        self._zone = zone
        self._last = datetime.min.replace(tzinfo=UTC)

    def utc(self, local: datetime) -> datetime:
        """Not before the one that was asked last, if its clock was set back by an hour or less."""
        moment = utc_of(local, self._zone)
        if moment < self._last and self._last - moment <= _AN_HOUR:
            moment = max(self._last, utc_of(local.replace(fold=1), self._zone))
        self._last = moment
        return moment
