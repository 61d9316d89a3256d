import re

import pytest
from flask import Flask

from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.model import as_person
from chatapp.protocol.requests import Status
from chatapp.store.message_log import MessageLog
from tests.support.accounts import PASSWORD
from tests.support.pages import Browser
from tests.support.records import say


@pytest.fixture
def mia(app: Flask, accounts: AccountManager) -> Browser:
    accounts.create("Mia", PASSWORD)
    return Browser(app).sign_in("Mia")


def test_everybody_with_an_account_is_listed_and_found(
    admin: Browser, accounts: AccountManager
) -> None:
    for name in ("Mia", "mio", "Zoë"):
        accounts.create(name, PASSWORD)

    assert names(admin.get("/admin/people").text) == ["Boss", "Mia", "mio", "Zoë"]
    assert names(admin.get("/admin/people?q=MI").text) == ["Mia", "mio"]
    assert names(admin.get("/admin/people?q=zoe%CC%88").text) == ["Zoë"]
    assert "No matches" in admin.get("/admin/people?q=nobody").text


def test_a_person_is_shown_with_devices_and_what_they_said_last(
    admin: Browser, mia: Browser, log: MessageLog
) -> None:
    say(log, "<b>hola</b>", sender="Mia")

    page = admin.get("/admin/person?name=mia").text

    assert "&lt;b&gt;hola&lt;/b&gt;" in page
    assert "192.0.2.1" in page
    assert "member since" in page


def test_names_with_every_kind_of_character_have_a_page(
    admin: Browser, accounts: AccountManager
) -> None:
    for name in ("a/b", "..", "x?y#z", "<i>Eve</i>", "a&name=Boss", "100%", '"quoted"'):
        accounts.create(name, PASSWORD)

    page = admin.get("/admin/people").text
    links = re.findall(r'class="entry-who" href="([^"]*)"', page)

    assert "<i>Eve" not in page
    assert len(links) == 8
    for link in links:
        assert admin.get(link.replace("&amp;", "&")).status_code == 200
    answer = admin.submit("/admin/person/role", name="a/b", role="bot")
    assert "bot since" in admin.get(answer.location).text


def test_what_somebody_says_of_themselves_is_shown_and_cleared(
    app: Flask, admin: Browser, mia: Browser, accounts: AccountManager
) -> None:
    statuses = app.extensions["statuses"]
    person = as_person(accounts.registry.find("Mia"))
    statuses.change(person, Status(emoji="🌴", text="<b>Holiday"))

    assert "🌴 &lt;b&gt;Holiday" in admin.get("/admin/person?name=mia").text
    assert 'title="&lt;b&gt;Holiday">🌴' in admin.get("/admin/people").text
    admin.submit("/admin/person/clear-status", name="mia")

    assert statuses.rows.of(person.id) is None
    assert "Holiday" not in admin.get("/admin/person?name=mia").text


def test_a_new_role_is_given(admin: Browser, mia: Browser) -> None:
    answer = admin.submit("/admin/person/role", name="Mia", role="admin")

    assert answer.status_code == 303
    assert mia.who == "admin Mia"


def test_what_is_refused_is_said_on_the_persons_page(
    app: Flask, admin: Browser, accounts: AccountManager
) -> None:
    accounts.create("Ada", PASSWORD, "admin")
    ada = Browser(app).sign_in("Ada")

    for act in ("role", "reset", "ban", "end-sessions", "remove"):
        answer = ada.submit(
            f"/admin/person/{act}", name="Boss", role="member", reason="x", confirm="Boss"
        )

        assert answer.status_code == 403, act
        assert 'role="alert"' in answer.text
    assert admin.who == "owner Boss"


def test_an_invitation_is_made_shown_once_used_and_revoked(app: Flask, admin: Browser) -> None:
    page = admin.submit("/admin/invites", role="member", uses="2", days="7").text
    (link,) = set(re.findall(r"/invite/[\w-]+", page))
    assert link not in admin.get("/admin/people").text

    guest = Browser(app)
    guest.submit(link, name="Ana", password=PASSWORD)
    revoke = re.search(r'action="(/admin/invites/\w+/revoke)"', admin.get("/admin/people").text)
    assert revoke
    admin.submit(revoke[1])

    assert guest.who == "member Ana"
    assert Browser(app).get(link).status_code == 404
    assert admin.submit(revoke[1]).status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"role": "king", "uses": "1", "days": "1"},
        {"role": "member", "uses": "0", "days": "1"},
        {"role": "member", "uses": "-1", "days": "1"},
        {"role": "member", "uses": "1", "days": "99999"},
        {"role": "member", "uses": "²", "days": "1"},
        {"role": "member", "uses": "", "days": ""},
        {},
    ],
)
def test_an_invitation_that_cannot_be_is_refused(admin: Browser, fields: dict[str, str]) -> None:
    answer = admin.submit("/admin/invites", **fields)

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert "/invite/" not in answer.text


def test_a_reset_link_is_made(app: Flask, admin: Browser, mia: Browser) -> None:
    page = admin.submit("/admin/person/reset", name="Mia").text

    (link,) = set(re.findall(r"/reset/[\w-]+", page))
    assert "Choose a new password for <b><bdi>Mia</bdi></b>" in Browser(app).get(link).text


def test_an_imported_account_is_handed_to_its_person(
    app: Flask, admin: Browser, accounts: AccountManager
) -> None:
    accounts.registry.add("ana", "", "member", imported="slack", email="ana@acme.test")
    listed = admin.get("/admin/people").text
    shown = admin.get("/admin/person?name=ana").text

    page = admin.submit("/admin/person/invite", name="ana").text

    assert "not claimed yet" in listed
    assert "ana@acme.test" in shown
    assert "/admin/person/reset" not in shown
    (link,) = set(re.findall(r"/invite/[\w-]+", page))
    assert "for the account ana" in admin.get("/admin/people").text
    assert Browser(app).submit(link, password=PASSWORD).status_code == 303
    assert "not claimed yet" not in admin.get("/admin/people").text
    again = admin.submit("/admin/person/invite", name="ana")
    assert (again.status_code, "/invite/" in again.text) == (403, False)


def test_an_admin_hands_over_no_account_of_an_admin(app: Flask, accounts: AccountManager) -> None:
    accounts.create("Adam", PASSWORD, "admin")
    accounts.registry.add("boss2", "", "admin", imported="slack")

    answer = Browser(app).sign_in("Adam").submit("/admin/person/invite", name="boss2")

    assert (answer.status_code, "/invite/" in answer.text) == (403, False)


def test_a_ban_ends_connections_and_is_lifted_again(
    admin: Browser, mia: Browser, shown_out: list[str]
) -> None:
    banned = admin.submit("/admin/person/ban", name="Mia", reason="spam & <b>more</b>")

    assert banned.status_code == 303
    assert shown_out == ["closed"]
    assert "spam &amp; &lt;b&gt;more&lt;/b&gt;" in admin.get("/admin/person?name=Mia").text
    assert "banned" in admin.get("/admin/people").text

    admin.submit("/admin/person/unban", name="Mia")

    assert "Banned by" not in admin.get("/admin/person?name=Mia").text


def test_a_ban_needs_a_reason(admin: Browser, mia: Browser, shown_out: list[str]) -> None:
    assert admin.submit("/admin/person/ban", name="Mia", reason=" ").status_code == 400
    assert shown_out == []


def test_an_account_is_removed_by_typing_its_name(admin: Browser, mia: Browser) -> None:
    assert admin.submit("/admin/person/remove", name="Mia", confirm="Bea").status_code == 400
    assert mia.who == "member Mia"

    answer = admin.submit("/admin/person/remove", name="Mia", confirm="mia")

    assert (answer.status_code, answer.location) == (303, "/admin/people")
    assert mia.who == "nobody"
    assert admin.get("/admin/person?name=Mia").status_code == 404


def test_many_people_are_on_several_pages(
    admin: Browser, accounts: AccountManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts._passwords, "hash", lambda _: "no hash")
    for number in range(75):
        accounts.create(f"user {number:03}", PASSWORD)

    first = admin.get("/admin/people").text
    more = re.search(r'href="([^"]*)">More<', first)
    assert more
    second = admin.get(more[1].replace("&amp;", "&")).text

    assert len(names(first)) == 50
    assert names(first) + names(second) == ["Boss", *(f"user {n:03}" for n in range(75))]


def test_the_audit_log_is_listed_like_the_messages(admin: Browser, audit: MessageLog) -> None:
    say(audit, '{"name":"<b>Mia</b>","reason":"spam"}', room="ban", sender="Boss")
    say(audit, '{"address":"192.0.2.9"}', room="login", sender="Boss")

    page = admin.get("/admin/audit?room=ban").text
    lines = admin.get("/admin/audit.jsonl").data.splitlines()

    assert "&lt;b&gt;Mia&lt;/b&gt;" in page
    assert "192.0.2.9" not in page
    assert len(lines) == 2


def names(page: str) -> list[str]:
    return re.findall(r'<span class="entry-what"><b>(.*?)</b>', page)


def test_an_admin_says_how_somebody_is_shown(
    admin: Browser, mia: Browser, accounts: AccountManager
) -> None:
    saved = admin.submit("/admin/person/profile", name="mia", display_name="Mia F.", colour="teal")
    refused = admin.submit("/admin/person/profile", name="mia", display_name="Boss", colour="")

    assert "Mia F." in admin.get(saved.location).text
    assert refused.status_code == 409
    assert accounts.registry.find("mia").display_name == "Mia F."
    assert "@Mia" in admin.get("/admin/people?q=f.").text
    assert "@Mia" not in admin.get("/admin/people?q=g.").text


def test_an_admin_does_not_say_how_an_owner_is_shown(
    app: Flask, admin: Browser, accounts: AccountManager
) -> None:
    accounts.create("Ada", PASSWORD, "admin")
    ada = Browser(app).sign_in("Ada")

    refused = ada.submit("/admin/person/profile", name="Boss", display_name="Bossy", colour="")

    assert refused.status_code == 403
    assert accounts.registry.find("boss").display_name == ""
