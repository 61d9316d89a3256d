"""Files and sockets."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any, TypeVar

import gevent
from flask import Flask

from chatapp import clock
from chatapp.config import Config
from chatapp.health.metrics import CommitTimes
from chatapp.realtime import Realtime
from chatapp.storage import DataFolder, Directory, MessageLog

C = TypeVar("C", DataFolder, Directory, MessageLog)


@dataclass(frozen=True, slots=True)
class Ground:
    config: Config
    directory: Directory
    log: MessageLog
    commits: CommitTimes
    audit_log: MessageLog
    realtime: Realtime


def lay_ground(app: Flask, config: Config, house: ExitStack) -> Ground:
    """What is opened here is closed with the house."""
    loop = gevent.get_hub().loop

    def deliver(step: Callable[[], None]) -> None:
        loop.run_callback_threadsafe(step)

    def opened(thing: C) -> C:
        return house.enter_context(closing(thing))

    disk: Any = {"durability": config.durability, "clock": clock.now, "deliver": deliver}
    data = opened(DataFolder.open(config.data))
    app.secret_key = config.secret_key or data.secret_key
    log = opened(MessageLog.open(data.messages, index=data.index, index_process=True, **disk))
    log.latency = commits = CommitTimes()
    return Ground(
        config=config,
        directory=opened(Directory.open(data.directory, **disk)),
        log=log,
        commits=commits,
        audit_log=opened(
            MessageLog.open(data.path / "audit", index=data.path / "audit.sqlite3", **disk)
        ),
        realtime=Realtime(
            app,
            origins=config.origins,
            transports=config.transports,
            connections=config.connections,
            connections_per_address=config.connections_per_address,
            behind_proxies=config.proxies > 0,
        ),
    )
