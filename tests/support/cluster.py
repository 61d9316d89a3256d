"""Chats of several servers on one PostgreSQL, each with a data folder of its own."""

from collections.abc import Callable
from pathlib import Path

from tests.support.server import Server

JOURNALS = ("messages", "directory", "audit")


def start_nodes(
    new_server: Callable[..., Server], database: str, count: int = 2, **settings: str
) -> list[Server]:
    """That many servers of one chat, which answer."""
    nodes = [new_server(CHATAPP_POSTGRES=database, **settings) for _ in range(count)]
    for node in nodes:
        node.start()
    return nodes


def journal_bytes(data: Path, journal: str) -> bytes:
    """All lines of a journal in a data folder."""
    return b"".join(file.read_bytes() for file in sorted((data / journal).glob("*.jsonl")))
