"""What admins and owners do in the console to people of each role: as `rights.POWER` has it."""

import pytest
from flask import Flask

from chatapp.domain.rights import POWER
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.moderation.manager import ModerationManager
from chatapp.protocol.requests import Ban
from tests.support.accounts import PASSWORD
from tests.support.pages import Browser

SUBJECTS = ["member", "bot", "admin", "owner"]
ACTS: dict[str, dict[str, str]] = {
    "person/profile": {"display_name": "Somebody", "colour": ""},
    "person/clear-status": {},
    "person/role": {"role": "member"},
    "person/end-sessions": {},
    "person/reset": {},
    "person/ban": {"reason": "noise"},
    "person/unban": {},
    "person/remove": {"confirm": "Subject"},
}


def is_done(status: int) -> bool:
    assert status in {200, 303, 403}, status
    return status != 403


@pytest.fixture
def moderation(app: Flask) -> ModerationManager:
    made: ModerationManager = app.extensions["moderation"]
    return made


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("role", ["admin", "owner"])
def test_the_console_does_what_the_table_says(
    app: Flask,
    accounts: AccountManager,
    moderation: ModerationManager,
    role: str,
    subject: str,
    act: str,
) -> None:
    accounts.create("Actor", PASSWORD, role)
    accounts.create("Subject", PASSWORD, subject)
    if act == "person/unban":
        moderation.ban(None, Ban(name="Subject", reason="noise"))
    actor = Browser(app).sign_in("Actor")

    answer = actor.submit(f"/admin/{act}", name="Subject", **ACTS[act])

    assert is_done(answer.status_code) is (subject in POWER[role])


@pytest.mark.parametrize("given", SUBJECTS)
@pytest.mark.parametrize("role", ["admin", "owner"])
def test_a_role_is_given_by_those_with_power_over_it(
    app: Flask, accounts: AccountManager, role: str, given: str
) -> None:
    accounts.create("Actor", PASSWORD, role)
    accounts.create("Subject", PASSWORD)
    actor = Browser(app).sign_in("Actor")

    statuses = {
        "role": actor.submit("/admin/person/role", name="Subject", role=given).status_code,
        "invite": actor.submit("/admin/invites", role=given, uses="1", days="1").status_code,
    }

    assert {act: is_done(status) for act, status in statuses.items()} == dict.fromkeys(
        statuses, given in POWER[role]
    )
