"""What limits promise: in a chat of one process, and for all processes of a chat together."""

import pytest

from chatapp.cluster.rate_limits import SharedRateLimits
from chatapp.domain.errors import RateLimited
from chatapp.domain.model import Person
from chatapp.domain.rates import PersonPace, Rate
from chatapp.ports import RateLimits
from tests.support.brokers import Brokers

RATE = Rate(burst=2, per_second=2 / 3600)


@pytest.fixture
def limits(brokers: Brokers) -> tuple[RateLimits, RateLimits]:
    """As two requests find them, at two processes if there are two."""
    here, there = brokers.each
    return (
        (SharedRateLimits(here),) * 2
        if here is there
        else (SharedRateLimits(here), SharedRateLimits(there))
    )


def limiters(limits, what):
    here = limits[0].limiter(RATE, what)
    return here, here if limits[0] is limits[1] else limits[1].limiter(RATE, what)


def is_refused(limiter, key):
    try:
        limiter.require_free(key)
    except RateLimited:
        return True
    return False


def test_what_is_counted_at_one_process_counts_at_each(limits, brokers):
    here, there = limiters(limits, "sign-ups")
    others = limiters(limits, "new rooms")

    here.check("192.0.2.1")
    there.check("192.0.2.1")

    brokers.until(
        lambda: all(is_refused(limiter, "192.0.2.1") for limiter in (here, there)),
        what="both to refuse a third",
    )
    assert not any(is_refused(limiter, "192.0.2.2") for limiter in (here, there))
    assert not any(is_refused(limiter, "192.0.2.1") for limiter in others)


def test_people_and_their_addresses_are_counted_apart(limits, brokers):
    def pace(limits):
        return PersonPace(RATE, "new rooms", people=2, limiter=limits.limiter)

    here = pace(limits[0])
    there = here if limits[0] is limits[1] else pace(limits[1])
    guests = [Person(name=f"g{n}", id=f"guest:{n}", place="192.0.2.1") for n in range(4)]
    for guest in guests:
        here.check(guest)

    def refuses(pace, person):
        try:
            pace.check(person)
        except RateLimited:
            return True
        return False

    stranger = Person(name="eve", id="guest:eve", place="192.0.2.1")
    elsewhere = Person(name="bo", id="guest:bo", place="192.0.2.2")
    last_here, last_there = limiters(limits, "what is heard after all of that")
    for _ in range(RATE.burst):
        last_here.check("the last")
    brokers.until(lambda: is_refused(last_there, "the last"), what="all counts to be heard")
    assert refuses(there, stranger)
    assert not refuses(there, elsewhere)
