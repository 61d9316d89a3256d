"""The lowest parts of the application: the data folder, logs, tables and sockets."""

import hmac
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import gevent
from flask import Flask

from chatapp.config import Config
from chatapp.domain import clock
from chatapp.features.health.metrics import CommitTimes
from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from chatapp.transport import Realtime
from chatapp.web import cookies
from chatapp.web.waiting import wait

GUEST_ID_CHARACTERS = 24

C = TypeVar("C", DataFolder, Directory, MessageLog)


@dataclass(frozen=True, slots=True)
class Infrastructure:
    config: Config
    directory: Directory
    log: MessageLog
    commits: CommitTimes
    audit_log: MessageLog
    realtime: Realtime
    guest_id: Callable[[str], str]
    """The id of a guest in the log, derived from their key; it does not reveal the key."""

    def index_problems(self) -> list[str]:
        """The problems of the indexes, which only this process can open."""
        return [*wait(self.log.check_index()), *wait(self.audit_log.check_index())]


def open_infrastructure(app: Flask, config: Config, resources: ExitStack) -> Infrastructure:
    """Everything opened here is closed by `resources`."""
    loop = gevent.get_hub().loop

    def deliver(step: Callable[[], None]) -> None:
        loop.run_callback_threadsafe(step)

    def opened(thing: C) -> C:
        return resources.enter_context(closing(thing))

    disk: Any = {"durability": config.durability, "clock": clock.now, "deliver": deliver}
    data = opened(DataFolder.open(config.data))
    app.secret_key = secret_key = config.secret_key or data.secret_key
    log = opened(MessageLog.open(data.messages, index=data.index, **disk))
    log.latency = commits = CommitTimes()
    return Infrastructure(
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
            session_cookies=cookies.NAMES,
            transports=config.transports,
            connections=config.connections,
            connections_per_address=config.connections_per_address,
            behind_proxies=config.proxies > 0,
        ),
        guest_id=partial(_guest_id, secret_key),
    )


def _guest_id(secret_key: str | bytes, key: str) -> str:
    secret = secret_key.encode() if isinstance(secret_key, str) else secret_key
    digest = hmac.digest(secret, b"guest " + key.encode(errors="surrogatepass"), "sha256")
    return digest.hex()[:GUEST_ID_CHARACTERS]
