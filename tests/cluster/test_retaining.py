"""Old days that are dropped in a chat of several processes: from the database, then each copy."""

import psycopg
import pytest

from chatapp.cluster.cluster import Cluster
from chatapp.log.disk import Disk
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.retain import find_cut
from tests.support.copies import Copies, lines_in_database, say

OLD, OLDER_STILL = "2017-07-14T02:40:00.000Z", "2016-07-14T02:40:00.000Z"


def talk(log: MessageLog) -> None:
    for number in range(10):
        say(log, "eva", f"last year {number}", at=OLD)
    for number in range(10):
        say(log, "ana", f"nobody minds this {number}")


def drop_old_days(copies: Copies, log: MessageLog, first_day: str = "2020-01-01") -> None:
    cut = find_cut(Disk(), log.folder, first_day)
    assert cut.result.dropped
    Cluster.open(copies.url).begin_at("messages", cut.anchor, cut.heads)


def test_old_days_are_dropped_in_the_database_and_by_each_copy_when_it_is_opened(
    copies: Copies,
) -> None:
    one, two, behind = (copies.open(name) for name in ("one", "two", "behind"))
    behind.close()
    talk(one)
    two.flush()

    drop_old_days(copies, one)
    assert b"last year" not in lines_in_database(copies.url)
    say(two, "ana", "they go on meanwhile")  # Their copies have the old days still.
    one.flush()
    assert [log.head("general") for log in (one, two)] == [21, 21]
    copies.close()
    again = copies.open("one")
    for name in ("two", "behind", "new"):
        copies.open(name)

    assert [event.seq for event in again.events("general", after=0, limit=99)] == [*range(11, 22)]
    assert again.search("last").result().messages == []
    assert len(again.search("nobody").result().messages) == 10
    for number in range(10):
        say(again, "ana", f"numbers go on {number}")
    assert again.head("general") == 31
    copies.close()
    for name in ("two", "behind", "new"):
        copies.open(name)
    copies.are_the_same_without("last year", "one", "two", "behind", "new")
    assert not (copies.data("one") / "rescued").exists()


def test_dropping_goes_on_where_it_was_interrupted(
    copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = copies.open("one")
    talk(one)
    monkeypatch.setattr("chatapp.cluster.lines.ROWS_AT_ONCE", 3)
    with psycopg.connect(copies.url, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION interrupt() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN IF old.n = 5 THEN RAISE 'interrupted'; END IF; RETURN old; END $$;"
            " CREATE TRIGGER interrupt BEFORE DELETE ON chatapp.batch"
            " FOR EACH ROW EXECUTE FUNCTION interrupt()"
        )
        with pytest.raises(Exception, match="interrupted"):
            drop_old_days(copies, one)
        connection.execute("DROP TRIGGER interrupt ON chatapp.batch")
    assert lines_in_database(copies.url).count(b"last year") == 7

    drop_old_days(copies, one)

    copies.close()
    copies.open("one")
    copies.are_the_same_without("last year", "one")


def test_what_was_dropped_stays_so_in_a_database_that_was_restored(copies: Copies) -> None:
    one = copies.open("one")
    talk(one)
    with psycopg.connect(copies.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE backup AS TABLE chatapp.batch")
        drop_old_days(copies, one)
        copies.close()
        copies.open("one")
        copies.close()
        connection.execute("DELETE FROM chatapp.batch")
        connection.execute("INSERT INTO chatapp.batch SELECT * FROM backup")
        connection.execute("UPDATE chatapp.stream SET beginning = NULL")

    copies.open("one")

    copies.open("two")
    copies.are_the_same_without("last year", "one", "two")
