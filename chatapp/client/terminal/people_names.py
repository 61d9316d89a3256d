"""Names of people in the terminal: the display name, with the name where it matters.

Unknown people are looked up on the server. Any thread can use it except the one that reads the
connection.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from chatapp.domain.errors import ChatError
from chatapp.domain.limits import MAX_PEOPLE_AT_ONCE
from chatapp.protocol.values import PersonStatus, Profile

Ask = Callable[[list[str]], list[Profile]]
"""`ChatClient.people`."""
MINUTE, HOUR, DAY = 60, 3600, 86400


class PeopleNames:
    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._shown: dict[str, str] = {}
        self._bots: set[str] = set()
        self._statuses: dict[str, PersonStatus] = {}

    def learn(self, names: Iterable[str]) -> None:
        """Look up these people. If the lookup fails, they are shown by name."""
        unknown = sorted({name for name in names if name not in self._shown})
        for start in range(0, len(unknown), MAX_PEOPLE_AT_ONCE):
            some = unknown[start : start + MAX_PEOPLE_AT_ONCE]
            try:
                profiles = self._ask(some)
            except ChatError:
                return
            self._shown.update({name: name for name in some})
            for profile in profiles:
                self.hear(profile)

    def hear(self, profile: Profile) -> None:
        self._shown[profile.name] = profile.display_name or profile.name
        if profile.role == "bot":
            self._bots.add(profile.name)
        else:
            self._bots.discard(profile.name)
        if profile.status:
            self._statuses[profile.name] = profile.status
        else:
            self._statuses.pop(profile.name, None)

    def forget(self) -> None:
        """Forget all names after a reconnection: they may have changed."""
        self._shown.clear()
        self._bots.clear()
        self._statuses.clear()

    def status(self, name: str) -> PersonStatus | None:
        return self._statuses.get(name)

    def shown(self, name: str) -> str:
        return self._shown.get(name, name)

    def signed(self, name: str) -> str:
        """As beside a message: `Deploy (bot)`, so that nobody takes a program for a person."""
        return f"{self.shown(name)} (bot)" if name in self._bots else self.shown(name)

    def with_name(self, name: str) -> str:
        """`Ana Pérez (@ana)`, or `ana`."""
        shown = self.shown(name)
        return name if shown == name else f"{shown} (@{name})"


def presence_text(profile: Profile, now: datetime) -> str:
    """`idle`, or `last seen 5 minutes ago`."""
    if profile.state is not None:
        return profile.state
    if profile.last_seen is None:
        return "offline"
    seconds = (now - datetime.fromisoformat(profile.last_seen)).total_seconds()
    return f"last seen {ago(seconds)}"


def ago(seconds: float) -> str:
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= unit:
            count = int(seconds // unit)
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "just now"
