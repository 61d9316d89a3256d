"""What a checkpoint of the log says, and the bytes that are signed.

A checkpoint is about the records from `first` to `last`. Whoever kept it elsewhere can prove that
none of them has been changed since, and that a message is one of them (proof.py).
"""

from hashlib import sha256

import msgspec

from chatapp.domain.structs import prepare

CHECKPOINTS = "checkpoints"
"""The table with all checkpoints, by `checkpoint_key`."""
CHECKPOINT_KEYS = "checkpoint_keys"
"""The table with the key that signs, by its id."""

SEED_BYTES = 32


class SignedCheckpoint(msgspec.Struct, frozen=True, kw_only=True):
    """`previous` and `hash` are the chain before the first record and at the last one, `root` is
    the top of the Merkle tree over the hashes of all (merkle.py): 64 hex digits each. `key` is the
    id of the key that made the `signature`, 128 hex digits."""

    at: str
    first: int
    last: int
    previous: str
    hash: str
    root: str
    key: str = ""
    signature: str = ""

    @property
    def statement(self) -> bytes:
        """The bytes that are signed: lines of text, each with its newline."""
        said = (self.at, self.first, self.last, self.previous, self.hash, self.root)
        return "".join(f"{each}\n" for each in ("chatapp checkpoint 1", *said)).encode()


class CheckpointKey(msgspec.Struct, frozen=True, kw_only=True):
    """An Ed25519 key (RFC 8032), as 64 hex digits each. The `seed` is secret."""

    seed: str
    public: str
    at: str


class Signing(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for: checkpoints, as of `at`, of what the `earlier` ones are not about.
    The `seed` of the key is 64 hex digits."""

    at: str
    seed: str
    earlier: list[SignedCheckpoint]


prepare([SignedCheckpoint, CheckpointKey, Signing])


def checkpoint_key(checkpoint: SignedCheckpoint) -> str:
    """The row of a checkpoint. After `retain`, one about the rest of a cut one has its end."""
    return f"{checkpoint.last:016}-{checkpoint.first:016}"


def key_id(public: str) -> str:
    """16 hex digits that identify a public key."""
    return sha256(bytes.fromhex(public)).hexdigest()[:16]
