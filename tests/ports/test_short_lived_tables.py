"""What tables promise that end with the processes of a chat: of one process, and of several."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from queue import Empty, SimpleQueue

import psycopg
import pytest

from chatapp.cluster.cluster import Cluster
from chatapp.cluster.shared_short_lived import LOCK, WRITE
from chatapp.domain.errors import ReadOnly
from chatapp.domain.future import Future
from chatapp.tables.rerun import rerun
from chatapp.tables.short_lived import ShortLivedTables
from chatapp.tables.table import Table
from tests.support.brokers import Notify
from tests.support.postgres import Postgres
from tests.support.waiting import wait_until

MAX_ROWS = 20
WAITING = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


class Chat:
    """`process()` opens the tables, as those of one more process, if there can be more."""

    def __init__(self, make: Callable[[], ShortLivedTables], turn: Callable[[], None]) -> None:
        self._make = make
        self._turn = turn

    def process(self) -> ShortLivedTables:
        return self._make()

    def until(self, condition: Callable[[], object], what: str) -> None:
        def turned() -> object:
            self._turn()
            return condition()

        wait_until(turned, what=what)

    def settle(self, future):
        self.until(lambda: future.done, what="an answer")
        return future.result()


@contextmanager
def several(url: str) -> Iterator[Chat]:
    """Processes of one chat, whose steps are taken by `until`."""
    steps: SimpleQueue[Callable[[], None]] = SimpleQueue()
    opened: list[ShortLivedTables] = []

    def turn() -> None:
        while True:
            try:
                steps.get_nowait()()
            except Empty:
                return

    with closing(Notify(url)) as way:

        def make() -> ShortLivedTables:
            cluster = Cluster.open(url)
            tables = cluster.short_lived(way.process().broker, steps.put, MAX_ROWS)
            opened.append(tables)
            return tables

        def turn_all() -> None:
            turn()
            way.turn()

        yield Chat(make, turn_all)
        for tables in opened:
            tables.close()


@pytest.fixture(params=["alone", "shared"])
def chat(request: pytest.FixtureRequest) -> Iterator[Chat]:
    if request.param == "alone":
        alone = ShortLivedTables(MAX_ROWS)
        yield Chat(lambda: alone, lambda: None)
        return
    with several(request.getfixturevalue("database")) as chat:
        yield chat


def test_what_one_process_wrote_others_have_when_they_have_reached_it(chat):
    here, there = chat.process(), chat.process()
    marks = here.table("marks", int)
    chat.settle(marks.put("ana tea", 7))
    chat.settle(marks.put("ana tea", 9))
    chat.settle(marks.put("bo tea", 1))
    chat.settle(marks.delete("bo tea"))

    chat.settle(there.reach())

    for process in (there, chat.process()):
        assert dict(process.table("marks", int).items()) == {"ana tea": 9}


def test_the_newest_rows_of_each_table_are_kept(chat):
    here, there = chat.process(), chat.process()
    marks, orders = here.table("marks", int), here.table("orders", list[str])
    chat.settle(orders.put("ana", ["tea"]))
    chat.settle(marks.put("first", 0))
    for number in range(MAX_ROWS - 1):
        chat.settle(marks.put(f"row {number}", number))
    chat.settle(marks.put("first", 1))
    chat.settle(marks.put("one more", 2))

    chat.settle(there.reach())

    for process in (here, there):
        kept = process.table("marks", int)
        assert len(kept) == MAX_ROWS
        assert (kept.get("first"), kept.get("one more"), kept.get("row 0")) == (1, 2, None)
        assert process.table("orders", list[str]).get("ana") == ["tea"]


def test_others_are_told_of_what_a_process_wrote_and_it_is_not(database):
    with several(database) as chat:
        here, there = chat.process(), chat.process()
        told: list[tuple[str, object]] = []
        for name, process in (("here", here), ("there", there)):
            process.table("marks", int).on_followed(
                lambda key, _old, new, name=name: told.append((name, key, new))
            )

        for number in range(20):
            here.table("marks", int).put("ana tea", number)
        chat.until(lambda: told and told[-1][2] == 19, what="the last mark")
        chat.settle(here.reach())

        assert {name for name, *_ in told} == {"there"}


def test_of_two_writes_at_once_all_processes_keep_the_same(database):
    with several(database) as chat:
        tables = [chat.process().table("marks", int) for _ in range(3)]
        written = [
            table.put("ana tea", 100 * round + place)
            for round in range(20)
            for place, table in enumerate(tables)
        ]

        chat.until(lambda: all(each.done for each in written), what="all writes")

        chat.until(lambda: len({table.get("ana tea") for table in tables}) == 1, what="one value")
        assert tables[0].get("ana tea") >= 1900


def test_what_another_process_wrote_just_after_counts(database, monkeypatch):
    with several(database) as chat, psycopg.connect(database, autocommit=True) as other:
        here = chat.process()
        write = here._write

        def write_before_the_other(connection, waiting):
            write(connection, waiting)
            other.execute(WRITE, [["marks"], ["ana tea"], ["2"]])

        monkeypatch.setattr(here, "_write", write_before_the_other)
        chat.settle(here.table("marks", int).put("ana tea", 1))

        chat.settle(here.reach())

        assert here.table("marks", int).get("ana tea") == 2


def test_of_two_decisions_on_one_value_one_conflicts_and_sees_the_other(database):
    with several(database) as chat:
        here, there = (chat.process().table("counts", int) for _ in range(2))

        def count(table: Table[int]) -> Future[None]:
            return table.put("visits", (table.get("visits") or 0) + 1, expected=table.get("visits"))

        for _ in range(10):
            counted = [rerun(lambda table=table: count(table)) for table in (here, there)]
            chat.until(lambda counted=counted: all(c.done for c in counted), what="both")
            for each in counted:
                each.result()

        chat.until(lambda: here.get("visits") == there.get("visits") == 20, what="all visits")


def test_a_row_whose_commit_takes_long_is_not_missed(database):
    with several(database) as chat, psycopg.connect(database) as slow:
        here, there = chat.process().table("marks", int), chat.process()
        slow.execute(LOCK)
        slow.execute(WRITE, [["marks"], ["slow"], ["1"]])

        quick = here.put("quick", 2)
        with psycopg.connect(database, autocommit=True) as watcher:
            chat.until(
                lambda: quick.done or watcher.execute(WAITING).fetchone()[0],
                what="the quick one to be written, or to wait",
            )
        chat.settle(there.reach())
        slow.commit()
        chat.settle(quick)
        chat.settle(there.reach())

        assert dict(there.table("marks", int).items()) == {"slow": 1, "quick": 2}


def test_rows_that_postgres_loses_in_a_crash_are_followed_again_when_there_are_new_ones():
    with closing(Postgres().start()) as postgres, several(postgres.url) as chat:
        here, there = chat.process(), chat.process()
        for number in range(50):
            chat.settle(here.table("marks", int).put(f"row {number % 3}", number))
        chat.settle(there.reach())

        postgres.stop("immediate")
        with pytest.raises(ReadOnly):
            chat.settle(here.table("marks", int).put("row 0", 1000))
        assert here.table("marks", int).get("row 0") == 48
        postgres.start()
        with psycopg.connect(postgres.url) as connection:  # as after a crash that lost a commit
            connection.execute("ALTER SEQUENCE chatapp.short_lived_version RESTART")

        def is_written() -> bool:
            try:
                chat.settle(here.table("marks", int).put("row 0", 2000))
            except ReadOnly:
                return False
            return True

        wait_until(is_written, what="PostgreSQL to answer again")
        chat.until(lambda: there.table("marks", int).get("row 0") == 2000, what="the new row")


def test_postgres_keeps_no_more_than_some_times_as_many_rows(database, monkeypatch):
    monkeypatch.setattr("chatapp.cluster.shared_short_lived.TRIM_ROWS", 10)
    with several(database) as chat:
        marks = chat.process().table("marks", int)
        for number in range(200):
            marks.put(f"row {number}", number)
        chat.settle(marks.put("last", 0))

        with psycopg.connect(database) as connection:
            [(count,)] = connection.execute("SELECT count(*) FROM chatapp.short_lived").fetchall()
        assert MAX_ROWS <= count <= 5 * MAX_ROWS + 200
