"""The rows of the chat's own emoji, in the table `emoji`: by name, and by alias.

A name is a key, so it is given once, whichever process gives it.
"""

from collections import Counter
from hashlib import sha256

import msgspec

from chatapp.domain.emoji import EMOJI_TABLE, OwnEmoji
from chatapp.domain.future import Future
from chatapp.protocol.values import CustomEmoji
from chatapp.tables.table import TableStore

VERSION_CHARACTERS = 16


class EmojiRows:
    def __init__(self, store: TableStore) -> None:
        self.table = store.table(EMOJI_TABLE, OwnEmoji)
        self._listed: tuple[str, list[CustomEmoji]] | None = None
        self._digests: Counter[str] = Counter()
        for name, row in self.table.items():
            self._note(name, None, row)
        self.table.on_change(self._note)

    def find(self, name: str) -> OwnEmoji | None:
        """The emoji with this name or alias."""
        row = self.table.get(name)
        return self.table.get(row.name) if row and row.is_alias else row

    def has_bytes(self, digest: str) -> bool:
        """Whether these are the bytes of an emoji."""
        return self._digests[digest] > 0

    def __len__(self) -> int:
        return self._digests.total()

    @property
    def digests(self) -> set[str]:
        return {digest for digest, count in self._digests.items() if count > 0}

    @property
    def version(self) -> str:
        """The same for the same list, at every process; "" if there are no emoji."""
        return self._list[0]

    @property
    def all(self) -> list[CustomEmoji]:
        """By name."""
        return self._list[1]

    def put(self, row: OwnEmoji) -> Future[None]:
        """Raises `Conflict` if a name is another's."""
        alias = OwnEmoji(name=row.name)
        names = {row.name: row, **dict.fromkeys(row.aliases, alias)}
        changes = (self.table.change(name, each, expected=None) for name, each in names.items())
        return self.table.write(*changes)

    def remove(self, row: OwnEmoji) -> Future[None]:
        aliases = (self.table.change(alias, None) for alias in row.aliases)
        return self.table.write(self.table.change(row.name, None, expected=row), *aliases)

    @property
    def _list(self) -> tuple[str, list[CustomEmoji]]:
        if self._listed is None:
            rows = sorted(self.table.items())
            emoji = [shown(row) for _, row in rows if not row.is_alias]
            digest = sha256(msgspec.json.encode(emoji)).hexdigest() if emoji else ""
            self._listed = digest[:VERSION_CHARACTERS], emoji
        return self._listed

    def _note(self, _name: str, old: OwnEmoji | None, new: OwnEmoji | None) -> None:
        self._listed = None
        for row, change in ((old, -1), (new, 1)):
            if row and not row.is_alias:
                self._digests[row.sha256] += change


def shown(row: OwnEmoji) -> CustomEmoji:
    return CustomEmoji(
        name=row.name,
        aliases=row.aliases,
        sha256=row.sha256,
        bytes=row.bytes,
        width=row.width,
        height=row.height,
        animated=row.animated,
        by=row.sender,
        at=row.at,
    )
