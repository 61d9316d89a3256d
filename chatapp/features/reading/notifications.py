"""What a person wants to be notified of, besides what they chose for each room: their keywords, and
their quiet hours.

Clients decide by these rules what to ring for; the server does not match messages against them.
"""

from zoneinfo import ZoneInfo

from msgspec import UNSET
from msgspec.structs import replace

from chatapp.domain.errors import BadPayload
from chatapp.domain.future import Future
from chatapp.domain.limits import checked_keyword
from chatapp.domain.model import Person
from chatapp.protocol.requests import SetNotifications
from chatapp.protocol.values import Notifications, QuietHours
from chatapp.tables.person_rows import PersonRows
from chatapp.tables.short_lived import ShortLivedTables
from chatapp.tables.table import TableStore
from chatapp.text.words import words

TABLE = "notifications"


class NotificationRules:
    """The table `notifications` by the ids of people; guests have a short-lived one."""

    def __init__(self, store: TableStore, short_lived: ShortLivedTables | None = None) -> None:
        guests = short_lived or ShortLivedTables()
        self._rows = PersonRows(
            store.table(TABLE, Notifications), guests.table(TABLE, Notifications)
        )

    def of(self, person: Person) -> Notifications:
        return self._rows.get(person.id) or Notifications()

    def change(self, person: Person, wanted: SetNotifications) -> Future[Notifications]:
        """Fields that are not given do not change. Raises `Conflict`, at once or by the future."""
        before = self.of(person)
        rules = before
        if wanted.keywords is not None:
            rules = replace(rules, keywords=checked_keywords(wanted.keywords))
        if wanted.quiet is not UNSET:
            rules = replace(rules, quiet=wanted.quiet and checked_quiet_hours(wanted.quiet))
        if rules == before:
            return Future.of(rules)
        return self._rows.change(person, person.id, rules)

    def forget(self, id: str) -> None:
        self._rows.forget(id)


def checked_keywords(keywords: list[str]) -> list[str]:
    """Each has a word in it; those that find the same texts are one."""
    checked: dict[tuple[str, ...], str] = {}
    for keyword in map(checked_keyword, keywords):
        checked.setdefault(tuple(words(keyword)), keyword)
    if () in checked:
        raise BadPayload(f"{checked[()]!r} has no word in it.")
    return list(checked.values())


def checked_quiet_hours(quiet: QuietHours) -> QuietHours:
    if quiet.start == quiet.end:
        raise BadPayload("Quiet hours end at another time than they begin.")
    if not quiet.days or len(set(quiet.days)) < len(quiet.days):
        raise BadPayload("Quiet hours are on one or more days, each given once.")
    try:
        ZoneInfo(quiet.zone)
    except (ValueError, OSError, KeyError):  # an invalid path, no such file, or not a zone
        raise BadPayload(f"{quiet.zone!r} is not a time zone, such as Europe/Madrid.") from None
    return replace(quiet, days=sorted(quiet.days))
