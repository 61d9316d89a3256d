"""The rows of photos, in the table `photos`, by the ids of accounts."""

from collections import Counter

from chatapp.domain.future import Future
from chatapp.domain.photos import PHOTOS_TABLE, Photo
from chatapp.tables.table import TableStore


class PhotoRows:
    def __init__(self, store: TableStore) -> None:
        self.table = store.table(PHOTOS_TABLE, Photo)
        self._digests: Counter[str] = Counter(row.sha256 for _, row in self.table.items())
        self.table.on_change(self._count)

    def of(self, id: str) -> str:
        """The digest of the account's photo; "" if it has none."""
        row = self.table.get(id)
        return row.sha256 if row else ""

    def has_bytes(self, digest: str) -> bool:
        """Whether these are the bytes of a photo."""
        return self._digests[digest] > 0

    @property
    def digests(self) -> set[str]:
        return set(+self._digests)

    def put(self, id: str, row: Photo) -> Future[None]:
        """Of two at once, at two processes, the later one stays; the bytes of the other go with
        the next sweep."""
        return self.table.put(id, row)

    def remove(self, id: str) -> Future[None]:
        return self.table.delete(id)

    def forget(self, id: str) -> None:
        if id in self.table:
            self.remove(id)

    def _count(self, _id: str, old: Photo | None, new: Photo | None) -> None:
        for row, change in ((old, -1), (new, 1)):
            if row:
                self._digests[row.sha256] += change
