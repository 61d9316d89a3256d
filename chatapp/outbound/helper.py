"""The helper process: takes calls from the server's socket, makes them on a few threads, and sends
back what came of each.

    python -m chatapp.outbound.helper FD THREADS

Both ways, a message is four bytes of length, big-endian, and a MessagePack array: a number and what
is `Wanted`, and the same number and an `Answer`. Answers wait a moment for others, because each
time that something comes costs the server more than what comes. The process ends with its server.
"""

import os
import resource
import socket
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue
from struct import Struct
from typing import Any, TypeVar

import msgspec

from chatapp.outbound.calls import (
    Answer,
    AnswersInTurn,
    Call,
    CallsInTurn,
    Failure,
    OutboundError,
    PageCall,
    Reply,
    Wanted,
)
from chatapp.outbound.guarded_http import GuardedHttp
from chatapp.outbound.web_page import read_page

MEMORY_BYTES = 1 << 30
STACK_BYTES = 512 * 1024
NICENESS = 10
GATHERED_SECONDS = 0.01
"""How long an answer waits for others."""
LENGTH = Struct(">I")

A = TypeVar("A")

encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[int, Wanted]).decode


def serve(server: socket.socket, threads: int) -> None:
    """Make the calls that come from the server, so many at a time, until it ends."""
    answers: SimpleQueue[bytes] = SimpleQueue()
    http = GuardedHttp()
    threading.Thread(target=_send_gathered, args=[server, answers], daemon=True).start()

    def answer(number: int, wanted: Wanted) -> None:
        message = encode((number, _answer(wanted, http)))
        answers.put(LENGTH.pack(len(message)) + message)

    with ThreadPoolExecutor(threads) as pool, server.makefile("rb") as incoming:
        while len(head := incoming.read(LENGTH.size)) == LENGTH.size:
            (length,) = LENGTH.unpack(head)
            pool.submit(answer, *_decode(incoming.read(length)))
        os._exit(0)  # calls that are under way have nobody to answer to


def _send_gathered(server: socket.socket, answers: "SimpleQueue[bytes]") -> None:
    while True:
        gathered = [answers.get()]
        time.sleep(GATHERED_SECONDS)
        while not answers.empty():
            gathered.append(answers.get())
        server.sendall(b"".join(gathered))


def _answer(wanted: Wanted, http: GuardedHttp) -> Answer:
    match wanted:
        case CallsInTurn():
            return _in_turn(wanted, http)
        case PageCall():
            return _outcome(lambda: read_page(wanted, http))
        case Call():
            return _outcome(lambda: http.call(wanted))


def _in_turn(wanted: CallsInTurn, http: GuardedHttp) -> AnswersInTurn:
    answers: list[tuple[int, Reply | Failure]] = []
    began = time.monotonic()
    for each in wanted.calls:
        start = time.monotonic()
        outcome = _outcome(partial(http.call, each))
        now = time.monotonic()
        answers.append((round((now - start) * 1000), outcome))
        is_well = isinstance(outcome, Reply) and 200 <= outcome.status < 300
        if not is_well or now - began >= wanted.seconds:
            break
    return AnswersInTurn(answers=answers)


def _outcome(make: Callable[[], A]) -> A | Failure:
    try:
        return make()
    except OutboundError as error:
        return Failure(reason=error.reason, message=str(error))
    except Exception as error:  # the others' calls go on
        print(f"A call failed: {error!r}", file=sys.stderr, flush=True)
        return Failure(reason="unreachable", message="The call failed.")


def main() -> Any:
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    threading.stack_size(STACK_BYTES)
    server = socket.socket(fileno=int(sys.argv[1]))
    server.setblocking(True)  # it comes from gevent, whose sockets are not
    serve(server, int(sys.argv[2]))


if __name__ == "__main__":
    main()
