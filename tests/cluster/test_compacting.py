"""The small tables in the database: values that were overwritten do not stay there for ever."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from chatapp.cluster.cluster import Cluster
from chatapp.cluster.postgres_stream import PostgresStream
from chatapp.log.format import ChainHead
from chatapp.tables import shared_directory
from chatapp.tables.shared_directory import SharedDirectory
from chatapp.upkeep.verify import verify
from tests.support.cluster import journal_bytes

Open = Callable[..., SharedDirectory]


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_directory, "worth_compacting", lambda lines, keys: lines > 4 * keys)


@pytest.fixture
def open_tables(database: str, tmp_path: Path) -> Iterator[Open]:
    """`open_tables("one")`: those of a process that starts."""
    opened: list[SharedDirectory] = []

    def open_tables(name: str, *, compacts: bool = True) -> SharedDirectory:
        cluster = Cluster.open(database)
        (tmp_path / name).mkdir(exist_ok=True)
        cluster.reconcile(tmp_path / name)
        share, beginning = cluster.share("directory"), cluster.beginning("directory")
        folder = tmp_path / name / "directory"
        opened.append(
            SharedDirectory.open_shared(folder, share, beginning=beginning, compacts=compacts)
        )
        return opened[-1]

    yield open_tables
    for tables in opened:
        tables.close()


def rows(database: str) -> list[int]:
    with psycopg.connect(database) as connection:
        query = "SELECT n FROM chatapp.batch WHERE stream = 'directory' ORDER BY n"
        return [n for (n,) in connection.execute(query)]


def fill(tables: SharedDirectory) -> None:
    names = tables.table("names", str)
    for number in range(20):
        names.put("ana", f"Ana {number}").result()
        names.put("ben", f"Ben {number}").result()
    names.put("eva", "Eva").result()
    names.delete("eva").result()


def test_the_last_values_stay_and_others_go_on_meanwhile(
    open_tables: Open, database: str, tmp_path: Path
) -> None:
    running = open_tables("running")
    fill(running)
    told: list[object] = []
    running.table("names", str).on_followed(lambda *news: told.append(news))

    starting = open_tables("starting")
    assert rows(database)[-1] == 43
    running.table("names", str).put("cy", "Cy").result()
    starting.flush()

    expected = {"ana": "Ana 19", "ben": "Ben 19", "cy": "Cy"}
    assert told == []
    for tables in (running, starting, open_tables("new")):
        assert dict(tables.table("names", str).items()) == expected
        tables.close()
    for name in ("running", "starting", "new"):
        tables = open_tables(name)
        assert dict(tables.table("names", str).items()) == expected
        tables.close()
        assert verify(tmp_path / name / "directory").problems == []
    files = {journal_bytes(tmp_path / name, "directory") for name in ("running", "starting", "new")}
    assert [file.count(b"\n") for file in files] == [3]


def test_what_was_overwritten_is_removed_the_next_time(open_tables: Open, database: str) -> None:
    fill(open_tables("one"))
    behind = open_tables("behind", compacts=False)
    for start in range(1, 4):
        tables = open_tables(f"start {start}")
        behind.flush()  # It lacks lines from before the new beginning.
        fill(tables)
        assert len(rows(database)) < 3 * 43
    behind.flush()

    assert rows(database)[0] > 43
    assert not behind.shared.is_over
    assert behind.table("names", str).get("ana") == "Ana 19"


def test_nothing_is_compacted_while_another_process_writes(
    open_tables: Open, database: str
) -> None:
    tables = open_tables("one", compacts=False)
    fill(tables)
    before = rows(database)
    stream = PostgresStream(database, "directory", tables.shared.tip)

    assert not stream.begin_again(ChainHead(tables.shared.tip.n - 1), [])

    assert rows(database) == before
    stream.close()
