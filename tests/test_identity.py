"""Who is who at a real server: by an account's id or a guest's key, never by a name."""

from urllib.parse import quote, urlsplit

import msgspec
import pytest
import requests
import socketio

from chatapp.domain.model import Room
from chatapp.tables.directory import Directory
from tests.support.accounts import PASSWORD
from tests.support.cast import add_account, chatapp, new_token, with_account, with_token
from tests.support.server import Server
from tests.support.visitor import Visitor
from tests.support.waiting import DEADLINE_SECONDS
from tests.test_way_of_a_message import call, hear, log_lines

KEY, ANOTHER_KEY = "a key of sixteen characters", "another key of sixteen characters"


def refusal(answer):
    return None if answer["ok"] else answer["error"]["code"]


def erase(server: Server, name: str) -> None:
    chatapp(server, "user", "erase", name, "--yes")


@pytest.fixture
def namesakes(connect):
    """Two guests who come as ana one after the other, the second with all that the first wrote."""
    first = connect("ana", auth={"name": "ana", "key": KEY})
    said = call(first, "message", {"text": "mine", "cid": "c-1"})["message"]
    first.disconnect()
    return said, connect("ana", auth={"name": "ana", "key": ANOTHER_KEY})


def test_a_record_says_whose_it_is_and_no_key_can_be_found_from_it(server, namesakes):
    said, second = namesakes
    own = call(second, "message", {"text": "of another"})["message"]
    mia = call(with_account(server, "Mia"), "message", {"text": "of a member"})["message"]

    ids = [record["by"] for record in log_lines(server)]

    assert ids == [said["by"], own["by"], mia["by"]]
    assert len(set(ids)) == 3
    assert ids[0].startswith("guest:")
    assert not mia["by"].startswith("guest:")
    assert KEY not in str(log_lines(server))


def test_a_second_guest_of_a_name_does_not_touch_what_the_first_wrote(namesakes):
    said, second = namesakes
    message = {"room": "general", "seq": said["seq"]}

    assert refusal(call(second, "edit", {**message, "text": "stolen"})) == "not_allowed"
    assert refusal(call(second, "delete", message)) == "not_allowed"

    again = call(second, "message", {"text": "another", "cid": said["cid"]})
    assert "duplicate" not in again
    assert again["message"]["text"] == "another"


def test_a_program_is_over_http_who_it_is_over_a_socket(server):
    token = new_token(server, "Mia", "member", ("read",))
    blind = chatapp(server, "token", "create", "Mia", "another", "--scope", "metrics")
    chatapp(server, "user", "add", "Olga", "--password-stdin", input=PASSWORD)

    def asked(shown: str) -> tuple[int, str | None]:
        answer = requests.get(
            f"{server.url}/api/rooms/general/messages",
            headers={"Authorization": shown},
            timeout=DEADLINE_SECONDS,
        )
        return answer.status_code, refusal(answer.json())

    assert asked(f"Bearer {token}") == (200, None)
    assert asked(f"Guest %C3%81na:{quote(KEY)}") == (200, None)
    assert asked(f"Bearer {blind}") == (403, "not_allowed")
    assert asked("Bearer made-up") == (401, "unauthorized")
    assert asked("Guest ana:short") == (400, "bad_payload")
    assert asked(f"Guest olga:{quote(KEY)}") == (409, "name_taken")


def test_the_same_key_is_the_same_guest_also_after_a_restart(server, connect):
    auth = {"name": "ana", "key": KEY}
    said = call(connect("ana", auth=auth), "message", {"text": "mine", "cid": "c-1"})["message"]
    server.stop()
    server.start()
    again = connect("ana", auth=auth)

    retried = call(again, "message", {"text": "mine", "cid": "c-1"})
    edited = call(again, "edit", {"room": "general", "seq": said["seq"], "text": "better"})

    assert retried == {"ok": True, "message": said, "duplicate": True}
    assert edited["event"]["text"] == "better"


def test_namesakes_give_and_take_back_their_own_reactions(server, connect, namesakes):
    said, second = namesakes
    reaction = {"room": "general", "seq": said["seq"], "emoji": "👍"}
    call(second, "react", {**reaction, "on": True})
    second.disconnect()
    first = connect("ana", auth={"name": "ana", "key": KEY})

    untouched = call(first, "react", {**reaction, "on": False})
    given = call(first, "react", {**reaction, "on": True})
    taken_back = call(first, "react", {**reaction, "on": False})

    assert untouched == {"ok": True, "event": None}
    assert given["event"]["on"] is True
    assert taken_back["event"]["on"] is False
    [message] = call(first, "history", {"room": "general"})["messages"]
    assert message["reactions"] == {"👍": ["ana"]}


def test_one_emoji_is_one_reaction_however_it_is_spelled(connect):
    ana, ben = connect("ana"), connect("ben")
    seq = call(ana, "message", {"text": "hi"})["message"]["seq"]

    call(ana, "react", {"room": "general", "seq": seq, "emoji": "❤", "on": True})
    call(ben, "react", {"room": "general", "seq": seq, "emoji": "❤\ufe0f", "on": True})

    [message] = call(ana, "history", {"room": "general"})["messages"]
    assert message["reactions"] == {"❤\ufe0f": ["ana", "ben"]}


def test_the_name_of_a_removed_account_opens_nothing_and_is_never_given_again(server, connect):
    victim = with_account(server, "victim")
    friend = with_account(server, "friend")
    call(victim, "create", {"room": "cellar", "kind": "private", "members": ["friend"]})
    direct = call(victim, "create", {"kind": "direct", "members": ["friend"]})["room"]["name"]
    call(victim, "message", {"room": "cellar", "text": "my secret"})
    said = call(victim, "message", {"text": "in public", "cid": "c-1"})["message"]

    erase(server, "victim")

    for spelling in ("victim", "VICTIM", "vict1m"):
        with pytest.raises(socketio.exceptions.ConnectionError, match="name"):
            connect(spelling)
    stranger = Visitor(server.url)
    link = urlsplit(chatapp(server, "invite")).path
    answer = stranger.submit(link, name="Victim", password=PASSWORD)
    assert answer.status_code == 409
    assert stranger.submit(link, name="stranger", password=PASSWORD).status_code == 303
    stranger.close()
    rooms = {room["name"]: room["invited"] for room in call(friend, "rooms")["rooms"]}
    assert (rooms["cellar"], rooms[direct]) == (["friend"], ["friend"])
    assert refusal(call(friend, "edit", {"room": "general", "seq": said["seq"], "text": "x"}))


def test_who_is_left_in_a_room_hears_that_somebody_was_removed(server):
    with_account(server, "victim")
    friend = with_account(server, "friend")
    call(friend, "create", {"room": "cellar", "kind": "private", "members": ["victim"]})

    erase(server, "victim")

    while (news := hear(friend, "room"))["invited"] != ["friend"]:
        assert news["name"] == "cellar"


def test_what_an_older_version_left_of_a_removed_account_is_no_new_account_s(server):
    """Older versions took it out of no room, and gave its name to the next who wanted it."""
    owner = with_account(server, "owner", "owner")
    call(owner, "create", {"room": "cellar", "kind": "private"})
    call(owner, "message", {"room": "cellar", "text": "my secret"})
    server.stop()
    rewrite_members(server, {"victim": "victim"})
    server.start()

    victim = with_account(server, "victim")

    assert "cellar" not in [room["name"] for room in call(victim, "rooms")["rooms"]]
    assert refusal(call(victim, "history", {"room": "cellar"})) == "no_such_room"


def rewrite_members(server: Server, members: dict[str, str]) -> None:
    directory = Directory.open(server.data / "directory")
    room = directory.table("rooms", Room).get("cellar")
    directory.table("rooms", Room).put("cellar", msgspec.structs.replace(room, members=members))
    directory.close()


@pytest.mark.parametrize("name", ["zoe", "Ζoe", "z0e"])
def test_an_account_takes_its_name_from_the_guests_who_have_it(server, connect, name, wait_until):
    guest, other = connect(name), connect("other")

    add_account(server, "zoe")

    assert "name" in hear(guest, "closing")["reason"]
    assert call(other, "message", {"text": "still here"})["ok"]
    with pytest.raises(socketio.exceptions.ConnectionError):
        connect(name)


def test_a_cid_answers_nothing_of_a_room_that_one_was_removed_from(server):
    owner, mia = with_account(server, "owner"), with_account(server, "Mia")
    call(owner, "create", {"room": "cellar", "kind": "private", "members": ["Mia"]})
    call(mia, "join", {"room": "cellar"})
    call(mia, "message", {"room": "cellar", "text": "then", "cid": "c-1"})
    call(owner, "remove", {"room": "cellar", "name": "Mia"})

    answer = call(mia, "message", {"room": "general", "text": "now", "cid": "c-1"})

    assert answer["message"]["room"] == "general"
    assert answer["message"]["text"] == "now"
    assert refusal(call(mia, "message", {"room": "cellar", "text": "x", "cid": "c-1"}))


def test_a_token_that_may_only_read_changes_nothing_that_its_account_keeps(server):
    owner = with_account(server, "owner")
    reader = with_token(server, new_token(server, "reader", "bot", ("read",)))
    call(owner, "create", {"room": "cellar", "kind": "private", "members": ["reader"]})
    call(owner, "create", {"room": "kitchen"})

    for event, payload in (
        ("leave", {"room": "cellar"}),
        ("read", {"room": "cellar", "seq": 0}),
        ("prefs", {"room": "cellar", "favourite": True}),
        ("arrange", {"rooms": ["cellar"]}),
        ("status", {"state": "busy"}),
        ("profile", {"display_name": "Reader"}),
    ):
        assert (event, refusal(call(reader, event, payload))) == (event, "not_allowed")
    assert call(reader, "join", {"room": "kitchen"})["ok"]
    reader.disconnect()
    with_full_rights = with_token(server, chatapp(server, *MORE_RIGHTS))
    joined = {room["name"]: room["joined"] for room in call(with_full_rights, "rooms")["rooms"]}
    assert joined == {"general": True, "cellar": True, "kitchen": False}


MORE_RIGHTS = ("token", "create", "reader", "more", "--scope", "read", "--scope", "write")


def test_a_muted_person_says_nothing_to_others_by_any_event(server):
    owner, mia = with_account(server, "owner", "owner"), with_account(server, "Mia")
    call(mia, "create", {"room": "mine"})
    call(mia, "create", {"room": "cellar", "kind": "private"})
    seq = call(mia, "message", {"text": "hi"})["message"]["seq"]
    call(owner, "mute", {"name": "Mia", "seconds": 60, "reason": "noise"})

    for event, payload in (
        ("message", {"text": "hi"}),
        ("edit", {"room": "general", "seq": seq, "text": "hi"}),
        ("react", {"room": "general", "seq": seq, "emoji": "👍", "on": True}),
        ("update", {"room": "mine", "title": "Read this"}),
        ("create", {"room": "read-this"}),
        ("create", {"kind": "direct", "members": ["owner"]}),
        ("invite", {"room": "cellar", "name": "owner"}),
        ("profile", {"display_name": "Read this"}),
    ):
        answer = call(mia, event, payload)
        assert (event, refusal(answer)) == (event, "not_allowed")
        assert "muted" in answer["error"]["message"]


def test_the_command_line_bans_no_last_owner(server, run_chatapp):
    add_account(server, "Boss", "owner")

    banned = run_chatapp(
        *("user", "ban", "Boss", "--reason", "coup"), env={"CHATAPP_DATA": str(server.data)}
    )

    assert banned.returncode != 0
    assert "the only owner" in banned.stderr
