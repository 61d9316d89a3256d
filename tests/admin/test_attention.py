"""What the overview says first, and when it says nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chatapp.admin.attention import MANY_FAILED_SIGN_INS, Situation, concerns, times
from chatapp.admin.integrity_checks import IntegrityCheck
from chatapp.admin.overview import DiskSpace
from chatapp.domain.clock import timestamp
from chatapp.domain.model import Draft, Event
from chatapp.features.accounts.manager import AccountManager
from chatapp.ports import NodeStatus
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.last_backup import LastBackup
from tests.admin.test_checkups import WELL
from tests.support.pages import Browser, make_app, make_care

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
GIGABYTE = 1 << 30
ROOMY = DiskSpace(used=1, free=50 * GIGABYTE, total=100 * GIGABYTE)


def ago(**time: int) -> str:
    return timestamp(NOW - timedelta(**time))


def checked(**found: Any) -> IntegrityCheck:
    return IntegrityCheck(**{"by": "the server", "at": ago(hours=3), "seconds": 1.0, **found})


def node(n: int) -> NodeStatus:
    return NodeStatus(version="1", started=ago(days=1), connections=3, n=n)


WELL_SITUATION = Situation(
    now=NOW,
    disk=ROOMY,
    check=checked(),
    backup=LastBackup(at=ago(days=1), place="/backups/today"),
    is_used=True,
    failed_sign_ins=MANY_FAILED_SIGN_INS - 1,
    refusals=3,
)


def found(**changed: Any) -> list[str]:
    return [one.key for one in concerns(msgspec.structs.replace(WELL_SITUATION, **changed))]


def test_nothing_is_said_while_all_is_well() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"failure": "The disk is full."}, "read-only"),
        ({"disk": DiskSpace(used=1, free=GIGABYTE // 2, total=100 * GIGABYTE)}, "disk-low"),
        ({"disk": DiskSpace(used=1, free=1000, total=100 * GIGABYTE)}, "disk-nearly-full"),
        ({"check": checked(problems=["line 3"])}, "damaged"),
        ({"check": checked(failed="killed")}, "unchecked"),
        ({"check": checked(at=ago(days=4))}, "check-old"),
        ({"is_open": True}, "open"),
        ({"failed_sign_ins": MANY_FAILED_SIGN_INS}, "failed-sign-ins"),
        ({"refusals": 20}, "refusals"),
        ({"backup": None}, "no-backup"),
        ({"backup": LastBackup(at=ago(days=9), place="/b")}, "backup-old"),
        ({"nodes": {"a": node(9_000), "b": node(2_000)}}, "server-behind"),
        ({"missing": ("c",)}, "server-missing"),
    ],
)
def test_what_is_wrong_is_said(changed: dict[str, Any], said: str) -> None:
    assert found(**changed) == [said]


@pytest.mark.parametrize(
    "changed",
    [
        {"check": None},
        {"backup": None, "is_used": False},
        {"backup": None, "nodes": {"a": node(9_000), "b": node(8_990)}},
    ],
)
def test_what_is_new_or_kept_elsewhere_is_no_concern(changed: dict[str, Any]) -> None:
    assert found(**changed) == []


def test_the_most_urgent_comes_first() -> None:
    everything = {"backup": None, "is_open": True, "failure": "The disk is full."}

    assert found(**everything) == ["read-only", "open", "no-backup"]


def test_only_what_happened_lately_counts_and_grouped_entries_count_each_time() -> None:
    def entry(at: str, text: str | None) -> Event:
        return Event(room="refused", sender="?", seq=1, at=at, text=text)

    entries = [
        entry(ago(hours=1), '{"what":"GET admin.home","times":7}'),
        entry(ago(hours=2), '{"address":"192.0.2.1"}'),
        entry(ago(hours=3), "not JSON"),
        entry(ago(days=2), '{"times":500}'),
    ]

    assert times(entries, NOW) == 9


def test_the_overview_says_what_to_do_and_leads_there(
    accounts: AccountManager, log: MessageLog, audit: MessageLog, tmp_path: Path
) -> None:
    care = make_care(check=lambda _told: WELL)
    app = make_app(accounts, log, audit, data=tmp_path, maintenance=care)
    admin = Browser(app).sign_in("Boss")
    assert "Nothing needs attention" in admin.get("/admin/overview").text
    for _ in range(MANY_FAILED_SIGN_INS):
        note_failed_sign_in(audit)

    page = admin.get("/admin/overview").text

    assert "10 failed sign-ins in the last 24 hours" in page
    assert 'href="/admin/audit?room=failed-login"' in page
    assert "Nothing needs attention" not in page


def note_failed_sign_in(audit: MessageLog) -> None:
    draft = Draft(room="failed-login", sender="?", text='{"address":"192.0.2.1"}')
    audit.append(draft).result()
