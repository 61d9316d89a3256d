"""The transport: sockets, connections and rooms. It knows nothing of chat.

See `server.py` for the API. The path of an incoming frame, and of an outgoing one:

    in    socket ─ websocket.py ─ wire/frames.py ────┬─ wire/packets.py ─ receiver.py ─ dispatch.py
          requests ─ http/engineio_endpoint.py ──────┘                                       │
                                                                                          handler
                                                                                             │
    out   socket ─ websocket.py ─────┬─ one flush a turn ─ connection.pending ─ fanout.py ───┘
          socket ─ event_stream.py ──┤
          requests ─ http/polling.py ┘
                     └─ send_buffer.py, if the client is slow

An idle WebSocket, or a stream, costs a few small objects and a watcher of the event loop: its
socket (`socket_transport.py`) is taken from the HTTP server, whose greenlet ends
(`http/http_server.py`). When bytes arrive, a worker greenlet (`greenlet_pool.py`) reads, decodes
and handles them, in order; what handlers send is gathered and flushed with one system call a
connection and turn.

`engine.py` has the connections. Code that is written for Flask-SocketIO or python-socketio finds
their API in `compat/`, on the same connections and rooms.
"""

from chatapp.transport.allowance import CONNECTIONS_A_PERSON
from chatapp.transport.connection import Connection, ConnectRefused
from chatapp.transport.event_stream import EventStream, StreamFormat
from chatapp.transport.fanout import EVERYONE
from chatapp.transport.peers import Peers
from chatapp.transport.server import Realtime
from chatapp.transport.wire.packets import RejectReason

__all__ = [
    "CONNECTIONS_A_PERSON",
    "EVERYONE",
    "ConnectRefused",
    "Connection",
    "EventStream",
    "Peers",
    "Realtime",
    "RejectReason",
    "StreamFormat",
]
