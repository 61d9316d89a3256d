"""What Python's interpreter is told by a process that serves."""

import gc
import sys

GARBAGE_THRESHOLDS = (100_000, 50, 50)
"""Objects more than freed before a look at the youngest; looks before one at older ones."""
SWITCH_SECONDS = 0.0005
"""A thread that computes gives way so soon when another one waits; Python's default is ten times
as long. The event loop waits for the interpreter's lock whenever a search or the index has it."""


def tune() -> None:
    """For the whole process, once all is made.

    What the server is made of stays, and messages leave no cycles behind. With Python's defaults,
    looking for cycles is a quarter of the cost of taking in a message (benchmarks/ingest.py).
    """
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    sys.setswitchinterval(SWITCH_SECONDS)
