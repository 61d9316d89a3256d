"""A connection's WebSocket."""

import socket

from chatapp.transport.connection import Connection
from chatapp.transport.engine import Engine
from chatapp.transport.socket_transport import SocketTransport
from chatapp.transport.wire.frames import FrameReader, ProtocolError, close_frame


class WebSocket(SocketTransport):
    name = "websocket"

    __slots__ = ("_reader",)

    def __init__(
        self, engine: Engine, connection: Connection, sock: socket.socket, reader: FrameReader
    ) -> None:
        super().__init__(engine, connection, sock)
        self._reader = reader

    write = SocketTransport.send

    def read(self, data: bytes) -> None:
        try:
            messages = self._reader.feed(data)
        except ProtocolError as error:
            self._engine.close(self._connection, "transport error", error.code, str(error))
            return
        self._engine.received(self._connection, messages)
        if not self._connection.receiver.is_clear:
            self._pause()

    def farewell(self, code: int, reason: str) -> bytes:
        return close_frame(code, reason)
