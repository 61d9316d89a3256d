"""A standby that was behind becomes the database: what the copies of the processes do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from chatapp.cluster import replaced
from chatapp.cluster.cluster import Cluster
from chatapp.domain.model import Draft
from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog
from chatapp.tables.shared_directory import SharedDirectory
from tests.support.postgres import Postgres

Failover = Callable[[], None]


@pytest.fixture(autouse=True)
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaced, "GRACE_SECONDS", 0.0)


@contextmanager
def copy(url: str, data: Path) -> Iterator[MessageLog]:
    """The messages of one process of the chat, as at a start."""
    cluster = Cluster.open(url)
    folder = DataFolder.open(data, database=cluster.id)
    cluster.reconcile(data)
    beginning = cluster.beginning("messages")
    share = cluster.share("messages")
    log = MessageLog.open(folder.messages, index=folder.index, share=share, beginning=beginning)
    directory = SharedDirectory.open_shared(folder.directory, cluster.share("directory"))
    try:
        yield log
    finally:
        log.close()
        directory.close()
        folder.close()


def say(log: MessageLog, *texts: str) -> None:
    for text in texts:
        draft = Draft(room="general", sender="ana", type="message", text=text, cid=text)
        log.append(draft).result()


def said(log: MessageLog) -> list[str | None]:
    return [message.text for message in log.history("general").messages]


def become_primary(standby: Postgres, primary: Postgres) -> None:
    primary.stop()
    standby.start()
    standby.promote()


def test_what_the_standby_lacks_comes_back_from_a_copy(
    primary: Postgres, standby: Postgres, tmp_path: Path
):
    with copy(primary.url_of("chat"), tmp_path / "one") as log:
        say(log, "a", "b")
        epoch = log.epoch
        with copy(primary.url_of("chat"), tmp_path / "two"):
            pass
        standby.copy(primary)
        say(log, "c", "d")
    become_primary(standby, primary)

    with copy(standby.url_of("chat"), tmp_path / "one") as log:
        assert said(log) == ["a", "b", "c", "d"]
        assert log.epoch != epoch
        say(log, "e")
        with copy(standby.url_of("chat"), tmp_path / "two") as other:
            assert said(other) == ["a", "b", "c", "d", "e"]
            assert other.epoch == log.epoch
            say(other, "c")  # It is there already: its cid came back too.
            assert said(other) == ["a", "b", "c", "d", "e"]


def test_a_copy_that_the_database_went_past_is_set_aside(
    primary: Postgres, standby: Postgres, tmp_path: Path
):
    with copy(primary.url_of("chat"), tmp_path / "one") as log:
        say(log, "a", "b")
        with copy(primary.url_of("chat"), tmp_path / "two"):
            pass
        standby.copy(primary)
        say(log, "lost")
    become_primary(standby, primary)
    with copy(standby.url_of("chat"), tmp_path / "two") as log:
        say(log, "c")
        epoch = log.epoch

    with copy(standby.url_of("chat"), tmp_path / "one") as log:
        assert said(log) == ["a", "b", "c"]
        assert log.epoch != epoch
        latest = log.epoch
    [aside] = (tmp_path / "one" / "rescued").iterdir()
    lines = b"".join(file.read_bytes() for file in (aside / "messages").glob("*.jsonl"))
    assert b'"text":"lost"' in lines
    with copy(standby.url_of("chat"), tmp_path / "two") as log:
        assert (said(log), log.epoch) == (["a", "b", "c"], latest)


def test_nothing_changes_where_nothing_was_replaced(primary: Postgres, tmp_path: Path):
    with copy(primary.url_of("chat"), tmp_path / "one") as log:
        say(log, "a")
        epoch = log.epoch
    primary.stop()
    primary.start()

    with copy(primary.url_of("chat"), tmp_path / "one") as log:
        assert (said(log), log.epoch) == (["a"], epoch)
    assert not (tmp_path / "one" / "rescued").exists()


def test_nobody_appends_while_copies_give_back(
    primary: Postgres, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    slept: list[float] = []
    monkeypatch.setattr("chatapp.cluster.cluster.time.sleep", slept.append)
    monkeypatch.setattr(replaced, "GRACE_SECONDS", 1000.0)
    Cluster.open(primary.url_of("chat"))
    with psycopg.connect(primary.url_of("chat"), autocommit=True) as connection:
        assert replaced.seconds_to_wait(connection) == 0
        connection.execute("UPDATE chatapp.meta SET value = '0' WHERE name = 'timeline'")
        Cluster.open(primary.url_of("chat")).reconcile(tmp_path)
        assert 900 < slept[-1] <= 1000
        assert 900 < replaced.seconds_to_wait(connection) <= 1000
