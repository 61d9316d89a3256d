"""What goes over the wire in one conversation: as written down here, and as the types say.

`conversation.json` has every answer, and every push by its name; ids, times and epochs are named
there, not given. Other people's clients rely on it: a change of it is a change of the protocol.
"""

import json
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests
import socketio

from chatapp.protocol.answers import Refusal
from chatapp.protocol.events import EVENTS
from chatapp.protocol.pushes import PUSHES
from chatapp.protocol.values import RoomInfo
from tests.support import closing
from tests.support.cast import add_account, new_token, with_token
from tests.support.files import HERE, picture
from tests.support.server import Server

GOLDEN = Path(__file__).with_name("conversation.json")
CHANGING = {
    "at": "a time",
    "last_at": "a time",
    "created_at": "a time",
    "edited_at": "a time",
    "last_seen": "a time",
    "last": "a time",
    "saved_at": "a time",
    "pinned_at": "a time",
    "closed_at": "a time",
    "registered_at": "a time",
    "by": "an id",
    "id": "an id",
    "epoch": "an epoch",
    "sha256": "a digest",
    "photo": "a digest",
    "bytes": "a size",
    "version": "a version",
}
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).isoformat()
SECRET = {"question": "Who?", "options": ["A", "B"], "anonymous": True, "hidden": True}
QUIET = {"start": "22:00", "end": "07:00", "days": [6, 7], "zone": "UTC"}
SCHEDULED = "the id of what was scheduled last"
RUN = "the id of the command that was run"
GROUP = "the room of the group"
CONVERSATION = re.compile("direct-[0-9a-f]{16}")
"""The name of its room, which follows from ids."""
PICTURE = "the id of a picture that was uploaded"
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
    ("mia", "hide_previews", {"room": "tea", "seq": 1}),
    ("bo", "versions", {"room": "tea", "seq": 1}),
    ("bo", "history", {"room": "tea"}),
    ("bo", "history", {"room": "tea", "since": "2026-01-01T00:00:00Z", "limit": 1}),
    ("bo", "history", {"room": "tea", "since": "2199-01-01T00:00:00Z", "limit": 1}),
    ("bo", "search", {"query": "todos", "room": "tea"}),
    ("bo", "files", {"room": "tea", "kind": "image"}),
    ("bo", "resume", {"room": "tea", "epoch": "another", "after": 0}),
    ("bo", "proofs", {"room": "tea", "limit": 1}),
    ("bo", "checkpoints", {}),
    ("bo", "typing", {"room": "tea"}),
    ("bo", "read", {"room": "tea", "seq": 4}),
    ("bo", "read", {"room": "tea", "seq": 1, "back": True}),
    ("bo", "inbox", {"limit": 1}),
    ("bo", "message", {"room": "tea", "text": "In a thread", "thread": 1}),
    ("bo", "history", {"room": "tea", "folded": True, "limit": 1, "around": 1}),
    ("bo", "threads", {"room": "tea"}),
    ("mia", "follow", {"room": "tea", "thread": 1, "on": True}),
    ("mia", "threads", {"unread": True}),
    ("bo", "read", {"room": "tea", "seq": 9, "thread": 1}),
    ("bo", "save", {"room": "tea", "seq": 1, "on": True, "remind_at": "2199-01-01T00:00:00+01:00"}),
    ("bo", "saved", {"limit": 1}),
    ("bo", "save", {"room": "tea", "seq": 1, "on": False}),
    ("eve", "message", {"room": "tea", "text": "For another room"}),
    ("mia", "title", {"room": "tea", "thread": 1, "title": "Greetings"}),
    ("mia", "move", {"room": "tea", "seqs": [2], "to_thread": 1}),
    ("mia", "move", {"room": "tea", "seqs": [8], "to_room": "general"}),
    ("bo", "pin", {"room": "tea", "seq": 3, "on": True}),
    ("bo", "pins", {"room": "tea"}),
    ("bo", "pin", {"room": "tea", "seq": 3, "on": False}),
    ("mia", "create", {"room": "polls"}),
    ("mia", "message", {"room": "polls", "poll": {"question": "Cake?", "options": ["Yes", "No"]}}),
    ("eve", "join", {"room": "polls"}),
    ("eve", "vote", {"room": "polls", "seq": 1, "options": [0]}),
    ("eve", "vote", {"room": "polls", "seq": 1, "options": [0, 1]}),
    ("bo", "join", {"room": "polls"}),
    ("bo", "vote", {"room": "polls", "seq": 1, "options": [1]}),
    ("eve", "vote", {"room": "polls", "seq": 1, "options": []}),
    ("mia", "voters", {"room": "polls", "seq": 1, "option": 1, "limit": 1}),
    ("eve", "close_poll", {"room": "polls", "seq": 1}),
    ("mia", "close_poll", {"room": "polls", "seq": 1}),
    ("mia", "message", {"room": "polls", "poll": {**SECRET, "closes_at": "2199-01-01T00:00:00Z"}}),
    ("mia", "message", {"room": "polls", "poll": SECRET}),
    ("bo", "vote", {"room": "polls", "seq": 7, "options": [1]}),
    ("bo", "history", {"room": "polls"}),
    ("bo", "forward", {"room": "tea", "seqs": [1], "to_room": "general", "text": "!", "cid": "f"}),
    ("mia", "original", {"room": "general", "seq": 5}),
    ("eve", "original", {"room": "general", "seq": 1}),
    ("eve", "forward", {"room": "tea", "seqs": [6], "to_room": "general"}),
    ("eve", "schedule", {"room": "tea", "text": "Later", "at": TOMORROW}),
    ("bo", "schedule", {"room": "tea", "text": "Later", "at": "2199-01-01T00:00:00Z"}),
    ("bo", "schedule", {"room": "tea", "text": "Later", "at": TOMORROW, "thread": 1}),
    ("bo", "scheduled", {"room": "tea"}),
    ("bo", "schedule", {"id": SCHEDULED, "text": "Much later"}),
    ("bo", "unschedule", {"id": SCHEDULED}),
    ("eve", "photo", {"file": "a file of somebody else"}),
    ("mia", "photo", {"file": "a file of somebody else"}),
    ("mia", "photo", {"file": PICTURE}),
    ("bo", "people", {"names": ["mia"]}),
    ("mia", "photo", {"file": ""}),
    ("eve", "emoji", {}),
    ("eve", "add_emoji", {"name": "party_parrot", "file": "a file of somebody else"}),
    ("mia", "add_emoji", {"name": "party_parrot", "file": PICTURE, "aliases": ["polly"]}),
    ("mia", "react", {"room": "general", "seq": 1, "emoji": ":polly:", "on": True}),
    ("bo", "react", {"room": "general", "seq": 1, "emoji": ":no_such:", "on": True}),
    ("eve", "emoji", {"version": "an older one"}),
    ("bo", "remove_emoji", {"name": "party_parrot"}),
    ("mia", "remove_emoji", {"name": "party_parrot"}),
    ("bo", "prefs", {"room": "tea", "level": "mentions", "favourite": True}),
    ("bo", "prefs", {"room": "tea", "muted_until": "2199-01-01T00:00:00+01:00"}),
    ("bo", "notifications", {"keywords": ["tea"], "quiet": QUIET}),
    ("bo", "arrange", {"rooms": ["tea", "general"]}),
    ("bo", "status", {"state": "busy"}),
    ("bo", "status", {"emoji": "🌴", "text": "Vacation", "out_of_office": True}),
    ("mia", "message", {"room": "tea", "text": "@bo, tea?"}),
    ("bo", "profile", {"display_name": "Bo the Brave", "colour": "teal"}),
    ("mia", "people", {"names": ["bo", "nobody"]}),
    ("mia", "people", {"room": "tea", "query": "bo"}),
    ("mia", "update", {"room": "tea", "topic": "Green and black", "slow_seconds": 5}),
    ("mia", "invite", {"room": "cellar", "name": "bo"}),
    ("mia", "remove", {"room": "cellar", "name": "bo"}),
    ("mia", "create", {"kind": "direct", "members": ["bo", "kim"]}),
    ("bo", "update", {"room": GROUP, "title": "Picnic"}),
    ("bo", "remove", {"room": GROUP, "name": "kim"}),
    ("bo", "invite", {"room": GROUP, "name": "mia"}),
    ("mia", "leave", {"room": GROUP}),
    ("mia", "delete", {"room": "tea", "seq": 4}),
    ("mia", "create", {"room": "ops"}),
    ("robo", "join", {"room": "ops"}),
    ("robo", "add_command", {"name": "deploy", "hint": "ENV", "description": "Puts it there"}),
    ("robo", "add_command", {"name": "build", "rooms": ["ops"], "posted": True}),
    ("eve", "add_command", {"name": "deploy"}),
    ("robo", "add_command", {"name": "join"}),
    ("robo", "commands", {}),
    ("mia", "commands", {"room": "ops"}),
    ("mia", "run_command", {"room": "ops", "name": "deploy", "text": "web", "cid": "d-1"}),
    ("robo", "take_command", {"id": RUN, "mark": "another"}),
    ("robo", "answer_command", {"id": RUN, "text": "On its way"}),
    ("mia", "run_command", {"room": "ops", "name": "build", "cid": "d-2"}),
    ("mia", "run_command", {"room": "ops", "name": "no-such"}),
    ("robo", "remove_command", {"name": "build"}),
    ("robo", "remove_command", {"name": "build"}),
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
        add_account(server, "kim")
        eve = closing.SimpleClient()
        eve.connect(server.url, auth={"name": "eve"}, transports=["websocket"])
        people = {"mia": with_token(server, mia), "bo": with_token(server, bo), "eve": eve}
        hearers = [*people.values(), with_token(server, bo)]
        robo = new_token(server, "robo", "bot")
        scheduled = group = run = ""
        for who, event, payload in STEPS:
            if isinstance(payload, dict) and payload.get("id") == SCHEDULED:
                payload = payload | {"id": scheduled}
            if isinstance(payload, dict) and payload.get("room") == GROUP:
                payload = payload | {"room": group}
            if isinstance(payload, dict) and payload.get("file") == PICTURE:
                payload = payload | {"file": _uploaded(server, mia)}
            if isinstance(payload, dict) and payload.get("id") == RUN:
                payload = payload | {"id": run}
            if who == "robo" and who not in people:
                people[who] = with_token(server, robo)
            if event == "run_command" and payload["name"] != "no-such":
                answer = self._run(people[who], people["robo"], payload)
                run = answer["id"]
            else:
                answer = people[who].call(event, payload)
            if event == "schedule" and answer["ok"]:
                scheduled = answer["scheduled"]["id"]
            if event == "create" and answer["ok"] and answer["room"]["kind"] == "direct":
                group = answer["room"]["name"]
            self.answers.append((event, answer))
            if (event, who, payload) == ("join", "bo", {"room": "tea"}):
                self._resume(people["bo"], answer["room"]["epoch"])
        with closing.SimpleClient() as last:
            last.connect(server.url, auth={"name": LAST}, transports=["websocket"])
            for hearer in hearers:
                self._listen(hearer)

    def _resume(self, bo: socketio.SimpleClient, epoch: str) -> None:
        known = {"room": "tea", "epoch": epoch, "after": 0}
        self.answers.append(("resume", bo.call("resume", known)))

    def _run(self, person: Any, robo: Any, payload: Any) -> Any:
        """The command is answered when robo has taken it."""
        with ThreadPoolExecutor() as pool:
            running = pool.submit(person.call, "run_command", payload)
            while True:
                event, heard = robo.receive()
                self.pushes.append((event, heard))
                if event == "command":
                    taken = robo.call("take_command", {"id": heard["id"], "mark": "m"})
                    self.answers.append(("take_command", taken))
                    return running.result()

    def _listen(self, hearer: socketio.SimpleClient) -> None:
        """Everything that came before word of the last one, or before the end of the connection."""
        with suppress(socketio.exceptions.DisconnectedError):
            while True:
                event, payload = hearer.receive()
                self.pushes.append((event, payload))
                if event == "presence" and LAST in payload["joined"]:
                    return


def _uploaded(server: Server, token: str) -> str:
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.post(server.url + HERE, data=picture(), headers=headers)
    return str(answer.json()["files"][0]["id"])


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
    assert heard >= set(PUSHES) - {
        *("heads", "erased", "settings", "read_only", "reminder"),
        "webhook_off",
    }

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
    if isinstance(value, str) and CONVERSATION.fullmatch(value):
        return GROUP
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
