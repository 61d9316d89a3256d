"""Follows a journal line by line: each must be exactly the next one."""

from collections.abc import Iterable, Iterator

from chatapp.log.format import (
    VERSION,
    ChainHead,
    Damage,
    Position,
    check_crc,
    expected_hash,
    line_hash,
    place_of,
)

Block = tuple[int, list[bytes]]
"""Consecutive lines, and the offset of the first one."""


def followed(blocks: Iterable[Block], tip: ChainHead) -> Iterator[tuple[int, bytes, int]]:
    """For every line after `tip`: its offset, its bytes, and how many lines of its batch follow.

    Raises `Damage` at the first line that is not exactly the next one. Verifying and indexing read
    every line with this function.
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
    """The digits from `start` on."""
    digits = line[start : line.find(b",", start)]
    return int(digits) if digits.isdigit() else place_of(line).more


def _misplaced(place: Position, n: int) -> str:
    if place.n != n:
        return f"it is number {place.n} where {n} belongs"
    return f"it is of batch {place.batch}, {place.more} lines before its end"
