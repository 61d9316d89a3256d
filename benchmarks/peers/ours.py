"""Our transport with a trivial chat on it: relay each message to everybody else."""

import sys
from typing import Any

import msgspec
from flask import Flask

from chatapp.transport import Connection, Realtime

realtime = Realtime(Flask(__name__))
decode = msgspec.json.Decoder(dict[str, Any]).decode


def let_in(connection: Connection, auth: bytes, _environ: dict[str, Any]) -> None:
    realtime.enter(connection, decode(auth)["room"])


def message(connection: Connection, payload: bytes) -> object:
    message = decode(payload)
    realtime.broadcast("message", message, "general", connection.sid)
    return {"ok": True, "message": message}


realtime.on_connect(let_in)
realtime.receive("message", message, pipelined=True)
realtime.listen("127.0.0.1", int(sys.argv[1]))
realtime.serve_forever()
