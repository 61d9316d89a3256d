"""When events are sent, in which order, and what happens when a receiver fails."""

from typing import Any

import pytest

from chatapp.domain.errors import Unavailable
from chatapp.features.outgoing_webhooks.retries import OFFSETS_SECONDS
from chatapp.features.outgoing_webhooks.sender import HANDED_A_TURN, SCANNED_AT_ONCE
from chatapp.outbound.calls import OutboundError
from tests.features.outgoing_webhooks.conftest import ROBOT, URL, Chat, said

DAY = 24 * 3600.0


def test_what_is_said_is_sent_in_order_and_nothing_from_before(chat: Chat) -> None:
    chat.say("before")
    chat.add()

    for number in range(3 * SCANNED_AT_ONCE):
        chat.say(str(number))
    chat.go(10)

    assert chat.receiver.texts == [str(number) for number in range(3 * SCANNED_AT_ONCE)]
    assert len(set(chat.receiver.ids)) == 3 * SCANNED_AT_ONCE


def test_one_event_of_a_webhook_is_on_its_way_at_a_time(chat: Chat) -> None:
    chat.add()
    chat.receiver.is_slow = True

    chat.say("one")
    chat.go()
    chat.say("two")
    chat.go()

    assert chat.receiver.texts == ["one"]
    chat.receiver.answer()
    chat.go()
    assert chat.receiver.texts == ["one", "two"]


def test_what_comes_together_is_handed_over_together_and_stops_at_what_fails(chat: Chat) -> None:
    id = chat.add()
    chat.receiver.answers = [said(200), said(500)]
    for number in range(12):
        chat.say(str(number))

    chat.go()

    assert chat.receiver.texts == ["0", "1"]
    assert chat.place(id).n == chat.attempts(id)[0].n
    chat.go(10)
    assert chat.receiver.texts == ["0", "1", *(str(number) for number in range(1, 12))]
    assert chat.receiver.together == [10, 1, 10]
    assert [one.attempt for one in chat.attempts(id)][:3] == [1, 1, 2]


def test_one_whose_answers_are_posted_gets_one_at_a_time(chat: Chat) -> None:
    chat.add(replies_as=ROBOT.id)
    for number in range(3):
        chat.say(str(number))

    chat.go()

    assert chat.receiver.together == [1, 1, 1]


def test_only_so_many_are_handed_over_before_others_have_a_turn(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10):
        chat.add(url=f"https://{number}.example.org/")
    turns: list[int] = []
    turn = chat.sender._turn

    def counted() -> None:
        before = sum(chat.receiver.together)
        turn()
        turns.append(sum(chat.receiver.together) - before)

    monkeypatch.setattr(chat.sender, "_turn", counted)
    for number in range(5):
        chat.say(str(number))
    chat.go()

    assert len(chat.receiver.calls) == 50
    assert max(turns) == HANDED_A_TURN
    assert sorted(set(chat.receiver.texts)) == ["0", "1", "2", "3", "4"]


def test_it_is_tried_ten_times_within_a_day_and_then_switched_off(chat: Chat) -> None:
    id = chat.add()
    chat.receiver.always = said(500, b"boom")
    chat.say("hello")

    chat.go(DAY + 60)

    times = [one.at for one in chat.attempts(id)]
    first = chat.attempts(id)[0].at
    assert len(set(chat.receiver.ids)) == 1
    assert [one.attempt for one in chat.attempts(id)] == list(range(1, 11))
    sent = [chat.now.fromisoformat(at) - chat.now.fromisoformat(first) for at in times]
    assert [round(each.total_seconds()) for each in sent] == list(OFFSETS_SECONDS)
    off = chat.webhook(id).off
    assert off
    assert (off.why, off.problem) == ("failed", "It answers with 500.")
    assert chat.notes[-1] == ("the outgoing webhooks", "outgoing-webhook-off")
    chat.go(2 * DAY)
    assert len(chat.receiver.calls) == 10


def test_retries_are_spread_by_up_to_a_tenth(chat: Chat) -> None:
    id = chat.add()
    chat.share = 1.0
    chat.receiver.answers = [said(500), said(500)]
    chat.say("hello")

    chat.go(400)

    sent = [chat.now.fromisoformat(one.at) for one in chat.attempts(id)]
    assert [(at - sent[0]).total_seconds() for at in sent] == [0.0, 5.5, 330.0]


def test_what_fails_holds_up_its_own_webhook_only(chat: Chat) -> None:
    id = chat.add(title="Good", url="https://good.example.org/")
    bad = chat.add(title="Bad")
    chat.receiver.is_slow = True
    chat.say("one")
    chat.say("two")
    chat.go()
    chat.receiver.answers = [said(500)]
    chat.receiver.answer(URL)
    chat.receiver.is_slow = False
    chat.receiver.answer()
    chat.go()

    assert [one.seq for one in chat.attempts(id)] == [1, 2]
    assert [one.seq for one in chat.attempts(bad)] == [1]
    chat.go(6)
    assert [one.seq for one in chat.attempts(bad)] == [1, 1, 2]


@pytest.mark.parametrize("status", [301, 302, 304, 400, 404, 429, 500, 503])
def test_only_2xx_is_taken_for_a_yes(chat: Chat, status: int) -> None:
    id = chat.add()
    chat.receiver.answers = [said(status, location="https://elsewhere.example.org/"), said(204)]
    chat.say("hello")

    chat.go(6)

    assert [one.status for one in chat.attempts(id)] == [status, 204]
    assert [one.is_done for one in chat.attempts(id)] == [False, True]
    assert all(call.redirects == 0 for call in chat.receiver.calls)


def test_a_receiver_that_is_gone_is_never_called_again(chat: Chat) -> None:
    id = chat.add()
    chat.receiver.always = said(410)
    chat.say("hello")

    chat.go(2 * DAY)

    assert len(chat.receiver.calls) == 1
    off = chat.webhook(id).off
    assert off
    assert off.why == "gone"


def test_the_last_date_that_there_is_does_no_harm(chat: Chat) -> None:
    chat.add()
    chat.receiver.answers = [said(503, retry_after="Fri, 31 Dec 9999 23:59:59 GMT")]
    chat.say("hello")

    chat.go(1.2 * DAY)

    assert len(chat.receiver.calls) == 2


@pytest.mark.parametrize("header", ["120", "Tue, 01 Dec 2026 12:02:01 GMT"])
def test_a_receiver_may_ask_for_patience(chat: Chat, header: str) -> None:
    id = chat.add()
    chat.receiver.answers = [said(503, retry_after=header)]
    chat.say("hello")

    chat.go(110)

    assert len(chat.receiver.calls) == 1
    chat.go(30)
    assert [one.status for one in chat.attempts(id)] == [503, 200]


def test_nobody_asks_for_more_than_a_day_of_patience(chat: Chat) -> None:
    chat.add()
    chat.receiver.answers = [said(503, retry_after="99999999999999999999")]
    chat.say("hello")

    chat.go(1.2 * DAY)

    assert len(chat.receiver.calls) == 2


def test_nonsense_instead_of_a_time_is_ignored(chat: Chat) -> None:
    chat.add()
    chat.receiver.answers = [said(503, retry_after="soon, ²")]
    chat.say("hello")

    chat.go(10)

    assert len(chat.receiver.calls) == 2


def test_a_host_that_cannot_be_reached_is_tried_again(chat: Chat) -> None:
    id = chat.add()
    chat.receiver.answers = [OutboundError("timeout", "The answer took too long.")]
    chat.say("hello")

    chat.go(10)

    first, second = chat.attempts(id)
    assert (first.status, first.problem) == (0, "The answer took too long.")
    assert second.is_done


def test_what_this_server_cannot_do_now_is_no_attempt(chat: Chat) -> None:
    id = chat.add()
    chat.receiver.answers = [OutboundError("busy", "Too many calls wait.")]
    chat.say("hello")

    chat.go(10)

    assert [one.attempt for one in chat.attempts(id)] == [1]


def test_a_log_that_cannot_be_read_holds_it_up_and_loses_nothing(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    chat.add()
    real = chat.log.following

    def broken(n: int, *, limit: int) -> Any:
        raise Unavailable("A part of the history cannot be read.")

    monkeypatch.setattr(chat.log, "following", broken)
    for _ in range(5):
        chat.say("hello")
        chat.go()
    assert chat.receiver.calls == []
    assert caplog.text.count("A webhook waits") == 1

    monkeypatch.setattr(chat.log, "following", real)
    chat.go(15)

    assert chat.receiver.texts == ["hello"] * 5


def test_a_backlog_is_read_a_little_at_a_time(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    id = chat.add()
    chat.manager.pause(None, id)
    for number in range(2000):
        chat.say(str(number))
    asked = []
    real = chat.log.following

    def following(n: int, *, limit: int) -> Any:
        asked.append(limit)
        return real(n, limit=limit)

    monkeypatch.setattr(chat.log, "following", following)
    chat.manager.resume(None, id)
    chat.go(60)

    assert chat.receiver.texts == [str(number) for number in range(2000)]
    assert max(asked) == SCANNED_AT_ONCE
