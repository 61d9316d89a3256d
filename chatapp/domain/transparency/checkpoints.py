"""What a checkpoint of the log says, the keys that sign them, and the bytes that are signed.

A checkpoint is about the records from `first` to `last`. Whoever kept it elsewhere can prove that
none of them has been changed since, and that a message is one of them (event_proofs.py).
"""

from hashlib import sha256

import msgspec

from chatapp.domain.structs import prepare


class SignedCheckpoint(msgspec.Struct, frozen=True, kw_only=True):
    """`previous` and `hash` are the chain before the first record and at the last one, `root` is
    the top of the Merkle tree over the hashes of all (merkle.py), and `events` that of the tree
    over what readers may know of them (event_leaf.py), which older ones do not have: 64 hex digits
    each. `key` is the id of the key that made the `signature`, 128 hex digits."""

    at: str
    first: int
    last: int
    previous: str
    hash: str
    root: str
    events: str = ""
    key: str = ""
    signature: str = ""

    @property
    def statement(self) -> bytes:
        """The bytes that are signed: lines of text, each with its newline."""
        said = (self.at, self.first, self.last, self.previous, self.hash, self.root)
        if not self.events:
            return statement("checkpoint 1", *said)
        return statement("checkpoint 2", *said, self.events)


class PublishedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A public key (Ed25519, RFC 8032), 64 hex digits, which signs from `since` until `until`, or
    still does. Each key but the first is `signed_by` the one before, with a `signature` of 128 hex
    digits."""

    id: str
    algorithm: str = "Ed25519"
    public_key: str
    since: str = ""
    until: str | None = None
    signed_by: str = ""
    signature: str = ""

    @property
    def statement(self) -> bytes:
        """The bytes that the key before has signed."""
        return statement("key 1", self.since, self.public_key)


def statement(kind: str, *said: object) -> bytes:
    lines = "".join(f"{each}\n" for each in (f"chatapp {kind}", *said))
    return lines.encode("utf-8", "surrogatepass")


def key_id(public: str) -> str:
    """16 hex digits that identify a public key."""
    return sha256(bytes.fromhex(public)).hexdigest()[:16]


prepare([SignedCheckpoint, PublishedKey])
