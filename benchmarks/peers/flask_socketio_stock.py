"""Flask-SocketIO as its documentation writes it: relay each message to everybody else.

python -m benchmarks.peers.flask_socketio_stock PORT threading|gevent
"""

import sys
from typing import Any

from flask import Flask
from flask_socketio import SocketIO, emit, join_room

app = Flask(__name__)
socketio = SocketIO(app, async_mode=sys.argv[2])


@socketio.on("connect")
def connect(auth: dict[str, Any]) -> None:
    join_room(auth["room"])


@socketio.on("message")
def message(payload: dict[str, Any]) -> dict[str, Any]:
    emit("message", payload, to="general", include_self=False)
    return {"ok": True, "message": payload}


socketio.run(app, "127.0.0.1", int(sys.argv[1]), allow_unsafe_werkzeug=True)
