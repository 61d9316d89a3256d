"""Files in a chat of two servers: both serve all of them, and a message has each once."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.features.files.test_tus import append, begin, info, offset_of
from tests.support.cast import with_token
from tests.support.cluster import two_nodes
from tests.support.files import HERE, Sender
from tests.support.postgres import Postgres
from tests.support.server import Server
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call, log_lines

ROUNDS = 100 if os.environ.get("TORTURE") else 10


@pytest.fixture(scope="module")
def nodes(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    with two_nodes(postgres.new_database("files"), tmp_path_factory) as nodes:
        yield nodes


@pytest.fixture(scope="module")
def ana(nodes: tuple[Server, Server]) -> Iterator[Sender]:
    ana = Sender(nodes[0], "Ana")
    yield ana
    ana.close()


@pytest.fixture(scope="module")
def there(nodes: tuple[Server, Server], ana: Sender) -> Iterator["Elsewhere"]:
    """The same person at the other server."""
    there = Elsewhere(nodes[1], ana)
    yield there
    there.close()


class Elsewhere(Sender):
    def __init__(self, node: Server, other: Sender) -> None:
        self.url, self.http = node.url, other.http
        token = str(other.http.headers["Authorization"]).split()[1]
        wait_until(lambda: self.get("/api/rooms/general/messages").status_code == 200, what="Ana")
        self.socket = with_token(node, token)

    def has(self, room: str, seq: int) -> bool:
        messages = call(self.socket, "history", {"room": room, "around": seq})["messages"]
        return any(message["seq"] == seq for message in messages)

    def close(self) -> None:
        self.socket.disconnect()


def test_what_came_to_one_server_is_read_at_the_other(ana: Sender, there: Sender):
    content = os.urandom(1_500_000)
    file = ana.send(content, "raw")

    wait_until(lambda: there.get(f"{HERE}/{file['id']}").status_code == 200, what="the row")
    assert there.get(f"/files/{file['id']}/raw").content == content
    assert (
        there.get(f"/files/{file['id']}/raw", headers={"Range": "bytes=-3"}).content == content[-3:]
    )
    answer = call(there.socket, "message", {"files": [file["id"]], "cid": "there"})
    again = call(ana.socket, "message", {"files": [file["id"]], "cid": "there"})

    assert again["duplicate"]
    assert again["message"]["seq"] == answer["message"]["seq"]
    assert ana.get(f"/files/{file['id']}/raw").status_code == 200


def test_an_upload_goes_on_at_the_other_server(ana: Sender, there: Sender):
    content = os.urandom(300_000)
    path = begin(ana, len(content))
    append(ana, path, 0, content[:100_000])
    wait_until(lambda: there.ask("HEAD", path, headers={}).status_code == 200, what="the row")
    wait_until(lambda: offset_of(there, path) == 100_000, what="the part")

    assert append(there, path, 100_000, content[100_000:]).status_code == 204

    assert there.get(f"/files/{info(there, path)['id']}/x").content == content
    wait_until(lambda: info(ana, path), what="the file")
    assert append(ana, path, 100_000, content[100_000:]).status_code == 409


def test_of_two_parts_at_two_servers_one_counts(ana: Sender, there: Sender):
    for _ in range(ROUNDS):
        content = os.urandom(60_000)
        path = begin(ana, len(content))
        wait_until(lambda path=path: there.ask("HEAD", path).status_code == 200, what="the row")

        at_once(
            lambda each, path=path, content=content: (
                append(each[0], path, 0, content[: each[1]]).status_code
            ),
            [(ana, 10_000), (there, 40_000)],
        )

        wait_until(
            lambda path=path: offset_of(there, path) == offset_of(ana, path), what="one place"
        )
        offset = offset_of(ana, path)
        assert append(ana, path, offset, content[offset:]).status_code == 204
        assert ana.get(f"/files/{info(ana, path)['id']}/x").content == content


def test_of_two_messages_at_two_servers_one_has_the_file(ana: Sender, there: Sender):
    codes = []
    for number in range(ROUNDS):
        file = ana.send(b"%d" % number)["id"]
        wait_until(lambda file=file: there.get(f"{HERE}/{file}").status_code == 200, what="the row")
        answers = at_once(
            lambda person, file=file: call(person.socket, "message", {"files": [file]}),
            (ana, there),
        )
        assert [answer["ok"] for answer in answers].count(True) == 1
        codes += [answer["error"]["code"] for answer in answers if not answer["ok"]]
    assert set(codes) == {"attached"}


def test_what_is_forwarded_at_two_servers_is_there_once(ana: Sender, there: "Elsewhere"):
    file = ana.send(b"the plan", "plan.txt")["id"]
    seq = call(ana.socket, "message", {"text": "Here", "files": [file]})["message"]["seq"]
    call(ana.socket, "create", {"room": "tea"})
    wait_until(lambda: call(there.socket, "join", {"room": "tea"})["ok"], what="the room")
    wait_until(lambda: there.has("general", seq), what="the message")
    wanted = {"room": "general", "seqs": [seq], "to_room": "tea", "text": "Look", "cid": "f-1"}

    answers = at_once(lambda person: call(person.socket, "forward", wanted), (ana, there))

    assert answers[0]["ok"]
    assert answers[0] == answers[1]

    def copies(person: Sender) -> list[dict[str, Any]]:
        messages = call(person.socket, "history", {"room": "tea"})["messages"]
        return [message for message in messages if "forwarded" in message]

    wait_until(lambda: copies(there) == copies(ana), what="the copy")
    (copy,) = copies(there)
    path = f"/files/{copy['files'][0]['id']}/plan.txt"
    wait_until(lambda: there.get(path).status_code == 200, what="the row")
    assert ana.get(path).content == b"the plan"


def test_nothing_is_forwarded_that_another_server_has_deleted_before(
    nodes: tuple[Server, Server], ana: Sender, there: "Elsewhere"
):
    call(ana.socket, "create", {"room": "soup"})
    wait_until(lambda: call(there.socket, "join", {"room": "soup"})["ok"], what="the room")
    outcomes = []
    for number in range(ROUNDS):
        seq = call(ana.socket, "message", {"text": f"{number}"})["message"]["seq"]
        place = {"room": "general", "seq": seq}
        wait_until(lambda seq=seq: there.has("general", seq), what="the message")
        forward = {"room": "general", "seqs": [seq], "to_room": "soup"}
        answers = at_once(
            lambda each: call(*each),
            [(ana.socket, "delete", place), (there.socket, "forward", forward)],
        )
        outcomes.append((seq, answers[1]))

    def gone() -> dict[int, int]:
        deletions = (line for line in log_lines(nodes[1]) if line["type"] == "delete")
        return {line["target"]: line["n"] for line in deletions}

    wait_until(lambda: {seq for seq, _ in outcomes} <= gone().keys(), what="all deletions")
    lines = log_lines(nodes[1])
    copies = {line["forwarded"]["seq"]: line["n"] for line in lines if "forwarded" in line}
    for seq, answer in outcomes:
        assert answer["ok"] or answer["error"]["code"] == "not_found"
        assert not answer["ok"] or copies[seq] < gone()[seq]


def at_once(ask: Callable[[Any], Any], people: Iterable[Any]) -> list[Any]:
    """What each of them is answered, who ask at the same moment."""
    with ThreadPoolExecutor() as threads:
        return list(threads.map(ask, people))
