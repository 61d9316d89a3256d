"""A chat in this process, and a webhook that posts to its room `general`."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from chatapp.app.factory import create_app
from chatapp.config import Config
from chatapp.domain.future import Future
from chatapp.domain.model import Message, Person
from chatapp.protocol.requests import ReadHistory
from chatapp.web.waiting import wait
from tests.support.accounts import PASSWORD
from tests.support.pages import quick_pages

URL = "https://chat.example"
READER = Person(name="Reader", id="guest:reader")


class HookedChat:
    """`post(…)` sends a delivery as other programs do; `last` is the newest message of a room."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.accounts = app.extensions["accounts"]
        self.commands: Mapping[str, Callable[..., Any]] = app.extensions["commands"](lambda: URL)
        self.ana = wait(self.accounts.create("Ana", PASSWORD))

    def run(self, command: str, **arguments: Any) -> Any:
        value = self.commands[command](**arguments)
        return wait(value) if isinstance(value, Future) else value

    def hook(self, name: str = "ci", room: str = "general", **options: Any) -> dict[str, Any]:
        wanted = {"owner": "Ana", "source": "auto", "mention_all": False, "signed": False}
        return self.run("hook.add", name=name, room=room, **wanted | options)

    def post(self, hook: Mapping[str, Any], payload: object = None, **request: Any) -> TestResponse:
        if payload is not None:
            request = {"data": json.dumps(payload), "content_type": "application/json", **request}
        return self.app.test_client().post(f"/hooks/{hook['secret']}", **request)

    def said(self, hook: Mapping[str, Any], payload: object, **request: Any) -> str:
        """The text of the message that this becomes."""
        answer = self.post(hook, payload, **request)
        assert answer.status_code == 200, answer.text
        return self.last(hook["room"]).text

    def last(self, room: str = "general") -> Message:
        return self.messages(room)[-1]

    def messages(self, room: str = "general") -> list[Message]:
        history = self.app.extensions["messages"].history(READER, ReadHistory(room=room))
        return wait(history).messages


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with opened(Config(data=tmp_path_factory.mktemp("data"), message_rate=None)) as app:
        yield app


@contextmanager
def opened(config: Config) -> Iterator[Flask]:
    with quick_pages():
        app = create_app(config)
    yield app
    app.extensions["resources"].close()


@pytest.fixture(scope="module")
def chat(app: Flask) -> HookedChat:
    return HookedChat(app)


@pytest.fixture(scope="module")
def hook(chat: HookedChat) -> dict[str, Any]:
    return chat.hook()
