import signal
import subprocess
import sys

import pytest

A_LONG_COMMAND = """
import time
from chatapp.storage.workers import workers

if __name__ == "__main__":
    with workers(2) as pool:
        pool.submit(print, "a worker works", flush=True).result()
        for wait in [pool.submit(time.sleep, 60) for _ in range(4)]:
            wait.result()
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_who_is_interrupted_or_killed_leaves_no_workers(how: signal.Signals):
    command = subprocess.Popen(
        [sys.executable, "-c", A_LONG_COMMAND], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert command.stdout
    assert command.stdout.readline() == b"a worker works\n"

    command.send_signal(how)

    command.communicate(timeout=20)  # to the end of the pipes, which the workers hold open too
    assert command.returncode != 0
