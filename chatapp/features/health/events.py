"""Tells new connections at once if nothing can be saved."""

from typing import Any

from chatapp.features.health.manager import HealthManager
from chatapp.transport import Connection, Realtime


def register(realtime: Realtime, health: HealthManager) -> None:
    def connect(connection: Connection, _auth: bytes, _environ: dict[str, Any]) -> None:
        if health.mode.on:
            realtime.send(connection, "read_only", health.mode)

    realtime.on_connect(connect)
