"""The rows of checkpoints and of the keys that sign them, and what is asked of the process that
signs."""

import msgspec

from chatapp.domain.structs import prepare
from chatapp.domain.transparency.checkpoints import PublishedKey, SignedCheckpoint, key_id

CHECKPOINTS = "checkpoints"
"""The table with all checkpoints, by `checkpoint_key`."""
CHECKPOINT_KEYS = "checkpoint_keys"
"""The table with the keys that sign, or have signed, by their ids."""

CHECKPOINT_TREES = "checkpoint_trees"
"""The table with the trees by which events are proven to readers, by `checkpoint_key`."""

SEED_BYTES = 32
TILE_HEIGHT = 6
TILE = 1 << TILE_HEIGHT
"""So many records are read for the proof of one: less than a millisecond of work."""


class CheckpointKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An Ed25519 key (RFC 8032), as 64 hex digits each. The `seed` is secret; a key that was
    replaced, `until` then, has none any more. See `PublishedKey` for the rest."""

    seed: str
    public: str
    at: str
    until: str | None = None
    signed_by: str = ""
    signature: str = ""

    @property
    def published(self) -> PublishedKey:
        return PublishedKey(
            id=key_id(self.public),
            public_key=self.public,
            since=self.at,
            until=self.until,
            signed_by=self.signed_by,
            signature=self.signature,
        )


class CheckpointTree(msgspec.Struct, frozen=True, kw_only=True):
    """The tree whose root is `events` of a checkpoint: the secret `key` of its salts, 64 hex
    digits, and the digests above each `TILE` leaves, 64 hex digits each, one after the other."""

    key: str
    tiles: str


class SignedTree(msgspec.Struct, frozen=True, kw_only=True):
    """A new checkpoint, and its tree."""

    checkpoint: SignedCheckpoint
    tree: CheckpointTree


class Signing(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for: checkpoints, as of `at`, of what the `earlier` ones are not about.
    The `seed` of the key and the `salt_key` of the trees are 64 hex digits."""

    at: str
    seed: str
    salt_key: str
    earlier: list[SignedCheckpoint]


class KeyRotation(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for: that the key with the seed `old` signs, as of `at`, the one with `new`."""

    at: str
    old: str
    new: str


prepare([CheckpointKey, SignedTree, Signing, KeyRotation])


def checkpoint_key(checkpoint: SignedCheckpoint) -> str:
    """The row of a checkpoint. After `retain`, one about the rest of a cut one has its end."""
    return f"{checkpoint.last:016}-{checkpoint.first:016}"
