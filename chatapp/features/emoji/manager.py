"""The rules of the chat's own emoji: who may add and remove one, and what it can be called.

An emoji is a row and the bytes of a picture. Texts and reactions only have its name, `:name:`, so
what is removed leaves them as they are, and its name can be given again.
"""

from collections.abc import Callable, Sequence, Set
from datetime import datetime

from chatapp.domain.clock import timestamp
from chatapp.domain.emoji import OwnEmoji, own_name
from chatapp.domain.errors import BadPayload, NameTaken, NotFound, QuotaReached
from chatapp.domain.future import Future
from chatapp.domain.limits import MAX_EMOJI_ALIASES, MAX_OWN_EMOJI, checked_emoji_name
from chatapp.domain.model import EmojiMakers
from chatapp.domain.notes import Note, no_audit
from chatapp.domain.rights import By, name_of, require_may_add_emoji, require_may_remove_emoji
from chatapp.features.emoji.rows import EmojiRows, shown
from chatapp.features.files.small_pictures import ClaimedBytes, Claims, MakePicture
from chatapp.protocol.answers import EmojiList
from chatapp.protocol.pushes import EmojiChange
from chatapp.protocol.values import CustomEmoji

Tell = Callable[[EmojiChange], object]


class EmojiManager:
    """`makers()` is who may add emoji, `standard()` the names of the standard emoji; `tell(change)`
    tells everybody who is connected to this process."""

    def __init__(
        self,
        rows: EmojiRows,
        bytes: ClaimedBytes,
        *,
        makers: Callable[[], EmojiMakers],
        standard: Callable[[], Set[str]],
        clock: Callable[[], datetime],
        tell: Tell = lambda _change: None,
        note: Note = no_audit,
    ) -> None:
        self._rows = rows
        self._bytes = bytes
        self._makers = makers
        self._standard = standard
        self._clock = clock
        self._tell = tell
        self._note = note

    # What there is

    @property
    def version(self) -> str:
        return self._rows.version

    @property
    def all(self) -> list[CustomEmoji]:
        return self._rows.all

    def listed(self, version: str = "") -> EmojiList:
        """Without the list if the client has this version of it."""
        if version and version == self.version:
            return EmojiList(version=version)
        return EmojiList(version=self.version, emoji=self.all)

    def find(self, name: str) -> CustomEmoji | None:
        """The one with this name or alias."""
        row = self._rows.find(name)
        return shown(row) if row else None

    def has_bytes(self, digest: str) -> bool:
        return self._rows.has_bytes(digest)

    def reaction(self, emoji: str, on: bool) -> str:
        """A reaction that somebody adds or removes: one with an alias counts under the name. Raises
        `NotFound` if one that the chat does not have is added."""
        name = own_name(emoji)
        row = self._rows.find(name) if name else None
        if name and on and row is None:
            raise NotFound(f"There is no emoji {emoji} here.")
        return f":{row.name}:" if row else emoji

    # Adding and removing

    def check(self, by: By, name: str, aliases: Sequence[str] = ()) -> list[str]:
        """The names that a new emoji would have, its own first; raises what stands against it."""
        require_may_add_emoji(by, self._makers())
        if len(aliases) > MAX_EMOJI_ALIASES:
            raise BadPayload(f"An emoji has at most {MAX_EMOJI_ALIASES} other names.")
        names = list(dict.fromkeys(map(checked_emoji_name, [name, *aliases])))
        for each in names:
            if each in self._standard():
                raise NameTaken(f":{each}: is a standard emoji. Choose another name.")
            if self._rows.find(each):
                raise NameTaken(f"There is an emoji :{each}: already.")
        if len(self._rows) >= MAX_OWN_EMOJI:
            raise QuotaReached(f"A chat has at most {MAX_OWN_EMOJI:,} emoji of its own.")
        return names

    def add(
        self, by: By, name: str, aliases: Sequence[str], picture: MakePicture
    ) -> Future[CustomEmoji]:
        """Add an emoji, for which `picture` waits. Raises `Conflict` if another one has got the
        name meanwhile."""
        name, *others = self.check(by, name, aliases)
        claims = Claims(self._bytes, self._rows.has_bytes)
        try:
            made = picture(claims.claim)
            self.check(by, name, others)
            row = OwnEmoji(
                name=name,
                aliases=others,
                sha256=made.sha256,
                bytes=made.bytes,
                width=made.width,
                height=made.height,
                animated=made.animated,
                by=by.id if by else None,
                sender=by.name if by else None,
                at=timestamp(self._clock()),
            )
            kept = self._rows.put(row)
        except BaseException:
            claims.settle()
            raise
        kept.add_done_callback(claims.settle)
        return kept.then(lambda _: self._added(by, row))

    def remove(self, by: By, name: str) -> Future[None]:
        """Remove an emoji, by its name or an alias. What has its name stays as it is."""
        row = self._rows.find(checked_emoji_name(name))
        if row is None:
            raise NotFound(f"There is no emoji :{checked_emoji_name(name)}: here.")
        require_may_remove_emoji(by, row.by)
        removed = self._rows.remove(row)
        self._note(name_of(by), "remove-emoji", emoji=row.name)
        return removed.then(lambda _: self._dropped(row))

    def followed(self, name: str, old: OwnEmoji | None, new: OwnEmoji | None) -> None:
        """Another process has changed a row."""
        row = new or old
        if row and not row.is_alias:
            self._tell(
                EmojiChange(version=self.version, name=name, emoji=shown(new) if new else None)
            )

    def _added(self, by: By, row: OwnEmoji) -> CustomEmoji:
        self._note(name_of(by), "add-emoji", emoji=row.name)
        emoji = shown(row)
        self._tell(EmojiChange(version=self.version, name=row.name, emoji=emoji))
        return emoji

    def _dropped(self, row: OwnEmoji) -> None:
        self._tell(EmojiChange(version=self.version, name=row.name, emoji=None))
        self._bytes.release(row.sha256)
