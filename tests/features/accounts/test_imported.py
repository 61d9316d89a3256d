"""Accounts of an import: for exactly the person who follows the invitation to them."""

from datetime import timedelta

import pytest
from flask import Flask

from chatapp.domain.errors import BadPayload, NotAllowed, NotFound, Unauthorized
from chatapp.domain.future import Future
from chatapp.features.accounts.imported import ImportedAccounts
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.model import Account
from chatapp.features.accounts.people import PeopleManager
from chatapp.transfer.sources.people import ImportOrigin, ImportOrigins
from chatapp.transfer.sources.records import SourcePerson
from tests.support.accounts import HERE, PASSWORD, Clock, MemoryDirectory, Notes
from tests.support.pages import Browser


def bring(
    accounts: AccountManager, directory: MemoryDirectory, name: str = "ana", **more: object
) -> Account:
    origins = ImportOrigins(directory, "slack")
    person = SourcePerson(id=f"id of {name}", name=name, email="ana@acme.test", **more)  # type: ignore[arg-type]
    imported = ImportedAccounts(accounts.registry, "slack")
    added: Future[str] = imported.add(
        person,
        name,
        "",
        lambda id: origins.change("person", person.id, ImportOrigin(name=name, id=id)),
    )
    account = accounts.registry.by_id(added.result())
    assert account is not None
    return account


@pytest.fixture
def ana(accounts: AccountManager, directory: MemoryDirectory) -> Account:
    return bring(accounts, directory)


def test_nobody_can_sign_in_to_it(accounts: AccountManager, ana: Account) -> None:
    assert ana.is_unclaimed
    for password in ("", PASSWORD, "ana"):
        with pytest.raises(Unauthorized):
            accounts.sign_in("ana", password, HERE)


def test_an_invitation_gives_it_to_its_person(
    accounts: AccountManager, people: PeopleManager, ana: Account, notes: Notes
) -> None:
    secret = people.invite_to(None, "ANA").result()
    assert accounts.invited(secret) == ana

    claimed = accounts.join(secret, "somebody else", PASSWORD, HERE).result()

    assert (claimed.account.id, claimed.account.name) == (ana.id, "ana")
    assert (claimed.account.imported, claimed.account.is_unclaimed) == ("slack", False)
    assert accounts.account_of({"sid": claimed.sid}) == claimed.account
    assert accounts.sign_in("ana", PASSWORD, HERE).result().account == claimed.account
    assert ("the command line", "invite") in notes


def test_an_invitation_to_an_account_works_once(
    accounts: AccountManager, people: PeopleManager, ana: Account
) -> None:
    older, secret = (people.invite_to(None, "ana").result() for _ in range(2))
    with pytest.raises(NotFound):
        accounts.join(older, "", PASSWORD, HERE)
    accounts.join(secret, "", PASSWORD, HERE)

    with pytest.raises(NotFound, match="has been used"):
        accounts.join(secret, "", "another horse battery", HERE)
    with pytest.raises(NotAllowed, match="Somebody has ana"):
        people.invite_to(None, "ana")
    assert people.invites() == []


def test_an_invitation_ends_when_somebody_gets_the_account_otherwise(
    accounts: AccountManager, people: PeopleManager, ana: Account
) -> None:
    secret = people.invite_to(None, "ana").result()
    accounts.set_password("ana", PASSWORD)

    with pytest.raises(NotFound):
        accounts.join(secret, "", "another horse battery", HERE)
    assert people.invites() == []


def test_an_invitation_ends_with_the_account(
    accounts: AccountManager, people: PeopleManager, ana: Account
) -> None:
    secret = people.invite_to(None, "ana").result()
    people.remove(None, "ana")

    with pytest.raises(NotFound):
        accounts.join(secret, "ana", PASSWORD, HERE)
    assert accounts.registry.named("ana") is None


def test_an_invitation_expires(
    accounts: AccountManager, people: PeopleManager, ana: Account, clock: Clock
) -> None:
    secret = people.invite_to(None, "ana", days=1).result()
    clock.pass_by(timedelta(days=2))

    with pytest.raises(NotFound, match="expired"):
        accounts.join(secret, "", PASSWORD, HERE)


def test_the_link_of_somebody_who_lost_the_right_no_longer_works(
    accounts: AccountManager, people: PeopleManager, ana: Account
) -> None:
    adam = accounts.create("Adam", PASSWORD, "admin").result()
    secret = people.invite_to(adam, "ana").result()
    people.give_role(None, "ana", "admin")

    with pytest.raises(NotFound, match="no longer has this right"):
        accounts.join(secret, "", PASSWORD, HERE)
    with pytest.raises(NotAllowed):
        people.invite_to(adam, "ana")


def test_a_member_cannot_invite_to_an_account(
    accounts: AccountManager, people: PeopleManager, ana: Account
) -> None:
    mia = accounts.create("Mia", PASSWORD).result()

    with pytest.raises(NotAllowed):
        people.invite_to(mia, "ana")
    with pytest.raises(BadPayload):
        people.invite_to(None, "ana", days=0)


def test_a_bot_is_nobodys_to_claim(
    accounts: AccountManager, people: PeopleManager, directory: MemoryDirectory
) -> None:
    bring(accounts, directory, "deploys", is_bot=True)

    with pytest.raises(NotAllowed):
        people.invite_to(None, "deploys")
    with pytest.raises(Unauthorized):
        accounts.sign_in("deploys", "", HERE)


def test_the_name_of_a_former_member_is_never_given_again(
    accounts: AccountManager, directory: MemoryDirectory
) -> None:
    imported = ImportedAccounts(accounts.registry, "slack")
    origins = ImportOrigins(directory, "slack")

    id = imported.retire(
        "cy", lambda id: origins.change("person", "U3", ImportOrigin(name="cy", id=id))
    ).result()

    assert origins.get("person", "U3") == ImportOrigin(name="cy", id=id)
    assert not imported.is_free("CY")
    assert not imported.has_id(id)


@pytest.mark.parametrize("name", ["admin", "ana", "аnа", "room", "All", "the command line"])
def test_some_names_are_not_free(
    accounts: AccountManager, directory: MemoryDirectory, name: str
) -> None:
    bring(accounts, directory)

    assert not ImportedAccounts(accounts.registry, "slack").is_free(name)


def test_the_page_says_whose_account_it_is_and_asks_for_no_name(
    app: Flask, people: PeopleManager, ana: Account, accounts: AccountManager
) -> None:
    secret = people.invite_to(None, "ana").result()
    page = Browser(app).get(f"/invite/{secret}").text
    again = Browser(app).submit(f"/invite/{secret}", password="short").text

    joined = Browser(app).submit(f"/invite/{secret}", name="Eva", password=PASSWORD)

    assert "<b><bdi>ana</bdi></b> from your former chat" in page
    assert 'name="name"' not in page
    assert "at least 8 characters" in again
    assert 'name="name"' not in again
    assert joined.status_code == 303
    assert accounts.registry.named("Eva") is None
    assert accounts.sign_in("ana", PASSWORD, HERE).result().account.id == ana.id
