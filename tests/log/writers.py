"""A process of its own with 50 writers, to be killed. Prints what was acked: seq and text.

python -m tests.log.writers DATA ROUND
"""

import sys
from pathlib import Path
from queue import SimpleQueue

from chatapp.domain.future import Future
from chatapp.domain.model import Appended, Draft
from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog

WRITERS = 50


def main(data: Path, round_: str) -> None:
    turns: SimpleQueue[object] = SimpleQueue()
    folder = DataFolder.open(data)
    log = MessageLog.open(folder.messages, deliver=turns.put, segment_bytes=200_000)
    acks: list[str] = []

    def say(writer: int, count: int) -> None:
        draft = Draft(
            room="general",
            sender=f"writer {writer}",
            text=f"{round_} {writer} {count} {'x' * (count * 37 % 500)}",
            cid=f"{round_}-{count}",
        )

        def acked(pending: Future[Appended]) -> None:
            event = pending.result().event
            acks.append(f"{event.seq} {event.text}\n")
            say(writer, count + 1)

        log.append(draft).add_done_callback(acked)

    for writer in range(WRITERS):
        say(writer, 1)
    while True:
        turns.get()()  # type: ignore[operator]
        if acks:
            sys.stdout.write("".join(acks))
            sys.stdout.flush()
            acks.clear()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
