"""The transport: sockets, connections and rooms. It knows nothing of chat.

See `server.py` for what to call. The way of a frame in, and of one out:

    in    socket ─ websocket.py ─ frames.py ─┬─ packets.py ─ receiver.py ─ dispatch.py ─ handler
          requests ─ http_door.py ─ polling.py                                            │
                                                                                          ack
                                                                                           │
    out   socket ─ websocket.py ─┬─ one flush a turn ─ connection.pending ─ fanout.py ─ broadcast
          requests ─ polling.py ─┘
                  └─ backlog.py, if the client is slow

An idle WebSocket costs a few small objects and a watcher of the event loop: after the upgrade
its socket is taken from the HTTP server, whose greenlet ends (`handoff.py`). When bytes
arrive, a worker greenlet (`workers.py`) reads, decodes and handles them, in order; what
handlers send is gathered and flushed with one system call a connection and turn.

It stands on python-engineio, python-socketio and Flask-SocketIO as subclasses: `engine.py`
has the connections, `rooms.py` is their client manager, and `server.py` is a Flask-SocketIO
whose API keeps working (`flask_events.py`).
"""

from chatapp.realtime.connection import Connection, Refused
from chatapp.realtime.fanout import EVERYONE
from chatapp.realtime.packets import Refusal
from chatapp.realtime.server import Realtime

__all__ = ["EVERYONE", "Connection", "Realtime", "Refusal", "Refused"]
