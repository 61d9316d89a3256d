"""`python -m chatapp.storage.index_service FOLDER INDEX`: the process of index_process.py."""

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from chatapp.storage import format
from chatapp.storage.catching_up import CatchingUp
from chatapp.storage.child import POLITENESS
from chatapp.storage.disk import Disk
from chatapp.storage.errors import StorageError
from chatapp.storage.files import Files
from chatapp.storage.index import Index
from chatapp.storage.indexing import Indexing
from chatapp.storage.lookup import Lookup
from chatapp.storage.manifest import segment_files, segment_path
from chatapp.storage.questions import READY, Answered, Asked
from chatapp.storage.reader import Reader
from chatapp.storage.recovery import Line, Mark, read_lines
from chatapp.storage.tail import Tail


class Desk:
    """Answers one question after the other."""

    def __init__(self, folder: Path, index: Path) -> None:
        disk = Disk()
        self._disk = disk
        self._folder = folder
        self._index = Index.join(index)
        self._indexing = Indexing(self._index, Files(disk, folder))
        self._reader = Reader(Lookup(index), Files(disk, folder), Tail())

    def answer(self, asked: Asked) -> Answered:
        try:
            n = self._take_in(asked.until) if asked.until else 0
            if asked.question is None:
                return Answered(n)
            answer = msgspec.json.encode(asked.question.ask(self._reader))
            return Answered(n, msgspec.Raw(answer))
        except sqlite3.Error as error:
            return Answered(failure=str(error))
        except (StorageError, OSError) as error:
            return Answered(damage=str(error))

    def _take_in(self, until: Mark) -> int:
        since = self._index.mark()
        if since and since.tip.n >= until.tip.n:
            return since.tip.n
        catching_up = CatchingUp(self._indexing)
        catching_up.found([*lines_between(self._disk, self._folder, since, until)])
        rest = catching_up.rest()
        return self._indexing.take_in(rest) if rest else until.tip.n


def lines_between(disk: Disk, folder: Path, since: Mark | None, until: Mark) -> Iterator[Line]:
    """Raises StorageError where one of them is damaged."""
    for first in segment_files(disk, folder):
        if (since and first < since.first) or first > until.first:
            continue
        n, start = (since.tip.n + 1, since.end) if since and first == since.first else (first, 0)
        path = segment_path(folder, first)
        for offset, line in read_lines(disk, path, start):
            if first == until.first and offset >= until.end:
                break
            try:
                format.check_crc(line)
            except format.Damage as damage:
                raise StorageError(
                    f"{folder.name}/{path.name} line {n - first + 1} is damaged: {damage}. "
                    "Stop the server and run `chatapp log verify`."
                ) from None
            yield Line(n, first, offset, line)
            n += 1


def main() -> None:
    os.nice(POLITENESS)
    desk = Desk(*map(Path, sys.argv[1:]))
    decode = msgspec.json.Decoder(Asked).decode
    encode = msgspec.json.Encoder().encode
    answers = sys.stdout.buffer
    answers.write(READY)
    answers.flush()
    with suppress(BrokenPipeError):
        for line in sys.stdin.buffer:
            answers.write(encode(desk.answer(decode(line))) + b"\n")
            answers.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
