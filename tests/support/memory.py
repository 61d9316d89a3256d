"""Folders in memory: what is tested survives crashes of processes, and no sync waits for the disk.

Tests of power cuts do not need a real disk either; they use that of tests/log/faults.py.
"""

import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOMY_BYTES = 2 << 30


def roomy_memory() -> Path | None:
    """Where folders are in memory; None if there is too little of it."""
    is_roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOMY_BYTES
    return _MEMORY if is_roomy else None
