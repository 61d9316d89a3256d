"""What two processes of one chat take while nobody is there, with many rooms.

    python -m benchmarks.cluster.idle [--rooms 1000] [--seconds 30]

Each process asks PostgreSQL for news every two seconds, says that it runs, and listens.
"""

import argparse
import time
from contextlib import closing

from benchmarks.cluster.parts import PEERS, running_nodes
from tests.transport.raw import RawClient

SETTLE_SECONDS = 5.0
"""After the rooms were made."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rooms", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=30.0)
    arguments = parser.parse_args()
    with running_nodes(PEERS["ours"]) as (parts, nodes):
        _make_rooms(nodes.addresses[0], arguments.rooms)
        time.sleep(SETTLE_SECONDS)
        before = [server.cpu_seconds() for server in nodes.servers]
        postgres = parts.postgres_seconds()
        time.sleep(arguments.seconds)
        each = [
            f"{(server.cpu_seconds() - used) / arguments.seconds:.2%}"
            for server, used in zip(nodes.servers, before, strict=True)
        ]
        postgres = (parts.postgres_seconds() - postgres) / arguments.seconds
        print(
            f"{arguments.rooms:,} rooms and nobody there, of a core: each process "
            f"{', '.join(each)}; PostgreSQL {postgres:.2%}"
        )


def _make_rooms(address: tuple[str, int], count: int) -> None:
    """Each with a message."""
    with closing(RawClient(address).join({"name": "somebody"})) as client:
        for number in range(count):
            for event, payload in (("create", {}), ("message", {"text": "hello"})):
                answer = client.ask(event, {"room": f"room-{number}", **payload})
                if not answer["ok"]:
                    raise RuntimeError(f"{event} was refused: {answer['error']}")


if __name__ == "__main__":
    main()
