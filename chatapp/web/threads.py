"""Real threads for greenlets that wait for disks, networks and other processes."""

import logging
from collections.abc import Callable
from typing import Any

import gevent
from gevent.threadpool import ThreadPool

RECEIVING, KEEPING, READING = 1, 2, 4
"""Threads that read bodies, that keep files, and that read files. Bodies take turns on one thread:
on a busy machine, several would keep the event loop from its core."""

logger = logging.getLogger(__name__)


class ThreadsOfFiles:
    """Three pools, so that what is slow in one of them keeps the others from nothing."""

    def __init__(self) -> None:
        self._receiving = ThreadPool(RECEIVING)
        self._keeping = ThreadPool(KEEPING)
        self._reading = ThreadPool(READING)

    def receive(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return _call(self._receiving, function, arguments)

    def keep(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return _call(self._keeping, function, arguments)

    def read(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return _call(self._reading, function, arguments)

    def later(self, function: Callable[..., Any], *arguments: Any) -> None:
        def run() -> None:
            try:
                self.keep(function, *arguments)
            except Exception:
                logger.exception("A file was not removed")

        gevent.spawn(run)


def _call(pool: ThreadPool, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """gevent prints what a function raises in a thread, expected or not; so nothing is raised
    there."""
    value, error = pool.apply(_outcome, (function, arguments))
    if error is not None:
        raise error
    return value


def _outcome(
    function: Callable[..., Any], arguments: tuple[Any, ...]
) -> tuple[Any, Exception | None]:
    try:
        return function(*arguments), None
    except Exception as error:
        return None, error
