"""`python -m benchmarks`: what there is to run, and that each can say what it takes."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHMARKS, NAMES

ROOT = Path(__file__).parent.parent


def python_m(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_the_list_names_every_benchmark_and_how_long_it_takes():
    finished = python_m("benchmarks", "--list", "--short")

    assert finished.returncode == 0, finished.stderr
    assert [line.split()[0] for line in finished.stdout.splitlines()] == NAMES
    assert all(" s  " in line or " min  " in line for line in finished.stdout.splitlines())


def test_an_unknown_name_runs_nothing():
    finished = python_m("benchmarks", "fanout-500", "fastness")

    assert finished.returncode == 2
    assert "there is no 'fastness'" in finished.stderr
    assert finished.stdout == ""


@pytest.mark.parametrize("module", sorted({one.module for one in BENCHMARKS}))
def test_each_takes_the_arguments_of_its_runs(module: str):
    runs = [
        one.arguments(short=short)
        for one in BENCHMARKS
        for short in (True, False)
        if one.module == module
    ]
    options = {word for run in runs for word in run if word.startswith("--")}

    told = python_m(f"benchmarks.{module}", "--help").stdout

    assert options <= set(told.replace(",", " ").split()), told
