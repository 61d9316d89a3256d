"""The lowest parts of the application: the data folder, logs, tables and sockets."""

import hmac
import importlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import gevent
from flask import Flask

from chatapp import __version__
from chatapp.alone import LocalBroker, SingleNode
from chatapp.cluster.errors import ClusterError
from chatapp.config import Config
from chatapp.domain import clock
from chatapp.features.files.pictures import Pictures
from chatapp.features.health.metrics import CommitTimes
from chatapp.features.outgoing_webhooks.manager import MAX_WEBHOOKS
from chatapp.log.stream import Forked, StreamLost
from chatapp.outbound.outbound import Outbound
from chatapp.ports import Blobs, Broker, NodeStatus
from chatapp.store.data_folder import CopyOfDatabase, DataFolder
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from chatapp.tables.shared_directory import SharedDirectory
from chatapp.tables.short_lived import ShortLivedTables
from chatapp.transport import Peers, Realtime
from chatapp.upkeep.files.opening import open_blobs
from chatapp.web import cookies
from chatapp.web.waiting import wait

if TYPE_CHECKING:  # It needs the driver of a database.
    from chatapp.cluster.cluster import Cluster
    from chatapp.cluster.nodes import Nodes

GUEST_ID_CHARACTERS = 24
WEBHOOK_THREADS = MAX_WEBHOOKS + 14
"""Some are for what admins send by hand."""

RULES = frozenset(["accounts", "bans", "mutes", "rooms", "settings"])
"""The tables that say who may write. Who has joined a public room is not among them: nobody but
themselves makes them leave."""

C = TypeVar(
    "C",
    "DataFolder",
    "Directory",
    "MessageLog",
    "Broker",
    "Nodes",
    "ShortLivedTables",
    "Blobs",
    "Pictures",
    Outbound,
)


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
    secret: bytes
    """What only the processes of this chat know, for digests that nobody else can make."""
    broker: Broker
    short_lived: ShortLivedTables
    """Tables of what may be lost, such as what belongs to guests."""
    blobs: Blobs
    """The bytes of files."""
    pictures: Pictures
    nodes: "SingleNode | Nodes"
    """The processes that run now."""
    outbound: Outbound
    webhook_calls: Outbound
    """Apart, with a thread for each webhook, so that slow receivers hold up nobody else."""
    cluster: "Cluster | None" = None
    """What the processes of this chat share; None: this one is alone."""

    def on_replaced(self, start_again: Callable[[], None]) -> None:
        """`start_again` is called when only a start can follow the database, which another server
        has become."""
        for thing in (self.log, self.directory, self.audit_log):
            thing.journal.replaced = start_again
        self.nodes.replaced = start_again

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

    cluster = open_cluster(config)
    disk: Any = {"clock": clock.now, "deliver": deliver}
    with one_line_of_cluster():
        data = opened(DataFolder.open(config.data, database=cluster.id if cluster else None))
        if cluster:
            cluster.reconcile(data.path)
        directory = opened(_open_directory(config, cluster, data.directory, disk))
        tables = directory.shared if isinstance(directory, SharedDirectory) else None
        log = opened(
            MessageLog.open(
                data.messages,
                index=data.index,
                tables=tables,
                **disk,
                **_keeping(config, cluster, "messages"),
            )
        )
        audit_log = opened(
            MessageLog.open(
                data.audit, index=data.audit_index, **disk, **_keeping(config, cluster, "audit")
            )
        )
    app.secret_key = secret_key = (
        cluster.secret_key if cluster else config.secret_key or data.secret_key
    )
    secret = secret_key.encode() if isinstance(secret_key, str) else secret_key
    log.latency = commits = CommitTimes()
    nodes = opened(cluster.nodes(deliver)) if cluster else None
    broker = opened(cluster.broker(config.redis, deliver) if cluster else LocalBroker())
    infrastructure = Infrastructure(
        config=config,
        directory=directory,
        log=log,
        commits=commits,
        audit_log=audit_log,
        realtime=Realtime(
            app,
            origins=config.origins,
            session_cookies=cookies.NAMES,
            transports=config.transports,
            connections=config.connections,
            connections_per_address=config.connections_per_address,
            behind_proxies=config.proxies > 0,
            peers=_peers(cluster, nodes),
        ),
        guest_id=partial(_guest_id, secret),
        secret=secret,
        broker=broker,
        outbound=opened(Outbound()),
        webhook_calls=opened(Outbound(threads=WEBHOOK_THREADS)),
        short_lived=opened(cluster.short_lived(broker, deliver) if cluster else ShortLivedTables()),
        blobs=opened(open_blobs(config)),
        pictures=opened(Pictures()),
        cluster=cluster,
        nodes=nodes or SingleNode(),
    )
    if nodes:
        nodes.own_status = partial(_status, infrastructure, clock.timestamp(clock.now()))
    return infrastructure


def _status(infrastructure: Infrastructure, started: str) -> NodeStatus:
    return NodeStatus(
        version=__version__,
        started=started,
        connections=infrastructure.realtime.connections,
        n=infrastructure.log.journal.tip.n,
    )


def open_cluster(config: Config) -> "Cluster | None":
    """The driver of PostgreSQL is imported only if there is a cluster. Raises ClusterError."""
    if config.postgres is None:
        return None
    try:
        importlib.import_module("psycopg")
    except ImportError as error:
        raise ClusterError(
            "PostgreSQL needs the package psycopg: pip install 'chatapp[cluster]'"
        ) from error
    opened: Cluster = importlib.import_module("chatapp.cluster.cluster").Cluster.open(
        config.postgres, secret_key=config.secret_key
    )
    return opened


@contextmanager
def one_line_of_cluster() -> Iterator[None]:
    """Turn what goes wrong with a shared journal at the start into a ClusterError."""
    try:
        yield
    except StreamLost as lost:
        raise ClusterError(f"PostgreSQL does not answer: {lost}.") from lost
    except Forked as forked:
        raise ClusterError(
            f"The database has another history than this data folder ({forked}). Use an empty "
            "data folder, or the database that it belongs to."
        ) from forked
    except CopyOfDatabase as copy:
        raise ClusterError(str(copy)) from copy


def _open_directory(
    config: Config, cluster: "Cluster | None", folder: Path, disk: Any
) -> Directory:
    if cluster is None:
        return Directory.open(folder, durability=config.durability, **disk)
    return SharedDirectory.open_shared(
        folder,
        cluster.share("directory"),
        rules=RULES,
        beginning=cluster.beginning("directory"),
        compacts=True,
        **disk,
    )


def _keeping(config: Config, cluster: "Cluster | None", journal: str) -> dict[str, Any]:
    """How a journal is kept: shared with others, or on the disk of this process alone."""
    if cluster is None:
        return {"durability": config.durability}
    return {"share": cluster.share(journal), "beginning": cluster.beginning(journal)}


def _peers(cluster: "Cluster | None", nodes: "Nodes | None") -> Peers | None:
    if cluster is None or nodes is None:
        return None
    return Peers(
        own=cluster.node,
        key=cluster.secret_key.encode(),
        address_of=lambda node: wait(nodes.find(node)),
        now=nodes.now,
    )


def _guest_id(secret: bytes, key: str) -> str:
    digest = hmac.digest(secret, b"guest " + key.encode(errors="surrogatepass"), "sha256")
    return digest.hex()[:GUEST_ID_CHARACTERS]
