"""Three servers of one chat, and all that can break beneath them.

    clients ── Balancer ── server ── Relay ── PostgreSQL
                                 └── Relay ── Redis

Their clocks are ten minutes apart.
"""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.balancer import Balancer
from tests.support.cluster import JOURNALS, journal_bytes
from tests.support.hints import Hints
from tests.support.postgres import Postgres
from tests.support.redis import Redis
from tests.support.relay import Relay
from tests.support.server import Server
from tests.support.shifted_clock import SECONDS
from tests.support.waiting import wait_until

CLOCKS = ("-300", "0", "300")
SEED = 20261129


class BreakableCluster:
    """`to_postgres` and `to_redis` are the lines of each server."""

    def __init__(self, stack: ExitStack, new_folder: Callable[[str], Path]) -> None:
        """`stack` closes everything."""
        self.postgres = Postgres()
        stack.callback(self.postgres.close)
        self.redis = Redis()
        stack.callback(self.redis.close)
        database = urlsplit(self.postgres.start().new_database("chat"))
        self.redis.start()
        self.hints = Hints(SEED)
        self.to_postgres, self.to_redis, self.nodes = [], [], []
        for clock in CLOCKS:
            to_postgres = Relay(database.port or 0, filtered=self.hints.of_postgres)
            to_redis = Relay(self.redis.port, filtered=self.hints.of_redis)
            plain = f"postgres@127.0.0.1:{to_postgres.port}/chat?sslmode=disable&gssencmode=disable"
            settings = {
                "CHATAPP_POSTGRES": f"postgresql://{plain}",
                "CHATAPP_REDIS": f"redis://127.0.0.1:{to_redis.port}/0",
                SECONDS: clock,
            }
            self.to_postgres.append(stack.enter_context(to_postgres))
            self.to_redis.append(stack.enter_context(to_redis))
            self.nodes.append(Server(new_folder("node"), settings))
            stack.callback(self.nodes[-1].close)
            self.nodes[-1].start()
        self.balancer = stack.enter_context(Balancer(*(node.port for node in self.nodes)))

    def wait_for_copies(self) -> None:
        """Until all servers have the same files."""
        for journal in JOURNALS:
            wait_until(partial(self._are_same, journal), what=f"the same {journal}/ everywhere")

    def _are_same(self, journal: str) -> bool:
        return len({journal_bytes(node.data, journal) for node in self.nodes}) == 1
