"""When a message is heard and acked: after the log has it, and not at all if it has not."""

from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from chatapp import doors
from chatapp.errors import ReadOnly
from chatapp.messages import events
from chatapp.messages.manager import MessageManager, Posted
from chatapp.model import Event, Person
from chatapp.pending import Pending
from chatapp.realtime import Connection, Realtime
from tests.realtime.serving import Serving
from tests.support.waiting import wait_until


class SlowLog:
    """As much of a manager as `message` needs; the test says when what is on the disk."""

    def __init__(self) -> None:
        self.on_its_way: list[tuple[str, Pending[Event]]] = []

    def post(self, person: Person, joined: set[str], post: Any) -> Posted:
        self.on_its_way.append((post.text, Pending()))
        return Posted(self.on_its_way[-1][1], duplicate=False)

    def is_on_disk(self, index: int) -> None:
        text, pending = self.on_its_way[index]
        pending.resolve(
            Event(room="general", seq=index + 1, sender="ana", at="", type="message", text=text)
        )


@pytest.fixture
def serving() -> Iterator[Serving]:
    def configure(realtime: Realtime) -> SlowLog:
        log = SlowLog()

        def let_in(connection: Connection, *_: Any) -> None:
            connection.person = Person(name="ana", key="a")
            realtime.enter(connection, "general")

        realtime.on_connect(let_in)
        events.register(realtime, cast(MessageManager, log))
        doors.hang(realtime)
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
    settle(lambda: log.on_its_way[1][1].fail(ReadOnly("The disk is full.")))
    settle(lambda: log.is_on_disk(2))

    assert [b'"first"' in hearer.packet(), b'"last"' in hearer.packet()] == [True, True]
    answers = [speaker.packet() for _ in range(3)]
    assert [answer[:3] for answer in answers] == [b"430", b"431", b"432"]
    assert [b'"ok":true' in answer for answer in answers] == [True, False, True]
    assert b'"read_only"' in answers[1]
