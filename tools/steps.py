"""What every step of the set-up does: tell, run a command, fail in one line, and be remembered.

Uses only the standard library, because it runs before anything is installed.
"""

import hashlib
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / ".setup"
"""What the commands of the set-up printed, for when one fails."""

_NO_NETWORK = (
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ENETUNREACH",
    "ETIMEDOUT",
    "Failed to establish a new connection",
    "Name or service not known",
    "Temporary failure",
    "Network is unreachable",
    "timed out",
)
"""How pip, npm and apt-get say that nobody answers."""


class SetupError(Exception):
    """The set-up cannot go on. The message is one line: what is missing, and what to do."""


def tell(what: str) -> None:
    """One line for the person who waits."""
    print(what, file=sys.stderr, flush=True)


def run(name: str, command: Sequence[str | Path], environ: Mapping[str, str] | None = None) -> None:
    """Runs a command quietly. Where it fails, the error has its reason and names its log."""
    LOGS.mkdir(exist_ok=True)
    log = LOGS / f"{name.replace(' ', '-')}.log"
    with log.open("wb") as output:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
        )
    if done.returncode != 0:
        reason = _reason(log.read_text(errors="replace"))
        raise SetupError(f"{name} failed: {reason} Its output is in {log.relative_to(ROOT)}.")


def _reason(output: str) -> str:
    if any(sign in output for sign in _NO_NETWORK):
        return "the network or the package index is out of reach; run make again when it is there."
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith(("error", "npm error", "e:"))]
    return (errors or lines or ["it said nothing"])[-1].removesuffix(".") + "."


class Stamp:
    """Remembers in a file what a step was made from. Written last: a step cut short has none.

    It lies inside what the step makes, so that whoever deletes that deletes the stamp too.
    """

    def __init__(self, file: Path, *sources: Path | str) -> None:
        self._file = file
        self._fingerprint = hashlib.sha256(
            b"\0".join(s.read_bytes() if isinstance(s, Path) else s.encode() for s in sources)
        ).hexdigest()

    @property
    def current(self) -> bool:
        return self._file.is_file() and self._file.read_text() == self._fingerprint

    def write(self) -> None:
        self._file.write_text(self._fingerprint)
