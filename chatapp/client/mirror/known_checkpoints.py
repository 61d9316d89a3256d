"""The signed checkpoints and keys of a chat that a copy has seen, one a line of JSON.

    general.checkpoints     {"key":{"id":"1a2b…","public_key":"…","since":"2026-11-22T10:…"…}}
                            {"checkpoint":{"at":…,"first":1,"last":812,"hash":…,"root":…,…}}

The first key is believed, and pinned; each later one must be signed by the one before. Checkpoints
follow each other without a gap, and what was seen once must stay as it is: whoever has the key and
writes another history cannot bring it in line with this file.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from chatapp.client.errors import NotInLog
from chatapp.client.mirror.appended_lines import AppendedLines
from chatapp.domain.transparency.checkpoints import PublishedKey, SignedCheckpoint
from chatapp.domain.transparency.event_proofs import Unproven
from chatapp.domain.transparency.signatures import check_signature, successors

REWRITTEN = (
    "Its log was rewritten, or a backup was restored there. Keep this copy and its checkpoints: "
    "they show what was there before."
)


class KnownLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of the file: a key or a checkpoint."""

    key: PublishedKey | None = None
    checkpoint: SignedCheckpoint | None = None


_decode = msgspec.json.Decoder(KnownLine).decode


class KnownCheckpoints:
    """`all` are in the order in which they were seen."""

    def __init__(self, path: Path) -> None:
        self._lines = AppendedLines(path)
        self.keys: list[PublishedKey] = []
        self.all: list[SignedCheckpoint] = []
        for number, raw in enumerate(self._lines.stored(), 1):
            try:
                line = _decode(raw)
            except (msgspec.DecodeError, UnicodeDecodeError):
                self._lines.close()
                raise NotInLog(f"{path} line {number} is damaged.") from None
            self.keys += [line.key] if line.key else []
            self.all += [line.checkpoint] if line.checkpoint else []

    def close(self) -> None:
        self._lines.close()

    @property
    def newest(self) -> SignedCheckpoint | None:
        """The one about the newest records."""
        return max(self.all, key=lambda each: each.last, default=None)

    def take_keys(self, keys: Sequence[PublishedKey]) -> list[PublishedKey]:
        """Pin the keys that are new, and return them. Raises NotInLog if the one that signs is not
        signed by one that is known."""
        if not keys and not self.keys:
            return []
        first = self.keys[-1:] or list(keys[:1])
        later = successors(first[0].public_key, keys)
        new = later if self.keys else [*first, *later]
        known = {key.public_key for key in (*self.keys, *new)}
        if not {key.public_key for key in keys if key.until is None} <= known or not keys:
            raise NotInLog(
                f"The chat has another key than {first[0].id}, which this copy knows, and that key "
                "has not signed it. Ask whoever runs the chat, and not by this chat, what happened."
            )
        self._append(*(KnownLine(key=key) for key in new))
        self.keys += new
        return new

    def take(self, checkpoints: Sequence[SignedCheckpoint]) -> None:
        """Keep the checkpoints that are new. Raises NotInLog if one is not signed, or does not
        agree with those that are known."""
        for checkpoint in checkpoints:
            if checkpoint in self.all:
                continue
            self._check_signed(checkpoint)
            self._check_place(checkpoint)
            self._append(KnownLine(checkpoint=checkpoint))
            self.all.append(checkpoint)

    def require_all(self, checkpoints: Sequence[SignedCheckpoint], after: int) -> None:
        """Raises NotInLog unless all that are known, with later records than `after`, are among
        these."""
        told = set(checkpoints)
        for known in self.all:
            if known.last > after and known not in told:
                raise NotInLog(
                    f"The chat no longer has its checkpoint of {known.at} (records {known.first:,} "
                    f"to {known.last:,}), which it has signed. {REWRITTEN}"
                )

    def _check_signed(self, checkpoint: SignedCheckpoint) -> None:
        place = next((i for i, key in enumerate(self.keys) if key.id == checkpoint.key), None)
        if place is None:
            raise NotInLog(f"The checkpoint of {checkpoint.at} is signed with an unknown key.")
        try:
            check_signature(checkpoint, self.keys[place].public_key)
        except Unproven as why:
            raise NotInLog(f"The checkpoint of {checkpoint.at} proves nothing. {why}") from None
        replaced = self.keys[place + 1].since if place + 1 < len(self.keys) else None
        if replaced is not None and checkpoint.at > replaced:
            raise NotInLog(
                f"The checkpoint of {checkpoint.at} is signed with a key that was replaced before, "
                f"on {replaced}."
            )

    def _check_place(self, checkpoint: SignedCheckpoint) -> None:
        """It begins where the newest one ends, or is about the rest of one whose beginning the chat
        has dropped."""
        newest = self.newest
        if newest is None or checkpoint.first > newest.last + 1:
            return
        if checkpoint.first == newest.last + 1 and checkpoint.previous == newest.hash:
            return
        rest_of = [each for each in self.all if each.last == checkpoint.last]
        if any(one.first < checkpoint.first and one.hash == checkpoint.hash for one in rest_of):
            return
        raise NotInLog(
            f"The chat's checkpoint of {checkpoint.at} (records {checkpoint.first:,} to "
            f"{checkpoint.last:,}) does not follow from that of {newest.at}. {REWRITTEN}"
        )

    def _append(self, *lines: KnownLine) -> None:
        if lines:
            self._lines.append(*map(msgspec.json.encode, lines))
            self._lines.sync()
