"""A command as one more process of a chat of several, for as long as it runs.

It has a copy of its own in the data folder, which no server may use at the same time: that of a
server that is stopped, or another folder, which is filled at first and can be kept.
"""

import importlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

import click

from chatapp.app.infrastructure import RULES, one_line_of_cluster, open_cluster
from chatapp.cluster.errors import ClusterError
from chatapp.config import Config
from chatapp.domain import clock
from chatapp.domain.future import Future
from chatapp.log.errors import StorageError
from chatapp.log.format import ChainHead
from chatapp.log.shared_journal import SharedJournal
from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog
from chatapp.tables.shared_directory import SharedDirectory
from chatapp.upkeep.erase import erase_decided

if TYPE_CHECKING:  # It needs the driver of a database.
    from chatapp.cluster.cluster import Cluster

T = TypeVar("T")

with_postgres = click.option(
    "--postgres",
    envvar="CHATAPP_POSTGRES",
    metavar="URL",
    help="The database, if several servers share the chat.  [CHATAPP_POSTGRES]",
)


@dataclass(frozen=True, slots=True)
class SharedChat:
    """`wait` waits for a future."""

    cluster: "Cluster"
    folder: DataFolder
    log: MessageLog
    directory: SharedDirectory
    wait: Callable[[Future[Any]], Any]

    @property
    def shared(self) -> SharedJournal[Any, Any, Any]:
        assert self.log.shared  # noqa: S101 - it is opened so
        return self.log.shared

    def erase_in_database(self) -> None:
        """Overwrite there what the copy has erased. Raises ClusterError."""
        module = importlib.import_module("chatapp.upkeep.erase_database")
        module.erase_database(self.cluster.url, self.folder.messages)

    def drop_before(self, anchor: ChainHead, heads: dict[str, int]) -> None:
        """Let the log begin after this line, in the database. Raises ClusterError."""
        self.cluster.begin_at("messages", anchor, heads)


@contextmanager
def opened_with_others(data: Path, url: str) -> Iterator[SharedChat]:
    """The chat in the database at `url`, while its servers run. What they have erased is erased.
    Raises StorageError."""
    steps: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def wait(pending: Future[T]) -> T:
        while not pending.done:
            steps.get()()
        return pending.result()

    try:
        with one_line_of_cluster():
            cluster = open_cluster(Config(postgres=url))
            assert cluster  # noqa: S101 - there is a URL
            with closing(DataFolder.open(data, database=cluster.id)) as folder:
                cluster.reconcile(folder.path)
                with (
                    closing(_directory(cluster, folder, steps.put)) as directory,
                    closing(_messages(cluster, folder, directory, steps.put)) as log,
                ):
                    erase_decided(log, wait)
                    yield SharedChat(cluster, folder, log, directory, wait)
    except ClusterError as error:
        raise StorageError(str(error)) from error


def _directory(
    cluster: "Cluster", folder: DataFolder, deliver: Callable[[Callable[[], None]], None]
) -> SharedDirectory:
    share = cluster.share("directory")
    return SharedDirectory.open_shared(
        folder.directory,
        share,
        clock=clock.now,
        rules=RULES,
        deliver=deliver,
        beginning=cluster.beginning("directory"),
    )


def _messages(
    cluster: "Cluster",
    folder: DataFolder,
    directory: SharedDirectory,
    deliver: Callable[[Callable[[], None]], None],
) -> MessageLog:
    return MessageLog.open(
        folder.messages,
        index=folder.index,
        share=cluster.share("messages"),
        beginning=cluster.beginning("messages"),
        tables=directory.shared,
        deliver=deliver,
    )
