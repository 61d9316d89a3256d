"""Prepared statements of one connection to PostgreSQL, several in each flight.

A turn is a handful of small statements, of the same text each time. psycopg's own pipeline makes a
cursor for each and adapts each value, which takes longer than PostgreSQL does. So this one calls
libpq: values and results are bytes, in PostgreSQL's text format.
"""

import select
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import Connection, errors
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from chatapp.cluster.postgres import ANSWER_SECONDS

Call = tuple[str, Sequence[bytes]]
"""The name of a statement, and its values."""


class Pipeline:
    """Takes a connection for itself. `statements` are by name; their values are $1, $2, ….

    Raises what psycopg raises. After that, the connection is of no more use: its transaction may
    still be open.
    """

    def __init__(self, connection: Connection[Any], statements: Mapping[str, str]) -> None:
        self._libpq = connection.pgconn
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(self._libpq.socket, select.POLLIN)
        self._writable.register(self._libpq.socket, select.POLLIN | select.POLLOUT)
        self._unread = 0
        """Flights whose results nobody waits for."""
        self._libpq.enter_pipeline_mode()
        for name, statement in statements.items():
            self._libpq.send_prepare(name.encode(), statement.encode())
        self._send()
        self._receive()

    def run(self, *calls: Call) -> list[list[tuple[bytes, ...]]]:
        """The rows of each statement."""
        self._call(calls)
        results = self._receive()
        return [_rows(result) for result in results]

    def run_two(self, calls: Sequence[Call], then: Call) -> None:
        """Wait for the first ones only. `then` is a transaction of its own, and may fail."""
        self._call(calls)
        self._call([then])
        self._receive()
        self._unread += 1

    def _call(self, calls: Sequence[Call]) -> None:
        for name, values in calls:
            self._libpq.send_query_prepared(name.encode(), values)
        self._send()

    def _send(self) -> None:
        self._libpq.pipeline_sync()
        while self._libpq.flush():
            self._wait(self._writable)

    def _receive(self) -> list[PGresult]:
        """The results of the first flight that somebody waits for."""
        while self._unread:
            self._next_flight()
            self._unread -= 1
        results = self._next_flight()
        for result in results:
            if result.status not in {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}:
                raise errors.error_from_result(result)
        return results

    def _next_flight(self) -> list[PGresult]:
        libpq, results = self._libpq, list[PGresult]()
        is_between = False
        while True:
            while libpq.is_busy():
                self._wait(self._readable)
            result = libpq.get_result()
            if result is None:
                if is_between:  # A statement's results end with one None.
                    raise psycopg.OperationalError("the connection is lost")
            elif result.status == ExecStatus.PIPELINE_SYNC:
                return results
            else:
                results.append(result)
            is_between = result is None

    def _wait(self, ready: select.poll) -> None:
        if not ready.poll(ANSWER_SECONDS * 1000):
            raise psycopg.OperationalError(f"no answer within {ANSWER_SECONDS:.0f} s")
        self._libpq.consume_input()


def _rows(result: PGresult) -> list[tuple[bytes, ...]]:
    columns = range(result.nfields)
    return [
        tuple(result.get_value(row, column) or b"" for column in columns)
        for row in range(result.ntuples)
    ]
