"""Whatever way a message comes in, it goes out by the same feed: in one order, once, to everybody
but the socket that it came from."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.cast import chatapp, new_token, with_token
from tests.support.receiver import Receiver
from tests.support.server import Server
from tests.support.streams import NDJSON
from tests.support.waiting import DEADLINE_SECONDS
from tests.test_way_of_a_message import call, hear

OF_EACH = 20
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).isoformat()
OF_PEOPLE = ("socket", "resource", "event", "scheduled")
"""These are sent to the webhook, and answered."""


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    """Answers each message that an outgoing webhook sends."""
    receiver = Receiver()
    receiver.body = b'{"text": "answer"}'
    yield receiver
    receiver.shutdown()
    receiver.server_close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("house")
    house = Server(folder, {"CHATAPP_OUTBOUND_HOSTS": receiver.place})
    yield house.start()
    house.close()


@pytest.fixture
def token(house: Server) -> str:
    return new_token(house, "Ana", "member")


def test_every_way_in_is_one_order_for_everybody(
    house: Server, token: str, receiver: Receiver, connect, streams
) -> None:
    bearer = f"Bearer {token}"
    hook = chatapp(house, "hook", "add", "ci", "general", "--owner", "Ana").splitlines()[0]
    bot = with_token(house, chatapp(house, "bot", "add", "robot", "--owner", "Ana").split()[-1])
    chatapp(house, "bot", "add", "answering", "--owner", "Ana")
    address = f"http://{receiver.place}/"
    chatapp(house, "webhook", "add", "Answers", address, "--reply-as", "answering")
    sender, device, planner = (with_token(house, token) for _ in range(3))
    other = connect("ben", url=house.url)
    events, lines = streams(secret=bearer), streams(secret=bearer, Accept=NDJSON)
    before = events.next().data["seq"]
    assert lines.next().name == "ready"

    def send(address: str, body: bytes, headers: dict[str, str]) -> None:
        request = urllib.request.Request(address, body, headers)
        urllib.request.urlopen(request, timeout=DEADLINE_SECONDS).close()

    def post(event: str, **payload: object) -> None:
        headers = {"Authorization": bearer, "Content-Type": "application/json"}
        send(f"{house.url}/api/v1/{event}", json.dumps(payload).encode(), headers)

    def send_planned(text: str) -> None:
        planned = call(planner, "schedule", {"room": "general", "text": text, "at": TOMORROW})
        call(planner, "schedule", {"id": planned["scheduled"]["id"], "now": True})

    ways = {
        "socket": lambda text: call(sender, "message", {"text": text}),
        "resource": lambda text: post("rooms/general/messages", text=text),
        "event": lambda text: post("message", room="general", text=text),
        "hook": lambda text: send(
            f"{house.url}/hooks/{hook.rpartition('/')[2]}",
            text.encode(),
            {"Content-Type": "text/plain"},
        ),
        "bot": lambda text: call(bot, "message", {"text": text}),
        "scheduled": send_planned,
    }
    threads = [
        threading.Thread(target=lambda way=way: [ways[way](f"{way} {n}") for n in range(OF_EACH)])
        for way in ways
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    count = OF_EACH * (len(ways) + len(OF_PEOPLE))
    seqs = list(range(before + 1, before + count + 1))
    heard = [hear(other, "message") for _ in range(count)]
    post("react", room="general", seq=before + 1, emoji="👍", on=True)
    assert [message["seq"] for message in heard] == seqs
    assert [hear(device, "message") for _ in range(count)] == heard
    reaction = hear(other, "react")
    for stream in (events, lines):
        assert [event.data for event in stream.take(count + 1)] == [*heard, reaction]
    for way in ways:
        texts = [message["text"] for message in heard if message["text"].startswith(f"{way} ")]
        assert texts == [f"{way} {number}" for number in range(OF_EACH)]
    answered = [message["reply_to"] for message in heard if message["text"] == "answer"]
    assert answered == [
        message["seq"] for message in heard if message["text"].startswith(OF_PEOPLE)
    ]
    assert receiver.texts == [
        message["text"] for message in heard if message["text"].startswith(OF_PEOPLE)
    ]
    assert [hear(sender, "message")["text"] for _ in range(count - OF_EACH)] == [
        message["text"] for message in heard if not message["text"].startswith("socket ")
    ]
