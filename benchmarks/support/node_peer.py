"""Node, for the peers that are written for it, and its Socket.IO, fetched once into peers/node."""

import json
import subprocess
from pathlib import Path

from tools.node import find_node
from tools.steps import SetupError

PEERS = Path(__file__).parent.parent / "peers"
SOCKET_IO = PEERS / "node"


def node(script: str, *arguments: object) -> list[str]:
    """The words that run one of the peers."""
    return [*find_node().node, str(PEERS / script), *map(str, arguments)]


def why_no_node() -> str | None:
    """Why the peers that only need Node cannot run; None where they can."""
    try:
        find_node()
    except SetupError as error:
        return str(error)
    return None


def why_no_socket_io() -> str | None:
    """Why Node's Socket.IO cannot run; None where it can. It is fetched where it is missing."""
    needed = json.loads((SOCKET_IO / "package.json").read_text())["dependencies"]
    if all((SOCKET_IO / "node_modules" / package).exists() for package in needed):
        return why_no_node()
    try:
        npm = [*find_node().npm, "install", "--no-audit", "--no-fund", "--no-package-lock"]
        done = subprocess.run(npm, cwd=SOCKET_IO, capture_output=True, text=True, check=False)
    except SetupError as error:
        return str(error)
    if done.returncode:
        return f"npm could not fetch it: {' '.join(done.stderr.split())[:200]}"
    return None
