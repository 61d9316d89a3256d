"""The door of health: who comes while nothing can be written is told at once."""

from typing import Any

from chatapp.health.manager import HealthManager
from chatapp.realtime import Connection, Realtime


def register(realtime: Realtime, health: HealthManager) -> None:
    def connect(connection: Connection, _auth: bytes, _environ: dict[str, Any]) -> None:
        if health.mode.on:
            realtime.send(connection, "read_only", health.mode)

    realtime.on_connect(connect)
