"""What five tasks of a new user take on the page: presses, characters, turns of the wheel, seconds.

    python -m benchmarks.page.tasks [--runs 3]

A scripted user in a real Chromium finds everything by the roles and words that one sees
(tests/page/tasks.py). They never stop to think: the seconds are those that the chat lets them wait.
The presses are the same in each run; of the seconds, the best run is told.
"""

import argparse
import tempfile
from pathlib import Path

from tests.page.tasks import TASKS, Effort, prepare
from tests.support.browser import Complaints, Windows, launched


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    runs = [one_run() for _ in range(options.runs)]
    print(f"{'':38}{'presses':>8}{'typed':>8}{'turns':>8}{'seconds':>9}")
    for name in TASKS:
        best = min((run[name] for run in runs), key=lambda effort: effort.seconds)
        print(
            f"{name:38}{best.presses:8}{best.typed:8}{best.turns:8}{best.seconds:9.1f}", flush=True
        )


def one_run() -> dict[str, Effort]:
    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        windows = Windows(browser, Complaints())
        chat = prepare(Path(folder), windows)
        try:
            return {name: do(chat) for name, do in TASKS.items()}
        finally:
            chat.ben.disconnect()
            windows.close()
            chat.server.close()


if __name__ == "__main__":
    main()
