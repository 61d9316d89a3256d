"""All processes of a chat are killed and started again, and everybody comes back.

    python -m benchmarks.cluster.returning [--crowd 10000]

Guests of one room, half of them at each of two processes: each connects, joins the room and asks
for what it missed, which is read from the copies. A commit claims a guest's name, and one
commit takes along all claims that wait; people with an account need none.
"""

import argparse
import time
from contextlib import closing

import psycopg

from benchmarks.cluster.parts import PEERS, Nodes, Parts, running_nodes
from benchmarks.sockets.returning import CrowdThatReturns
from chatapp.transport.http.listening import raise_file_limit

TRANSACTIONS = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--crowd", type=int, default=10_000)
    arguments = parser.parse_args()
    raise_file_limit()
    with running_nodes(PEERS["ours"]) as (parts, nodes):
        with closing(CrowdThatReturns(arguments.crowd, *nodes.addresses)) as crowd:
            _measure("come", parts, nodes, crowd, arguments.crowd)
            nodes.kill()
        start = time.perf_counter()
        nodes.start()
        print(f"both processes start after kill -9: {time.perf_counter() - start:.1f} s")
        with closing(CrowdThatReturns(arguments.crowd, *nodes.addresses)) as crowd:
            _measure("come back", parts, nodes, crowd, arguments.crowd)


def _measure(what: str, parts: Parts, nodes: Nodes, crowd: CrowdThatReturns, count: int) -> None:
    transactions, postgres = _transactions(parts), parts.postgres_seconds()
    used, own = nodes.cpu_seconds(), time.process_time()
    crowd.come()
    seconds = crowd.seconds
    postgres = parts.postgres_seconds() - postgres
    print(
        f"{count:,} {what}, join and resume: {seconds:.1f} s; "
        f"PostgreSQL {postgres / seconds:.0%} of a core, "
        f"{_transactions(parts) - transactions:,} transactions; "
        f"everything {(nodes.cpu_seconds() - used) / count * 1e3:.2f} ms each; "
        f"busy {(time.process_time() - own) / seconds:.0%}",
        flush=True,
    )


def _transactions(parts: Parts) -> int:
    with psycopg.connect(parts.database, autocommit=True) as connection:
        [(count,)] = connection.execute(TRANSACTIONS).fetchall()
        return int(count)


if __name__ == "__main__":
    main()
