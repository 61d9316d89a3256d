"""Counting what somebody has not read asks the index for all rooms at once."""

from pathlib import Path

import pytest

from chatapp.domain.model import Draft, Person
from chatapp.index.lookup import Lookup
from chatapp.index.recent_events import RecentEvents
from chatapp.index.schema import connect
from chatapp.index.unread import RoomMark, UnreadCounter
from chatapp.store.message_log import MessageLog
from chatapp.text.mentions import Mentions

ANA = Person(name="ana", id="a1", role="member")
ROOMS = [f"room-{number}" for number in range(20)]


@pytest.fixture
def index(log: MessageLog, tmp_path: Path) -> Path:
    """Two messages in each room, one of which calls ana, all in the index."""
    for room in ROOMS:
        for text in ("hello", "hello @ana"):
            log.append(Draft(room=room, sender="bob", text=text)).result()
    log.close()
    (path,) = tmp_path.rglob("index.sqlite3")
    return path


@pytest.mark.parametrize("rooms", [1, 20])
def test_many_rooms_need_no_more_questions_than_one(index: Path, rooms: int) -> None:
    connection, asked = connect(index), []
    counter = UnreadCounter(Lookup(connection), RecentEvents(), ANA, lambda _room, _seq: "@ana")
    mentions = Mentions("ana")
    marks = [RoomMark(room=room, read=0, last=2, mentions=mentions) for room in ROOMS[:rooms]]

    connection.set_trace_callback(asked.append)
    counts = counter.counts(marks)
    connection.close()

    assert [(each.unread, each.mentions) for each in counts] == [(2, 1)] * rooms
    assert len([statement for statement in asked if statement.startswith("SELECT")]) <= 5
