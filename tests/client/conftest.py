"""Programs that do not end by themselves, for the tests of the client."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.server import environment

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts Python with these words and settings; it is gone with the test."""
    processes: list[subprocess.Popen[str]] = []

    def start(*words: str, settings: dict[str, str], **options: object) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, *words],
            env=environment(settings),
            cwd=tmp_path,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            **options,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()
