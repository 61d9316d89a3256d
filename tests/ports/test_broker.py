"""What every broker between processes promises: PostgreSQL's NOTIFY, Redis, and that of one."""

import threading
from collections.abc import Callable
from contextlib import closing

import pytest

from chatapp.alone import LocalBroker
from chatapp.cluster import broker as brokers
from chatapp.cluster.broker import ThreadedBroker
from chatapp.cluster.errors import ClusterError
from chatapp.cluster.redis_broker import RedisBroker
from chatapp.ports import Broker
from tests.support.brokers import Notify, Process, PublishSubscribe, Way
from tests.support.postgres import Postgres
from tests.support.redis import Redis
from tests.support.relay import Relay


@pytest.fixture(autouse=True)
def _quick_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ThreadedBroker, "heartbeat_seconds", 0.25)


def payloads(process: Process) -> list[bytes]:
    return [payload for _, payload in process.heard]


def test_the_others_hear_each_message_once_and_its_publisher_does_not(way: Way) -> None:
    here, there, elsewhere = way.process(), way.process(), way.process()

    here.broker.publish("typing", b"here")
    there.broker.publish("presence", b"\x00\xff there")
    way.until(lambda: len(elsewhere.heard) == 2 and here.heard and there.heard, "the messages")

    assert sorted(elsewhere.heard) == [("presence", b"\x00\xff there"), ("typing", b"here")]
    assert here.heard == [("presence", b"\x00\xff there")]
    assert there.heard == [("typing", b"here")]
    assert elsewhere.threads == {threading.get_ident()}


def test_messages_of_one_publisher_are_heard_in_their_order_long_ones_whole(way: Way) -> None:
    here, there = way.process(), way.process()
    sent = [b"%d " % number + b"x" * (number % 7 * 9_000) for number in range(300)]

    for payload in sent:
        here.broker.publish("typing", payload)
    way.until(lambda: len(there.heard) >= len(sent), "all of them")

    assert payloads(there) == sent
    assert there.gaps == 0


def test_after_a_loss_they_connect_again_and_are_told_of_missed_messages(way: Way) -> None:
    here, there = way.process(), way.process()
    here.broker.publish("typing", b"before")
    way.until(lambda: there.heard, "the first message")

    way.break_off()
    tries = iter(range(10_000))

    def hears_again() -> bool:
        here.broker.publish("typing", b"try %d" % next(tries))
        return len(there.heard) > 1

    way.until(hears_again, "a message after the loss")
    tried = next(tries)
    way.until(lambda: payloads(there)[-1] == b"try %d" % (tried - 1), "the last message")

    numbers = [int(payload.split()[1]) for payload in payloads(there)[1:]]
    assert numbers == sorted(set(numbers))
    assert (there.gaps > 0) == (len(numbers) < tried)


def test_a_process_that_missed_the_last_message_is_told_too(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = way.process(), way.process()
    here.broker.publish("typing", b"first")
    way.until(lambda: there.heard, "the first message")

    monkeypatch.setattr(here.broker, "_take", _losing(here.broker, monkeypatch))
    here.broker.publish("typing", b"lost on its way")
    way.until(lambda: there.gaps, "the gap")

    assert payloads(there) == [b"first"]
    assert there.gaps == 1


def _losing(broker: ThreadedBroker, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[bytes]]:
    """As `_take`, but loses the frames of the first time that there are any."""
    take = broker._take

    def lose() -> list[bytes]:
        if take():
            monkeypatch.setattr(broker, "_take", take)
        return []

    return lose


def test_what_waits_is_sent_before_a_process_ends(way: Way) -> None:
    here, there = way.process(), way.process()

    here.broker.publish("presence", b"goodbye")
    here.broker.close()
    way.until(lambda: there.heard, "the last words")

    assert payloads(there) == [b"goodbye"]


def test_without_a_server_publishing_does_not_wait_and_keeps_no_more_than_fits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(brokers, "MAX_WAITING_BYTES", 10_000)
    process = Process(lambda deliver: _Unsent(deliver))

    for _ in range(50):
        process.broker.publish("typing", b"x" * 400)

    assert 10 <= len(process.broker._take()) <= 20
    assert process.broker.dropped >= 30
    assert not process.broker.is_up


class _Unsent(ThreadedBroker):
    """Nobody takes its messages."""

    _name = "nobody"

    def _wake(self) -> None:
        pass


def test_late_and_doubled_messages_are_dropped_and_a_gap_is_told_once() -> None:
    process = Process(lambda deliver: _Unsent(deliver))
    frames = [b"aa 1 typing one", b"aa 3 typing three", b"aa 2 typing two", b"aa 3 typing three"]
    frames += [b"bb 7 typing other", b"aa 3  ", b"aa 4 typing four"]

    process.broker._arrived(frames)
    process.turn()

    assert payloads(process) == [b"one", b"three", b"other", b"four"]
    assert process.gaps == 1


def test_a_handler_that_fails_does_not_keep_the_next_message_away(
    way: Way, caplog: pytest.LogCaptureFixture
) -> None:
    here, there = way.process(), way.process()
    there.broker.subscribe("broken", lambda _payload: 1 / 0)

    here.broker.publish("broken", b"")
    here.broker.publish("typing", b"next")
    way.until(lambda: there.heard, "the next message")

    assert "ZeroDivisionError" in caplog.text


def test_a_redis_that_is_frozen_and_goes_on_is_found_out(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ThreadedBroker, "silent_seconds", 2.0)
    with closing(PublishSubscribe(redis)) as way:
        here, there = way.process(), way.process()
        here.broker.publish("typing", b"before")
        way.until(lambda: there.heard, "the first message")

        redis.freeze()
        here.broker.publish("typing", b"into the ice")
        way.until(lambda: not here.broker.is_up and not there.broker.is_up, "the silence")
        redis.go_on()
        way.until(lambda: here.broker.is_up and there.broker.is_up, "the way back")
        here.broker.publish("typing", b"after")
        way.until(lambda: payloads(there)[-1] == b"after", "a message after it")

        # What was sent to the frozen server may still come, in its place, or not at all.
        assert payloads(there) in (
            [b"before", b"into the ice", b"after"],
            [b"before", b"after"],
        )


def test_connections_to_redis_that_are_silent_are_given_up(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ThreadedBroker, "silent_seconds", 2.0)
    with Relay(redis.port) as relay, closing(PublishSubscribe(redis)) as way:
        there = way.process()
        redis.url = f"redis://127.0.0.1:{relay.port}/0"
        here = way.process()

        relay.freeze()
        way.until(lambda: not here.broker.is_up, "the silence")
        way.until(lambda: here.broker.is_up, "new connections")
        here.broker.publish("typing", b"here")
        there.broker.publish("typing", b"there")
        way.until(lambda: here.heard and there.heard, "messages both ways")


def test_a_postgres_that_crashes_and_starts_again_is_found_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ThreadedBroker, "silent_seconds", 2.0)
    with closing(Postgres().start()) as postgres, closing(Notify(postgres.url)) as way:
        here, there = way.process(), way.process()

        postgres.stop()
        way.until(lambda: not there.broker.is_up, "the silence")
        postgres.start()
        way.until(lambda: here.broker.is_up and there.broker.is_up, "the way back")
        here.broker.publish("typing", b"after")
        way.until(lambda: there.heard, "a message after it")

        assert payloads(there) == [b"after"]


def test_a_wrong_redis_url_is_one_line() -> None:
    with pytest.raises(ClusterError, match="The Redis URL is wrong"):
        RedisBroker("postgresql://127.0.0.1/", "chatapp", lambda step: step())


def test_a_chat_of_one_process_tells_nobody() -> None:
    broker: Broker = LocalBroker()
    heard: list[bytes] = []
    broker.subscribe("typing", heard.append)

    broker.publish("typing", b"")
    broker.close()

    assert broker.is_up
    assert heard == []
