"""The Merkle tree over the hashes of some records, as RFC 6962 (2.1) defines it. Pure functions.

    leaf   SHA-256 of a byte 0 and the record's `hash`, as 64 hex digits
    node   SHA-256 of a byte 1 and the two digests below it, 32 bytes each

A level with an odd number of digests passes its last one up as it is. The path of a leaf has the
digest beside it, or beside the node above it, on every level where there is one, from the bottom
up: 16 digests for 65,536 leaves. The proof of several leaves has those digests beside that cannot
be made of the leaves themselves, level by level, from left to right.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256

Levels = list[list[bytes]]
"""All digests of a tree: its leaves, then each level above, up to the root alone."""


def leaf_of(hash: bytes) -> bytes:
    return sha256(b"\0" + hash).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The digest at the top of one or more leaves."""
    return levels_of(leaves)[-1][0]


def levels_of(leaves: Sequence[bytes]) -> Levels:
    """The tree of one or more leaves."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        levels.append(_level_above(levels[-1]))
    return levels


def path_of(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """What `root_above` needs to get from this leaf to the top."""
    levels = levels_of(leaves)
    return proof_of(len(leaves), [index], lambda level, place: levels[level][place])


def root_above(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The top of a tree of `size` leaves, from one of them and its path; None if the path does not
    have as many digests as such a tree needs."""
    return root_above_all({index: leaf}, size, path)


def proof_of(
    size: int, indexes: Iterable[int], digest_at: Callable[[int, int], bytes]
) -> list[bytes]:
    """What `root_above_all` needs to get from these leaves to the top. `digest_at(level, place)` is
    one of the tree, of which the leaves are level 0."""
    proof, known, level = list[bytes](), sorted(indexes), 0
    while size > 1:
        there = set(known)
        beside = [i ^ 1 for i in known if i ^ 1 not in there and i ^ 1 < size]
        proof += [digest_at(level, place) for place in beside]
        known, size, level = sorted({i >> 1 for i in known}), (size + 1) >> 1, level + 1
    return proof


def root_above_all(leaves: Mapping[int, bytes], size: int, proof: Sequence[bytes]) -> bytes | None:
    """The top of a tree of `size` leaves, from one or more of them by index, and their proof; None
    if the proof does not have as many digests as such a tree needs."""
    known, rest = dict(leaves), iter(proof)
    while size > 1:
        above: dict[int, bytes] = {}
        for index in sorted(known):
            if index >> 1 in above:
                continue
            digest, beside = known[index], known.get(index ^ 1)
            if beside is None and index ^ 1 < size:
                beside = next(rest, None)
                if beside is None:
                    return None
            if beside is not None:
                digest = _node(beside, digest) if index & 1 else _node(digest, beside)
            above[index >> 1] = digest
        known, size = above, (size + 1) >> 1
    return known[0] if next(rest, None) is None else None


def _level_above(digests: Sequence[bytes]) -> list[bytes]:
    pairs = [_node(digests[i], digests[i + 1]) for i in range(0, len(digests) - 1, 2)]
    return [*pairs, digests[-1]] if len(digests) & 1 else pairs


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()
