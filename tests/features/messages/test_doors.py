"""When a message is heard and acked: after the log has it, and not at all if it has not."""

from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from chatapp.delivery import broadcast
from chatapp.domain.errors import ReadOnly
from chatapp.domain.future import Future
from chatapp.domain.model import Appended, Event, Person
from chatapp.features import handlers
from chatapp.features.messages import events
from chatapp.features.messages.manager import MessageManager
from chatapp.store.feed import Feed
from chatapp.transport import Connection, Realtime
from tests.support.waiting import wait_until
from tests.transport.serving import Serving


class SlowLog:
    """As much of a manager as `message` needs; the test says when what is on the disk."""

    def __init__(self) -> None:
        self.feed = Feed()
        self.on_its_way: list[tuple[str, str, Future[Appended]]] = []

    def post(self, person: Person, post: Any, origin: str) -> Future[Appended]:
        pending: Future[Appended] = Future()
        self.on_its_way.append((post.text, origin, pending))
        return pending

    def is_on_disk(self, index: int) -> None:
        text, origin, pending = self.on_its_way[index]
        event = Event(room="general", seq=index + 1, sender="ana", at="", text=text)
        self.feed.hand_out(event, origin)
        pending.resolve(Appended(event, duplicate=False))

    def is_refused(self, index: int) -> None:
        self.on_its_way[index][2].fail(ReadOnly("The disk is full."))


@pytest.fixture
def serving() -> Iterator[Serving]:
    def configure(realtime: Realtime) -> SlowLog:
        log = SlowLog()

        def let_in(connection: Connection, *_: Any) -> None:
            connection.person = Person(name="ana", id="a")
            realtime.enter(connection, "general")

        realtime.on_connect(let_in)
        broadcast.subscribe(log.feed, realtime, lambda _message, _is_new: [])
        events.register(
            realtime, cast(MessageManager, log), lambda _message: [], lambda _message: []
        )
        handlers.install_error_answers(realtime)
        return log

    serving = Serving(configure)
    yield serving
    serving.stop()


def test_nobody_hears_what_the_log_does_not_have_and_the_order_is_the_logs(
    serving: Serving,
) -> None:
    log: SlowLog = serving.chat
    speaker, hearer = serving.raw().join(), serving.raw().join()

    def settle(step: Callable[[], None]) -> None:
        serving.inside(step)

    for number, text in enumerate(["first", "refused", "last"]):
        speaker.say(f'42{number}["message",{{"text":"{text}"}}]')
    wait_until(lambda: len(log.on_its_way) == 3)
    for nobody in (speaker, hearer):
        with pytest.raises(TimeoutError):
            nobody.packet(0.2)

    settle(lambda: log.is_on_disk(0))
    settle(lambda: log.is_refused(1))
    settle(lambda: log.is_on_disk(2))

    assert [b'"first"' in hearer.packet(), b'"last"' in hearer.packet()] == [True, True]
    answers = [speaker.packet() for _ in range(3)]
    assert [answer[:3] for answer in answers] == [b"430", b"431", b"432"]
    assert [b'"ok":true' in answer for answer in answers] == [True, False, True]
    assert b'"read_only"' in answers[1]
