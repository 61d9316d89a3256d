"""Runs work in a separate process of low priority, so that the event loop never waits for it.

The process gets its request on standard input and reports progress as JSON Lines. It exits when
its standard input is closed, so it always ends with the server.
"""

import sys
from collections.abc import Callable
from typing import IO, Any, cast

import msgspec
from gevent.subprocess import PIPE, Popen


class ProcessFailed(Exception):
    """The process reported an error or died. The message is one sentence."""


def run_module(
    module: str, *arguments: str, asked: object, told: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Run `python -m module` and return its last report. Other greenlets run meanwhile."""
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
