"""Refusals are in the audit log, and nobody fills the disk with them."""

from typing import Any

import pytest

from chatapp.features.audit.refusals import KINDS, RECORDS_AN_HOUR, DeniedRequests

HERE = "192.0.2.1"


class Written(list[dict[str, Any]]):
    def __call__(self, actor: str, action: str, **details: Any) -> None:
        self.append({"who": actor, "action": action, **details})


class Now:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def written() -> Written:
    return Written()


@pytest.fixture
def refused(written: Written, now: Now) -> DeniedRequests:
    return DeniedRequests(written, now=now)


def test_the_first_of_a_kind_is_written_at_once(refused: DeniedRequests, written: Written) -> None:
    refused("Eva", "GET admin.messages", HERE)
    refused(None, "GET admin.messages", HERE)

    assert written == [
        {"who": who, "action": "refused", "what": "GET admin.messages", "address": HERE, "times": 1}
        for who in ("Eva", "?")
    ]


def test_the_same_again_is_one_record_with_its_number(
    refused: DeniedRequests, written: Written, now: Now
) -> None:
    for _ in range(50):
        refused("Eva", "ban", HERE)
    assert [one["times"] for one in written] == [1]

    now.seconds += 600
    refused("Ben", "kick", HERE)

    assert [(one["who"], one["times"]) for one in written] == [("Eva", 1), ("Eva", 49), ("Ben", 1)]


def test_an_hour_has_no_more_records_than_that_and_says_how_many_it_left_out(
    refused: DeniedRequests, written: Written, now: Now
) -> None:
    for number in range(500):
        refused("Eva", "ban", f"192.0.2.{number}")
    assert len(written) == RECORDS_AN_HOUR

    now.seconds += 3_600
    refused("Eva", "ban", HERE)

    assert written[RECORDS_AN_HOUR]["times"] == 500 - RECORDS_AN_HOUR
    assert written[-1]["address"] == HERE


def test_memory_has_an_end(refused: DeniedRequests) -> None:
    for number in range(KINDS * 5):
        refused("Eva", "ban", str(number))

    assert len(refused._groups) <= KINDS


def test_a_stop_loses_no_count(refused: DeniedRequests, written: Written) -> None:
    for _ in range(7):
        refused("Eva", "ban", HERE)

    refused.flush()

    assert sum(one["times"] for one in written) == 7
