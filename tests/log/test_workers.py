"""They work for one command, tell it how far they are, and end with it."""

import signal
import subprocess
import sys

import pytest

from chatapp.index.workers.worker_pool import workers
from tests.log.pieces import be_killed, halve
from tests.support.waiting import DEADLINE_SECONDS

A_LONG_COMMAND = """
from chatapp.index.workers.worker_pool import workers
from tests.log.pieces import sleep

if __name__ == "__main__":
    with workers(2) as pool:
        list(pool.map(sleep, [0, 60, 60, 60, 60]))
"""


def test_what_comes_of_each_piece_is_in_order_and_all_tell_how_far_they_are():
    told: list[int] = []

    with workers(2, told.append) as pool:
        halves = list(pool.map(halve, [1, 20, 300]))

    assert halves == [0.5, 10, 150]
    assert sum(told) == 2 * 321


def test_a_worker_that_the_system_ends_is_told():
    with pytest.raises(ChildProcessError, match="ended from outside"), workers(1) as pool:
        list(pool.map(be_killed, [1]))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_who_is_interrupted_or_killed_leaves_no_workers(how: signal.Signals):
    command = subprocess.Popen(
        [sys.executable, "-c", A_LONG_COMMAND], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert command.stdout
    assert command.stdout.readline() == b"a worker works\n"

    command.send_signal(how)

    command.communicate(timeout=DEADLINE_SECONDS)  # to the end of what the workers hold open too
    assert command.returncode != 0
