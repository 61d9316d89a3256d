"""The Merkle tree over the hashes of some records, as RFC 6962 (2.1) defines it. Pure functions.

    leaf   SHA-256 of a byte 0 and the record's `hash`, as 64 hex digits
    node   SHA-256 of a byte 1 and the two digests below it, 32 bytes each

A level with an odd number of digests passes its last one up as it is. The path of a leaf has the
digest beside it, or beside the node above it, on every level where there is one, from the bottom
up: 16 digests for 65,536 leaves.
"""

from collections.abc import Sequence
from hashlib import sha256


def leaf_of(hash: bytes) -> bytes:
    return sha256(b"\0" + hash).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The digest at the top of one or more leaves."""
    while len(leaves) > 1:
        leaves = _level_above(leaves)
    return leaves[0]


def path_of(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """What `root_above` needs to get from this leaf to the top."""
    path = []
    while len(leaves) > 1:
        if index ^ 1 < len(leaves):
            path.append(leaves[index ^ 1])
        leaves, index = _level_above(leaves), index >> 1
    return path


def root_above(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The top of a tree of `size` leaves, from one of them and its path; None if the path does not
    have as many digests as such a tree needs."""
    digest, rest = leaf, list(path)
    while size > 1:
        if index ^ 1 < size:
            if not rest:
                return None
            beside = rest.pop(0)
            digest = _node(beside, digest) if index & 1 else _node(digest, beside)
        index, size = index >> 1, (size + 1) >> 1
    return None if rest else digest


def _level_above(digests: Sequence[bytes]) -> list[bytes]:
    pairs = [_node(digests[i], digests[i + 1]) for i in range(0, len(digests) - 1, 2)]
    return [*pairs, digests[-1]] if len(digests) & 1 else pairs


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()
