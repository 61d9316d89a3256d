"""A log that several processes append to: one order, every message once, the same bytes."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from chatapp.cluster import listener, pipeline, postgres_stream
from chatapp.cluster.postgres import ClusterError
from chatapp.cluster.postgres_stream import PostgresStream
from chatapp.domain.clock import now
from chatapp.domain.errors import ReadOnly
from chatapp.domain.future import Future
from chatapp.domain.model import Appended, Draft, Event
from chatapp.log import shared_journal, stream_copy
from chatapp.log.stream import Forked, StreamLost
from chatapp.store.feed import ELSEWHERE
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.verify import verify
from tests.support.postgres import Postgres
from tests.support.relay import Relay
from tests.support.waiting import wait_until


class Node:
    """A process: its log, and its event loop, which `turn()` runs."""

    def __init__(self, folder: Path, url: str, **options: Any) -> None:
        self._steps: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.log = MessageLog.open(
            folder / "messages",
            share=partial(PostgresStream, url, "messages"),
            deliver=self._steps.put,
            **options,
        )
        self.heard: list[tuple[Event, str | None]] = []
        self.log.feed.subscribe(lambda event, origin: self.heard.append((event, origin)))

    def say(self, text: str, cid: str | None = None, room: str = "general") -> Future[Appended]:
        draft = Draft(room=room, sender="ana", by="a1", text=text, cid=cid)
        return self.log.append(draft, origin="connection")

    def turn(self) -> None:
        while True:
            try:
                self._steps.get_nowait()()
            except Empty:
                return

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        def turned() -> Any:
            self.turn()
            return condition()

        return wait_until(turned, what=what)

    def done(self, *appended: Future[Appended]) -> list[Appended]:
        self.until(lambda: all(each.done for each in appended), "the answers")
        return [each.result() for each in appended]

    def hears(self, count: int) -> None:
        self.until(lambda: len(self.heard) >= count, f"{count} events")

    @property
    def files(self) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in (self.folder / "messages").glob("*.jsonl")}

    @property
    def bytes(self) -> bytes:
        return b"".join(p.read_bytes() for p in sorted((self.folder / "messages").glob("*.jsonl")))


def at_port(url: str, port: int) -> str:
    """That of a server which is reached by another way."""
    return url.replace(f":{urlsplit(url).port}/", f":{port}/")


def all_turn(condition: Callable[[], bool], what: str, *nodes: Node) -> None:
    def turned() -> bool:
        for node in nodes:
            node.turn()
        return condition()

    wait_until(turned, what=what)


@pytest.fixture
def make_node(tmp_path: Path, database: str) -> Iterator[Callable[..., Node]]:
    nodes: list[Node] = []

    def make_node(name: str, url: str = database, **options: Any) -> Node:
        nodes.append(Node(tmp_path / name, url, **options))
        return nodes[-1]

    yield make_node
    for node in nodes:
        node.log.close()


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """One that a test stops."""
    postgres = Postgres()
    yield postgres.start()
    postgres.close()


def test_everyone_hears_everything_once_in_one_order(make_node):
    here, there = make_node("here"), make_node("there")

    answers = [node.say(f"{n}") for n in range(50) for node in (here, there)]
    all_turn(
        lambda: len(here.heard) == len(there.heard) == 100 and all(a.done for a in answers),
        "all events and answers",
        here,
        there,
    )

    assert [event for event, _ in here.heard] == [event for event, _ in there.heard]
    assert [event.seq for event, _ in here.heard] == list(range(1, 101))
    assert {origin for _, origin in here.heard} == {"connection", ELSEWHERE}
    assert sum(origin == ELSEWHERE for _, origin in here.heard) == 50
    assert here.bytes == there.bytes


def test_only_its_own_commits_count_as_those_of_a_process(make_node):
    here, there = make_node("here"), make_node("there")
    here.done(here.say("hello"))
    there.hears(1)

    own, others = here.log.latency.recent(), there.log.latency.recent()

    assert own is not None
    assert (own.count, others) == (1, None)


def test_many_processes_that_append_at_the_same_moment_take_turns(make_node):
    nodes = [make_node(f"node {number}") for number in range(4)]
    for _ in range(25):
        answers = [node.say("now") for node in nodes]
        all_turn(lambda answers=answers: all(each.done for each in answers), "answers", *nodes)
        assert not any(answer.has_failed for answer in answers)

    all_turn(lambda: all(len(node.heard) == 100 for node in nodes), "all events", *nodes)
    assert len({node.bytes for node in nodes}) == 1


def test_an_answer_comes_after_its_own_event_and_all_before_it(make_node):
    here, there = make_node("here"), make_node("there")
    there.done(*[there.say(f"before {n}") for n in range(10)])
    heard_at_answer = []

    answer = here.say("mine")
    answer.add_done_callback(lambda _: heard_at_answer.append(len(here.heard)))
    [appended] = here.done(answer)

    assert appended.event.seq == 11
    assert heard_at_answer == [11]


def test_a_message_that_is_sent_again_through_another_process_is_there_once(make_node):
    here, there = make_node("here"), make_node("there")
    [first] = here.done(here.say("hello", cid="c1"))

    [again] = there.done(there.say("hello", cid="c1"))  # before it heard of the first
    there.hears(1)
    [third] = there.done(there.say("hello", cid="c1"))  # after that

    assert (first.duplicate, again.duplicate, third.duplicate) == (False, True, True)
    assert first.event.seq == again.event.seq == third.event.seq == 1
    there.done(there.say("hello", cid="c1", room="other"))
    assert there.log.heads() == {"general": 1, "other": 1}


def test_a_message_that_waits_while_another_process_appends_it_is_there_once(make_node):
    here, there = make_node("here"), make_node("there")
    [first] = there.done(there.say("hello", cid="c1"))
    here.log.journal.follow()  # What is said now waits for the next round.
    waiting = [here.say("hello", cid="c1"), here.say("new", cid="c2")]

    [again, new] = here.done(*waiting)

    assert (first.duplicate, again.duplicate, new.duplicate) == (False, True, False)
    assert (again.event.seq, new.event.seq) == (1, 2)


def test_the_same_message_through_many_processes_at_once_is_there_once(make_node):
    nodes = [make_node(f"node {n}") for n in range(4)]
    for number in range(20):
        answers = [node.say(f"{number}", cid=f"c{number}") for node in nodes]
        done = [node.done(answer)[0] for node, answer in zip(nodes, answers, strict=True)]
        assert sorted(each.duplicate for each in done) == [False, True, True, True]
        assert {each.event.seq for each in done} == {number + 1}


def test_history_search_and_verify_work_on_the_copy(make_node):
    here, there = make_node("here"), make_node("there")
    here.done(*[here.say(f"tea number {n}") for n in range(20)])
    there.hears(20)

    page = there.log.history("general", limit=5)
    found = there.log.search("number 7")
    there.until(lambda: found.done, "the search")

    assert [message.text for message in page.messages] == [f"tea number {n}" for n in range(15, 20)]
    assert [message.text for message in found.result().messages] == ["tea number 7"]
    there.log.flush()
    assert verify(there.folder / "messages").problems == []


def test_a_new_process_copies_what_is_there_and_one_that_was_away_goes_on(make_node, monkeypatch):
    monkeypatch.setattr(postgres_stream, "LINES_A_TURN", 7)
    here = make_node("here")
    here.done(*[here.say(f"{n}") for n in range(30)])
    away = make_node("away")
    assert away.log.head("general") == 30
    away.log.close()

    here.done(*[here.say(f"more {n}") for n in range(30)])
    back = make_node("away")

    assert back.log.head("general") == 60
    assert back.bytes == here.bytes


def test_all_copies_have_the_same_files_though_they_were_copied_in_other_parts(make_node):
    here, there = (make_node(name, segment_bytes=3_000) for name in ("here", "there"))
    for number in range(20):
        answers = [here.say(f"{number} {n}") for n in range(5)]
        here.done(*answers)
        if number % 4 == 0:
            there.done(there.say(f"there {number}"))
    late = make_node("late", segment_bytes=3_000)
    there.hears(105)

    assert len(here.files) > 3
    assert here.files == there.files == late.files


def test_time_never_runs_backwards_though_clocks_differ(make_node):
    slow = make_node("slow", clock=lambda: now() - timedelta(minutes=5))
    fast = make_node("fast", clock=lambda: now() + timedelta(minutes=5))
    for _ in range(5):
        for node in (fast, slow):
            node.done(node.say("tick"))
    slow.hears(10)

    times = [event.at for event, _ in slow.heard]
    assert times == sorted(times)


def test_a_server_that_crashes_loses_nothing_that_was_acked(own_postgres, make_node):
    here, there = make_node("here", own_postgres.url), make_node("there", own_postgres.url)
    acked = set()
    for number in range(3):
        answers = [
            (node, f"{number} {n}", node.say(f"{number} {n}", cid=f"{number} {n}"))
            for n in range(40)
            for node in (here, there)
        ]
        own_postgres.stop("immediate")
        own_postgres.start()
        for node, text, answer in answers:
            node.until(lambda answer=answer: answer.done, "the answer")
            if not answer.has_failed:
                acked.add(text)

    assert len(acked) == 120
    for node in (here, there):
        node.hears(120)
        assert sorted(event.text for event, _ in node.heard) == sorted(acked)
    assert here.bytes == there.bytes


def test_while_the_server_is_away_nothing_is_acked_and_reading_works(
    own_postgres, make_node, monkeypatch
):
    monkeypatch.setattr(stream_copy, "PATIENCE_SECONDS", 0.5)
    node = make_node("here", own_postgres.url)
    node.done(node.say("before"))
    own_postgres.stop()

    answer = node.say("meanwhile", cid="c1")
    node.until(lambda: answer.done, "the answer")
    with pytest.raises(ReadOnly, match="The database does not answer"):
        answer.result()
    assert [message.text for message in node.log.history("general").messages] == ["before"]
    room = node.log.journal.look_for_room()
    node.until(lambda: room.done, "a look at the disk")
    assert (room.result(), node.log.journal.refusal is None) == (False, False)

    own_postgres.start()

    def again() -> bool:
        answer = node.say("meanwhile", cid="c1")
        node.until(lambda: answer.done, "the answer")
        return not answer.has_failed

    node.until(again, "the server to be used again")
    room = node.log.journal.look_for_room()
    node.until(lambda: room.done, "another look at the disk")
    assert room.result()
    assert [event.text for event, _ in node.heard] == ["before", "meanwhile"]


def test_a_connection_that_does_not_answer_is_replaced(make_node, monkeypatch):
    monkeypatch.setattr(pipeline, "ANSWER_SECONDS", 1.0)
    node = make_node("here")
    node.done(node.say("before"))
    stopped = node.log.journal._stream._backend_pid
    os.kill(stopped, signal.SIGSTOP)
    try:
        [appended] = node.done(node.say("meanwhile"))
    finally:
        os.kill(stopped, signal.SIGCONT)

    assert appended.event.seq == 2


@pytest.fixture
def relay(postgres: Postgres) -> Iterator[Relay]:
    with Relay(urlsplit(postgres.url).port) as relay:
        yield relay


def test_a_line_that_falls_silent_without_an_end_is_given_up(
    relay, make_node, database, monkeypatch
):
    monkeypatch.setattr(pipeline, "ANSWER_SECONDS", 1.0)
    here, there = make_node("here", at_port(database, relay.port)), make_node("there")
    here.done(here.say("before"))

    relay.freeze()  # The lines stay, and new ones are sound.

    here.done(here.say("after"))
    there.done(there.say("of the other"))
    here.hears(3)
    assert here.bytes == there.bytes


def lose_a_commit(
    monkeypatch: pytest.MonkeyPatch, *, is_committed: bool, waits: threading.Event | None = None
) -> threading.Event:
    """The connection is lost at the next commit, or just before it. Set when that has happened;
    then the process that lost it waits for `waits`."""
    lost = threading.Event()
    turn = PostgresStream.turn

    class LosingTurn:
        def __init__(self, stream: PostgresStream, *arguments: Any, **options: Any) -> None:
            self.stream, self.turn = stream, turn(stream, *arguments, **options)

        def __enter__(self) -> Any:
            self.entered = self.turn.__enter__()
            return self.entered

        def __exit__(self, *error: Any) -> Any:
            loses = bool(self.entered.appended) and not lost.is_set()
            if loses and not is_committed:
                self.stream._connection.close()
            outcome = None
            try:
                outcome = self.turn.__exit__(*error)
            finally:
                if loses:
                    lost.set()
                    self.stream._connection.close()
            if loses:
                if waits:
                    assert waits.wait(30)
                raise StreamLost("the connection is lost")
            return outcome

    monkeypatch.setattr(
        PostgresStream, "turn", lambda *args, **options: LosingTurn(*args, **options)
    )
    return lost


@pytest.mark.parametrize("is_committed", [True, False])
def test_a_commit_of_unknown_outcome_is_looked_up(make_node, monkeypatch, is_committed):
    here, there = make_node("here"), make_node("there")
    there.done(there.say("first"))
    lost = lose_a_commit(monkeypatch, is_committed=is_committed)

    [appended] = here.done(here.say("mine", cid="c1"))

    assert lost.is_set()
    assert (appended.event.seq, appended.duplicate) == (2, False)
    assert [event.text for event, _ in here.heard] == ["first", "mine"]
    there.hears(2)
    assert here.bytes == there.bytes


def test_a_message_that_waits_for_the_round_after_the_next_is_there_once(
    make_node, monkeypatch, database
):
    """While one round is under way, no other is sent: it would not know what that one copies."""
    for module in (shared_journal, stream_copy):
        monkeypatch.setattr(module, "BATCH_RECORDS", 1)
    here, there = make_node("here"), make_node("there")
    here.until(lambda: here.log.journal._under_way is None, "the first look to be over")
    answers = [here.say("a"), here.say("b"), here.say("hello", cid="c1")]
    here.turn()
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with psycopg.connect(database) as turn, psycopg.connect(database, autocommit=True) as looking:
        committed = "SELECT 1 FROM chatapp.batch"
        wait_until(lambda: looking.execute(committed).fetchone(), what="the first commit")
        turn.execute("SELECT n FROM chatapp.stream WHERE name = 'messages' FOR UPDATE")
        first = there.say("hello", cid="c1")
        there.until(lambda: looking.execute(waiting).fetchall()[0][0], "the other to wait")
        here.turn()

    [*_, repeated] = here.done(*answers)

    assert repeated.duplicate
    assert there.done(first)[0].event.seq == repeated.event.seq
    there.hears(3)
    assert here.bytes == there.bytes


def test_what_others_append_behind_a_commit_of_unknown_outcome_is_there_once(
    make_node, monkeypatch
):
    here, there = make_node("here"), make_node("there")
    goes_on = threading.Event()
    lost = lose_a_commit(monkeypatch, is_committed=True, waits=goes_on)
    mine = here.say("mine")
    here.until(lost.is_set, "the connection to be lost")
    there.done(there.say("theirs", cid="c2"))
    again = here.say("theirs", cid="c2")
    goes_on.set()

    [_, repeated] = here.done(mine, again)

    assert (repeated.event.seq, repeated.duplicate) == (2, True)
    there.hears(2)
    assert here.bytes == there.bytes


def test_a_folder_with_another_log_is_refused(make_node, tmp_path, database):
    make_node("here")
    (tmp_path / "other").mkdir()
    other = MessageLog.open(tmp_path / "other" / "messages")
    other.append(Draft(room="general", sender="bo", text="not of this chat"))
    other.close()

    with pytest.raises(ClusterError, match="record 1 differs"):
        make_node("other")


def test_a_process_whose_database_was_replaced_takes_nothing_more(
    make_node, database, monkeypatch, caplog
):
    monkeypatch.setattr(listener, "FOLLOW_SECONDS", 3600.0)
    monkeypatch.setitem(postgres_stream.STATEMENTS, "tell", "SELECT $1::text")
    here, there = make_node("here"), make_node("there")
    here.done(here.say("of another history"))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE chatapp.batch SET lines = replace(lines, 'another', 'one more')")

    for _ in range(2):
        there.log.journal.follow()
        there.until(lambda: there.log.journal.is_over, "it to be noticed")
    answer = there.say("too late")
    there.until(lambda: answer.done, "the answer")

    with pytest.raises(ReadOnly, match="The database was replaced"):
        answer.result()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert there.heard == []


def test_following_does_not_wait_for_who_appends(make_node, database):
    here, there = make_node("here"), make_node("there")
    here.done(here.say("before"))
    with psycopg.connect(database) as connection:
        connection.execute("SELECT n FROM chatapp.stream FOR UPDATE")

        there.hears(1)
        late = make_node("late")

        assert late.log.head("general") == 1


def test_a_process_that_is_not_told_asks(make_node, monkeypatch):
    monkeypatch.setattr(listener, "FOLLOW_SECONDS", 0.1)
    monkeypatch.setitem(postgres_stream.STATEMENTS, "tell", "SELECT $1::text")
    here, there = make_node("here"), make_node("there")

    here.done(here.say("quietly"))

    there.hears(1)


def test_what_a_client_has_heard_elsewhere_is_reached_before_it_is_answered(make_node, monkeypatch):
    monkeypatch.setattr(listener, "FOLLOW_SECONDS", 3600.0)
    monkeypatch.setitem(postgres_stream.STATEMENTS, "tell", "SELECT $1::text")
    monkeypatch.setattr(postgres_stream, "LINES_A_TURN", 7)
    here, there = make_node("here"), make_node("there")
    there.turn()
    for number in range(30):
        here.done(here.say(f"{number}"))
    assert there.log.head("general") == 0

    reached, beyond = there.log.reach("general", 30), there.log.reach("general", 31)
    heads: list[int] = []
    reached.add_done_callback(lambda _: heads.append(there.log.head("general")))

    there.until(lambda: reached.done and beyond.done, "what the other has")
    assert heads == [30]


def test_a_process_that_is_told_need_not_ask(make_node, monkeypatch):
    monkeypatch.setattr(listener, "FOLLOW_SECONDS", 3600.0)
    here, there = make_node("here"), make_node("there")

    here.done(here.say("asked for when it began to listen"))
    there.hears(1)
    here.done(here.say("aloud"))

    there.hears(2)


def test_a_change_of_a_line_in_the_database_is_noticed(make_node, database):
    here, there = make_node("here"), make_node("there")
    here.done(here.say("as it was"))
    there.hears(1)
    with psycopg.connect(database, autocommit=True) as connection:
        here.done(here.say("to be changed"))
        there.hears(2)
        connection.execute("UPDATE chatapp.batch SET lines = replace(lines, 'changed', 'forged!')")

    with pytest.raises(Forked):
        make_node("late")


def test_what_comes_while_a_process_waits_for_its_turn_goes_along(make_node, database):
    here, there = make_node("here"), make_node("there")
    here.log.journal.follow = lambda: None  # It learns of the other's message in its own turn.
    here.done(here.say("zeroth"))
    there.done(there.say("once", cid="same"))
    with psycopg.connect(database) as another_turn:
        another_turn.execute("SELECT n FROM chatapp.stream WHERE name = 'messages' FOR UPDATE")
        first = here.say("first")
        here.turn()
        late = [here.say("once", cid="same"), here.say("late")]

    answers = here.done(first, *late)

    assert [answer.event.text for answer in answers] == ["first", "once", "late"]
    assert [answer.duplicate for answer in answers] == [False, True, False]
    lines = here.bytes.splitlines()
    assert [b'"more":1,' in lines[2], b'"more":0,' in lines[3]] == [True, True]
    there.hears(4)
    assert there.bytes == here.bytes


def test_a_database_that_has_gone_back_is_not_appended_to(make_node, database):
    node = make_node("node")
    called: list[bool] = []
    node.log.journal.replaced = lambda: called.append(True)
    node.done(node.say("kept"), node.say("lost"))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DELETE FROM chatapp.batch WHERE n = 2")
        connection.execute("UPDATE chatapp.stream SET n = 1 WHERE name = 'messages'")

    answer = node.say("new")

    node.until(lambda: answer.done, "the answer")
    with pytest.raises(ReadOnly, match="was replaced"):
        answer.result()
    assert called
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM chatapp.batch").fetchone() == (1,)
