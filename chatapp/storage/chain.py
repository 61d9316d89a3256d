"""Following a journal line by line: each must be, to the bit, the one that comes next."""

from chatapp.storage.format import (
    VERSION,
    Damage,
    Place,
    Tip,
    check_crc,
    expected_hash,
    line_hash,
    place_of,
)


class Chain:
    """Follows the lines of a journal, one after the other, and stops at the first wrong one."""

    __slots__ = ("batch", "hash", "more", "n")

    def __init__(self, tip: Tip) -> None:
        self.n = tip.n
        self.batch = tip.batch
        self.hash = tip.hash.encode()
        self.more = 0

    @property
    def tip(self) -> Tip:
        return Tip(self.n, self.batch, self.hash.decode())

    def follow(self, line: bytes) -> None:
        """Raises `Damage` unless this is, to the bit, the line that comes next."""
        check_crc(line)
        n, more = self.n + 1, self.more
        if more:
            batch = self.batch
            start = b'{"v":%d,"n":%d,"batch":%d,"more":%d,' % (VERSION, n, batch, more - 1)
        else:
            batch = self.batch + 1
            start = b'{"v":%d,"n":%d,"batch":%d,"more":' % (VERSION, n, batch)
        if not line.startswith(start):
            raise Damage(self._misplaced(place_of(line)))
        digits = expected_hash(line, self.hash)
        if digits != line_hash(line):
            raise Damage("its hash does not follow from the line before it")
        self.more = more - 1 if more else int(line[len(start) : line.index(b",", len(start))])
        self.n, self.batch, self.hash = n, batch, digits

    def _misplaced(self, place: Place) -> str:
        if place.n != self.n + 1:
            return f"it is number {place.n} where {self.n + 1} belongs"
        return f"it is of batch {place.batch}, {place.more} lines before its end"
