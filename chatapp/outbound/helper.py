"""The helper process: takes calls from the server's socket, makes them on a few threads, and sends
back what came of each.

    python -m chatapp.outbound.helper FD THREADS

Both ways, a message is four bytes of length, big-endian, and a MessagePack array: a number and a
`Call` or `PageCall`, and the same number and a `Reply`, a `WebPage` or a `Failure`. The process
ends with its server.
"""

import os
import resource
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from struct import Struct
from typing import Any

import msgspec

from chatapp.outbound.calls import Call, Failure, OutboundError, PageCall, Reply, WebPage
from chatapp.outbound.guarded_http import call
from chatapp.outbound.web_page import read_page

MEMORY_BYTES = 1 << 30
STACK_BYTES = 512 * 1024
NICENESS = 10
LENGTH = Struct(">I")

encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[int, Call | PageCall]).decode


def serve(server: socket.socket, threads: int) -> None:
    """Make the calls that come from the server, so many at a time, until it ends."""
    lock = threading.Lock()

    def answer(number: int, wanted: Call | PageCall) -> None:
        outcome = encode((number, _outcome(wanted)))
        with lock:
            server.sendall(LENGTH.pack(len(outcome)) + outcome)

    with ThreadPoolExecutor(threads) as pool, server.makefile("rb") as incoming:
        while len(head := incoming.read(LENGTH.size)) == LENGTH.size:
            (length,) = LENGTH.unpack(head)
            pool.submit(answer, *_decode(incoming.read(length)))
        os._exit(0)  # calls that are under way have nobody to answer to


def _outcome(wanted: Call | PageCall) -> Reply | WebPage | Failure:
    try:
        return read_page(wanted) if isinstance(wanted, PageCall) else call(wanted)
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
