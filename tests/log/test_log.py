"""What is appended is there: read back by room, by cid, by filter, and after a restart."""

from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import msgspec
import pytest

from chatapp.domain.errors import Unavailable
from chatapp.domain.model import Draft
from chatapp.store.message_log import MessageLog
from tests.support.records import sent_with
from tests.support.waiting import DEADLINE_SECONDS

from .conftest import Clock, draft

Open = Callable[..., MessageLog]


def texts(log: MessageLog, room: str = "general", **bounds: int) -> list[str]:
    return [message.text for message in log.history(room, **bounds).messages]


def test_a_message_gets_the_next_seq_of_its_room_and_the_time_of_its_commit(log: MessageLog):
    first = log.append(draft("hola")).result().event
    second = log.append(draft("hi", room="tea")).result().event
    third = log.append(draft("¿qué tal?")).result().event

    assert [first.seq, second.seq, third.seq] == [1, 1, 2]
    assert first.at == "2026-11-22T09:30:00.123Z"
    assert log.heads() == {"general": 2, "tea": 1}
    assert log.head("nowhere") == 0


def test_history_is_the_same_before_and_after_the_index_takes_it_in(
    log: MessageLog, open_log: Open
):
    for i in range(30):
        log.append(draft(f"message {i + 1}"))

    def pages(log: MessageLog) -> list[object]:
        return [
            log.history("general", limit=10),
            log.history("general", before=21, limit=10),
            log.history("general", after=3, limit=4),
            log.history("general", around=15, limit=6),
            log.history("general", after=30),
            log.events("general", after=25, limit=3),
            log.following(25, limit=3),
            log.message("general", 7),
            log.last_at("general"),
        ]

    from_the_tail = pages(log)
    log.close()
    again = open_log()

    assert pages(again) == from_the_tail
    newest, before, after, around, none, events, following, one, last_at = from_the_tail
    assert following == list(zip([26, 27, 28], events, strict=True))
    assert last_at == newest.messages[-1].at
    assert [m.text for m in newest.messages] == [f"message {i}" for i in range(21, 31)]
    assert (newest.more_before, newest.more_after) == (True, False)
    assert [m.seq for m in before.messages] == list(range(11, 21))
    assert (before.more_before, before.more_after) == (True, True)
    assert [m.seq for m in after.messages] == [4, 5, 6, 7]
    assert [m.seq for m in around.messages] == [12, 13, 14, 15, 16, 17]
    assert none.messages == []
    assert [e.seq for e in events] == [26, 27, 28]
    assert one.text == "message 7"


def test_a_passage_is_of_some_rooms_and_says_how_far_it_goes(log: MessageLog, open_log: Open):
    for i in range(30):
        log.append(draft(f"{i + 1}", room=("general", "tea", "ci")[i % 3]))

    def passage(log: MessageLog, n: int, **limits: int) -> tuple[list[int], int]:
        wide = {"span": 100, "limit": 100, "most_bytes": 10_000} | limits
        events, up_to = log.passage(n, rooms={"tea", "ci", "nowhere"}, **wide)
        assert all(event.text == f"{number}" for number, event in events)
        return [number for number, _ in events], up_to

    def passages(log: MessageLog) -> list[tuple[list[int], int]]:
        return [
            passage(log, 0),
            passage(log, 10, span=4),
            passage(log, 10, span=2),
            passage(log, 0, limit=3),
            passage(log, 0, most_bytes=1),
            passage(log, 30),
        ]

    from_the_tail = passages(log)
    log.close()
    again = open_log()
    from_the_index = passages(again)
    again.append(draft("31", room="tea"))

    assert from_the_tail == from_the_index
    assert from_the_tail == [
        ([n for n in range(1, 31) if n % 3 != 1], 30),
        ([11, 12, 14], 14),
        ([11, 12], 12),
        ([2, 3, 5], 5),
        ([2], 2),
        ([], 30),
    ]
    assert passage(again, 27, span=3) == ([29, 30], 30)
    assert passage(again, 28) == ([29, 30, 31], 31)


def test_edits_deletions_and_reactions_are_folded_in(log: MessageLog, clock: Clock, open_log: Open):
    log.append(draft("tee"))
    log.append(draft("coffee"))
    clock.advance(minutes=1)
    log.append(Draft(room="general", sender="ana", type="edit", target=1, text="tea"))
    for name in ("bo", "cy", "bo"):
        log.append(Draft(room="general", sender=name, type="react", target=1, emoji="👍", on=True))
    log.append(Draft(room="general", sender="cy", type="react", target=1, emoji="👍", on=False))
    log.append(Draft(room="general", sender="eve", type="delete", target=2))

    def shown(log: MessageLog) -> list[object]:
        return [
            (m.text, m.edited_at, m.deleted_by, m.reactions)
            for m in log.history("general").messages
        ]

    expected = [
        ("tea", "2026-11-22T09:31:00.123Z", None, {"👍": ["bo"]}),
        ("", None, "eve", None),
    ]
    assert shown(log) == expected
    log.close()
    assert shown(open_log()) == expected


def test_a_message_is_found_by_its_cid_also_after_a_restart(log: MessageLog, open_log: Open):
    log.append(draft("once", cid="c-1"))

    assert sent_with(log, "general", "ana", "c-1").text == "once"
    assert sent_with(log, "general", "bo", "c-1") is None
    log.close()
    again = open_log()
    assert sent_with(again, "general", "ana", "c-1").text == "once"
    assert sent_with(again, "general", "ana", "c-2") is None


def test_everything_is_there_after_a_restart_and_goes_on_where_it_ended(
    log: MessageLog, open_log: Open
):
    log.append(draft("one"))
    epoch = log.epoch
    log.close()

    again = open_log()
    event = again.append(draft("two")).result().event

    assert again.epoch == epoch
    assert event.seq == 2
    assert texts(again) == ["one", "two"]


def test_the_admin_finds_records_by_room_sender_day_and_words(log: MessageLog, clock: Clock):
    log.append(draft("green tea", sender="ana"))
    log.append(draft("black tea", sender="bo", room="tea"))
    clock.advance(days=1)
    log.append(draft("Café crème", sender="ana", room="tea"))
    log.append(draft("我们明天去北京", sender="bo"))

    def found(**filters: object) -> list[int]:
        return [logged.n for logged in log.find(**filters).result()]

    assert found() == [4, 3, 2, 1]
    assert found(limit=2, before=4) == [3, 2]
    assert found(rooms=["tea"]) == [3, 2]
    assert found(rooms=["nowhere"]) == []
    assert found(sender="ana") == [3, 1]
    assert found(day="2026-11-22") == [2, 1]
    assert found(day="2026-11-23") == [4, 3]
    assert found(day="2026-11-24") == []
    assert found(text="tea") == [2, 1]
    assert found(text="tea", rooms=["tea"]) == [2]
    assert found(text="cafe") == [3]
    assert found(text="北京") == [4]
    assert found(text="京北") == []
    assert found(text="!!") == []
    one = log.find(sender="bo", rooms=["tea"]).result()[0]
    assert (one.file, one.line, one.record.text) == ("messages/000000000001.jsonl", 2, "black tea")


def test_search_finds_what_a_message_says_now(log: MessageLog):
    log.append(draft("coffee"))
    log.append(draft("juice"))
    log.find(text="coffee").result()
    log.append(Draft(room="general", sender="ana", type="edit", target=1, text="tea"))
    log.append(Draft(room="general", sender="ana", type="edit", target=1, text="green tea"))
    log.append(Draft(room="general", sender="ana", type="delete", target=2))

    def found(text: str) -> list[int]:
        return [logged.n for logged in log.find(text=text).result()]

    assert found("coffee") == []
    assert found("tea") == [1]
    assert found("juice") == []


def test_with_an_event_loop_appends_of_one_turn_share_a_batch(open_log: Open, tmp_path: Path):
    turns: SimpleQueue[Callable[[], None]] = SimpleQueue()
    log = open_log(deliver=turns.put)

    pendings = [log.append(draft(f"{i}")) for i in range(5)]
    assert not any(pending.done for pending in pendings)
    while not all(pending.done for pending in pendings):
        turns.get(timeout=DEADLINE_SECONDS)()

    lines = (tmp_path / "messages" / "000000000001.jsonl").read_bytes().splitlines()
    records = [msgspec.json.decode(line) for line in lines]
    assert [record["batch"] for record in records] == [1] * 5
    assert [record["more"] for record in records] == [4, 3, 2, 1, 0]
    assert [pending.result().event.seq for pending in pendings] == [1, 2, 3, 4, 5]


def test_flush_makes_durable_without_a_turn_of_the_loop(open_log: Open):
    log = open_log(deliver=lambda callback: None)

    pending = log.append(draft("now"))
    log.flush()

    assert pending.result().event.seq == 1


def test_the_index_thread_takes_in_what_came_while_readers_read_on(open_log: Open):
    turns: SimpleQueue[Callable[[], None]] = SimpleQueue()
    log = open_log(deliver=turns.put)

    for round_ in range(120):
        pendings = [log.append(draft(f"{round_} {i}", cid=f"{round_}-{i}")) for i in range(100)]
        while not pendings[-1].done:
            turns.get(timeout=DEADLINE_SECONDS)()
        page = log.history("general", limit=3)
        assert [m.text for m in page.messages] == [f"{round_} {i}" for i in (97, 98, 99)]
        assert sent_with(log, "general", "ana", "0-5").seq == 6
        assert log.history("general", after=0, limit=1).messages[0].text == "0 0"

    assert [e.seq for e in log.events("general", after=0, limit=20_000)] == list(range(1, 12_001))


def test_a_lost_or_damaged_index_is_made_again(log: MessageLog, open_log: Open, tmp_path: Path):
    for i in range(10):
        log.append(draft(f"message {i}"))
    log.close()
    index = tmp_path / "index.sqlite3"

    index.unlink()
    again = open_log()
    assert len(texts(again)) == 10
    again.close()

    index.write_bytes(b"SQLite format 3\0" + b"nonsense" * 1000)
    assert len(texts(open_log())) == 10


@pytest.mark.parametrize("harm", ["zeros", "cut", "deleted"])
def test_history_that_meets_damage_is_refused_and_its_place_logged_once(
    open_log: Open, harm: str, caplog: pytest.LogCaptureFixture
):
    log = open_log(segment_bytes=500)
    for number in range(10):
        log.append(draft(f"message {number}", cid=f"c{number}"))
    log.close()
    log = open_log()
    first = log.folder / "000000000001.jsonl"
    if harm == "deleted":
        first.unlink()
    elif harm == "cut":
        first.write_bytes(b"")
    else:
        first.write_bytes(bytes(first.stat().st_size))

    for read in (
        lambda: log.history("general"),
        lambda: log.history("general", around=1),
        lambda: log.history("general", after=0),
        lambda: log.events("general", after=0, limit=10),
        lambda: log.message("general", 1),
        lambda: sent_with(log, "general", "ana", "c0"),
    ):
        with pytest.raises(Unavailable, match="files of the server are damaged"):
            read()

    assert log.message("general", 10).text == "message 9"
    (line,) = caplog.messages
    assert "000000000001.jsonl" in line
