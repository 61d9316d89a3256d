"""Where sending goes on: after a crash, at another process, and after what admins change."""

from datetime import timedelta

from msgspec.structs import replace

from chatapp.domain.clock import timestamp
from chatapp.features.outgoing_webhooks.manager import WantedWebhook
from chatapp.features.outgoing_webhooks.sender import KEEP_SECONDS
from tests.features.outgoing_webhooks.conftest import NOON, URL, Chat, said

DAY = 24 * 3600.0


# Crashes


def test_after_a_crash_what_was_not_noted_is_sent_again_with_the_same_id(chat: Chat) -> None:
    chat.add()
    chat.go(KEEP_SECONDS)
    chat.say("one")
    chat.go(0.5)
    assert chat.receiver.texts == ["one"]

    chat.restart()
    chat.go()

    assert chat.receiver.texts == ["one", "one"]
    assert len(set(chat.receiver.ids)) == 1


def test_after_a_crash_what_was_noted_is_not_sent_again(chat: Chat) -> None:
    chat.add()
    chat.say("one")
    chat.go(2 * KEEP_SECONDS)

    chat.restart()
    chat.say("two")
    chat.go()

    assert chat.receiver.texts == ["one", "two"]


def test_a_clean_end_notes_how_far_it_is(chat: Chat) -> None:
    chat.add()
    chat.say("one")
    chat.go(0.1)
    chat.sender.flush()

    chat.restart()
    chat.go()

    assert chat.receiver.texts == ["one"]


def test_what_happens_while_nobody_sends_is_sent_at_the_next_start(chat: Chat) -> None:
    chat.add()
    chat.go(KEEP_SECONDS)
    chat.log.feed._of_events.clear()
    chat.say("while it was down")

    chat.restart()
    chat.go()

    assert chat.receiver.texts == ["while it was down"]


def test_the_retries_of_a_day_survive_a_restart(chat: Chat) -> None:
    id = chat.add()
    chat.receiver.always = said(500)
    chat.say("hello")
    chat.go(3600)
    assert len(chat.receiver.calls) == 4

    chat.restart()
    chat.go(DAY)

    assert len(chat.receiver.calls) == 10
    assert chat.webhook(id).off


def test_a_log_that_was_repaired_and_is_shorter_does_not_stop_it(chat: Chat) -> None:
    id = chat.add()
    chat.go(KEEP_SECONDS)
    chat.rows.places.put(id, replace(chat.place(id), n=1_000_000))

    chat.restart()
    chat.say("hello")
    chat.go()

    assert chat.receiver.texts == ["hello"]


# Several processes


def test_only_who_has_the_lease_sends(chat: Chat) -> None:
    chat.add()
    chat.is_held = False
    chat.say("hello")
    chat.go(60)
    assert chat.receiver.calls == []

    chat.take()
    chat.go()

    assert chat.receiver.texts == ["hello"]


def test_who_loses_the_lease_stops_after_what_is_on_its_way(chat: Chat) -> None:
    chat.add()
    chat.receiver.is_slow = True
    chat.say("one")
    chat.go()
    chat.say("two")
    chat.go()

    chat.is_held = False
    chat.receiver.answer()
    chat.go()

    assert chat.receiver.texts == ["one"]


def test_who_takes_over_begins_where_the_other_was(chat: Chat) -> None:
    id = chat.add()
    chat.go(KEEP_SECONDS)
    chat.is_held = False
    for text in ("one", "two"):
        chat.say(text)
    chat.rows.places.put(id, replace(chat.place(id), n=chat.log.journal.tip.n - 1))

    chat.take()
    chat.go()

    assert chat.receiver.texts == ["two"]


# What admins do meanwhile


def test_a_pause_keeps_what_comes_for_later(chat: Chat) -> None:
    id = chat.add()
    chat.manager.pause(None, id)
    chat.say("hello")
    chat.go(60)
    assert chat.receiver.calls == []

    chat.manager.resume(None, id)
    chat.go()

    assert chat.receiver.texts == ["hello"]


def test_what_waited_can_be_left_out(chat: Chat) -> None:
    id = chat.add()
    chat.manager.pause(None, id)
    chat.say("old")
    chat.manager.resume(None, id, skip=True)
    chat.say("new")

    chat.go()

    assert chat.receiver.texts == ["new"]


def test_a_resumed_webhook_has_a_whole_day_again(chat: Chat) -> None:
    id = chat.add()
    chat.receiver.always = said(500)
    chat.say("hello")
    chat.go(2 * DAY)

    chat.manager.resume(None, id)
    chat.go(2 * DAY)

    assert len(chat.receiver.calls) == 20
    assert len(set(chat.receiver.ids)) == 1


def test_an_event_that_a_receiver_always_refuses_can_be_skipped(chat: Chat) -> None:
    id = chat.add()
    chat.receiver.answers = [said(400)]
    chat.say("poison")
    chat.say("fine")
    chat.go(KEEP_SECONDS + 1)

    chat.manager.skip(None, id)
    chat.go()

    assert chat.receiver.texts == ["poison", "fine"]


def test_a_changed_url_is_tried_at_once(chat: Chat) -> None:
    id = chat.add()
    chat.receiver.answers = [said(500), said(500)]
    chat.say("hello")
    chat.go(10)

    chat.manager.change(None, id, WantedWebhook(title="CI", url="https://new.example.org/"))
    chat.go()

    assert [call.url for call in chat.receiver.calls] == [URL, URL, "https://new.example.org/"]


def test_a_removed_webhook_is_not_called_any_more(chat: Chat) -> None:
    id = chat.add()
    chat.receiver.is_slow = True
    chat.say("one")
    chat.go()
    chat.say("two")
    chat.go()

    chat.manager.remove(None, id)
    chat.receiver.answer()
    chat.go(60)

    assert chat.receiver.texts == ["one"]
    assert chat.deliveries.of(id) == []
    assert chat.rows.places.get(id) is None


def test_the_past_can_be_sent_again(chat: Chat) -> None:
    id = chat.add()
    chat.say("yesterday")
    chat.go(DAY)
    chat.say("today")
    chat.go()
    chat.receiver.calls.clear()

    chat.manager.replay(None, id, 0, timestamp(chat.now - timedelta(hours=1)))
    chat.go()

    assert chat.receiver.texts == ["today"]


def test_what_was_imported_from_before_the_webhook_is_not_sent(chat: Chat) -> None:
    chat.add()
    chat.now = NOON - timedelta(days=400)
    chat.say("long ago")
    chat.now = NOON + timedelta(minutes=1)

    chat.say("now")
    chat.go()

    assert chat.receiver.texts == ["now"]


def test_the_console_shows_the_last_hundred_attempts(chat: Chat) -> None:
    id = chat.add()
    for number in range(130):
        chat.say(str(number))
    chat.go(10)

    assert [one.seq for one in chat.attempts(id)] == list(range(31, 131))


def test_the_last_attempts_survive_a_crash_without_the_words_of_receivers(chat: Chat) -> None:
    id = chat.add()
    chat.receiver.always = said(200, b"hello, you said secret things")
    chat.say("hello")
    chat.go(2)
    chat.by_hand.again(None, id, chat.attempts(id)[0].id)
    chat.go(60)
    before = chat.attempts(id)
    assert [one.by_hand for one in before] == [False, True]
    assert all(one.answer for one in before)

    chat.restart()

    assert chat.attempts(id) == [replace(one, answer="") for one in before]
    chat.say("more")
    chat.go(2)
    assert len(chat.attempts(id)) == 3
    chat.manager.remove(None, id)
    assert dict(chat.rows.attempts.items()) == {}
    assert chat.attempts(id) == []


def test_where_much_happens_attempts_are_written_twice_a_minute(chat: Chat) -> None:
    chat.add()
    written: list[str] = []
    chat.rows.attempts.on_change(lambda key, _old, _new: written.append(key))

    for number in range(100):
        chat.say(str(number))
        chat.go(0.5)

    assert len(chat.receiver.calls) == 100
    assert len(written) == 2
