"""The rules of settings. A setting is one of these, in this order of priority:

    fixed      set by the environment or the command line; the console shows it read-only
    changed    set by an admin in the console, and stored
    default    the value if nobody has set it

A setting is read from `now` at each use. Parts that must react to a change subscribe to it, and are
called once at the start.
"""

import logging
from collections.abc import Callable, Mapping

import msgspec

from chatapp.config import Config, is_loopback
from chatapp.domain.errors import ChatError, NotAllowed
from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.domain.notes import Note
from chatapp.domain.rights import may, require_admin
from chatapp.features.settings.model import (
    LABELS,
    NAMES,
    OWNER_SETTINGS,
    Settings,
    defaults,
    read,
    written,
)
from chatapp.tables.table import TableStore

TABLE = "settings"

logger = logging.getLogger(__name__)


class SettingsManager:
    """`now` has the current values."""

    def __init__(self, config: Config, store: TableStore, note: Note) -> None:
        self.fixed = config.given & frozenset(NAMES)
        self.is_exposed = not is_loopback(config.host) or config.proxies > 0
        self._note = note
        self._defaults = defaults(config)
        self._listeners: list[Callable[[Settings], None]] = []
        self._table = store.table(TABLE, str)
        self._table.on_change(lambda _name, _old, _new: self._follow())
        self.now = self._read()

    def on_change(self, tell: Callable[[Settings], None]) -> None:
        """`tell(settings)` is called now, and after every change."""
        self._listeners.append(tell)
        tell(self.now)

    def texts(self) -> dict[str, str]:
        return {name: written(name, self.now) for name in NAMES}

    def change(self, admin: Person, wanted: Mapping[str, str]) -> Future[Settings]:
        """Change the given settings, all or none. Those with the same value are skipped."""
        require_admin(admin)
        values = {name: read(name, text) for name, text in wanted.items()}
        changed = msgspec.structs.replace(self.now, **values)
        differing = [name for name in values if getattr(changed, name) != getattr(self.now, name)]
        for name in differing:
            if name in OWNER_SETTINGS and not may(admin, "change the owner's settings"):
                raise NotAllowed(f"Only owners can change this: {LABELS[name]}.")
            self._require_changeable(name, changed)
        changes = []
        for name in differing:
            old, new = written(name, self.now), written(name, changed)
            self._note(admin.name, "setting", name=name, old=old, new=new)
            changes.append(self._table.change(name, new, expected=self._table.get(name)))
        return self._table.write(*changes).then(lambda _: self.now)

    def _follow(self) -> None:
        before, self.now = self.now, self._read()
        if self.now != before:
            for tell in self._listeners:
                tell(self.now)

    def _read(self) -> Settings:
        settings = self._defaults
        for name, text in self._table.items():
            settings = self._with_stored(settings, name, text)
        return settings

    def _require_changeable(self, name: str, changed: Settings) -> None:
        if name in self.fixed:
            raise NotAllowed(
                f"{LABELS[name]} is set by CHATAPP_{name.upper()} or the command line, and "
                "changed there."
            )
        if name == "access" and changed.access == "open" and self.is_exposed:
            raise NotAllowed(
                "This server can be reached from other machines. To open it to everyone there, "
                "start it with CHATAPP_ACCESS=open."
            )

    def _with_stored(self, settings: Settings, name: str, text: str) -> Settings:
        """Apply a stored setting, if it is still valid and allowed."""
        if name in self.fixed or name not in NAMES:
            return settings
        try:
            changed = msgspec.structs.replace(settings, **{name: read(name, text)})
            self._require_changeable(name, changed)
        except ChatError as error:
            logger.warning("The stored setting %s=%r is ignored: %s", name, text, error)
            return settings
        return changed
