"""Decides for which messages the terminal rings: those that mention the person, have one of their
keywords, or are direct; not in rooms of which they want to hear nothing, and not in quiet hours.

Any thread can use it.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from chatapp.domain.clock import timestamp
from chatapp.domain.model import Message
from chatapp.domain.quiet_hours import is_within
from chatapp.protocol.values import Level, Notifications, QuietHours, RoomInfo, RoomPrefs
from chatapp.text.keywords import Keywords
from chatapp.text.mentions import Mentions


class Bell:
    """`ring()` makes the sound; `me()` is the person's own name, once it is known."""

    def __init__(
        self,
        ring: Callable[[], object],
        me: Callable[[], str],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._ring = ring
        self._me = me
        self._now = now
        self._rules = Notifications()
        self._keywords = Keywords(())
        self._prefs: dict[str, tuple[Level, str | None]] = {}
        """The level of each room, and the end of its mute."""
        self._direct: set[str] = set()

    @property
    def rules(self) -> Notifications:
        return self._rules

    def take(self, rules: Notifications) -> None:
        self._keywords, self._rules = Keywords(rules.keywords), rules

    def learn(self, rooms: Iterable[RoomInfo]) -> None:
        """What the person chose for these rooms, as an answer of the server has it."""
        for room in rooms:
            self._prefs[room.name] = room.level, room.muted_until
            if room.kind == "direct":
                self._direct.add(room.name)

    def prefer(self, prefs: RoomPrefs) -> None:
        self._prefs[prefs.room] = prefs.level, prefs.muted_until

    def chosen(self, news: Notifications | RoomPrefs) -> None:
        """On another device."""
        if isinstance(news, Notifications):
            self.take(news)
        else:
            self.prefer(news)

    def hear(self, message: Message) -> None:
        """A new message of somebody else."""
        if message.system is None and self.is_worth(message):
            self._ring()

    def is_worth(self, message: Message) -> bool:
        level, muted_until = self._prefs.get(message.room, ("all", None))
        now = self._now()
        if level == "nothing" or muted_until == "always":
            return False
        if muted_until is not None and muted_until > timestamp(now):
            return False
        quiet = self._rules.quiet
        if quiet is not None and is_quiet(quiet, now):
            return quiet.mentions and message.text in Mentions(self._me(), everyone=False)
        if message.room in self._direct and level == "all":
            return True
        return message.text in Mentions(self._me()) or self._keywords.are_in(message.text)


def is_quiet(quiet: QuietHours, now: datetime) -> bool:
    return is_within(now, start=quiet.start, end=quiet.end, days=quiet.days, zone=quiet.zone)
