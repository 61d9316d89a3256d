"""Copies of a chat of several processes, as each has one, in the process of the test."""

from pathlib import Path

import psycopg

from chatapp.cluster.cluster import Cluster
from chatapp.domain.model import Draft
from chatapp.log.disk import Disk
from chatapp.log.manifest import load_manifest
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.erase_database import erase_database
from chatapp.upkeep.verify import verify


class Copies:
    """Copies of one chat, as its processes have them, in folders of their own."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self._folder = folder
        self._open: list[MessageLog] = []

    def data(self, name: str) -> Path:
        return self._folder / name

    def open(self, name: str) -> MessageLog:
        """A process of the chat begins, with what its folder has; it erases nothing yet."""
        cluster, data = Cluster.open(self.url), self.data(name)
        data.mkdir(exist_ok=True)
        cluster.reconcile(data)
        log = MessageLog.open(
            data / "messages",
            share=cluster.share("messages"),
            beginning=cluster.beginning("messages"),
            segment_bytes=2_000,
        )
        self._open.append(log)
        return log

    def erase_in_database(self, name: str) -> None:
        erase_database(self.url, self.data(name) / "messages")

    def close(self) -> None:
        while self._open:
            self._open.pop().close()

    def files(self, name: str) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in (self.data(name) / "messages").glob("*.jsonl")}

    def are_the_same_without(self, text: str, *names: str) -> None:
        self.close()
        files = self.files(names[0])
        assert len(files) > 1
        for name in names:
            assert self.files(name) == files
            assert verify(self.data(name) / "messages").problems == []
        assert text.encode() not in b"".join(files.values())
        assert lines_in_database(self.url) == b"".join(files[file] for file in sorted(files))
        manifests = [load_manifest(Disk(), self.data(name) / "messages") for name in names]
        assert len({m.epoch for m in manifests if m}) == 1
        assert len({str(m.erasures) for m in manifests if m}) == 1


def lines_in_database(url: str) -> bytes:
    with psycopg.connect(url) as connection:
        query = "SELECT lines FROM chatapp.batch WHERE stream = 'messages' ORDER BY n"
        return b"".join(row[0].encode() for row in connection.execute(query))


def say(log: MessageLog, sender: str, *texts: str, at: str | None = None) -> None:
    for text in texts:
        log.append(Draft(room="general", sender=sender, by=sender, text=text), at=at).result()
