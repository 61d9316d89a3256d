"""Tunes the Python interpreter for a server process."""

import gc
import sys

GARBAGE_THRESHOLDS = (100_000, 50, 50)
"""Thresholds of the garbage collector: net allocations before a collection of the youngest
generation, and collections before one of the next generation."""
SWITCH_SECONDS = 0.0005
"""How long a computing thread keeps the interpreter lock while another one waits for it: a tenth of
Python's default. The event loop waits for it whenever a search or the index holds it."""


def tune() -> None:
    """Call once for the process, after all parts were created.

    The server's objects live until its end, and messages create no reference cycles. With Python's
    defaults, the garbage collector takes a quarter of the cost of a message
    (benchmarks/sockets/ingest.py).
    """
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    sys.setswitchinterval(SWITCH_SECONDS)
