"""What goes over the wire in one conversation: as written down here, and as the types say.

`conversation.json` has every answer, and every push by its name; ids, times and epochs are named
there, not given. Other people's clients rely on it: a change of it is a change of the protocol.
"""

import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
import socketio

from chatapp.protocol.answers import Refusal
from chatapp.protocol.events import EVENTS
from chatapp.protocol.pushes import PUSHES
from chatapp.protocol.values import RoomInfo
from tests.support import closing
from tests.support.cast import new_token, with_token
from tests.support.server import Server

GOLDEN = Path(__file__).with_name("conversation.json")
CHANGING = {
    "at": "a time",
    "last_at": "a time",
    "created_at": "a time",
    "edited_at": "a time",
    "last_seen": "a time",
    "by": "an id",
    "id": "an id",
    "epoch": "an epoch",
}
LAST = "zoe"
"""Who comes when all is said."""
GATHERED = {"presence", "heads"}
"""What is told together with whatever else happens meanwhile."""
STEPS: list[tuple[str, str, Any]] = [
    ("eve", "rooms", {}),
    ("mia", "rooms", {}),
    ("mia", "create", {"room": "tea", "title": "Tea"}),
    ("eve", "join", {"room": "tea"}),
    ("mia", "message", {"room": "tea", "text": "Hola", "cid": "c-1"}),
    ("mia", "message", {"room": "tea", "text": "Hola", "cid": "c-1"}),
    ("eve", "message", {"room": "tea", "text": "@bo, tea?"}),
    ("bo", "join", {"room": "tea"}),
    ("eve", "message", {"room": "tea", "text": "Hi @mia", "reply_to": 1}),
    ("eve", "message", "A bare string, and @bo"),
    ("mia", "create", {"room": "cellar", "kind": "private"}),
    ("mia", "message", {"room": "cellar", "text": "@bo should see this"}),
    ("eve", "react", {"room": "tea", "seq": 1, "emoji": "👍", "on": True}),
    ("eve", "react", {"room": "tea", "seq": 1, "emoji": "👍", "on": True}),
    ("mia", "edit", {"room": "tea", "seq": 1, "text": "Hola, todos"}),
    ("bo", "versions", {"room": "tea", "seq": 1}),
    ("bo", "history", {"room": "tea"}),
    ("bo", "history", {"room": "tea", "since": "2026-01-01T00:00:00Z", "limit": 1}),
    ("bo", "history", {"room": "tea", "since": "2199-01-01T00:00:00Z", "limit": 1}),
    ("bo", "search", {"query": "todos", "room": "tea"}),
    ("bo", "resume", {"room": "tea", "epoch": "another", "after": 0}),
    ("bo", "typing", {"room": "tea"}),
    ("bo", "read", {"room": "tea", "seq": 4}),
    ("bo", "read", {"room": "tea", "seq": 1, "back": True}),
    ("bo", "inbox", {"limit": 1}),
    ("bo", "prefs", {"room": "tea", "level": "mentions", "favourite": True}),
    ("bo", "prefs", {"room": "tea", "muted_until": "2199-01-01T00:00:00+01:00"}),
    ("bo", "arrange", {"rooms": ["tea", "general"]}),
    ("bo", "status", {"state": "busy"}),
    ("bo", "profile", {"display_name": "Bo the Brave", "colour": "teal"}),
    ("mia", "people", {"names": ["bo", "nobody"]}),
    ("mia", "people", {"room": "tea", "query": "bo"}),
    ("mia", "update", {"room": "tea", "topic": "Green and black", "slow_seconds": 5}),
    ("mia", "invite", {"room": "cellar", "name": "bo"}),
    ("mia", "remove", {"room": "cellar", "name": "bo"}),
    ("mia", "delete", {"room": "tea", "seq": 4}),
    ("mia", "mute", {"name": "bo", "seconds": 60, "reason": "A test"}),
    ("bo", "message", {"room": "tea", "text": "Muted"}),
    ("mia", "ban", {"name": "someone", "reason": "A test"}),
    ("mia", "unban", {"name": "someone"}),
    ("bo", "leave", {"room": "tea"}),
    ("eve", "message", {"room": "tea", "text": ""}),
    ("eve", "message", {"room": "tea", "text": 5}),
    ("eve", "shout", {}),
    ("mia", "delete_room", {"room": "cellar"}),
    ("mia", "create", {"room": "cellar"}),
    ("mia", "kick", {"name": "eve", "reason": "A test"}),
]


class Conversation:
    """What was answered, step by step, and what was heard."""

    def __init__(self, server: Server) -> None:
        self.answers: list[tuple[str, Any]] = []
        self.pushes: list[tuple[str, Any]] = []
        mia, bo = new_token(server, "mia", "admin"), new_token(server, "bo", "member")
        eve = closing.SimpleClient()
        eve.connect(server.url, auth={"name": "eve"}, transports=["websocket"])
        people = {"mia": with_token(server, mia), "bo": with_token(server, bo), "eve": eve}
        hearers = [*people.values(), with_token(server, bo)]
        for who, event, payload in STEPS:
            answer = people[who].call(event, payload)
            self.answers.append((event, answer))
            if (event, who) == ("join", "bo"):
                self._resume(people["bo"], answer["room"]["epoch"])
        with closing.SimpleClient() as last:
            last.connect(server.url, auth={"name": LAST}, transports=["websocket"])
            for hearer in hearers:
                self._listen(hearer)

    def _resume(self, bo: socketio.SimpleClient, epoch: str) -> None:
        known = {"room": "tea", "epoch": epoch, "after": 0}
        self.answers.append(("resume", bo.call("resume", known)))

    def _listen(self, hearer: socketio.SimpleClient) -> None:
        """Everything that came before word of the last one, or before the end of the connection."""
        with suppress(socketio.exceptions.DisconnectedError):
            while True:
                event, payload = hearer.receive()
                self.pushes.append((event, payload))
                if event == "presence" and LAST in payload["joined"]:
                    return


@pytest.fixture(scope="module")
def conversation(house: Server) -> Conversation:
    return Conversation(house)


def test_the_answers_and_pushes_are_those_of_the_protocol(conversation: Conversation):
    golden = json.loads(GOLDEN.read_text())

    assert named(conversation.answers) == golden["answers"]
    heard = {event: of_name(conversation.pushes, event) for event in golden["pushes"]}
    assert heard == golden["pushes"]


def test_each_answer_is_what_the_table_says(conversation: Conversation):
    assert {event for event, _ in conversation.answers} >= set(EVENTS)

    for event, answer in conversation.answers:
        refused = isinstance(answer, dict) and answer["ok"] is False
        assert answer == again(answer, Refusal if refused else EVENTS[event].answer)


def test_each_push_is_what_the_table_says(conversation: Conversation):
    heard = {event for event, _ in conversation.pushes}
    assert heard >= set(PUSHES) - {"heads", "erased", "settings", "read_only"}

    for event, payload in conversation.pushes:
        whole = event == "room" and "joined" in payload
        assert payload == again(payload, RoomInfo if whole else PUSHES[event])


def again(raw: Any, kind: Any) -> Any:
    """As it is once it was read as a value of its type, and written again."""
    return msgspec.to_builtins(msgspec.convert(raw, kind))


def of_name(pushes: list[tuple[str, Any]], event: str) -> list[Any]:
    """Those that differ, in an order of their own: whose connection comes first is chance."""
    texts = {
        json.dumps(named(payload), sort_keys=True) for name, payload in pushes if name == event
    }
    return [json.loads(text) for text in sorted(texts)]


def named(value: Any) -> Any:
    """With names for what is another each time, and for sentences, which are for people."""
    if isinstance(value, dict) and "code" in value:
        return value | {"message": "a sentence"}
    if isinstance(value, dict):
        return {
            key: CHANGING.get(key, named(each)) if each is not None else None
            for key, each in value.items()
        }
    return [named(each) for each in value] if isinstance(value, list | tuple) else value


def main() -> None:
    """`python -m tests.protocol.test_answers`, where the protocol has changed on purpose."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder)).start()
        try:
            conversation = Conversation(server)
        finally:
            server.close()
    names = sorted({event for event, _ in conversation.pushes} - GATHERED)
    golden = {
        "answers": named(conversation.answers),
        "pushes": {event: of_name(conversation.pushes, event) for event in names},
    }
    GOLDEN.write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
