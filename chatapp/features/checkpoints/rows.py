"""The checkpoints and keys of this chat: rows of tables."""

from chatapp.domain.transparency.checkpoints import PublishedKey, SignedCheckpoint
from chatapp.log.signed_checkpoint import (
    CHECKPOINT_KEYS,
    CHECKPOINT_TREES,
    CHECKPOINTS,
    CheckpointKey,
    CheckpointTree,
    SignedTree,
    checkpoint_key,
)
from chatapp.protocol.answers import CheckpointsPage
from chatapp.tables.table import TableStore

PAGE = 100


class CheckpointRows:
    def __init__(self, store: TableStore) -> None:
        self.table = store.table(CHECKPOINTS, SignedCheckpoint)
        self.key_table = store.table(CHECKPOINT_KEYS, CheckpointKey)
        self.tree_table = store.table(CHECKPOINT_TREES, CheckpointTree)

    @property
    def all(self) -> list[SignedCheckpoint]:
        """In the order of their records."""
        rows = (checkpoint for _, checkpoint in self.table.items())
        return sorted(rows, key=lambda each: (each.last, each.first))

    @property
    def latest(self) -> SignedCheckpoint | None:
        """The one about the newest records."""
        return max(self.all, key=lambda each: each.last, default=None)

    @property
    def key(self) -> CheckpointKey | None:
        """The one that signs; None until the first checkpoint is signed."""
        keys = [key for _, key in self.key_table.items() if key.until is None]
        return min(keys, key=lambda key: (key.at, key.public), default=None)

    @property
    def keys(self) -> list[PublishedKey]:
        """Those that sign and have signed, the first one first. Another process may have made a
        first one at the same moment: nothing is signed with that."""
        rows = sorted(
            (key for _, key in self.key_table.items()), key=lambda key: (key.at, key.public)
        )
        return [key.published for key in rows if key is rows[0] or key.signed_by]

    def covering(self, n: int) -> SignedTree | None:
        """The checkpoint about this record, with its tree; after `retain`, the one about what is
        left."""
        about = [each for _, each in self.table.items() if each.first <= n <= each.last]
        found = max(about, key=lambda each: (each.first, each.at), default=None)
        tree = found and self.tree_table.get(checkpoint_key(found))
        return SignedTree(checkpoint=found, tree=tree) if found and tree else None

    def page(self, after: int) -> CheckpointsPage:
        """Those whose last record has a higher number."""
        later = [each for each in self.all if each.last > after]
        some = later[:PAGE]
        while len(some) < len(later) and later[len(some)].last == some[-1].last:
            some.append(later[len(some)])
        return CheckpointsPage(checkpoints=some, keys=self.keys, more=len(some) < len(later))
