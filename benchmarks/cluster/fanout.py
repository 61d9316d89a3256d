"""Fan-out over two processes: one speaks at the first, and people at both of them hear.

    python -m benchmarks.cluster.fanout [--listeners 500] [--peers single,ours,node] [--seconds 8]

So many listen at each process. The processor time of a delivery is that of everything: both
processes, PostgreSQL and Redis. `single` is our one process without them, with all listeners.
"""

import argparse
from contextlib import closing

from benchmarks.cluster.parts import PROCESSES, chosen, running_nodes
from benchmarks.sockets.fanout import measure, measure_crowd
from benchmarks.support.crowd import Crowd
from chatapp.transport.http.listening import raise_file_limit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listeners", type=int, default=500)
    parser.add_argument("--peers", default="single,ours,node")
    parser.add_argument("--seconds", type=float, default=8.0)
    arguments = parser.parse_args()
    raise_file_limit()
    names = arguments.peers.split(",")
    if "single" in names:
        names.remove("single")
        measure("chatapp", arguments.listeners * PROCESSES, arguments.seconds)
    for peer in chosen(",".join(names)):
        with (
            running_nodes(peer) as (_, nodes),
            closing(Crowd(nodes.addresses[0], peer.dialect, *nodes.addresses[1:])) as crowd,
        ):
            print(f"{peer.name}, {PROCESSES} x {arguments.listeners:,} listeners", flush=True)
            measure_crowd(nodes, crowd, arguments.listeners * PROCESSES, arguments.seconds)


if __name__ == "__main__":
    main()
