"""`python -m chatapp.storage.index_service FOLDER INDEX`: the process of index_process.py."""

import os
import select
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import msgspec

from chatapp.storage.child import POLITENESS
from chatapp.storage.disk import Disk
from chatapp.storage.errors import StorageError
from chatapp.storage.files import Files
from chatapp.storage.format import Damage, check_crc, decode_event
from chatapp.storage.index import Entry, Index
from chatapp.storage.lookup import Lookup
from chatapp.storage.manifest import segment_files, segment_path
from chatapp.storage.questions import READY, Answered, Asked
from chatapp.storage.reader import Reader
from chatapp.storage.recovery import Line, Mark, read_lines
from chatapp.storage.schema import connect
from chatapp.storage.tail import Tail


class Desk:
    """Answers one question after the other.

    What is new is taken in for each, so that it is found, but written only when the server wants
    the index to follow: writing each record by itself would keep the disk from the log.
    """

    def __init__(self, folder: Path, index: Path) -> None:
        self._folder = folder
        self._path = index
        self._disk = Disk()
        self._open()

    def _open(self) -> None:
        self._connection = connect(self._path)
        self._index = Index.join(self._path, self._connection)
        self._files = Files(self._disk, self._folder)
        self._reader = Reader(Lookup(self._connection), self._files, Tail())
        self._written = 0

    def answer(self, asked: Asked) -> Answered:
        try:
            if asked.until:
                self._take_in(asked.until)
            if asked.question is None:
                self._index.commit()
                return Answered(self._written_until())
            answer = msgspec.json.encode(asked.question.ask(self._reader))
            return Answered(self._written_until(), msgspec.Raw(answer))
        except sqlite3.Error as error:
            self._begin_anew()
            return Answered(failure=str(error))
        except (StorageError, OSError) as error:
            return Answered(damage=str(error))

    def _take_in(self, until: Mark) -> None:
        since = self._index.mark()
        if since and since.tip.n >= until.tip.n:
            return
        entries = [
            Entry(line.n, line.first, line.offset, len(line.bytes), decode_event(line.bytes))
            for line in lines_between(self._disk, self._folder, since, until)
        ]
        if not entries or entries[-1].n != until.tip.n:
            raise StorageError(
                f"{self._folder.name}/ ends before record {until.tip.n}, which was there. "
                "Stop the server and run `chatapp log verify`."
            )
        try:
            self._index.add_unwritten(entries, until, self._files.record)
        except (StorageError, OSError):
            self._begin_anew()
            raise

    def _begin_anew(self) -> None:
        """Without what was not written."""
        self._reader.close()
        self._open()

    def _written_until(self) -> int:
        """Up to which number others see the index."""
        if not self._connection.in_transaction:
            mark = self._index.mark()
            self._written = mark.tip.n if mark else 0
        return self._written


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
                check_crc(line)
            except Damage as damage:
                raise StorageError(
                    f"{folder.name}/{path.name} line {n - first + 1} is damaged: {damage}. "
                    "Stop the server and run `chatapp log verify`."
                ) from None
            yield Line(n, first, offset, line)
            n += 1


def be_idle() -> None:
    """Runs only where nobody else wants to: merely a low priority lets a process go on for a
    millisecond or two when one wakes up that has a message to log.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    except (AttributeError, OSError):  # not Linux, or not allowed
        os.nice(POLITENESS)


def end_with_the_server() -> None:
    """In the middle of whatever it does: a server that starts again must find the index free."""
    poll = select.poll()
    poll.register(sys.stdin, 0)  # nothing but that its other end is closed
    poll.poll()
    os._exit(0)


def main() -> None:
    be_idle()
    Thread(target=end_with_the_server, daemon=True).start()
    try:
        desk = Desk(*map(Path, sys.argv[1:]))
    except sqlite3.Error as error:
        sys.exit(f"The index cannot be opened: {error}")
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
