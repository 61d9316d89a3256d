"""Streams of a room from a real server: what comes, where it goes on, and when it ends."""

import json
import threading
from collections.abc import Callable

import pytest
from socketio import SimpleClient

from tests.support.cast import chatapp, new_token, with_account, with_token
from tests.support.raw_http import exchange, request, status_of
from tests.support.server import Server
from tests.support.streams import GUEST, NDJSON, StreamClient
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call, hear


@pytest.fixture(scope="module")
def tokens(house: Server) -> dict[str, str]:
    return {name: new_token(house, name, "member") for name in ("Ana", "Ben")}


@pytest.fixture
def ana(house: Server, tokens: dict[str, str]) -> SimpleClient:
    return with_token(house, tokens["Ana"])


def bearer(token: str) -> str:
    return f"Bearer {token}"


def head_of(client: SimpleClient, room: str = "general") -> int:
    return int(call(client, "join", {"room": room})["room"]["head"])


def test_a_stream_has_what_sockets_get(
    ana: SimpleClient, connect: Callable[..., SimpleClient], house: Server, streams
) -> None:
    bob = connect("bob", url=house.url)
    head = head_of(bob)
    stream = streams()
    ready = stream.next()

    seq = call(ana, "message", {"text": "ho\nla ✓"})["message"]["seq"]
    call(ana, "edit", {"room": "general", "seq": seq, "text": "hola"})
    call(ana, "react", {"room": "general", "seq": seq, "emoji": "👍", "on": True})
    call(ana, "delete", {"room": "general", "seq": seq})

    assert (ready.name, ready.id, ready.data["seq"]) == ("ready", str(head), head)
    heard = [(name, hear(bob, name)) for name in ("message", "edit", "react", "delete")]
    came = stream.take(4)
    assert [(each.name, each.data) for each in came] == heard
    assert [each.id for each in came] == [str(head + i) for i in range(1, 5)]


def test_lines_of_json_are_for_everything_but_browsers(ana: SimpleClient, streams) -> None:
    lines, events = streams(Accept=NDJSON), streams(Accept="*/*")
    assert lines.next().data == events.next().data

    call(ana, "message", {"text": "hola"})

    assert lines.response.getheader("Content-Type") == NDJSON
    assert events.response.getheader("Content-Type") == "text/event-stream"
    assert lines.next()[:2] == events.next()[:2]


def test_a_stream_goes_on_where_it_ended(ana: SimpleClient, streams) -> None:
    first = streams()
    after = first.next().id
    sent = [call(ana, "message", {"text": f"{n}"})["message"]["seq"] for n in range(3)]
    assert first.next().data["seq"] == sent[0]

    by_header = streams(query="?since=0", Last_Event_ID=first.events[-1].id)
    by_query = streams(query=f"?since={after}")

    assert [each.data.get("seq") for each in by_header.take(3)] == [*sent[1:], sent[-1]]
    assert [each.data.get("seq") for each in by_query.take(4)] == [*sent, sent[-1]]
    assert by_header.events[-1].name == "ready"
    assert by_header.events[-1].data["recovered"]


def test_streams_have_neither_holes_nor_doubles_while_others_write(
    ana: SimpleClient, streams
) -> None:
    before, count = head_of(ana), 600  # more than a page of what was missed
    wanted = list(range(before + 1, before + count + 1))
    writing = threading.Thread(
        target=lambda: [ana.client.emit("message", {"text": f"{n}"}) for n in range(count)]
    )
    first, others = streams(query=f"?since={before}", Accept=NDJSON), []

    writing.start()
    while seqs_of(first)[-1:] != wanted[-1:]:
        first.next()
        if len(first.events) % 40 == 0:
            others.append(streams(query=f"?since={before}"))
    writing.join()

    assert len(others) > 5
    for stream in others:
        while seqs_of(stream)[-1:] != wanted[-1:]:
            stream.next()
    assert all(seqs_of(stream) == wanted for stream in (first, *others))


def seqs_of(stream: StreamClient) -> list[int]:
    return [event.data["seq"] for event in stream.events if event.name == "message"]


def test_a_place_that_is_not_there_is_said_to_be_a_gap(ana: SimpleClient, streams) -> None:
    head = head_of(ana)
    stream = streams(query=f"?since={head + 5}")

    ready = stream.next()
    call(ana, "message", {"text": "after the gap"})

    assert (ready.name, ready.data["seq"], ready.data["recovered"]) == ("ready", head, False)
    assert stream.next().data["text"] == "after the gap"


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("?since=-1", {}, 400),
        ("?since=x", {}, 400),
        ("?since=1&since=2", {}, 400),
        ("?since=1.5", {}, 400),
        ("?after=1", {}, 400),
        ("?since=" + "9" * 400, {}, 400),
        ("", {"Last_Event_ID": "general"}, 400),
        ("", {"Accept": "text/html"}, 406),
        ("", {"Authorization": "Bearer wrong"}, 401),
        ("", {"Authorization": "Basic eA=="}, 401),
    ],
)
def test_a_bad_request_is_refused(streams, query: str, headers: dict[str, str], status: int):
    refused = streams(query=query, **headers)

    assert refused.status == status
    assert json.loads(refused.response.read())["ok"] is False


def test_what_was_deleted_is_not_said_again(ana: SimpleClient, streams) -> None:
    message = call(ana, "message", {"text": "a secret"})["message"]
    call(ana, "delete", {"room": "general", "seq": message["seq"]})

    stream = streams(query=f"?since={message['seq'] - 1}")

    assert [each.data.get("text") for each in stream.take(3)] == ["", None, None]
    assert [each.name for each in stream.events] == ["message", "delete", "ready"]


def test_what_was_missed_is_what_resume_gives(
    house: Server, ana: SimpleClient, connect: Callable[..., SimpleClient], streams
) -> None:
    poll = {"question": "Tea?", "options": ["Yes", "No"], "anonymous": True, "hidden": True}
    asked = call(ana, "message", {"room": "general", "poll": poll})["message"]
    live = streams()
    assert live.next().name == "ready"
    call(ana, "vote", {"room": "general", "seq": asked["seq"], "options": [1]})
    call(ana, "react", {"room": "general", "seq": asked["seq"], "emoji": "👍", "on": True})
    bob = connect("bob", url=house.url)
    epoch = call(bob, "join", {"room": "general"})["room"]["epoch"]

    missed = call(bob, "resume", {"room": "general", "epoch": epoch, "after": asked["seq"] - 1})
    stream = streams(query=f"?since={asked['seq'] - 1}")

    assert [event.data for event in stream.take(3)] == missed["events"]
    voted = live.next().data
    assert "vote" not in voted
    assert voted["sender"] != "Ana"


def test_a_private_room_is_there_for_its_members_only(
    house: Server, ana: SimpleClient, tokens: dict[str, str], streams
) -> None:
    call(ana, "create", {"room": "plans", "kind": "private", "members": ["Ben"]})
    ben, owner = (streams("plans", bearer(tokens[name])) for name in ("Ben", "Ana"))
    assert ben.next().name == owner.next().name == "ready"

    assert streams("plans").status == streams("nowhere").status == 404
    call(ana, "remove", {"room": "plans", "name": "Ben"})
    call(ana, "message", {"room": "plans", "text": "without ben"})

    assert [each.name for each in ben.rest()][-1] == "closing"
    assert all(each.data.get("text") != "without ben" for each in ben.events)
    while owner.next().data.get("text") != "without ben":
        pass
    assert streams("plans", bearer(tokens["Ben"])).status == 404


def test_who_leaves_a_room_no_longer_follows_it(
    ana: SimpleClient, tokens: dict[str, str], streams
) -> None:
    call(ana, "create", {"room": "tea"})
    stream, other = streams("tea", bearer(tokens["Ana"])), streams("tea", bearer(tokens["Ben"]))
    assert stream.next().name == other.next().name == "ready"

    call(ana, "leave", {"room": "tea"})
    assert [each.name for each in stream.rest()][-1] == "closing"

    call(ana, "join", {"room": "tea"})
    call(ana, "message", {"room": "tea", "text": "again"})
    assert other.until("message").data["system"]["what"] == "left"
    call(ana, "delete_room", {"room": "tea"})
    assert other.rest()[-1].name == "closing"


def test_a_stream_of_a_room_hears_no_other(
    ana: SimpleClient, tokens: dict[str, str], streams
) -> None:
    stream = streams(secret=bearer(tokens["Ana"]))
    assert stream.next().name == "ready"

    call(ana, "create", {"room": "coffee", "kind": "private", "members": ["Ben"]})
    call(ana, "message", {"room": "coffee", "text": "elsewhere"})
    call(ana, "message", {"text": "here"})

    assert stream.next().data["text"] == "here"


def test_a_revoked_token_ends_its_streams(house: Server, streams) -> None:
    token = new_token(house, "Eva", "member", ("read",))
    stream = streams(secret=bearer(token))
    assert stream.next().name == "ready"

    listed = chatapp(house, "token", "list").splitlines()
    chatapp(
        house, "token", "revoke", next(line for line in listed if "eva" in line.lower()).split()[0]
    )

    assert [each.name for each in stream.rest()] == ["closing"]
    assert streams(secret=bearer(token)).status == 401


def test_a_token_without_read_has_no_streams(house: Server, streams) -> None:
    token = new_token(house, "Meter", "bot", ("metrics",))

    assert streams(secret=bearer(token)).status == 403


@pytest.mark.parametrize("decision", ["ban", "kick"])
def test_who_is_sent_away_hears_no_more(house: Server, streams, decision: str) -> None:
    admin, name = with_account(house, f"admin for {decision}", "admin"), f"victim of {decision}"
    secret = bearer(new_token(house, name, "member"))
    stream, other = streams(secret=secret), streams()
    assert stream.next().name == other.next().name == "ready"

    call(admin, decision, {"name": name, "reason": "spam"})
    call(admin, "message", {"text": "gone"})

    ended = stream.rest()
    assert [each.name for each in ended] == ["closing"]
    assert "spam" in ended[0].data["reason"]
    assert other.next().data["text"] == "gone"
    assert streams(secret=secret).status == (403 if decision == "ban" else 200)
    admin.disconnect()


def test_nobody_is_online_by_a_stream(
    house: Server, connect: Callable[..., SimpleClient], tokens: dict[str, str], streams
) -> None:
    ben = connect("watcher", url=house.url)
    stream = streams(secret=bearer(tokens["Ana"]))
    assert stream.next().name == "ready"

    room = call(ben, "join", {"room": "general"})["room"]

    assert "watcher" in room["members"]
    assert "Ana" not in room["members"]


def test_what_is_about_connections_is_left_out(
    house: Server, connect: Callable[..., SimpleClient], streams
) -> None:
    bob = connect("bob", url=house.url)
    stream = streams()
    assert stream.next().name == "ready"

    call(bob, "typing", {"room": "general"})
    call(bob, "status", {"state": "busy"})
    connect("someone new", url=house.url)
    call(bob, "message", {"text": "hola"})

    assert stream.next().data["text"] == "hola"


def test_the_head_of_a_response_stands_alone(house: Server, streams) -> None:
    stream = streams()

    assert stream.response.getheader("Cache-Control") == "no-store"
    assert stream.response.getheader("X-Accel-Buffering") == "no"
    assert stream.response.getheader("Connection") == "close"


def test_clients_of_http_1_0_get_no_chunks(house: Server) -> None:
    old = (
        f"GET /api/v1/rooms/general/stream HTTP/1.0\r\nHost: 127.0.0.1:{house.port}\r\n"
        f"Accept: {NDJSON}\r\nAuthorization: {GUEST}\r\n\r\n"
    )

    answer = exchange(house, old.encode(), enough=b"}}\n")

    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"chunked" not in head
    assert body.startswith(b'{"event":"ready"')


def test_head_tells_of_a_stream_and_opens_none(house: Server) -> None:
    headers = [(b"Authorization", GUEST.encode()), (b"Accept", NDJSON.encode())]

    asked = request(house, "HEAD", b"/api/v1/rooms/general/stream", headers)
    answer = exchange(house, asked)

    assert status_of(answer) == 200
    assert f"Content-Type: {NDJSON}".encode() in answer
    assert answer.endswith(b"\r\n\r\n")


def test_a_stop_says_when_to_come_back(server: Server) -> None:
    stream = StreamClient.of_room(server.url, "general", GUEST)
    lines = StreamClient.of_room(server.url, "general", GUEST, Accept=NDJSON)
    assert stream.next().name == lines.next().name == "ready"

    stopping = threading.Thread(target=server.stop)
    stopping.start()
    (closing,), ended = stream.rest(), lines.rest()
    stream.close()
    lines.close()
    stopping.join()

    assert closing.name == "closing"
    assert "stopping" in closing.data["reason"]
    assert closing.retry == 2000
    assert [each[:2] for each in ended] == [closing[:2]]


def test_there_are_as_many_streams_as_connections(
    new_server: Callable[..., Server], connect: Callable[..., SimpleClient]
) -> None:
    server = new_server(CHATAPP_CONNECTIONS="1").start()
    stream = StreamClient.of_room(server.url, "general", GUEST)
    assert stream.next().name == "ready"

    refused = StreamClient.of_room(server.url, "general", GUEST)

    assert refused.status == 503
    assert int(refused.response.getheader("Retry-After") or 0) > 0
    refused.close()
    stream.close()
    wait_until(lambda: server.connections == 0)
    again = StreamClient.of_room(server.url, "general", GUEST)
    assert again.next().name == "ready"
    again.close()
