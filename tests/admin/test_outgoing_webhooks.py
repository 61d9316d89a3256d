"""How the console shows the states of outgoing webhooks, and tells admins of those in trouble."""

import pytest
from flask import Flask
from msgspec.structs import replace

from chatapp.admin.attention import concerns, webhooks_in_trouble
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.outgoing_webhooks.deliveries import Delivery, DeliveryLog
from chatapp.features.outgoing_webhooks.manager import OutgoingWebhooks, WantedWebhook
from chatapp.features.outgoing_webhooks.rows import SwitchedOff, WebhookPlace
from tests.admin.test_attention import NOW, WELL_SITUATION, ago
from tests.support.pages import Browser

URL = "https://hooks.example.org/chat"


@pytest.fixture
def webhooks(app: Flask) -> OutgoingWebhooks:
    webhooks: OutgoingWebhooks = app.extensions["webhooks"].manager
    return webhooks


@pytest.fixture
def id(webhooks: OutgoingWebhooks) -> str:
    return webhooks.add(None, WantedWebhook(title="CI <b>", url=URL)).result().id


def shown(admin: Browser, id: str, language: str = "en") -> str:
    page = admin.get(f"/admin/outgoing-webhook?id={id}", headers={"Accept-Language": language})
    assert page.status_code == 200, page.text
    return page.text


def failing(webhooks: OutgoingWebhooks, id: str, first_at: str) -> None:
    place = WebhookPlace(
        serial=1,
        n=0,
        failing=3,
        attempts=4,
        first_at=first_at,
        next_at=ago(hours=-1),
        problem="It answers with 500.",
    )
    webhooks.rows.places.put(id, place)


def switched_off(webhooks: OutgoingWebhooks, id: str, why: str = "failed") -> None:
    off = SwitchedOff(why=why, at=ago(hours=2), problem="It answers with 500.")
    webhooks.rows.table.put(id, replace(webhooks.find(id), off=off))


@pytest.mark.parametrize("language", ["en", "es"])
def test_each_state_has_a_page(
    admin: Browser, webhooks: OutgoingWebhooks, id: str, language: str
) -> None:
    assert "CI &lt;b&gt;" in shown(admin, id, language)
    webhooks.pause(None, id)
    shown(admin, id, language)
    webhooks.resume(None, id)
    webhooks.rows.table.put(id, replace(webhooks.find(id), start=webhooks.find(id).start))
    failing(webhooks, id, ago(hours=3))
    webhooks.rows.places.put(
        id, replace(webhooks.rows.places.get(id), serial=webhooks.find(id).start.serial)
    )
    assert "It answers with 500." in shown(admin, id, language)
    for why in ("failed", "gone", "maker", "secret"):
        switched_off(webhooks, id, why)
        shown(admin, id, language)
    assert admin.get("/admin/outgoing-webhooks").status_code == 200


def test_attempts_are_listed_with_what_came_of_them(app: Flask, admin: Browser, id: str) -> None:
    deliveries: DeliveryLog = app.extensions["webhooks"].deliveries
    attempt = Delivery(at=ago(hours=1), type="message.posted", id="msg_1", n=7, room="tea", seq=3)
    deliveries.add(id, [replace(attempt, problem="It answers with 500.", answer="<b>down</b>")])
    deliveries.add(id, [replace(attempt, status=200, reply="posted", milliseconds=12)])
    deliveries.add(id, [replace(attempt, status=200, reply="You are muted.", by_hand=True)])

    deliveries.add(id, [replace(attempt, type="reaction.changed", status=200, seq=9)])

    page = shown(admin, id)

    assert page.count("/admin/message?room=tea&amp;seq=3") == 3
    assert "seq=9" not in page
    assert "&lt;b&gt;down&lt;/b&gt;" in page
    assert "12 ms" in page
    assert "answer posted" in page
    assert "answer not posted: You are muted." in page
    assert page.count('name="sent"') == 4


def test_an_unknown_webhook_has_no_page(admin: Browser) -> None:
    assert admin.get("/admin/outgoing-webhook?id=x").status_code == 404
    assert admin.submit("/admin/outgoing-webhook/pause", id="x").status_code == 404


def test_admins_are_told_of_webhooks_that_do_not_send(
    webhooks: OutgoingWebhooks, id: str, accounts: AccountManager
) -> None:
    def told() -> list[str]:
        seen = replace(WELL_SITUATION, now=NOW, webhooks=webhooks_in_trouble(webhooks.rows))
        return [one.key for one in concerns(seen)]

    assert told() == []
    failing(webhooks, id, ago(minutes=50))
    assert told() == []
    failing(webhooks, id, ago(hours=2))
    assert told() == ["webhook-failing"]
    switched_off(webhooks, id)
    assert told() == ["webhook-off"]


def test_the_overview_leads_to_a_webhook_in_trouble(
    admin: Browser, webhooks: OutgoingWebhooks, id: str
) -> None:
    switched_off(webhooks, id)

    page = admin.get("/admin/overview").text

    assert "was switched off" in page
    assert f"/admin/outgoing-webhook?id={id}" in page
