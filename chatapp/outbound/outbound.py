"""The server's side: hands calls to the helper process, and settles their futures.

The process starts with the first call. If it ends, the calls that it had fail, and the next one
starts another process.
"""

import logging
import sys
from typing import Any

import gevent
import msgspec
from gevent import socket
from gevent.subprocess import Popen

from chatapp.domain.future import Future
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
    WebPage,
)
from chatapp.outbound.helper import LENGTH, encode

THREADS = 16
MAX_WAITING = 256
"""Calls that the process has at a time; more are refused."""
READ_BYTES = 256 * 1024
SETTLED_AT_ONCE = 4
"""Answers that are settled before others have a turn."""

logger = logging.getLogger(__name__)
_decode = msgspec.msgpack.Decoder(tuple[int, Answer]).decode


class Outbound:
    """For the greenlets of one thread, from the first `call` to `close`. Makes up to `threads`
    calls at a time: who must not wait for the slow hosts of others has an `Outbound` of their
    own."""

    def __init__(self, threads: int = THREADS) -> None:
        self._threads = threads
        self._helper: _Helper | None = None

    def call(self, wanted: Call) -> Future[Reply]:
        """The answer, or an `OutboundError`."""
        return self._running().ask(wanted)

    def in_turn(self, wanted: CallsInTurn) -> Future[AnswersInTurn]:
        """What came of the calls that were made, or an `OutboundError` if none was."""
        return self._running().ask(wanted)

    def page(self, wanted: PageCall) -> Future[WebPage]:
        """What a page says of itself, or an `OutboundError`."""
        return self._running().ask(wanted)

    def close(self) -> None:
        if self._helper is not None:
            self._helper.end()
            self._helper = None

    def _running(self) -> "_Helper":
        if self._helper is None or self._helper.has_ended:
            self._helper = _Helper(self._threads)
        return self._helper


class _Helper:
    """A process, and the calls that it has not answered. A greenlet starts it, because whoever
    makes a call must not wait."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._waiting: dict[int, Future[Any]] = {}
        self._number = 0
        self.has_ended = False
        self._socket, self._theirs = socket.socketpair()
        self._process: Popen[bytes] | None = None
        self._unsent: list[bytes] = []
        self._sender: gevent.Greenlet[..., None] | None = None
        self._runner = gevent.spawn(self._run)

    def ask(self, wanted: Wanted) -> Future[Any]:
        outcome: Future[Any] = Future()
        if len(self._waiting) >= MAX_WAITING:
            outcome.fail(OutboundError("busy", "Too many calls wait; try again in a moment."))
            return outcome
        self._number += 1
        self._waiting[self._number] = outcome
        message = encode((self._number, wanted))
        self._unsent.append(LENGTH.pack(len(message)) + message)
        if self._sender is None or self._sender.dead:
            self._sender = gevent.spawn(self._send)
        return outcome

    def end(self) -> None:
        self._runner.kill()
        self._finish()

    def _send(self) -> None:
        while self._unsent:
            unsent, self._unsent = self._unsent, []
            try:
                self._socket.sendall(b"".join(unsent))
            except OSError:
                return  # the reader notices too

    def _run(self) -> None:
        with self._theirs:
            descriptor = self._theirs.fileno()
            module, threads = "chatapp.outbound.helper", str(self._threads)
            command = [sys.executable, "-m", module, str(descriptor), threads]
            self._process = Popen(command, pass_fds=[descriptor])
        try:
            self._hear()
        except OSError as error:
            logger.warning("The line to the helper process broke: %s", error)
        self._finish()

    def _hear(self) -> None:
        """Settle what comes, until the process has ended. Many answers can come at once."""
        received, settled = bytearray(), 0
        while chunk := self._socket.recv(READ_BYTES):
            received += chunk
            start = 0
            while (at := start + LENGTH.size) <= len(received):
                end = at + LENGTH.unpack_from(received, start)[0]
                if end > len(received):
                    break
                self._settle(*_decode(received[at:end]))
                start = end
                settled += 1
                if settled % SETTLED_AT_ONCE == 0:
                    gevent.sleep(0)
            del received[:start]

    def _settle(self, number: int, answer: Answer) -> None:
        outcome = self._waiting.pop(number)
        try:
            if isinstance(answer, Failure):
                outcome.fail(OutboundError(answer.reason, answer.message))
            else:
                outcome.resolve(answer)
        except Exception:  # the others' calls go on
            logger.exception("Who waited for a call failed")

    def _finish(self) -> None:
        """The process has ended, or is ended now."""
        self.has_ended = True
        self._socket.close()
        self._theirs.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        waiting, self._waiting = self._waiting, {}
        for outcome in waiting.values():
            outcome.fail(OutboundError("busy", "The process that calls other hosts has ended."))
