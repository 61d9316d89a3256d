"""Statuses as one reads them in a terminal."""

from datetime import datetime

from chatapp.domain.visible import visible
from chatapp.protocol.values import PersonStatus


def status_line(status: PersonStatus) -> str:
    """`🌴 Vacation, out of office until 2026-12-24 09:00`"""
    end = f"until {_local(status.until)}" if status.until else ""
    saying = f"{status.emoji} {status.text}".strip()
    about = f"{'out of office ' if status.out_of_office else ''}{end}".strip()
    return visible(", ".join(filter(None, [saying, about])))


def in_short(status: PersonStatus | None, now: str) -> str:
    """What goes behind a name in a list: `🌴 Vacation`; "" for one that is over, or none."""
    if status is None or status.is_over(now):
        return ""
    return visible(f"{status.emoji} {status.text}".strip() or "out of office")


def _local(at: str) -> str:
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M")
