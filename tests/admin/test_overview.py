import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from flask import Flask

from chatapp.admin.charts import bars
from chatapp.admin.overview import Activity, busiest_people
from chatapp.domain.clock import timestamp
from chatapp.domain.future import Future
from chatapp.domain.model import Draft
from chatapp.features.accounts.manager import AccountManager
from chatapp.index.lookup import HourlyCounts
from chatapp.store.message_log import MessageLog
from tests.support.accounts import Clock
from tests.support.pages import Browser, make_app
from tests.support.records import say


def test_records_are_counted_by_day(log: MessageLog, clock: Clock) -> None:
    for number, days in ((3, 1), (1, 4), (2, 0)):
        for _ in range(number):
            say(log, "hola")
        clock.pass_by(timedelta(days=days))

    counts = [count for _, count in counted(log, clock).by_day(clock().date())]

    assert counts[-6:] == [3, 1, 0, 0, 0, 2]
    assert sum(counts) == 6
    assert len(counts) == 30


def test_older_days_do_not_count(log: MessageLog, clock: Clock) -> None:
    say(log, "long ago")
    clock.pass_by(timedelta(days=40))
    say(log, "today")

    counts = [count for _, count in counted(log, clock).by_day(clock().date())]

    assert counts == [0] * 29 + [1]


def test_an_empty_log_has_empty_days(log: MessageLog, clock: Clock) -> None:
    assert [count for _, count in counted(log, clock).by_day(clock().date())] == [0] * 30


def test_records_are_counted_by_hour(log: MessageLog, clock: Clock) -> None:
    say(log, "before yesterday's noon")
    clock.pass_by(timedelta(hours=30))
    for number in (3, 0, 2):
        for _ in range(number):
            say(log, "hola")
        clock.pass_by(timedelta(hours=1))
    say(log, "just now")

    hours = counted(log, clock).by_hour(clock())

    assert [count for _, count in hours[-4:]] == [3, 0, 2, 1]
    assert sum(count for _, count in hours) == 6
    assert len(hours) == 24
    assert f"{hours[-1][0]:%H:%M}" == f"{clock():%H}:00"


def test_an_empty_log_has_empty_hours(log: MessageLog, clock: Clock) -> None:
    assert [count for _, count in counted(log, clock).by_hour(clock())] == [0] * 24


def test_who_wrote_most_comes_first(log: MessageLog) -> None:
    for sender in ("ana", "ben", "ana"):
        say(log, "hola", sender=sender)

    assert busiest_people(log) == [("ana", 2), ("ben", 1)]


def test_who_wrote_most_is_told_of_the_newest_and_where_a_line_is_damaged(
    log: MessageLog,
) -> None:
    for sender in ("eva", "eva", "eva", "ana", "ana", "ben"):
        log.append(Draft(room="tea", sender=sender, text="hola")).result()
    assert log.senders(limit=3).result() == {"ana": 2, "ben": 1}
    assert busiest_people(log) == [("eva", 3), ("ana", 2), ("ben", 1)]

    (segment,) = log.folder.glob("*.jsonl")
    segment.write_bytes(segment.read_bytes().replace(b'"ben"', b'"bob"'))

    assert busiest_people(log) == [("eva", 3), ("ana", 2), ("ben", 1)]


def test_the_highest_bar_is_as_high_as_the_chart_and_nothing_has_none() -> None:
    heights = [bar["height"] for bar in bars([0, 1, 50, 1000])]

    assert heights == [0, 1, 5, 100]


def test_the_overview_shows_numbers_rooms_and_warnings(
    accounts: AccountManager, log: MessageLog, audit: MessageLog, tmp_path: Path
) -> None:
    say(log, "hola")
    say(log, "tea?", room="tea")
    app: Flask = make_app(
        accounts, log, audit, data=tmp_path, here=("a", "b", "c"), failure="Look <b>here</b>"
    )
    admin = Browser(app).sign_in("Boss")

    page = admin.get("/admin/overview").text

    assert re.findall(r"<dd>(\S+)</dd>", page)[:4] == ["3", "1", "2", "2"]
    assert "Look &lt;b&gt;here" in page
    assert 'href="/admin/messages?room=tea"' in page


def test_what_was_counted_stays_and_what_comes_is_added(log: MessageLog, clock: Clock) -> None:
    activity = Activity(log)
    for _ in range(5):
        say(log, "hola")
        activity.count(clock())
        assert activity.by_day(clock().date()) == counted(log, clock).by_day(clock().date())
        assert activity.by_hour(clock()) == counted(log, clock).by_hour(clock())
        clock.pass_by(timedelta(hours=7))
    say(log, "once more")
    activity.count(clock())

    assert activity.by_day(clock().date()) == counted(log, clock).by_day(clock().date())
    assert activity.by_hour(clock()) == counted(log, clock).by_hour(clock())
    assert sum(count for _, count in activity.by_day(clock().date())) == 6


def test_what_is_older_than_a_month_is_forgotten(log: MessageLog, clock: Clock) -> None:
    activity = Activity(log)
    say(log, "hola")
    activity.count(clock())
    clock.pass_by(timedelta(days=31))
    activity.count(clock())
    clock.pass_by(timedelta(days=-31))

    assert sum(count for _, count in activity.by_day(clock().date())) == 0


def test_days_that_a_clock_hid_are_counted_when_it_is_set_back(
    log: MessageLog, clock: Clock
) -> None:
    activity = Activity(log)
    say(log, "hola")
    clock.pass_by(timedelta(days=60))
    activity.count(clock())
    assert sum(count for _, count in activity.by_day(clock().date())) == 0

    clock.pass_by(timedelta(days=-60))
    activity.count(clock())

    assert sum(count for _, count in activity.by_day(clock().date())) == 1


def test_very_many_are_counted_little_by_little(
    log: MessageLog, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(7):
        say(log, "hola")
        clock.pass_by(timedelta(days=1))
    whole = counted(log, clock).by_day(clock().date())

    for at_once in (1, 2, 7):
        monkeypatch.setattr("chatapp.index.lookup.COUNTED_AT_ONCE", at_once)
        assert counted(log, clock).by_day(clock().date()) == whole


def test_two_who_look_at_once_see_each_record_once(log: MessageLog, clock: Clock) -> None:
    class Meanwhile:
        """Somebody else counts while one waits for the answer, which was given before."""

        def count(self, *, since: datetime, after: int) -> Future[HourlyCounts]:
            answer = log.count(since=since, after=after)
            if not others:
                others.append(1)
                say(log, "hola")
                activity.count(clock())
            return answer

    others: list[int] = []
    activity = Activity(cast("MessageLog", Meanwhile()))
    say(log, "hola")
    activity.count(clock())

    assert sum(count for _, count in activity.by_day(clock().date())) == 2


def test_only_what_is_new_is_counted(log: MessageLog, clock: Clock) -> None:
    asked: list[int] = []

    class Noting:
        def count(self, *, since: datetime, after: int) -> Future[HourlyCounts]:
            asked.append(after)
            return log.count(since=since, after=after)

    activity = Activity(cast("MessageLog", Noting()))
    for _ in range(3):
        say(log, "hola")
        activity.count(clock())

    assert asked == [0, 1, 2]


def test_old_messages_that_were_imported_today_count_for_their_own_day(
    log: MessageLog, clock: Clock
) -> None:
    say(log, "before")
    for days in (3, 3, 50):
        at = timestamp(clock() - timedelta(days=days))
        log.append(Draft(room="tea", sender="ana", text="old"), at=at).result()
    say(log, "after")

    counts = [count for _, count in counted(log, clock).by_day(clock().date())]
    hours = [count for _, count in counted(log, clock).by_hour(clock())]

    assert counts[-4:] == [2, 0, 0, 2]
    assert sum(counts) == 4
    assert hours == [0] * 23 + [2]


def counted(log: MessageLog, clock: Clock) -> Activity:
    activity = Activity(log)
    activity.count(clock())
    return activity
