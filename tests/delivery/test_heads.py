"""Who missed a room's last message is told how far the room has come."""

import threading
from collections.abc import Callable
from pathlib import Path

import gevent
import pytest
import socketio

from chatapp.app.factory import create_app
from chatapp.config import Config
from chatapp.delivery.heads import HEADS_SECONDS, tell_heads
from tests.support import closing
from tests.test_way_of_a_message import call


def test_every_room_with_somebody_in_it_is_told_its_head_again_and_again() -> None:
    due: list[tuple[float, Callable[[], None]]] = []
    told: list[tuple[str, dict[str, int]]] = []
    numbers = {"general": 7, "tea": 2, "empty": 9}
    occupied = ["general", "tea"]
    tell_heads(
        occupied=lambda: occupied,
        head=numbers.__getitem__,
        tell=lambda room, news: told.append((room, news)),
        later=lambda seconds, step: due.append((seconds, step)),
    )

    assert told == []
    due.pop()[1]()
    assert told == [("general", {"general": 7}), ("tea", {"tea": 2})]

    numbers["tea"] = 3
    occupied.remove("general")
    ((seconds, step),) = due
    step()
    assert seconds == HEADS_SECONDS
    assert told[2:] == [("tea", {"tea": 3})]


def test_the_chat_tells_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatapp.delivery.heads.HEADS_SECONDS", 0.1)
    app = create_app(Config(data=tmp_path))
    host, port = app.extensions["realtime"].listen("127.0.0.1", 0)
    heard: list[object] = []

    def visit() -> None:
        with closing.SimpleClient() as ana:
            ana.connect(f"http://{host}:{port}", auth={"name": "ana"})
            call(ana, "message", {"text": "hola"})
            while ["heads", {"general": 1}] not in heard:
                try:
                    heard.append(ana.receive())
                except socketio.exceptions.TimeoutError:
                    return

    visitor = threading.Thread(target=visit)
    visitor.start()
    while visitor.is_alive():
        gevent.sleep(0.01)
    app.extensions["realtime"].stop()
    app.extensions["resources"].close()

    assert ["heads", {"general": 1}] in heard
