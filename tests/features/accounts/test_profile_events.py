"""Profiles and last seen over the wire, on the real server."""

import json

from chatapp.domain.model import COLOURS
from tests.support.accounts import PASSWORD
from tests.support.cast import chatapp, with_account
from tests.support.server import Server
from tests.test_way_of_a_message import call, hear


def test_a_changed_profile_is_heard_by_everyone_at_once(house: Server, connect) -> None:
    ana, gus = with_account(house, "ana"), connect("gus", url=house.url)

    answer = call(ana, "profile", {"display_name": "Ana Pérez", "colour": "rose"})

    shown = {"name": "ana", "display_name": "Ana Pérez", "colour": "rose"}
    assert answer == {"ok": True, "profile": shown}
    assert hear(gus, "profile") == shown
    assert call(gus, "people", {"names": ["ANA"]})["people"] == [shown | {"state": "online"}]
    chatapp(house, "user", "profile", "ana", "--display-name", "", "--colour", COLOURS[0])
    assert hear(gus, "profile") == {"name": "ana", "colour": COLOURS[0]}
    ana.disconnect()


def test_nobody_is_shown_as_somebody_who_was_removed(house: Server, connect) -> None:
    chatapp(
        house, "user", "add", "cy", "--display-name", "Cyrano", "--password-stdin", input=PASSWORD
    )
    gus = connect("gus", url=house.url)

    chatapp(house, "user", "erase", "cy", "--yes")

    assert hear(gus, "profile") == {"name": "cy"}
    assert call(gus, "people", {"names": ["cy"]})["people"] == []


def test_messages_keep_the_name_of_who_wrote_them(house: Server) -> None:
    bea = with_account(house, "bea")
    call(bea, "profile", {"display_name": "Queen Bea"})

    message = call(bea, "message", {"text": "hello"})["message"]

    assert message["sender"] == "bea"
    assert "Queen" not in str(message)
    assert "Queen Bea" not in "".join(
        path.read_text() for path in (house.data / "messages").glob("*.jsonl")
    )
    bea.disconnect()


def test_when_somebody_was_last_here_outlives_a_restart(new_server, wait_until) -> None:
    place = new_server().start()
    ana, ben = with_account(place, "ana"), with_account(place, "ben")
    ana.disconnect()
    away = wait_until(lambda: call(ben, "people", {"room": "general"})["people"])

    ben.disconnect()
    place.stop()
    seen = last_written(place, "seen")
    place.start()
    cat = with_account(place, "cat")
    later = call(cat, "people", {"room": "general"})["people"]

    assert [one["name"] for one in away] == ["ana"]
    told = {one["name"]: one["last_seen"] for one in later}
    assert sorted(seen.values()) == sorted(told.values())
    assert told["ana"] == away[0]["last_seen"] <= told["ben"]
    cat.disconnect()


def last_written(place: Server, table: str) -> dict[str, str]:
    """What the directory's files say."""
    lines = [
        json.loads(line)
        for path in sorted((place.data / "directory").rglob("*.jsonl"))
        for line in path.read_bytes().split(b"\n")
        if line
    ]
    return {line["key"]: line["value"] for line in lines if line["table"] == table}
