"""The helper process makes the server's calls, side by side, and may end at any time."""

import os
import signal
from pathlib import Path
from threading import Event

import gevent
import pytest

from chatapp.outbound.calls import Call, CallsInTurn, Failure, OutboundError
from chatapp.outbound.outbound import MAX_WAITING, Outbound
from chatapp.web.waiting import wait
from tests.outbound.conftest import page, saying


@pytest.fixture
def outbound():
    outbound = Outbound()
    yield outbound
    outbound.close()


def to(host, **how):
    return Call(url=host.url, ports=None, allowed=frozenset([host.place]), seconds=30.0, **how)


def helper() -> int:
    """The id of the helper process."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    (found,) = (each for each in children if "outbound.helper" in command(each))
    return int(found)


def command(pid: str | int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def test_a_call_is_made_by_another_process(outbound, host):
    there = host(saying(page(b"hello", "X-Of: yes")))

    reply = wait(outbound.call(to(there, method="POST", body=b"news", headers={"X-Id": "7"})))

    assert (reply.status, reply.body, reply.headers["x-of"]) == (200, b"hello", "yes")
    assert there.heads[0].startswith(b"POST /page HTTP/1.1\r\n")
    assert b"X-Id: 7\r\n" in there.heads[0]


def test_a_call_may_come_from_where_nobody_can_wait(outbound, host):
    there = host(saying(page(b"hello")))
    calls = []

    gevent.get_hub().loop.run_callback(lambda: calls.append(outbound.call(to(there))))
    while not calls:
        gevent.sleep(0.01)

    assert wait(calls[0]).body == b"hello"


def test_a_refusal_comes_back_with_its_reason(outbound):
    with pytest.raises(OutboundError, match="not a host on the internet") as refused:
        wait(outbound.call(Call(url="http://127.0.0.1/")))

    assert refused.value.reason == "not_public"


def test_calls_in_turn_end_with_the_first_that_is_not_taken(outbound, host):
    statuses = iter(["204 No Content", "200 OK", "503 Down", "200 OK"])
    there = host(lambda connection, _: connection.sendall(page(b"x", status=next(statuses))))
    calls = [to(there, headers={"X-Id": str(number)}) for number in range(4)]

    done = wait(outbound.in_turn(CallsInTurn(calls=calls, seconds=30.0)))

    assert [answer.status for _, answer in done.answers] == [204, 200, 503]
    heads = b"".join(there.heads)
    assert [f"X-Id: {number}".encode() in heads for number in range(4)] == [True] * 3 + [False]


def test_calls_in_turn_end_when_their_time_is_over(outbound, host):
    there = host(saying(page(b"x")))
    refused = Call(url="http://127.0.0.1/")

    soon = wait(outbound.in_turn(CallsInTurn(calls=[to(there)] * 3, seconds=0.0)))
    bad = wait(outbound.in_turn(CallsInTurn(calls=[refused, to(there)], seconds=30.0)))

    assert len(soon.answers) == len(bad.answers) == 1
    assert isinstance(bad.answers[0][1], Failure)
    assert len(there.heads) == 1


def test_a_slow_host_does_not_keep_the_others_waiting(outbound, host):
    released = Event()
    slow = host(lambda *_: released.wait())
    there = host(saying(page(b"hello")))

    waiting = outbound.call(to(slow))
    replies = [outbound.call(to(there)) for _ in range(50)]

    assert [wait(reply).body for reply in replies] == [b"hello"] * 50
    assert not waiting.done
    released.set()


def test_so_many_calls_are_made_at_a_time(host):
    outbound, released = Outbound(threads=3), Event()
    slow = host(lambda *_: released.wait())
    there = host(saying(page(b"hello")))

    waiting = [outbound.call(to(slow)) for _ in range(2)]
    assert wait(outbound.call(to(there))).body == b"hello"
    waiting += [outbound.call(to(slow)), outbound.call(to(slow))]
    with gevent.Timeout(30):
        while len(slow.heads) < 3:
            gevent.sleep(0.01)

    assert len(slow.heads) == 3  # the fourth has no thread
    assert not any(each.done for each in waiting)
    released.set()
    outbound.close()


def test_too_many_calls_are_refused_at_once(outbound, host):
    released = Event()
    slow = host(lambda *_: released.wait())

    calls = [outbound.call(to(slow)) for _ in range(MAX_WAITING + 1)]

    assert [each.has_failed for each in calls] == [False] * MAX_WAITING + [True]
    released.set()


def test_after_the_end_of_the_process_there_is_another(outbound, host):
    released = Event()
    slow = host(lambda *_: released.wait())
    there = host(saying(page(b"hello")))
    waiting = outbound.call(to(slow))
    while not slow.heads:
        gevent.sleep(0.01)

    os.kill(helper(), signal.SIGKILL)

    with pytest.raises(OutboundError, match="has ended"):
        wait(waiting)
    assert wait(outbound.call(to(there))).body == b"hello"
    released.set()


def test_closing_ends_the_process(outbound, host):
    there = host(saying(page(b"hello")))
    wait(outbound.call(to(there)))
    pid = helper()

    outbound.close()

    assert not Path(f"/proc/{pid}").exists()
