"""Who hears of what happens in the log: a served Realtime, and a feed in the test's hands."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chatapp.delivery import broadcast
from chatapp.domain.model import Event
from chatapp.protocol.pushes import ErasedTexts
from chatapp.store.feed import Feed
from chatapp.transport import Connection, Realtime
from tests.support.waiting import wait_until
from tests.transport.raw import RawClient
from tests.transport.serving import Serving


class Chat:
    """Everybody is in the room tea but those whose auth says that they are outside."""

    def __init__(self, realtime: Realtime) -> None:
        self.feed = Feed()
        self.inside: list[Connection] = []
        self.outside: list[Connection] = []
        self._realtime = realtime
        realtime.on_connect(self._let_in)
        broadcast.subscribe(self.feed, realtime, lambda _event, _is_new: self.outside)

    def _let_in(self, connection: Connection, auth: bytes, *_: Any) -> None:
        if b"outside" in auth:
            self.outside.append(connection)
        else:
            self._realtime.enter(connection, "tea")
            self.inside.append(connection)


@pytest.fixture
def serving() -> Iterator[Serving]:
    serving = Serving(Chat)
    yield serving
    serving.stop()


@pytest.fixture
def happen(serving: Serving) -> Callable[..., None]:
    """Something is durable, and came through the connection with this number in the room."""

    def hand_out(type: str, through: int | None = None, **what: Any) -> None:
        chat: Chat = serving.chat
        event = Event(room="tea", sender="ana", at="", type=type, **what)  # type: ignore[arg-type]
        origin = None if through is None else chat.inside[through].sid
        serving.inside(lambda: chat.feed.hand_out(event, origin))

    return hand_out


def named(client: RawClient) -> str:
    """The name of the next event that a client hears."""
    return client.packet().split(b'"')[1].decode()


def test_a_room_hears_what_happens_but_for_the_connection_that_it_came_through(
    serving: Serving, happen: Callable[..., None]
) -> None:
    ana, ben = serving.raw().join(), serving.raw().join()

    happen("message", through=0, seq=1, text="hola")
    happen("edit", through=0, seq=2, target=1, text="hello")
    happen("react", through=1, seq=3, target=1, emoji="+1", on=True)
    happen("delete", seq=4, target=1)

    assert [named(ana) for _ in range(2)] == ["react", "delete"]
    assert [named(ben) for _ in range(3)] == ["message", "edit", "delete"]


def test_what_came_through_a_connection_that_is_gone_is_heard_by_all_who_are_left(
    serving: Serving, happen: Callable[..., None]
) -> None:
    ana, ben = serving.raw().join(), serving.raw().join()
    ana.close()
    wait_until(lambda: serving.connections == 1)

    happen("message", through=0, seq=1, text="hola")

    assert named(ben) == "message"


def test_who_is_mentioned_outside_of_the_room_is_called_once(
    serving: Serving, happen: Callable[..., None]
) -> None:
    ana, eva = serving.raw().join(), serving.raw().join({"where": "outside"})

    happen("message", through=0, seq=1, text="to nobody")
    happen("message", through=0, seq=2, text="come, @eva")
    happen("edit", through=0, seq=3, target=1, text="come, @eva")
    happen("message", seq=4, text="come at last, @eva")

    packets = [eva.packet() for _ in range(2)]
    assert [packet.startswith(b'42["mention",') for packet in packets] == [True, True]
    assert [b'"seq":2' in packets[0], b'"seq":4' in packets[1]] == [True, True]
    assert named(ana) == "message"


def test_pages_hear_that_texts_were_erased(serving: Serving) -> None:
    ana = serving.raw().join()
    erased = ErasedTexts(room="tea", epoch="e2", at="then", seqs=[1, 2])

    serving.inside(lambda: serving.chat.feed.hand_out_erased(erased))

    said = b'42["erased",{"room":"tea","epoch":"e2","at":"then","seqs":[1,2]}]'
    assert ana.packet() == said


def test_a_room_hears_all_though_calling_outsiders_fails(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_event: Event, _is_new: bool) -> list[Connection]:
        raise ValueError("a bug")

    def configure(realtime: Realtime) -> Feed:
        feed = Feed()
        realtime.on_connect(lambda connection, *_: realtime.enter(connection, "tea"))
        broadcast.subscribe(feed, realtime, fail)
        return feed

    serving = Serving(configure)
    ana = serving.raw().join()
    events = [Event(room="tea", seq=seq, sender="bo", at="", text=f"@eva {seq}") for seq in (1, 2)]

    with caplog.at_level(logging.ERROR):
        for event in events:
            serving.inside(lambda event=event: serving.chat.hand_out(event, None))

    assert [named(ana) for _ in events] == ["message", "message"]
    assert "a bug" in caplog.text
    serving.stop()
