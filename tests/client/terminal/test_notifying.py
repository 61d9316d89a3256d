"""What the terminal rings for, and how quiet hours are typed."""

from datetime import UTC, datetime

import pytest

from chatapp.client.terminal.notifying.bell import Bell
from chatapp.client.terminal.notifying.commands import parsed_hours, summary
from chatapp.domain.errors import BadPayload
from chatapp.domain.model import Message
from chatapp.protocol.values import Notifications, QuietHours, RoomInfo, RoomPrefs

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
NIGHT = QuietHours(start="22:00", end="07:00", days=[1, 2, 3, 4, 5, 6, 7], zone="UTC")


class Hearer:
    """Ana, with a bell."""

    def __init__(self, hour: int = 12) -> None:
        self.rung = 0
        self.bell = Bell(self._ring, lambda: "ana", lambda: NOON.replace(hour=hour))
        direct = RoomInfo(name="direct-1", title="", kind="direct", head=0, epoch="")
        tea = RoomInfo(name="tea", title="Tea", kind="public", head=0, epoch="")
        self.bell.learn([direct, tea])

    def _ring(self) -> None:
        self.rung += 1

    def rings(self, text: str, room: str = "tea") -> bool:
        before = self.rung
        at = "2026-11-27T00:00:00.000Z"
        self.bell.hear(Message(seq=1, room=room, sender="ben", at=at, text=text))
        return self.rung > before


def test_the_bell_rings_for_mentions_keywords_and_direct_messages():
    ana = Hearer()
    ana.bell.take(Notifications(keywords=["deploy"]))

    assert ana.rings("@ana look")
    assert ana.rings("@room look")
    assert ana.rings("the deploy failed")
    assert ana.rings("hello", "direct-1")
    assert not ana.rings("hello")
    ana.bell.take(Notifications())
    assert not ana.rings("the deploy failed")


def test_a_room_of_which_one_wants_nothing_does_not_ring():
    ana = Hearer()
    ana.bell.take(Notifications(keywords=["deploy"]))

    for prefs in ({"level": "nothing"}, {"muted_until": "always"}, {"muted_until": "2027-01-01"}):
        ana.bell.prefer(RoomPrefs(**{"room": "tea", "level": "all", "favourite": False, **prefs}))
        assert not ana.rings("@ana deploy"), prefs
    ana.bell.prefer(RoomPrefs(room="tea", level="all", favourite=False, muted_until="2026-01-01"))
    assert ana.rings("@ana deploy")
    ana.bell.prefer(RoomPrefs(room="direct-1", level="mentions", favourite=False))
    assert not ana.rings("hello", "direct-1")


def test_in_quiet_hours_nothing_rings_but_mentions_by_name_where_one_wants_them():
    ana = Hearer(hour=23)
    ana.bell.take(Notifications(keywords=["deploy"], quiet=NIGHT))
    assert not any(map(ana.rings, ["@ana look", "@room look", "deploy"]))

    ana.bell.take(Notifications(keywords=["deploy"], quiet=QuietHours(**_with(mentions=True))))
    assert ana.rings("@ana look")
    assert not any(map(ana.rings, ["@room look", "deploy"]))


def _with(**more: bool) -> dict[str, object]:
    return {"start": "22:00", "end": "07:00", "days": [1, 2, 3, 4, 5, 6, 7], "zone": "UTC"} | more


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("22:00-07:00 UTC", NIGHT),
        ("9:00 - 9:30 mon-fri Europe/Madrid",
         QuietHours(start="09:00", end="09:30", days=[1, 2, 3, 4, 5], zone="Europe/Madrid")),
        ("22:00-07:00 sat,sun UTC mentions",
         QuietHours(start="22:00", end="07:00", days=[6, 7], zone="UTC", mentions=True)),
        ("22:00-07:00 Friday-mon UTC",
         QuietHours(start="22:00", end="07:00", days=[1, 5, 6, 7], zone="UTC")),
    ],
)  # fmt: skip
def test_quiet_hours_are_typed(typed, expected):
    assert parsed_hours(typed) == expected


def test_quiet_hours_without_a_zone_are_of_this_machine(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")

    assert parsed_hours("22:00-07:00").zone == "Asia/Tokyo"


@pytest.mark.parametrize("typed", ["at night", "22-7", "22:00-07:00 someday"])
def test_what_is_no_time_is_said(typed):
    with pytest.raises(BadPayload):
        parsed_hours(typed)


def test_the_rules_are_told_in_words():
    assert (
        summary(Notifications()) == "You are notified of messages that are direct or mention you."
    )
    assert summary(Notifications(keywords=["tea", "上海"], quiet=NIGHT)) == (
        "You are notified of messages that are direct, mention you, or have one of these words: "
        "tea, 上海.\n"
        "Quiet hours: from 22:00 to 07:00 (UTC), you are notified of nothing."
    )
