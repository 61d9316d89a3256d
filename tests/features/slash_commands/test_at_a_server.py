"""Slash commands between people and bots, at a running server: who has them, who runs them, and
who hears the answers."""

import json
from itertools import count

import pytest

from chatapp.features.slash_commands.runs import MAX_WAITING
from tests.features.slash_commands.conftest import code, taken
from tests.support.cast import chatapp, with_token
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call, hear, log_lines

numbers = count(1)


@pytest.fixture
def name():
    """Of a command that nobody has."""
    return f"deploy-{next(numbers)}"


def names(client, room=None):
    return [one["name"] for one in call(client, "commands", {"room": room})["commands"]]


def posted(client, room):
    """What people and bots have said in a room."""
    page = call(client, "history", {"room": room})["messages"]
    return [message for message in page if "system" not in message]


def test_a_command_goes_to_its_bot_and_the_answer_to_the_room(ana, bot, room, name, typed):
    wanted = {"name": name, "hint": "ENV", "description": "Puts it there"}
    assert call(bot, "add_command", wanted) == {"ok": True}
    [offered] = call(ana, "commands", {"room": room})["commands"]
    bots_name = offered["owner"]
    assert offered == {**wanted, "owner": bots_name}

    running = typed(f"/{name} web  --now ")
    heard = taken(bot)
    answer = running.result()
    call(bot, "message", {"room": room, "text": "It is there."})

    assert {key: heard[key] for key in ("name", "text", "room", "sender")} == {
        "name": name, "text": "web  --now", "room": room, "sender": "Ana",
    }  # fmt: skip
    assert answer == {"ok": True, "id": heard["id"]}
    said = [(one["sender"], one["text"]) for one in posted(ana, room)]
    assert said == [(bots_name, "It is there.")], "what Ana typed was not posted"


def test_a_private_answer_is_for_who_typed_and_is_not_kept(
    house, ana, anas_token, bot, room, name, typed, connect_guest
):
    eva = connect_guest("eva", room)
    at_home = with_token(house, anas_token)
    call(bot, "add_command", {"name": name})

    running = typed(f"/{name} secrets")
    heard = taken(bot)
    running.result()
    assert call(bot, "answer_command", {"id": heard["id"], "text": "Only for *you*"})["ok"]
    call(bot, "message", {"room": room, "text": "For everyone"})

    for device in (ana, at_home):
        answer = hear(device, "command_answer")
        told = {key: answer[key] for key in ("id", "name", "text")}
        assert told == {"id": heard["id"], "name": name, "text": "Only for *you*"}
    heard_by_eva = []
    while [one.get("text") for one in heard_by_eva[-1:]] != ["For everyone"]:
        heard_by_eva.append(eva.receive()[1])
    assert "Only for" not in str(heard_by_eva)
    assert "Only for" not in json.dumps(log_lines(house))
    assert "secrets" not in json.dumps(log_lines(house))


def test_a_posted_command_is_a_message_and_is_posted_once(ana, bot, room, name, typed):
    call(bot, "add_command", {"name": name, "posted": True})

    first = typed(f"/{name} web", cid="once")
    heard = taken(bot)
    again = typed(f"/{name} web", cid="once")

    assert first.result() == again.result() == {"ok": True, "id": heard["id"], "seq": heard["seq"]}
    said = [(one["seq"], one["text"]) for one in posted(ana, room)]
    assert said == [(heard["seq"], f"/{name} web")]


def test_a_retry_is_the_same_run_and_only_one_connection_takes_it(
    house, ana, bot, room, name, typed, new_bot
):
    call(bot, "add_command", {"name": name})

    first = typed(f"/{name}", cid="c-1")
    heard = hear(bot, "command")
    again = typed(f"/{name}", cid="c-1")
    assert hear(bot, "command") == heard, "nobody has taken it yet"
    taken_by = [
        call(bot, "take_command", {"id": heard["id"], "mark": mark}) for mark in ("a", "a", "b")
    ]
    late = typed(f"/{name}", cid="c-1")

    assert taken_by[:2] == [{"ok": True}] * 2
    assert code(taken_by[2]) == "not_allowed"
    assert first.result() == again.result() == late.result() == {"ok": True, "id": heard["id"]}
    _, token = new_bot()
    other = with_token(house, token)
    for event in ("take_command", "answer_command"):
        more = {"mark": "c"} if event == "take_command" else {"text": "Mine"}
        assert code(call(other, event, {"id": heard["id"], **more})) == "not_found"


def test_what_nobody_takes_in_time_has_not_run_and_nothing_else_waits_for_it(
    ana, bot, room, name, typed
):
    call(bot, "add_command", {"name": name})
    waiting = [typed(f"/{name}") for _ in range(MAX_WAITING)]
    heard = [hear(bot, "command") for _ in waiting]

    untaken = call(bot, "answer_command", {"id": heard[0]["id"], "text": "Too early"})
    too_many = call(ana, "run_command", {"room": room, "name": name})
    sent = call(ana, "message", {"room": room, "text": "meanwhile"})
    still_waiting = [not running.done() for running in waiting]

    answers = [running.result() for running in waiting]
    late = call(bot, "take_command", {"id": heard[0]["id"], "mark": "late"})
    assert (code(untaken), code(too_many), sent["ok"]) == ("not_allowed", "rate_limited", True)
    assert all(still_waiting)
    assert {code(answer) for answer in answers} == {"no_answer"}
    assert "has not run" in answers[0]["error"]["message"]
    assert code(late) == "not_found"


def test_a_bot_that_is_offline_is_said_at_once(house, ana, room, name, new_bot, typed):
    bots_name, token = new_bot()
    bot = with_token(house, token)
    call(bot, "join", {"room": room})
    call(bot, "add_command", {"name": name})
    bot.disconnect()

    def is_offline():
        answer = typed(f"/{name}").result()
        return answer if "offline" in answer["error"]["message"] else None

    answer = wait_until(is_offline, what="the bot to be offline")
    assert code(answer) == "no_answer"
    assert answer["error"]["message"].startswith(bots_name)


def test_a_command_is_there_where_its_bot_is(house, ana, bot, room, name):
    elsewhere = call(ana, "create", {"room": f"{room}-2"})["room"]["name"]
    call(bot, "add_command", {"name": name})
    assert names(ana, room) == [name]
    assert names(ana, elsewhere) == []
    missing = call(ana, "run_command", {"room": elsewhere, "name": name})
    assert code(missing) == "not_found"

    call(bot, "join", {"room": elsewhere})
    assert names(ana, elsewhere) == [name]
    call(bot, "add_command", {"name": name, "rooms": [room]})
    assert names(ana, elsewhere) == []
    call(bot, "leave", {"room": room})
    assert names(ana, room) == []


def test_one_name_has_one_owner_until_that_gives_it_up(house, ana, bot, room, name, new_bot):
    bots_name, token = new_bot()
    other = with_token(house, token)
    call(other, "join", {"room": room})
    call(other, "add_command", {"name": name, "hint": "first"})

    refused = call(bot, "add_command", {"name": name, "hint": "second"})
    own = call(bot, "add_command", {"name": "join"})
    not_its_own = call(bot, "remove_command", {"name": name})

    assert code(refused) == code(own) == "name_taken"
    assert bots_name in refused["error"]["message"]
    assert code(not_its_own) == "not_found"
    assert call(ana, "commands", {"room": room})["commands"][0]["hint"] == "first"
    assert call(other, "remove_command", {"name": name}) == {"ok": True}
    assert call(bot, "add_command", {"name": name}) == {"ok": True}


def test_a_command_goes_with_its_bot(house, ana, room, name, new_bot, bot):
    bots_name, token = new_bot()
    gone = with_token(house, token)
    call(gone, "join", {"room": room})
    call(gone, "add_command", {"name": name})
    assert names(ana, room) == [name]

    chatapp(house, "bot", "remove", bots_name, "--yes")

    assert names(ana, room) == []
    assert call(bot, "add_command", {"name": name}) == {"ok": True}


def test_who_may_not_post_may_not_run(house, ana, bot, room, name, connect_guest, typed):
    guest = connect_guest("eva", room)
    call(bot, "add_command", {"name": name})
    wanted = {"room": room, "name": name}

    by_a_bot = call(bot, "run_command", wanted)
    call(ana, "update", {"room": room, "read_only": True})
    by_a_guest = call(guest, "run_command", wanted)
    call(guest, "leave", {"room": room})
    by_an_outsider = call(guest, "run_command", wanted)

    assert code(by_a_bot) == code(by_a_guest) == "not_allowed"
    assert code(by_an_outsider) == "not_a_member"


def test_a_command_that_cannot_be_is_refused(bot):
    refused = [
        ({"name": "Deploy"}, "bad_name"),
        ({"name": "a" * 33}, "bad_name"),
        ({"name": ""}, "bad_name"),
        ({"name": "1-2"}, "bad_name"),
        ({"name": "two words"}, "bad_name"),
        ({"name": "fine", "hint": "x" * 81}, "bad_payload"),
        ({"name": "fine", "hint": "a\nb"}, "bad_payload"),
        ({"name": "fine", "description": "x" * 201}, "bad_payload"),
        ({"name": "fine", "rooms": []}, "bad_payload"),
        ({"name": "fine", "rooms": ["missing"]}, "no_such_room"),
    ]

    answers = [(wanted, code(call(bot, "add_command", wanted))) for wanted, _ in refused]

    assert answers == refused
    assert names(bot) == []
