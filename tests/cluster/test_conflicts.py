"""Two servers decide on the same at once: one of them has it, the other gets the right answer."""

import itertools
import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from chatapp.control.client import CommandRefused, ask
from tests.support.accounts import PASSWORD
from tests.support.cluster import journal_bytes, new_name, start_nodes
from tests.support.postgres import Postgres
from tests.support.server import Server
from tests.support.visitor import Visitor
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call, log_lines

ROUNDS = 500 if os.environ.get("TORTURE") else 50
"""TORTURE=1 is the long campaign."""
SLOW_ROUNDS = ROUNDS // 10
"""Of what hashes passwords."""


@pytest.fixture(scope="module")
def nodes(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    servers: list[Server] = []

    def new_server(**settings: str) -> Server:
        servers.append(Server(tmp_path_factory.mktemp("node"), settings))
        return servers[-1]

    yield start_nodes(new_server, postgres.new_database("conflicts"), CHATAPP_PROXIES="1")
    for server in servers:
        server.close()


def at_once(*tries: Callable[[], Any]) -> list[Any]:
    """What each of them gave."""
    barrier = threading.Barrier(len(tries))
    given: list[Any] = [None] * len(tries)

    def run(place: int) -> None:
        barrier.wait()
        given[place] = tries[place]()

    threads = [threading.Thread(target=run, args=[place]) for place in range(len(tries))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


def command(node: Server, what: str, **arguments: Any) -> Any:
    """None, or the code of the refusal."""
    try:
        return ask(node.data, what, arguments) and None
    except CommandRefused as refused:
        return refused.code


def names_of(node: Server, **fields: str) -> set[str]:
    accounts = ask(node.data, "user.list", {})
    return {each["name"] for each in accounts if fields.items() <= each.items()}


def known(node: Server, name: str) -> None:
    wait_until(lambda: name in names_of(node), what=f"{name} to be known")


def test_a_room_is_made_once(member, nodes):
    here, there = nodes
    ana, eva = member("ana").at(here), member("eva").at(there)
    for _ in range(ROUNDS):
        create = {"room": new_name("room")}
        answers = at_once(
            lambda c=create: call(ana, "create", c), lambda c=create: call(eva, "create", c)
        )
        assert sorted(answer["ok"] for answer in answers) == [False, True]
        [refused] = [answer["error"]["code"] for answer in answers if not answer["ok"]]
        assert refused == "room_exists"


@pytest.fixture
def message(member, nodes):
    """Makes messages of one author, which everybody can see; `message()` is their seq."""
    author, reader = member("author").at(nodes[0]), member("reader").at(nodes[1])

    def message() -> int:
        seq: int = call(author, "message", {"room": "general", "text": "hm"})["message"]["seq"]
        page = {"room": "general", "after": seq - 1}
        wait_until(lambda: call(reader, "history", page)["messages"], what="the message")
        return seq

    return message


def has_changes(nodes: list[Server], seq: int, expected: list[str]) -> None:
    """These events refer to a message in `general`, in this order, at all servers."""

    def changes(node: Server) -> list[str]:
        records = (record for record in log_lines(node) if record["room"] == "general")
        return [record["type"] for record in records if record.get("target") == seq]

    wait_until(lambda: all(changes(node) == expected for node in nodes), what=f"{expected}")


def test_a_message_that_two_admins_delete_has_one_tombstone(member, message, nodes):
    boss, chief = (member("boss", "admin").at(node) for node in nodes)
    for _ in range(ROUNDS // 2):
        target = {"room": "general", "seq": message()}
        answers = at_once(
            *(lambda who=who, target=target: call(who, "delete", target) for who in (boss, chief))
        )
        assert [answer["ok"] for answer in answers] == [True, True]
        has_changes(nodes, target["seq"], ["delete"])


def test_a_reaction_that_two_devices_send_is_in_the_log_once(member, message, nodes):
    ana = member("ana")
    devices = [ana.at(node) for node in nodes]
    for _ in range(ROUNDS // 2):
        react = {"room": "general", "seq": message(), "emoji": "🎉", "on": True}
        answers = at_once(
            *(lambda who=who, react=react: call(who, "react", react) for who in devices)
        )
        assert [answer["ok"] for answer in answers] == [True, True]
        has_changes(nodes, react["seq"], ["react"])


def test_a_deleted_message_gets_no_reaction(member, message, nodes):
    boss, ana = member("boss", "admin").at(nodes[0]), member("ana").at(nodes[1])
    for _ in range(ROUNDS // 2):
        target = {"room": "general", "seq": message()}
        deleted, reacted = at_once(
            lambda target=target: call(boss, "delete", target),
            lambda target=target: call(ana, "react", {**target, "emoji": "🎉", "on": True}),
        )
        assert deleted["ok"]
        is_first = reacted["ok"]
        assert is_first or reacted["error"]["code"] == "not_found"
        expected = ["react", "delete"] if is_first else ["delete"]
        has_changes(nodes, target["seq"], expected)


def test_in_slow_mode_one_of_two_posts_is_accepted(member, nodes):
    boss, ana = member("boss", "admin").at(nodes[0]), member("ana")
    devices = [ana.at(node) for node in nodes]
    for _ in range(ROUNDS // 2):
        room = new_name("slow")
        call(boss, "create", {"room": room})
        call(boss, "update", {"room": room, "slow_seconds": 600})
        for device in devices:
            wait_until(
                lambda device=device, room=room: (
                    call(device, "join", {"room": room}).get("room", {}).get("slow_seconds")
                ),
                what="the slow room",
            )
        post = {"room": room, "text": "me first"}
        answers = at_once(
            *(lambda device=device, post=post: call(device, "message", post) for device in devices)
        )
        codes = [None if answer["ok"] else answer["error"]["code"] for answer in answers]
        assert sorted(codes, key=str) == [None, "rate_limited"]


def test_two_changes_of_a_room_are_both_made(member, nodes):
    here, there = nodes
    boss, chief = member("boss", "admin").at(here), member("chief", "admin").at(there)
    call(boss, "create", {"room": "both"})
    wait_until(lambda: call(chief, "join", {"room": "both"})["ok"], what="the room")
    for number in range(ROUNDS // 2):
        answers = at_once(
            lambda n=number: call(boss, "update", {"room": "both", "title": f"title {n}"}),
            lambda n=number: call(chief, "update", {"room": "both", "topic": f"topic {n}"}),
        )
        assert [answer["ok"] for answer in answers] == [True, True]
    for client in (boss, chief):
        wait_until(
            lambda client=client, number=number: (
                [
                    (room["title"], room["topic"])
                    for room in call(client, "rooms")["rooms"]
                    if room["name"] == "both"
                ]
                == [(f"title {number}", f"topic {number}")]
            ),
            what="both changes",
        )


def test_rooms_that_two_devices_join_are_all_joined(member, nodes):
    here, there = nodes
    ana, eva = member("ana").at(here), member("eva")
    phone, laptop = eva.at(here), eva.at(there)
    rooms = [new_name("join") for _ in range(ROUNDS // 5 * 2)]
    for room in rooms:
        call(ana, "create", {"room": room})
    wait_until(lambda: call(laptop, "history", {"room": rooms[-1]})["ok"], what="the last room")
    for first, second in zip(rooms[::2], rooms[1::2], strict=True):
        at_once(
            lambda room=first: call(phone, "join", {"room": room}),
            lambda room=second: call(laptop, "join", {"room": room}),
        )

    for client in (phone, laptop):
        wait_until(
            lambda client=client: (
                {room["name"] for room in call(client, "rooms")["rooms"] if room["joined"]}
                >= set(rooms)
            ),
            what="all rooms to be joined",
        )


def test_what_two_devices_change_of_a_room_at_once_is_all_kept(member, message, nodes):
    ana = member("ana")
    phone, laptop = (ana.at(node) for node in nodes)
    for number in range(ROUNDS // 5):
        seq, is_favourite = message(), number % 2 == 0
        wait_until(
            lambda seq=seq: call(laptop, "read", {"room": "general", "seq": seq})["read"]["read"],
            what="the message",
        )
        read = {"room": "general", "seq": seq - number % 3, "back": True}
        prefs = {"room": "general", "favourite": is_favourite}
        answers = at_once(
            lambda read=read: call(phone, "read", read),
            lambda prefs=prefs: call(laptop, "prefs", prefs),
        )
        assert [answer["ok"] for answer in answers] == [True, True]
        for device in (phone, laptop):
            wait_until(
                lambda device=device, read=read, is_favourite=is_favourite: (
                    [
                        (room["read"], room["favourite"])
                        for room in call(device, "rooms")["rooms"]
                        if room["name"] == "general"
                    ]
                    == [(read["seq"], is_favourite)]
                ),
                what="both changes",
            )


def test_of_the_last_two_owners_one_stays(nodes):
    here, there = nodes
    ana, bo = new_name("ana"), new_name("bo")
    for name in (ana, bo):
        command(here, "user.add", name=name, password=PASSWORD, role="owner")
        known(there, name)
    for _ in range(ROUNDS):
        refusals = at_once(
            lambda: command(here, "user.role", name=ana, role="member"),
            lambda: command(there, "user.role", name=bo, role="member"),
        )
        assert sorted(refusals, key=str) == [None, "not_allowed"]
        for node in nodes:
            wait_until(lambda node=node: len(names_of(node, role="owner")) == 1, what="one owner")
        [demoted] = {ana, bo} - names_of(here, role="owner")
        assert command(here, "user.role", name=demoted, role="owner") is None
        for node in nodes:
            wait_until(
                lambda node=node: names_of(node, role="owner") == {ana, bo}, what="both owners"
            )
    command(here, "user.role", name=ana, role="member")


def test_what_had_to_be_decided_again_is_in_the_audit_log_once(nodes):
    here, there = nodes
    name = new_name("ana")
    command(here, "user.add", name=name, password=PASSWORD, role="member")
    known(there, name)
    for _ in range(ROUNDS // 2):
        refusals = at_once(
            lambda: command(here, "user.role", name=name, role="admin"),
            lambda: command(there, "user.role", name=name, role="bot"),
        )
        assert refusals == [None, None]

    def noted() -> int:
        lines = journal_bytes(here.data, "audit").splitlines()
        records = [json.loads(line) for line in lines]
        return sum(record["room"] == "role" and name in record["text"] for record in records)

    command(there, "user.role", name=name, role="member")
    wait_until(lambda: noted() > ROUNDS // 2 * 2, what="the last record")
    assert noted() == ROUNDS // 2 * 2 + 1


def test_links_of_servers_that_start_at_once_all_work(start_cluster):
    servers = start_cluster(2)

    def links() -> list[str]:
        return [link for server in servers for link in re.findall(r"/setup/\S+", str(server.log))]

    wait_until(lambda: len(links()) == len(servers), what="the links")
    visitors = [Visitor(server.url) for server in servers]

    for visitor in visitors:
        for link in links():
            wait_until(lambda visitor=visitor, link=link: visitor.get(link).ok, what=link)
        visitor.close()


def test_an_account_is_made_once(nodes):
    for _ in range(SLOW_ROUNDS):
        name = new_name("zoe")
        refusals = at_once(
            *(
                lambda node=node, name=name: command(
                    node, "user.add", name=name, password=PASSWORD, role="member"
                )
                for node in nodes
            )
        )
        assert sorted(refusals, key=str) == [None, "name_taken"]


def test_an_invitation_is_used_once(nodes):
    networks = itertools.count(1)
    for _ in range(SLOW_ROUNDS):
        link = ask(nodes[0].data, "invite", {"role": "member", "uses": 1, "days": 1})
        path = urlsplit(link).path
        visitors = [Visitor(node.url) for node in nodes]
        for visitor in visitors:  # Each comes from elsewhere: sign-ups are counted by address.
            visitor.http.headers["X-Forwarded-For"] = f"2001:db8:{next(networks):x}::1"
        wait_until(lambda get=visitors[1].get, path=path: get(path).ok, what="the invitation")
        names = [new_name("guest") for _ in visitors]
        answers = at_once(
            *(
                lambda visitor=visitor, name=name, path=path: visitor.submit(
                    path, name=name, password=PASSWORD
                )
                for visitor, name in zip(visitors, names, strict=True)
            )
        )
        assert sorted(answer.status_code for answer in answers) == [303, 404]
        assert len(names_of(nodes[0]) & set(names)) <= 1
        for visitor in visitors:
            visitor.close()


def test_servers_that_start_at_once_make_one_admin(new_server, database):
    settings = {"CHATAPP_POSTGRES": database, "CHATAPP_ADMIN_PASSWORD": PASSWORD}
    servers = [new_server(**settings) for _ in range(3)]

    at_once(*(server.start for server in servers))

    for server in servers:
        wait_until(
            lambda log=server: any("The data lies in" in line for line in log.log), what="the start"
        )
        assert names_of(server, role="owner") == {"admin"}
        assert not any("CHATAPP_ADMIN_PASSWORD" in line for line in server.log)
