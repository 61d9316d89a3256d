"""Saving messages for later, and reminders, with real clients of a real server."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest
import socketio

from chatapp.domain.errors import ReadOnly
from chatapp.domain.future import Future
from chatapp.features.saved.reminders import Reminders
from chatapp.features.saved.rows import SavedRow
from chatapp.protocol.pushes import Reminder
from chatapp.tables.person_rows import PersonRows
from chatapp.tables.short_lived import ShortLivedTables
from tests.support.cast import new_token, with_account, with_token
from tests.support.server import Server
from tests.support.soon import ask_for_soon, in_seconds
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call, hear

ROOM = "kitchen"


@pytest.fixture(scope="module")
def tokens(house: Server) -> dict[str, str]:
    return {name: new_token(house, name, "member") for name in ("ana", "ben")}


@pytest.fixture
def people(house: Server, tokens: dict[str, str]) -> dict[str, socketio.SimpleClient]:
    people = {name: with_token(house, token) for name, token in tokens.items()}
    call(people["ana"], "create", {"room": ROOM})
    for person in people.values():
        call(person, "join", {"room": ROOM})
        for saved in listed(person):
            save(person, saved["room"], saved["seq"], on=False)
    return people


def say(person: socketio.SimpleClient, text: str, room: str = ROOM) -> int:
    return int(call(person, "message", {"room": room, "text": text})["message"]["seq"])


def save(person: socketio.SimpleClient, room: str, seq: int, **more: Any) -> Any:
    return call(person, "save", {"room": room, "seq": seq, "on": True, **more})


def listed(person: socketio.SimpleClient, **wanted: Any) -> list[dict[str, Any]]:
    return list(call(person, "saved", {"limit": 50, **wanted})["saved"])


def remind(person: socketio.SimpleClient, room: str, seq: int, at: str) -> Any:
    return save(person, room, seq, remind_at=at)


def test_a_list_is_private_and_the_same_on_all_devices(people, house, tokens):
    ana, ben = people.values()
    phone = with_token(house, tokens["ana"])
    first, second, third = (say(ben, text) for text in ("one", "two", "three"))

    for seq in (first, second, third):
        answer = save(ana, ROOM, seq)
    told = [hear(phone, "saved") for _ in range(3)]

    assert (answer["count"], answer["due"]) == (3, 0)
    assert [news["seq"] for news in told] == [first, second, third]
    assert told[-1]["saved"] == answer["saved"]
    assert [each["message"]["text"] for each in listed(phone)] == ["three", "two", "one"]
    assert (call(phone, "rooms")["saved"], call(ben, "rooms")["saved"]) == (3, 0)
    assert listed(ben) == []
    page = call(ana, "saved", {"limit": 2})
    rest = call(ana, "saved", {"limit": 2, "after": page["after"]})
    assert [each["seq"] for each in page["saved"] + rest["saved"]] == [third, second, first]
    assert rest["after"] is None

    assert save(ana, ROOM, second, on=False)["saved"] is None
    assert hear(phone, "saved")["saved"] is None
    assert [each["seq"] for each in listed(phone)] == [third, first]


def test_a_reminder_comes_on_all_devices_and_stays_until_one_is_done(people, house, tokens):
    ana, ben = people.values()
    phone = with_token(house, tokens["ana"])
    seq, newer = say(ben, "call the plumber"), say(ben, "never mind the rest")
    ask_for_soon(partial(remind, ana, ROOM, seq))
    save(ana, ROOM, newer)

    for device in (ana, phone):
        reminder = hear(device, "reminder")
        assert msgspec.to_builtins(msgspec.convert(reminder, Reminder)) == reminder
        assert (reminder["room"], reminder["seq"], reminder["due"]) == (ROOM, seq, 1)
        assert reminder["message"]["text"] == "call the plumber"
    assert [(each["seq"], each.get("due", False)) for each in listed(ana)] == [
        (seq, True),
        (newer, False),
    ]
    assert call(phone, "rooms")["saved_due"] == 1

    later = save(ana, ROOM, seq, remind_at=in_seconds(3600))["saved"]
    assert "due" not in later
    assert call(phone, "rooms")["saved_due"] == 0
    assert "remind_at" not in save(ana, ROOM, seq, remind_at="")["saved"]
    again = save(ana, ROOM, seq)["saved"]
    assert again["saved_at"] == later["saved_at"], "it is saved already"


def test_a_wrong_date_and_a_message_that_is_not_there_are_refused(people):
    ana, ben = people.values()
    seq, gone = say(ben, "hm"), say(ben, "not for long")
    call(ben, "delete", {"room": ROOM, "seq": gone})

    for wrong in (in_seconds(-1), "tomorrow", "2199-01-01T00:00:00", "9999-12-31T23:59:59-12:00"):
        assert save(ana, ROOM, seq, remind_at=wrong)["error"]["code"] == "bad_payload"
    for missing in (gone, 10_000):
        assert save(ana, ROOM, missing)["error"]["code"] == "not_found"
    assert listed(ana) == []
    assert save(ana, "nowhere", 1)["error"]["code"] == "no_such_room"


def test_what_one_may_no_longer_read_is_not_shown(people):
    ana, ben = people.values()
    call(ben, "create", {"room": "cellar", "kind": "private"})
    call(ben, "invite", {"room": "cellar", "name": "ana"})
    secret, deleted, moved = say(ben, "a secret", "cellar"), say(ben, "oops"), say(ben, "elsewhere")
    for room, seq in (("cellar", secret), (ROOM, deleted), (ROOM, moved)):
        ask_for_soon(partial(remind, ana, room, seq))
    call(ben, "remove", {"room": "cellar", "name": "ana"})
    call(ben, "delete", {"room": ROOM, "seq": deleted})
    call(ana, "move", {"room": ROOM, "seqs": [moved], "to_room": "general"})

    reminders = {hear(ana, "reminder")["seq"] for _ in range(3)}

    shown = {(each["room"], each["seq"]): each["message"] for each in listed(ana)}
    assert reminders == {secret, deleted, moved}
    assert shown["cellar", secret] is None
    assert (shown[ROOM, deleted]["text"], shown[ROOM, deleted]["deleted_by"]) == ("", "ben")
    assert shown[ROOM, moved]["text"] == ""
    assert shown[ROOM, moved]["moved_to"]["room"] == "general"
    assert "a secret" not in str(listed(ana))
    assert "oops" not in str(listed(ana))
    assert save(ana, "cellar", secret, on=False)["ok"], "one can still tidy up"
    assert save(ana, "cellar", secret)["error"]["code"] == "no_such_room"


def test_a_reminder_whose_time_comes_while_the_server_is_down_is_due_afterwards(server):
    ana = with_account(server, "ana")
    seq = say(ana, "after the restart", "general")
    kept = ask_for_soon(partial(remind, ana, "general", seq), seconds=2)["saved"]

    server.kill9()
    time_of_it = datetime.fromisoformat(kept["remind_at"])
    wait_until(lambda: datetime.now(UTC) > time_of_it, what="the time to pass")
    server.start()

    wait_until(lambda: ana.client.connected, what="ana to come back")
    wait_until(lambda: call(ana, "rooms")["saved_due"] == 1, what="the reminder to be due")
    assert listed(ana)[0]["due"]


class Clock:
    """Time that stands still until it is moved, and what waits for it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 30, 9, tzinfo=UTC)
        self.steps: list[tuple[datetime, Any]] = []

    def __call__(self) -> datetime:
        return self.now

    def later(self, seconds: float, step: Any) -> None:
        self.steps.append((self.now + timedelta(seconds=seconds), step))

    def move(self, **by: float) -> None:
        until = self.now + timedelta(**by)
        while due := [each for each in self.steps if each[0] <= until]:
            first = min(due, key=lambda each: each[0])
            self.steps.remove(first)
            self.now = max(self.now, first[0])
            first[1]()
        self.now = until


class Tables(ShortLivedTables):
    """Of which writing can fail."""

    is_full = False

    def _write_rows(self, rows: Any, bases: Any) -> Future[None]:
        if self.is_full:
            failed: Future[None] = Future()
            failed.fail(ReadOnly("full"))
            return failed
        return super()._write_rows(rows, bases)


class Lease:
    is_held = True

    def on_taken(self, begin: Any) -> None:
        self.begin = begin


@pytest.fixture
def clock() -> Clock:
    return Clock()


def reminders(clock: Clock, lease: Lease, tables: Tables) -> tuple[Any, list[str]]:
    table = tables.table("saved", SavedRow)
    told: list[str] = []
    rows = PersonRows(table, Tables().table("saved", SavedRow))
    Reminders(rows, lease=lease, clock=clock, later=clock.later, tell=told.append).start()
    return table, told


def row(hour: str) -> SavedRow:
    return SavedRow(at="2026-11-30T08:00:00.000Z", remind_at=f"2026-11-30T{hour}:00.000Z")


def test_only_the_process_with_the_lease_marks_and_another_takes_over(clock):
    lease = Lease()
    lease.is_held = False
    table, told = reminders(clock, lease, Tables())
    table.put("a\nroom\n1", row("10:00"))

    clock.move(hours=2)
    assert told == []

    lease.is_held = True
    lease.begin()
    clock.move(seconds=1)
    assert told == ["a\nroom\n1"]
    assert table.get("a\nroom\n1").due


def test_a_changed_date_counts_and_an_old_one_does_not(clock):
    table, told = reminders(clock, Lease(), Tables())
    for key in ("a\nroom\n1", "a\nroom\n2", "a\nroom\n3"):
        table.put(key, row("10:00"))
    table.put("a\nroom\n1", row("12:00"))
    table.put("a\nroom\n2", row("09:30"))
    table.delete("a\nroom\n3")

    clock.move(hours=2)
    assert told == ["a\nroom\n2"]
    clock.move(hours=2)
    assert told == ["a\nroom\n2", "a\nroom\n1"]


def test_what_cannot_be_written_is_tried_again(clock):
    tables = Tables()
    table, told = reminders(clock, Lease(), tables)
    table.put("a\nroom\n1", row("10:00"))
    tables.is_full = True

    clock.move(hours=2)
    assert told == []
    assert not table.get("a\nroom\n1").due

    tables.is_full = False
    clock.move(minutes=1)
    assert told == ["a\nroom\n1"]
