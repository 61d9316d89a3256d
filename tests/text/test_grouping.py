"""What one sender says in a row stands under one name."""

import pytest
from msgspec.structs import replace

from chatapp.domain.model import Message, Via
from chatapp.text.grouping import continues

FIRST = Message(room="general", seq=1, sender="ana", by="a1", text="one", at="2026-11-22T10:00:50Z")
NEXT = replace(FIRST, seq=2, text="two", at="2026-11-22T10:04:59Z")


def test_the_next_one_of_the_same_sender_goes_on() -> None:
    assert continues(NEXT, FIRST)
    assert continues(replace(NEXT, by=None), FIRST)


@pytest.mark.parametrize(
    "change",
    [
        {"sender": "bob"},
        {"by": "a2"},
        {"reply_to": 1},
        {"thread": 1, "also_to_room": True},
        {"text": "/me waves"},
        {"via": Via(name="Jenkins")},
        {"at": "2026-11-22T10:05:00Z"},
        {"at": "2026-11-23T10:01:00Z"},
    ],
    ids=str,
)
def test_another_sender_a_reply_an_action_or_five_minutes_begin_anew(
    change: dict[str, str],
) -> None:
    assert not continues(replace(NEXT, **change), FIRST)


def test_nothing_goes_on_from_an_action_or_from_nothing() -> None:
    assert not continues(NEXT, replace(FIRST, text="/me waves"))
    assert not continues(NEXT, None)
