"""The ways on which processes tell each other something."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from chatapp.alone import LocalBroker
from tests.support.brokers import Brokers, Notify, PublishSubscribe, Way
from tests.support.redis import Redis
from tests.support.waiting import wait_until


@pytest.fixture
def redis() -> Iterator[Redis]:
    with closing(Redis()) as redis:
        yield redis.start()


@pytest.fixture(params=["postgres", "redis"])
def way(request: pytest.FixtureRequest) -> Iterator[Way]:
    with closing(_way(request)) as way:
        yield way


@pytest.fixture(params=["alone", "postgres", "redis"])
def brokers(request: pytest.FixtureRequest) -> Iterator[Brokers]:
    """Those of two processes of one chat, or twice that of the only one."""
    if request.param == "alone":
        yield Brokers([LocalBroker()] * 2, wait_until)
        return
    with closing(_way(request)) as way:
        yield Brokers([way.process().broker for _ in range(2)], way.until)


def _way(request: pytest.FixtureRequest) -> Notify | PublishSubscribe:
    if request.param == "postgres":
        return Notify(request.getfixturevalue("database"))
    return PublishSubscribe(request.getfixturevalue("redis"))
