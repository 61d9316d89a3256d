"""The server side: runs the commands that arrive through the data folder's socket."""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from gevent import socket
from gevent.server import StreamServer

from chatapp.control.place import SOCKET_NAME, reachable
from chatapp.domain.errors import BadPayload, ChatError
from chatapp.domain.future import Future
from chatapp.protocol.answers import Refusal
from chatapp.protocol.codec import refusal
from chatapp.tables.rerun import rerun
from chatapp.web.waiting import wait

MAX_REQUEST_BYTES = 512 * 1024
"""Enough for the picture of an emoji, in base64."""
BACKLOG = 8

logger = logging.getLogger(__name__)

Commands = Mapping[str, Callable[..., Any]]
"""Commands by name. A command takes keyword arguments and returns a value that msgspec can encode,
or a `Future` of one."""


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    command: str
    arguments: dict[str, Any] = {}


_decode_request = msgspec.json.Decoder(Request).decode


class Control:
    """Listens from `start` to `close`. The caller holds the data folder's lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._commands: Commands = {}
        self._server: StreamServer | None = None

    def start(self, commands: Commands) -> None:
        self._commands = commands
        path = self._folder / SOCKET_NAME
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with reachable(self._folder) as address:
            listener.bind(address)
        path.chmod(0o600)
        listener.listen(BACKLOG)
        self._server = StreamServer(listener, self._serve)
        self._server.start()

    def close(self) -> None:
        if self._server is not None:
            self._server.stop()
            (self._folder / SOCKET_NAME).unlink(missing_ok=True)

    def _serve(self, connection: Any, _address: Any) -> None:
        # The client may have disconnected before the answer.
        with suppress(OSError), connection.makefile("rwb") as stream:
            stream.write(msgspec.json.encode(self._answer(stream.readline(MAX_REQUEST_BYTES))))
            stream.write(b"\n")

    def _answer(self, line: bytes) -> dict[str, Any] | Refusal:
        try:
            return {"ok": True, "value": self._run(line)}
        except ChatError as error:
            return refusal(error)
        except Exception:
            logger.exception("A command failed.")
            return refusal(BadPayload("The command failed; the server's log says why."))

    def _run(self, line: bytes) -> Any:
        try:
            request = _decode_request(line)
        except msgspec.DecodeError as error:
            raise BadPayload(f"This is not a request: {error}.") from None
        command = self._commands.get(request.command)
        if command is None:
            raise BadPayload(f"This server has no command {request.command!r}.")

        def run() -> Any:
            value = command(**request.arguments)
            return wait(value) if isinstance(value, Future) else value

        return rerun(run)
