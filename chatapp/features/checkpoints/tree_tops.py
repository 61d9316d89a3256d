"""The tree of a checkpoint, from its stored tiles up, and below those tiles that were read."""

from collections.abc import Mapping

from chatapp.domain.transparency.checkpoints import SignedCheckpoint
from chatapp.domain.transparency.merkle import Levels, levels_of
from chatapp.log.signed_checkpoint import TILE, TILE_HEIGHT, SignedTree

DIGEST_BYTES = 32


class TreeTop:
    def __init__(self, signed: SignedTree) -> None:
        self.size = signed.checkpoint.last - signed.checkpoint.first + 1
        stored = bytes.fromhex(signed.tree.tiles)
        starts = range(0, len(stored), DIGEST_BYTES)
        self._levels = levels_of([stored[start : start + DIGEST_BYTES] for start in starts])

    def digest_at(self, level: int, place: int, tiles: Mapping[int, Levels]) -> bytes:
        """Of the tree; level 0 are its leaves. `tiles` are the trees over the leaves of some tiles,
        by their place."""
        if level >= TILE_HEIGHT:
            return self._levels[level - TILE_HEIGHT][place]
        width = TILE >> level
        tile = tiles[place // width]
        return tile[min(level, len(tile) - 1)][place % width]

    def has_signed(self, place: int, tile: Levels) -> bool:
        """Whether the leaves of a tile are those that were signed."""
        return tile[-1][0] == self._levels[0][place]


def tile_of(n: int, checkpoint: SignedCheckpoint) -> int:
    """The place of the tile that a record is in."""
    return (n - checkpoint.first) // TILE
