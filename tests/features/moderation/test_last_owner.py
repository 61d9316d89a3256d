"""There is always an owner who may come in: nobody can end that, from nowhere."""

from collections.abc import Callable

import pytest

from chatapp.domain.errors import NotAllowed, Unauthorized
from chatapp.domain.rights import By
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.model import as_person
from chatapp.features.accounts.people import PeopleManager
from chatapp.features.moderation.manager import ModerationManager
from chatapp.features.moderation.timed_decisions import TimedDecisions, of_account
from chatapp.protocol.requests import Ban
from chatapp.tables.table import Conflict
from tests.support.accounts import PASSWORD, MemoryDirectory, Notes, make_accounts


class Chat:
    """The managers over one directory, with the owners Ana and Bea."""

    def __init__(self, directory: MemoryDirectory) -> None:
        bans = TimedDecisions(directory, "bans", lambda: 1_000_000.0)
        self.accounts: AccountManager = make_accounts(
            directory,
            is_banned=lambda id: bans.in_force(of_account(id)) is not None,
            ban_unchanged=lambda id: bans.unchanged(of_account(id)),
        )
        self.people = PeopleManager(self.accounts.registry, Notes())
        self.moderation = ModerationManager(
            Notes(),
            mutes=TimedDecisions(directory, "mutes", lambda: 1_000_000.0),
            bans=bans,
            account_of=self.accounts.registry.named,
            require_another_owner=self.accounts.registry.require_another_owner,
        )
        self.owners = [
            self.accounts.create(name, PASSWORD, "owner").result() for name in ("Ana", "Bea")
        ]

    def ban(self, by: By, name: str) -> object:
        return self.moderation.ban(by, Ban(name=name, reason="noise"))


@pytest.fixture
def directory() -> MemoryDirectory:
    return MemoryDirectory()


@pytest.fixture
def chat(directory: MemoryDirectory) -> Chat:
    return Chat(directory)


Act = Callable[[Chat, By, str], object]
ACTS: dict[str, Act] = {
    "role": lambda chat, by, name: chat.people.give_role(by, name, "admin"),
    "remove": lambda chat, by, name: chat.people.remove(by, name),
    "ban": lambda chat, by, name: chat.ban(by, name),
}


@pytest.mark.parametrize("first", ACTS)
@pytest.mark.parametrize("second", ACTS)
def test_of_two_owners_one_goes_and_the_other_stays(chat: Chat, first: str, second: str) -> None:
    ana, _ = chat.owners
    ACTS[first](chat, None, "Bea")

    for by in (None, chat.owners[1]):
        with pytest.raises(NotAllowed, match="the only owner"):
            ACTS[second](chat, by, "Ana")

    assert chat.accounts.registry.named("Ana") == ana
    assert chat.moderation.bans().keys() <= {of_account(chat.owners[1].id)}


def test_two_owners_who_ban_each_other_at_one_moment_are_not_both_banned(
    chat: Chat, directory: MemoryDirectory
) -> None:
    ana, bea = chat.owners
    directory.slow = True

    chat.ban(ana, "Bea")
    with pytest.raises(NotAllowed):
        chat.ban(bea, "Ana")
    directory.settle()

    assert set(chat.moderation.bans()) == {of_account(bea.id)}


def test_an_owner_stays_one_when_the_only_other_is_banned_by_another_writer(chat: Chat) -> None:
    """Both have looked before either wrote, as in two processes on one store."""
    ana, _bea = chat.owners
    basis = chat.accounts.registry.require_another_owner(ana)
    chat.ban(ana, "Bea")

    with pytest.raises(Conflict):
        chat.accounts.registry.change("Ana", *basis, role="member")

    assert chat.accounts.registry.find("Ana").role == "owner"


def test_the_other_owner_cannot_be_demoted_by_another_writer(chat: Chat) -> None:
    ana, bea = chat.owners
    registry = chat.accounts.registry
    of_ana, of_bea = registry.require_another_owner(ana), registry.require_another_owner(bea)

    registry.change("Ana", *of_ana, role="member")

    with pytest.raises(Conflict):
        registry.change("Bea", *of_bea, role="member")
    assert registry.find("Bea").role == "owner"


def test_an_address_keeps_out_no_admin_and_no_owner(chat: Chat) -> None:
    for name, role in (("Ada", "admin"), ("Mia", "member")):
        chat.accounts.create(name, PASSWORD, role)
    chat.moderation.ban(
        chat.accounts.registry.named("Ada"), Ban(address="10.0.0.1", reason="flood")
    )

    kept_out = []
    for name in ("Ana", "Ada", "Mia"):
        account = chat.accounts.registry.named(name)
        assert account is not None
        try:
            chat.moderation.check_entry(as_person(account), "10.0.0.1")
        except Unauthorized:
            kept_out.append(name)

    assert kept_out == ["Mia"]
