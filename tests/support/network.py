"""A network of its own for a server, with cables that can be pulled out (ip-netns(8), veth(4)).

    clients, PostgreSQL, Redis                 the server
      10.213.0.1 ───── cable 0 ───────────── 10.213.0.2
      10.213.1.1 ───── cable 1 ───────────── 10.213.1.2
      10.213.2.1 ───── cable 2 ───────────── 10.213.2.2

Only root may make one.
"""

import os
import subprocess
from contextlib import suppress
from typing import Self

CABLES = 3


class Network:
    def __init__(self) -> None:
        self._name = f"chatapp{os.getpid()}"

    def __enter__(self) -> Self:
        """Raises PermissionError where that is not allowed."""
        try:
            _ip("netns", "add", self._name)
            for cable in range(CABLES):
                ours, theirs = self._end(cable), f"cable{cable}"
                peer = ("type", "veth", "peer", "name", theirs, "netns", self._name)
                _ip("link", "add", ours, *peer)
                _ip("addr", "add", f"10.213.{cable}.1/24", "dev", ours)
                inside = ("-n", self._name)
                _ip(*inside, "addr", "add", f"10.213.{cable}.2/24", "dev", theirs)
                _ip(*inside, "link", "set", theirs, "up")
                self.plug_in(cable)
            _ip("-n", self._name, "link", "set", "lo", "up")
        except (OSError, subprocess.CalledProcessError) as error:
            self.__exit__()
            raise PermissionError("no networks can be made here") from error
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError, subprocess.CalledProcessError):
            _ip("netns", "delete", self._name)

    def command(self, *command: str) -> list[str]:
        """Runs it in the network."""
        return ["ip", "netns", "exec", self._name, *command]

    def pull_out(self, cable: int) -> None:
        """What is sent through it vanishes; nobody is told."""
        _ip("link", "set", self._end(cable), "down")

    def plug_in(self, cable: int) -> None:
        _ip("link", "set", self._end(cable), "up")

    def _end(self, cable: int) -> str:
        return f"c{cable}-{self._name[-10:]}"


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
