"""Proves to its readers that the events of a room stand in the log.

lines of the log, then the events as this person may know them
    └─ what the lines say besides is withheld
checkpoint ── the tiles of its tree in which they are, read from the log ── nodes
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from itertools import takewhile

from chatapp.domain.errors import NotFound
from chatapp.domain.future import Future, all_of
from chatapp.domain.limits import MAX_HISTORY_LIMIT
from chatapp.domain.model import Event, Person, Room
from chatapp.domain.transparency.event_leaf import parts_of_head, salts_of
from chatapp.domain.transparency.event_proofs import EventProof, proof_of_event
from chatapp.domain.transparency.merkle import Levels, levels_of, proof_of
from chatapp.features.checkpoints.tree_tops import TreeTop, tile_of
from chatapp.log import format
from chatapp.log.signed_checkpoint import TILE, SignedTree
from chatapp.ports import MessageStore
from chatapp.protocol.answers import ProofsPage, ResumedEvents
from chatapp.protocol.requests import ReadProofs, Resume

MOST_BYTES = 256 * 1024
MOST_TILES = 16
"""Of a page: where a room has few of the records, its pages are shorter."""
TILES_KEPT = 512
"""Some 10 KB each."""
TOPS_KEPT = 8
"""Up to 140 KB each."""

logger = logging.getLogger(__name__)

Line = tuple[int, bytes]
"""The number of a record, and its line."""


class EventProver:
    """`find_room(person, name)` raises `NoSuchRoom` if they cannot see the room; `resume(person,
    wanted)` are past events as they may know them; `covering(n)` is the checkpoint about a
    record."""

    def __init__(
        self,
        log: MessageStore,
        *,
        find_room: Callable[[Person, str], Room],
        resume: Callable[[Person, Resume], Future[ResumedEvents]],
        covering: Callable[[int], SignedTree | None],
    ) -> None:
        self._log = log
        self._find_room = find_room
        self._resume = resume
        self._covering = covering
        self._tiles: OrderedDict[tuple[str, int], Levels] = OrderedDict()
        self._tops: OrderedDict[str, TreeTop] = OrderedDict()

    def page(self, person: Person, wanted: ReadProofs) -> Future[ProofsPage]:
        """Proofs of events that follow each other and have the same checkpoint; without one if none
        is about the first of them yet."""
        room = self._find_room(person, wanted.room).name
        limit = wanted.limit or MAX_HISTORY_LIMIT

        def told(lines: list[Line]) -> Future[ProofsPage]:
            """The lines are older than what is told: what was deleted meanwhile is withheld."""
            asked = Resume(room=room, epoch=self._log.epoch, after=wanted.after)
            return self._resume(person, asked).chain(lambda page: self._proven(lines, page))

        found = self._log.lines(room, after=wanted.after, limit=limit, most_bytes=MOST_BYTES)
        return found.chain(told)

    def _proven(self, lines: Sequence[Line], told: ResumedEvents) -> Future[ProofsPage]:
        if not told.recovered:
            raise NotFound("There is no such event any more, or not yet.")
        nothing = ProofsPage(epoch=told.epoch, head=told.head)
        pairs = list(zip(lines, told.events, strict=False))
        signed = self._covering(pairs[0][0][0]) if pairs else None
        if signed is None:
            return Future.of(nothing)
        checkpoint, key = signed.checkpoint, bytes.fromhex(signed.tree.key)
        pairs = list(takewhile(lambda pair: pair[0][0] <= checkpoint.last, pairs))
        places = dict.fromkeys(tile_of(n, checkpoint) for (n, _), _ in pairs)
        wanted = list(places)[:MOST_TILES]
        covered = list(takewhile(lambda pair: tile_of(pair[0][0], checkpoint) in wanted, pairs))

        def answer(tiles: list[Levels | None]) -> ProofsPage:
            there = {place: tile for place, tile in zip(wanted, tiles, strict=True) if tile}
            if len(there) < len(wanted):
                return nothing
            top = self._top(signed)
            nodes = proof_of(
                top.size,
                (n - checkpoint.first for (n, _), _ in covered),
                lambda level, place: top.digest_at(level, place, there),
            )
            return ProofsPage(
                epoch=told.epoch,
                head=told.head,
                checkpoint=checkpoint,
                proofs=[_proof(line, event, key) for line, event in covered],
                nodes=[node.hex() for node in nodes],
            )

        return all_of([self._tile(signed, place) for place in wanted]).then(answer)

    def _top(self, signed: SignedTree) -> TreeTop:
        known = signed.checkpoint.signature
        if known not in self._tops:
            self._tops[known] = TreeTop(signed)
            if len(self._tops) > TOPS_KEPT:
                self._tops.popitem(last=False)
        return self._tops[known]

    def _tile(self, signed: SignedTree, place: int) -> Future[Levels | None]:
        """The tree over the leaves of a tile; None if the log does not have them any more."""
        known = signed.checkpoint.signature, place
        if known in self._tiles:
            self._tiles.move_to_end(known)
            return Future.of(self._tiles[known])
        first = signed.checkpoint.first + place * TILE
        last = min(first + TILE - 1, signed.checkpoint.last)

        def keep(leaves: list[bytes] | None) -> Levels | None:
            if leaves is None:
                return None
            tile = levels_of(leaves)
            if not self._top(signed).has_signed(place, tile):
                logger.error(
                    "Records %d to %d differ from their checkpoint of %s; `chatapp log verify` "
                    "says more.",
                    *(first, last, signed.checkpoint.at),
                )
                return tile
            self._tiles[known] = tile
            if len(self._tiles) > TILES_KEPT:
                self._tiles.popitem(last=False)
            return tile

        key = bytes.fromhex(signed.tree.key)
        return self._log.leaves(first, last, key).then(keep)


def _proof(line: Line, told: Event, key: bytes) -> EventProof:
    n, written = line
    _, body = format.parts_of(written)
    record = format.decode_record(written)
    return proof_of_event(told, parts_of_head(record), salts_of(key, n), body, n)
