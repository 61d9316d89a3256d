"""Rules that other processes change: what is appended was checked under those that hold."""

import threading

import msgspec
import psycopg
import pytest

from chatapp.cluster import postgres
from chatapp.cluster.cluster import Cluster
from chatapp.domain.clock import now
from chatapp.domain.model import Draft, Event
from chatapp.log.format import ChainHead
from chatapp.log.sequencer import Check, Sequencer, SharedSequencer
from chatapp.log.stream import Outdated, Repeated, StreamLost
from chatapp.tables.directory import encode_batch
from tests.support.waiting import wait_until

WAITING = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def entry(value: str) -> tuple[list[bytes], ChainHead]:
    """The first line of a journal, and the tip behind it."""
    return encode_batch([("names", "ana", msgspec.Raw(f'"{value}"'.encode()))], ChainHead(), "then")


def test_nobody_changes_the_rules_while_a_turn_lasts(database):
    cluster = Cluster.open(database)
    messages = cluster.share("messages")(ChainHead())
    directory = cluster.share("directory")(ChainHead())
    changed = threading.Event()

    def change() -> None:
        with directory.turn(0, appends=True) as turn:
            turn.append(*entry("a mute"), rules=1)
        changed.set()

    thread = threading.Thread(target=change)
    with psycopg.connect(database, autocommit=True) as connection:
        with messages.turn(0, appends=True) as turn:
            thread.start()
            wait_until(
                lambda: changed.is_set() or connection.execute(WAITING).fetchone()[0],
                what="the change to wait",
            )
            assert (turn.rules, changed.is_set()) == (0, False)
        thread.join()
        with messages.turn(0, appends=True) as turn:
            assert turn.rules == 1
    messages.close()
    directory.close()


def test_all_behind_an_outdated_draft_wait_for_it():
    def sent(text, seen, cid=None):
        draft = Draft(room="general", sender="ana", by="a1", text=text, cid=cid)
        return draft, None, None, Check(seen, lambda: None)

    drafts = [sent("a", 9), sent("b", 3), sent("c", 9), sent("d", 9, cid="d")]
    there = Event(**msgspec.structs.asdict(drafts[3][0]), seq=1, at="then")

    batch, verdicts = SharedSequencer(Sequencer({}, now)).form(drafts, ChainHead(), 5, [there])

    assert [event.text for event in batch.values] == ["a"]
    assert verdicts[0] is None
    assert isinstance(verdicts[1], Outdated)
    assert isinstance(verdicts[2], Outdated)
    assert verdicts[3] == Repeated(1)


def test_a_process_that_stops_in_its_turn_loses_it(database, monkeypatch):
    monkeypatch.setattr(postgres, "STOPPED_SECONDS", 1)
    cluster = Cluster.open(database)
    stopped, other = (cluster.share("messages")(ChainHead()) for _ in range(2))

    def take_turns() -> None:
        with stopped.turn(0, appends=True) as turn:
            turn.append(*entry("mine"))
            with other.turn(0, appends=True) as another:
                another.append(*entry("theirs"))

    with pytest.raises(StreamLost):
        take_turns()

    with stopped.turn(0, appends=True) as turn:
        assert turn.lines == entry("theirs")[0]
    stopped.close()
    other.close()
