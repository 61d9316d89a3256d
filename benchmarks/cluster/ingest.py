"""Two processes of one chat on one PostgreSQL, beside what people build of the same parts.

    python -m benchmarks.cluster.ingest [--senders 50] [--peers ours,node,flask] [--seconds 8]

Half of the senders are connected to one process and half to the other; each waits until what it
said is committed. First every sender waits for each ack; then each has ten messages in flight. The
processor time is that of everything: both processes, PostgreSQL and Redis. A turn is a commit of
ours; the fewer a message takes, the less a message costs.

`ours` is `chatapp serve --postgres`; `node` is Socket.IO with the Redis adapter and an insert of
`pg` for each message; `flask` is Flask-SocketIO with a message queue in Redis and a commit of
SQLAlchemy for each message.
"""

import argparse
import time
from collections.abc import Callable

import psycopg

from benchmarks.cluster.parts import PROCESSES, Nodes, Parts, Peer, chosen, running_nodes
from benchmarks.sockets.ingest import WARM_UP_SECONDS, Senders, report

ROUND_TRIPS = 300
TURNS = "SELECT count(*) FROM chatapp.batch WHERE stream = 'messages'"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--senders", type=int, default=50)
    parser.add_argument("--peers", default="ours,node,flask")
    parser.add_argument("--seconds", type=float, default=8.0)
    arguments = parser.parse_args()
    for peer in chosen(arguments.peers):
        with running_nodes(peer) as (parts, nodes):
            measure(peer, parts, nodes, arguments.senders, arguments.seconds)


def measure(peer: Peer, parts: Parts, nodes: Nodes, senders: int, seconds: float) -> None:
    print(f"{peer.name}, {PROCESSES} processes, {senders} senders")
    print(f"   two round trips and a commit, alone: {_round_trips(parts.database) * 1e3:.2f} ms")
    turns = _turns(parts.database) if peer.has_rooms else None
    one = Senders(nodes.addresses[:1], 1, make_rooms=peer.has_rooms, rooms="first")
    print(f"   1 sender       {_run(one, seconds / 2, 1, nodes, turns)}")
    one.close()
    crowd = Senders(nodes.addresses, senders, make_rooms=peer.has_rooms)
    for in_flight in (1, 10):
        told = _run(crowd, seconds, in_flight, nodes, turns)
        print(f"  {in_flight:2} in flight     {told}", flush=True)
    crowd.close()


def _run(
    senders: Senders,
    seconds: float,
    in_flight: int,
    nodes: Nodes,
    turns: Callable[[], int] | None,
) -> str:
    senders.run(WARM_UP_SECONDS, in_flight)
    turned = turns() if turns else 0
    before, own = nodes.cpu_seconds(), time.process_time()
    acked, took, latencies = senders.run(seconds, in_flight)
    told = report(acked, took, nodes.cpu_seconds() - before, time.process_time() - own, latencies)
    return f"{told}  {acked / (turns() - turned):.1f} a turn" if turns else told


def _turns(database: str) -> Callable[[], int]:
    """How many batches were committed."""
    connection = psycopg.connect(database, autocommit=True)
    return lambda: connection.execute(TURNS).fetchall()[0][0]


def _round_trips(database: str) -> float:
    """The median of what the database alone takes for a message: it locks a row, then writes."""
    times = []
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE bare (id int PRIMARY KEY, n bigint, line text)")
        connection.execute("INSERT INTO bare VALUES (1, 0, '')")
        for number in range(ROUND_TRIPS):
            start = time.perf_counter()
            with connection.pipeline() as pipeline:
                connection.execute("BEGIN")
                connection.execute("SELECT n FROM bare WHERE id = 1 FOR UPDATE")
                pipeline.sync()
                connection.execute("UPDATE bare SET n = %s, line = %s", [number, "x" * 400])
                connection.execute("COMMIT")
            times.append(time.perf_counter() - start)
    return sorted(times)[ROUND_TRIPS // 2]


if __name__ == "__main__":
    main()
