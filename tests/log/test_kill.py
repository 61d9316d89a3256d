"""`kill -9` in the middle of 50 writers: what was acked is there, once, in order."""

import random
import subprocess
import sys
from pathlib import Path

from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog
from tests.support.index_oracle import problems_of

from .conftest import rounds

TOP = Path(__file__).resolve().parents[2]


def killed(data: Path, round_: int, lines: int) -> list[str]:
    """What a writing process acked until it was killed, after so many lines."""
    command = [sys.executable, "-m", "tests.log.writers", str(data), str(round_)]
    with subprocess.Popen(command, cwd=TOP, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        acked = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        acked += process.stdout.readlines()
    return [line.rstrip("\n") for line in acked if line.endswith("\n")]


def test_no_acked_message_is_lost_or_doubled(memory: Path):
    data = memory / "data"
    chance = random.Random(11)
    acked: list[str] = []

    for round_ in range(rounds(20, 500)):
        acked += killed(data, round_, chance.randint(1, 500))

    folder = DataFolder.open(data)
    log = MessageLog.open(folder.messages)
    events = log.events("general", after=0, limit=10**9)
    log.close()
    folder.close()
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    said = [f"{event.seq} {event.text}" for event in events]
    were_acked = set(acked)
    assert were_acked <= set(said)
    assert [line for line in said if line in were_acked] == acked
    texts = [event.text for event in events]
    assert len(set(texts)) == len(texts)
    assert problems_of(folder.messages, folder.index) == []
