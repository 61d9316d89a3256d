"""Messages are pinned for everyone in a room, by those who may."""

from collections.abc import Iterator
from typing import Any

import pytest
import socketio

from chatapp.client import ChatClient
from chatapp.domain.errors import NotFound
from chatapp.domain.limits import MAX_PINS
from chatapp.domain.model import Draft, Person, Room, SystemLine
from chatapp.features.messages.decisions import Decisions
from chatapp.features.pins.manager import PinManager
from chatapp.protocol.requests import ListPins, PinMessage
from chatapp.store.message_log import MessageLog
from tests.support.cast import new_token, with_token
from tests.support.closing import SimpleClient
from tests.support.server import Server
from tests.test_way_of_a_message import call, hear

ANA = Person(name="ana", id="id of ana", role="member")
NAMES = {"owen": "member", "ben": "member", "ada": "admin"}
ROOM = "board"


class OneRoom:
    def find(self, _person: Person, name: str) -> Room:
        return Room(name=name, title=name)


@pytest.fixture(scope="module")
def tokens(house: Server) -> dict[str, str]:
    return {name: new_token(house, name, role) for name, role in NAMES.items()}


@pytest.fixture
def people(house: Server, tokens: dict[str, str]) -> Iterator[dict[str, SimpleClient]]:
    """owen made the room, everybody is in it; so is gus, a guest."""
    people = {name: with_token(house, token) for name, token in tokens.items()}
    people["gus"] = SimpleClient()
    people["gus"].connect(house.url, auth={"name": "gus"}, transports=["websocket"])
    call(people["owen"], "create", {"room": ROOM, "title": "Board"})
    for person in people.values():
        call(person, "join", {"room": ROOM})
    yield people
    for seq in pinned(people["owen"]):
        pin(people["owen"], seq, on=False)
    for person in people.values():
        person.disconnect()


def say(person: socketio.SimpleClient, text: str, room: str = ROOM, **more: Any) -> int:
    answer = call(person, "message", {"room": room, "text": text, **more})
    assert answer["ok"], answer
    return int(answer["message"]["seq"])


def pin(person: socketio.SimpleClient, seq: int, room: str = ROOM, *, on: bool = True) -> str:
    answer = call(person, "pin", {"room": room, "seq": seq, "on": on})
    return "" if answer["ok"] else str(answer["error"]["code"])


def pinned(person: socketio.SimpleClient, room: str = ROOM) -> list[int]:
    """As the room says; the list must say the same."""
    seqs = list(call(person, "join", {"room": room})["room"]["pins"])
    listed = call(person, "pins", {"room": room, "limit": 50})["pins"]
    assert [each["seq"] for each in listed] == seqs[:50]
    return seqs


def head(person: socketio.SimpleClient, room: str = ROOM) -> int:
    return int(call(person, "join", {"room": room})["room"]["head"])


def test_a_pinned_message_is_listed_for_everyone_until_it_is_unpinned(people):
    owen, ben, ada, gus = people.values()
    first, second = say(owen, "Lunch is at noon"), say(ben, "The wifi key")
    reply = say(ben, "noon?", thread=first)
    call(ada, "read", {"room": ROOM, "seq": first})

    assert [pin(ben, seq) for seq in (first, second, reply)] == ["", "", ""]

    assert pinned(gus) == [reply, second, first]
    (newest, *_), _ = (call(gus, "pins", {"room": ROOM})[key] for key in ("pins", "after"))
    assert (newest["pinned_by"], newest["message"]["thread"]) == ("ben", first)
    while (line := hear(gus, "message")).get("system", {}).get("seqs") != [first]:
        pass
    assert line["text"] == "ben pinned a message"
    assert line["system"] == {"what": "pinned", "seqs": [first]}

    assert pin(owen, second, on=False) == ""

    assert pinned(gus) == [reply, first]
    assert "pins" not in call(gus, "rooms")["rooms"][0], "a list of all rooms does not say it"
    unread = {each["name"]: each["unread"] for each in call(ada, "rooms")["rooms"]}
    assert unread[ROOM] == 2, "the lines of the chat count for nobody"


def test_what_is_so_already_writes_no_line(people):
    owen, ben, *_ = people.values()
    seq, other = say(owen, "once"), say(owen, "never")
    pin(ben, seq)
    before = head(ben)

    assert pin(owen, seq) == ""
    assert pin(owen, other, on=False) == ""
    assert pin(owen, 999_999, on=False) == ""

    assert head(ben) == before
    assert pinned(ben) == [seq]


def test_the_list_comes_in_pages(people):
    owen, *_ = people.values()
    seqs = [say(owen, f"number {number}") for number in range(3)]
    for seq in seqs:
        pin(owen, seq)

    page = call(owen, "pins", {"room": ROOM, "limit": 2})
    rest = call(owen, "pins", {"room": ROOM, "limit": 2, "after": page["after"]})

    assert [each["seq"] for each in page["pins"] + rest["pins"]] == seqs[::-1]
    assert rest["after"] is None


def test_what_is_deleted_or_moved_away_is_not_pinned_any_more(people):
    owen, ben, *_ = people.values()
    gone, moved, kept = (say(owen, text) for text in ("gone", "moved", "kept"))
    for seq in (gone, moved, kept):
        pin(ben, seq)
    call(owen, "create", {"room": "shelf"})

    call(owen, "delete", {"room": ROOM, "seq": gone})
    assert call(owen, "move", {"room": ROOM, "seqs": [moved], "to_room": "shelf"})["ok"]

    assert pinned(ben) == [kept]
    assert [pin(owen, seq) for seq in (gone, moved)] == ["not_found"] * 2


def test_nonsense_is_refused_and_changes_nothing(people):
    owen, *_ = people.values()
    seq = say(owen, "text")
    pin(owen, seq)
    line = head(owen)

    assert [pin(owen, line), pin(owen, 999_999)] == ["not_allowed", "not_found"]
    assert head(owen) == line
    wrong: list[dict[str, Any]] = [{"on": True}, {"seq": 0, "on": True}, {"seq": seq, "on": "yes"}]
    for payload in wrong:
        assert call(owen, "pin", {"room": ROOM, **payload})["error"]["code"] == "bad_payload"


def test_a_room_may_leave_pinning_to_those_in_charge(people):
    owen, ben, ada, gus = people.values()
    seq = say(owen, "text")
    assert pin(gus, seq) == "not_allowed", "a guest"

    room = call(owen, "update", {"room": ROOM, "pinning": "admins"})["room"]

    assert room["pinning"] == "admins"
    assert pin(ben, seq) == "not_allowed"
    assert (pin(ada, seq), pinned(ben)) == ("", [seq])
    assert pin(ben, seq, on=False) == "not_allowed"
    assert call(owen, "update", {"room": ROOM, "pinning": "everyone", "archived": True})["ok"]
    assert [pin(person, seq, on=False) for person in (ben, ada)] == ["not_allowed"] * 2
    assert call(owen, "update", {"room": ROOM, "archived": False, "read_only": True})["ok"]
    assert [pin(person, seq, on=False) for person in (ben, ada)] == ["not_allowed", ""]
    assert call(owen, "update", {"room": ROOM, "read_only": False})["ok"]
    assert pin(ben, seq) == ""


def test_in_a_direct_conversation_both_pin(people):
    owen, ben, ada, _ = people.values()
    room = call(owen, "create", {"kind": "direct", "members": ["ben"]})["room"]["name"]
    seq = say(ben, "our address", room)

    assert (pin(owen, seq, room), pinned(ben, room)) == ("", [seq])
    assert pin(ada, seq, room) == "no_such_room"
    assert call(ada, "pins", {"room": room})["error"]["code"] == "no_such_room"


def test_an_erased_message_stays_pinned_without_its_text(tmp_path):
    log = MessageLog.open(tmp_path / "messages")
    text, when = "a secret", "2026-11-22T09:30:00.123Z"
    for erased_at in (when, None):
        log.append(
            Draft("general", "ana", text="" if erased_at else text, erased_at=erased_at)
        ).result()
    line = SystemLine(what="pinned", seqs=[1])
    log.append(Draft("general", "ana", text="ana pinned a message", system=line))
    pins = PinManager(
        log,
        rooms=OneRoom(),
        check_change=lambda _person, _room: None,
        is_in=lambda _id, _room: True,
        decisions=Decisions(),
        pace=None,
    )

    (pinned,) = pins.page(ANA, ListPins(room="general")).pins
    pins.pin(ANA, PinMessage(room="general", seq=1, on=False)).result()

    assert (pinned.message.text, pinned.message.erased_at) == ("", when)
    assert pins.seqs("general") == []
    with pytest.raises(NotFound):
        pins.pin(ANA, PinMessage(room="general", seq=1, on=True))
    pins.pin(ANA, PinMessage(room="general", seq=2, on=True)).result()
    assert pins.seqs("general") == [2]
    log.append(Draft("general", "ana", type="delete", target=2)).result()
    assert pins.seqs("general") == [], "before the index knows it"
    log.close()


def test_a_room_has_so_many_pins_and_no_more(house, tokens):
    with ChatClient(house.url, token=tokens["ada"]) as ada:
        ada.create("full")
        seqs = [ada.send("full", f"number {number}").seq for number in range(MAX_PINS + 1)]
        for seq in seqs[:-1]:
            ada.pin("full", seq)
        with with_token(house, tokens["ada"]) as other:
            assert pin(other, seqs[-1], "full") == "quota"

        ada.unpin("full", seqs[0])
        ada.pin("full", seqs[-1])

        assert ada.join("full").pins == [seqs[-1], *seqs[-2:0:-1]]
