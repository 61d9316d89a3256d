"""The order in which messages go out, whatever the threads that send them do."""

import threading
from typing import Any, cast

import pytest

from chatapp.client.errors import ConnectionFailed
from chatapp.client.outbox import FairLock, Outbox
from chatapp.client.reconnection import ReconnectingConnection
from chatapp.domain.model import Message
from chatapp.protocol.answers import PostedMessage
from chatapp.protocol.requests import Post
from tests.support.waiting import DEADLINE_SECONDS, wait_until


class SlowLink:
    """Answers when the test says so."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers = threading.Semaphore(0)

    def ask(self, _event: Any, payload: Post, **_: Any) -> PostedMessage:
        self.asked.append(payload.text)
        assert self.answers.acquire(timeout=DEADLINE_SECONDS)
        said = Message(room="general", seq=1, sender="ana", text=payload.text, at="", cid="c")
        return PostedMessage(message=said)


def test_the_next_message_goes_out_when_the_one_before_has_its_answer() -> None:
    link = SlowLink()
    outbox = Outbox(cast(ReconnectingConnection, link), mark="m", posted=lambda _: None)

    def send(text: str) -> threading.Thread:
        thread = threading.Thread(
            target=lambda: outbox.send(Post(room="general", text=text), timeout=None, patient=True)
        )
        thread.start()
        return thread

    threads = [send("first")]
    wait_until(lambda: link.asked == ["first"])
    threads.append(send("second"))
    with pytest.raises(ConnectionFailed, match="not"):
        outbox.send(Post(room="general", text="impatient"), timeout=0.1, patient=True)
    assert link.asked == ["first"]

    link.answers.release(2)

    for thread in threads:
        thread.join(DEADLINE_SECONDS)
    assert link.asked == ["first", "second"]


def test_turns_are_taken_in_the_order_in_which_one_came() -> None:
    turns = FairLock()
    got: list[int] = []
    assert turns.acquire(1)

    def take(number: int) -> None:
        if turns.acquire(10):
            got.append(number)
            turns.release()

    threads = [threading.Thread(target=take, args=(number,)) for number in range(20)]
    for number, thread in enumerate(threads):
        thread.start()
        wait_until(lambda number=number: len(turns._waiting) == number + 2)
    assert not turns.acquire(0.01)

    turns.release()

    for thread in threads:
        thread.join(DEADLINE_SECONDS)
    assert got == list(range(20))
    assert turns.acquire(0)
