"""A bot with rooms of its own is told no name of another room, whichever way it hears of it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.support.cast import chatapp, new_token, with_token
from tests.support.server import Server
from tests.support.streams import StreamClient
from tests.support.waiting import DEADLINE_SECONDS
from tests.test_way_of_a_message import call, hear

HIDDEN, TITLE = "hidden-lounge", "The Hidden Lounge"
"""A public room, which is not one of the bot's."""
OWN = "own-ci"


class Cast:
    """Nora, who moves and forwards; her bot, over a socket, by requests and by streams; and Otto,
    who is in the bot's room, and sees all public rooms."""

    def __init__(self, server: Server) -> None:
        self.url = server.url
        self.nora = with_token(server, new_token(server, "Nora", "admin"))
        self.otto = with_token(server, new_token(server, "Otto", "member"))
        call(self.nora, "create", {"room": OWN})
        call(self.nora, "create", {"room": HIDDEN, "title": TITLE})
        call(self.otto, "join", {"room": OWN})
        added = chatapp(server, "bot", "add", "Nora's bot", "--owner", "Nora", "--rooms", OWN)
        self.secret = f"Bearer {added.split()[-1]}"
        self.bot = with_token(server, added.split()[-1])
        self.streams = [
            StreamClient.of_room(self.url, OWN, self.secret),
            StreamClient.of_rooms(self.url, self.secret),
        ]
        self.places = [stream.next().id for stream in self.streams]
        self.heard: list[list[Any]] = []

    def close(self) -> None:
        for stream in self.streams:
            stream.close()
        for client in (self.nora, self.otto, self.bot):
            client.disconnect()

    def ask(self, request: str) -> Any:
        answer = requests.get(
            f"{self.url}/api/v1/{request}",
            headers={"Authorization": self.secret},
            timeout=DEADLINE_SECONDS,
        )
        assert answer.ok, answer.text
        return answer.json()

    def hear_until(self, text: str) -> str:
        """All that the bot's socket hears up to this message, as JSON."""
        heard = [self.bot.receive(timeout=DEADLINE_SECONDS)]
        while heard[-1][0] != "message" or heard[-1][1]["text"] != text:
            heard.append(self.bot.receive(timeout=DEADLINE_SECONDS))
        return json.dumps(heard)


@pytest.fixture(scope="module")
def cast(house: Server) -> Iterator[Cast]:
    cast = Cast(house)
    yield cast
    cast.close()


@pytest.fixture(scope="module")
def said(cast: Cast) -> str:
    """What was forwarded and moved between the two rooms, as the bot has heard it."""

    def say(room: str, text: str) -> int:
        return int(call(cast.nora, "message", {"room": room, "text": text})["message"]["seq"])

    forwarded = say(HIDDEN, "forwarded words")
    moved_in = say(HIDDEN, "words moved in")
    moved_out = say(OWN, "words moved out")
    for event, payload in (
        ("forward", {"room": HIDDEN, "seqs": [forwarded], "to_room": OWN}),
        ("move", {"room": HIDDEN, "seqs": [moved_in], "to_room": OWN}),
        ("move", {"room": OWN, "seqs": [moved_out], "to_room": HIDDEN}),
    ):
        assert call(cast.nora, event, payload)["ok"], event
    say(OWN, "the end")
    return cast.hear_until("the end")


def is_hidden(told: Any) -> bool:
    text = told if isinstance(told, str) else json.dumps(told)
    return HIDDEN not in text and TITLE not in text


def test_others_are_told_the_names(cast: Cast, said: str) -> None:
    heard: list[Any] = []
    while not heard or heard[-1]["text"] != "the end":
        heard.append(hear(cast.otto, "message"))

    assert [each["forwarded"]["room"] for each in heard if "forwarded" in each] == [HIDDEN]
    assert [each["moved_from"]["room"] for each in heard if "moved_from" in each] == [HIDDEN]
    assert [TITLE in each["text"] for each in heard if "system" in each].count(True) == 2


def test_a_socket_hears_no_name(cast: Cast, said: str) -> None:
    assert "forwarded words" in said
    assert "words moved in" in said
    assert "moved a message to another room" in said
    assert "moved a message here from another room" in said
    assert is_hidden(said)


def test_a_stream_has_no_name_live_or_missed(cast: Cast, said: str) -> None:
    later = [
        StreamClient.of_room(cast.url, OWN, cast.secret, f"?since={cast.places[0]}"),
        StreamClient.of_rooms(cast.url, cast.secret, f"?since={cast.places[1]}"),
    ]
    for stream in (*cast.streams, *later):
        while not stream.events or stream.events[-1].data.get("text") != "the end":
            stream.next()
        told = json.dumps([event.data for event in stream.events])
        assert "words moved in" in told
        assert is_hidden(told)
    for stream in later:
        stream.close()


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("rooms", {}),
        ("history", {"room": OWN}),
        ("history", {"room": OWN, "folded": True}),
        ("search", {"query": "words"}),
        ("resume", {"room": OWN, "after": 0}),
        ("inbox", {}),
        ("threads", {}),
        ("saved", {}),
        ("pins", {"room": OWN}),
        ("people", {"room": OWN}),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_no_answer_has_a_name(cast: Cast, said: str, event: str, payload: dict[str, Any]) -> None:
    seqs = {each["text"]: each["seq"] for each in cast.ask(f"rooms/{OWN}/messages")["messages"]}
    if event == "resume":
        payload = {**payload, "epoch": call(cast.otto, "join", {"room": OWN})["room"]["epoch"]}
    if event in ("saved", "pins"):
        keeping = "save" if event == "saved" else "pin"
        who = cast.bot if event == "saved" else cast.nora
        call(who, keeping, {"room": OWN, "seq": seqs["forwarded words"], "on": True})
    if event == "threads":
        root = seqs["words moved in"]
        call(cast.nora, "message", {"room": OWN, "text": "in a thread", "thread": root})
        call(cast.bot, "follow", {"room": OWN, "thread": root, "on": True})

    answer = call(cast.bot, event, payload)

    assert answer["ok"]
    assert is_hidden(answer)
    if event in ("history", "search", "resume", "saved", "pins"):
        assert "forwarded words" in json.dumps(answer)


def test_no_request_has_a_name(cast: Cast, said: str) -> None:
    page = cast.ask(f"rooms/{OWN}/messages")
    found = cast.ask("search?query=words")

    assert is_hidden([page, found, cast.ask("rooms")])
    for message in page["messages"]:
        assert is_hidden(cast.ask(f"rooms/{OWN}/messages/{message['seq']}"))
    forwarded = next(each for each in page["messages"] if "forwarded" in each)
    assert forwarded["forwarded"]["private"]
    assert found["messages"]
