"""Following a journal line by line: each must be, to the bit, the one that comes next."""

from collections.abc import Iterable, Iterator

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

Block = tuple[int, list[bytes]]
"""Lines that follow each other, and where the first of them begins."""


def followed(blocks: Iterable[Block], tip: Tip) -> Iterator[tuple[int, bytes, int]]:
    """Of every line behind `tip`: where it begins, its bytes, how many more are of its batch.

    Raises `Damage` at the first one that is not, to the bit, the line that comes next. Whoever
    verifies or indexes a log takes every line of it this way.
    """
    n, batch, digits, more = tip.n, tip.batch, tip.hash.encode(), 0
    for offset, lines in blocks:
        begins = offset
        for line in lines:
            check_crc(line)
            n += 1
            if more:
                more -= 1
                start = b'{"v":%d,"n":%d,"batch":%d,"more":%d,' % (VERSION, n, batch, more)
            else:
                batch += 1
                start = b'{"v":%d,"n":%d,"batch":%d,"more":' % (VERSION, n, batch)
                more = _number(line, len(start))
            if not line.startswith(start):
                raise Damage(_misplaced(place_of(line), n))
            expected = expected_hash(line, digits)
            if expected != line_hash(line):
                raise Damage("its hash does not follow from the line before it")
            digits = expected
            yield begins, line, more
            begins += len(line)


def _number(line: bytes, start: int) -> int:
    """The digits from there on."""
    digits = line[start : line.find(b",", start)]
    return int(digits) if digits.isdigit() else place_of(line).more


def _misplaced(place: Place, n: int) -> str:
    if place.n != n:
        return f"it is number {place.n} where {n} belongs"
    return f"it is of batch {place.batch}, {place.more} lines before its end"
