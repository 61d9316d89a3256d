"""Breaking the chat in one place, in a copy, to see which test turns red."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.support.checkout import ROOT, fresh_clone

BUILT = ("node_modules", "static/vendor")
"""What a clone does not have and the tests need."""
RED = 1
"""What pytest and Node end with if a test failed; anything above is no verdict."""
RED_LINES = ("FAILED", "ERROR ", "not ok")
"""How the lines begin that name it. A test that waits for ever is ended without one."""


class Mutation(NamedTuple):
    """`sound` stands once in `file`; with `broken` in its place, one of `tests` fails."""

    name: str
    file: str
    sound: str
    broken: str
    tests: str


def try_out(mutations: list[Mutation], words: list[str]) -> int:
    """Those with one of these words in their name, or all; the exit code."""
    chosen = [one for one in mutations if not words or any(word in one.name for word in words)]
    unnoticed = [one for one in chosen if not is_noticed(one)]
    print(f"{len(chosen) - len(unnoticed)} of {len(chosen)} noticed", flush=True)
    return 1 if unnoticed else 0


def is_noticed(mutation: Mutation) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        copy = fresh_clone(Path(folder))
        for name in BUILT:
            (copy / name).symlink_to(ROOT / name)
        mutate(copy / mutation.file, mutation)
        ran = subprocess.run(
            [sys.executable, *_runner(mutation.tests), *mutation.tests.split()],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy)},
            capture_output=True,
            text=True,
            check=False,
        )
    if ran.returncode > RED:
        raise SystemExit(f"{mutation.name}: no verdict\n{ran.stdout}{ran.stderr}")
    red = [line for line in ran.stdout.splitlines() if line.startswith(RED_LINES)]
    noticed = ran.returncode == RED or ran.returncode < 0  # a signal ended it, as libev's abort
    said = red[0] if red else "some test did not end" if noticed else "NOBODY NOTICED"
    print(f"{mutation.name}: {said}", flush=True)
    return noticed


def _runner(tests: str) -> list[str]:
    if tests.endswith(".js"):
        return ["-m", "tools.node", "--test", "--test-reporter=tap"]
    return ["-m", "pytest", "-x", "-q", "--durations=0"]


def mutate(file: Path, mutation: Mutation) -> None:
    file.write_text(file.read_text().replace(mutation.sound, mutation.broken))
