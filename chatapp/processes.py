"""Work in a process of its own, at low priority: the event loop never waits for it.

The process is asked on its standard input, and says how far it is, a JSON object a line. It
ends when that input ends: with the server, however the server ends.
"""

import sys
from collections.abc import Callable
from typing import IO, Any, cast

import msgspec
from gevent.subprocess import PIPE, Popen


class ProcessFailed(Exception):
    """It said what was wrong, or just ended. The message is one sentence."""


def run_module(
    module: str, *arguments: str, asked: object, told: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """The last thing that `python -m module` says. Other greenlets run meanwhile."""
    last: dict[str, Any] = {}
    with Popen([sys.executable, "-m", module, *arguments], stdin=PIPE, stdout=PIPE) as process:
        asking, telling = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
        try:
            asking.write(msgspec.json.encode(asked) + b"\n")
            asking.flush()
            for line in telling:
                last = msgspec.json.decode(line, type=dict[str, Any])
                told(last)
            asking.close()
            code = process.wait()
        finally:
            process.kill()
    if code != 0 or "error" in last:
        raise ProcessFailed(str(last.get("error", f"It ended with exit code {code}.")))
    return last
