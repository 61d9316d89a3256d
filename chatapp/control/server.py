"""The server's end: runs commands that come through the data folder's socket."""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from gevent import socket
from gevent.server import StreamServer

from chatapp.control.place import SOCKET_NAME, reachable
from chatapp.errors import BadPayload, ChatError
from chatapp.pending import Pending
from chatapp.waiting import wait
from chatapp.wire import refusal

MAX_REQUEST_BYTES = 64 * 1024
BACKLOG = 8

logger = logging.getLogger(__name__)

Commands = Mapping[str, Callable[..., Any]]
"""What can be asked for. A command takes its arguments by name, and returns what msgspec
can encode, or a Pending of it."""


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    command: str
    arguments: dict[str, Any] = {}


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
        # Whoever asked may have gone before there was an answer.
        with suppress(OSError), connection.makefile("rwb") as stream:
            stream.write(msgspec.json.encode(self._answer(stream.readline(MAX_REQUEST_BYTES))))
            stream.write(b"\n")

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            return {"ok": True, "value": self._run(line)}
        except ChatError as error:
            return refusal(error)
        except Exception:
            logger.exception("A command failed.")
            return refusal(BadPayload("The command failed; the server's log says why."))

    def _run(self, line: bytes) -> Any:
        try:
            request = msgspec.json.decode(line, type=Request)
        except msgspec.DecodeError as error:
            raise BadPayload(f"This is not a request: {error}.") from None
        command = self._commands.get(request.command)
        if command is None:
            raise BadPayload(f"This server has no command {request.command!r}.")
        value = command(**request.arguments)
        return wait(value) if isinstance(value, Pending) else value
