"""The rules of settings: what counts, who is told, what may not be changed here.

    fixed      what the environment or the command line say: whoever runs the machine has the
               last word, and the console shows it without offering it
    changed    what an admin has set in the console, kept in the directory
    default    what counts where nobody has said anything

Who needs a setting is told when it changes, and once at the start.
"""

import logging
from collections.abc import Callable, Mapping

import msgspec

from chatapp.config import Config, is_loopback
from chatapp.errors import ChatError, NotAllowed
from chatapp.model import Person
from chatapp.notes import Note
from chatapp.pending import Pending
from chatapp.settings.model import LABELS, NAMES, Settings, defaults, read, written
from chatapp.table import Directory, Table

TABLE = "settings"

logger = logging.getLogger(__name__)


class SettingsManager:
    """`now` is what counts at the moment."""

    def __init__(self, config: Config, store: Directory, note: Note) -> None:
        self.fixed = config.given & frozenset(NAMES)
        self.is_exposed = not is_loopback(config.host) or config.proxies > 0
        self._note = note
        self._table: Table[str] = Table(store, TABLE, str)
        self._told: list[Callable[[Settings], None]] = []
        self.now = defaults(config)
        for name, text in self._table.items():
            self.now = self._with_kept(name, text)

    def on_change(self, tell: Callable[[Settings], None]) -> None:
        """`tell(settings)` is called now, and after every change."""
        self._told.append(tell)
        tell(self.now)

    def texts(self) -> dict[str, str]:
        """Every setting as one reads and types it."""
        return {name: written(name, self.now) for name in NAMES}

    def change(self, admin: Person, wanted: Mapping[str, str]) -> Pending[Settings]:
        """Changes those that are given, all or none. Those that are so already stay."""
        values = {name: read(name, text) for name, text in wanted.items()}
        changed = msgspec.structs.replace(self.now, **values)
        differing = [name for name in values if getattr(changed, name) != getattr(self.now, name)]
        for name in differing:
            self._require_free(name, changed)
        kept = Pending.of(None)
        for name in differing:
            old, new = written(name, self.now), written(name, changed)
            self._note(admin.name, "setting", name=name, old=old, new=new)
            kept = self._table.put(name, new)
        return kept.then(lambda _: self._apply({name: values[name] for name in differing}))

    def _apply(self, values: Mapping[str, object]) -> Settings:
        if values:
            self.now = msgspec.structs.replace(self.now, **values)
            for tell in self._told:
                tell(self.now)
        return self.now

    def _require_free(self, name: str, changed: Settings) -> None:
        if name in self.fixed:
            raise NotAllowed(
                f"{LABELS[name]} is set by CHATAPP_{name.upper()} or the command line, and "
                "changed there."
            )
        if name == "access" and changed.access == "open" and self.is_exposed:
            raise NotAllowed(
                "This server can be reached from other machines. To open it to everybody there, "
                "start it with CHATAPP_ACCESS=open."
            )

    def _with_kept(self, name: str, text: str) -> Settings:
        """What an admin has set, where it still means something and may be so."""
        if name in self.fixed or name not in NAMES:
            return self.now
        try:
            changed = msgspec.structs.replace(self.now, **{name: read(name, text)})
            self._require_free(name, changed)
        except ChatError as error:
            logger.warning("The setting %s is not %r any more: %s", name, text, error)
            return self.now
        return changed
