import contextlib
from collections.abc import Callable
from datetime import timedelta

import pytest

from chatapp.domain.errors import BadPayload, NameTaken, NotAllowed, NotFound, Unauthorized
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.model import Account, Role, SecretLink, digest
from chatapp.features.accounts.people import PeopleManager
from tests.support.accounts import (
    HERE,
    PASSWORD,
    Clock,
    MemoryDirectory,
    Notes,
    make_accounts,
)

NEW_PASSWORD = "another horse battery"


@pytest.fixture
def expelled() -> list[str]:
    return []


@pytest.fixture
def accounts(
    directory: MemoryDirectory, clock: Clock, expelled: list[str], notes: Notes
) -> AccountManager:
    return make_accounts(directory, clock=clock, expel=expelled.append, note=notes)


@pytest.fixture
def owner(accounts: AccountManager) -> Account:
    return accounts.create("Olga", PASSWORD, "owner").result()


@pytest.fixture
def admin(accounts: AccountManager) -> Account:
    return accounts.create("Adam", PASSWORD, "admin").result()


@pytest.fixture
def member(accounts: AccountManager) -> Account:
    return accounts.create("Mia", PASSWORD).result()


# Invites


def test_an_invite_makes_an_account(
    accounts: AccountManager, people: PeopleManager, admin: Account
) -> None:
    secret = people.invite(admin).result()
    assert accounts.invitation(secret).by == "Adam"

    joined = accounts.join(secret, "Ana", PASSWORD, HERE).result()

    assert joined.account.role == "member"
    assert accounts.person_of({"sid": joined.sid})


def test_an_invite_works_as_often_as_it_says(
    accounts: AccountManager, people: PeopleManager, admin: Account
) -> None:
    secret = people.invite(admin, uses=2).result()

    accounts.join(secret, "Ana", PASSWORD, HERE)
    accounts.join(secret, "Bea", PASSWORD, HERE)

    with pytest.raises(NotFound):
        accounts.join(secret, "Eve", PASSWORD, HERE)


def test_two_at_once_do_not_both_use_the_last_invite(
    accounts: AccountManager, people: PeopleManager, directory: MemoryDirectory, admin: Account
) -> None:
    secret = people.invite(admin).result()
    directory.slow = True
    first = accounts.join(secret, "Ana", PASSWORD, HERE)

    with pytest.raises(NotFound):
        accounts.join(secret, "Eve", PASSWORD, HERE)

    directory.settle()
    assert first.result().account.name == "Ana"


def test_an_invite_works_as_long_as_it_says(
    accounts: AccountManager, people: PeopleManager, admin: Account, clock: Clock
) -> None:
    secret = people.invite(admin, days=2).result()
    clock.pass_by(timedelta(days=1))
    assert accounts.invitation(secret)

    clock.pass_by(timedelta(days=1))

    with pytest.raises(NotFound):
        accounts.invitation(secret)
    assert people.invites() == []


def test_a_refused_name_does_not_use_up_the_invite(
    accounts: AccountManager, people: PeopleManager, admin: Account
) -> None:
    secret = people.invite(admin).result()

    with pytest.raises(NameTaken):
        accounts.join(secret, "adam", PASSWORD, HERE)

    assert accounts.join(secret, "Ana", PASSWORD, HERE).result()


def test_a_revoked_invite_does_not_work(
    accounts: AccountManager, people: PeopleManager, admin: Account
) -> None:
    secret = people.invite(admin).result()
    ((id, _),) = people.invites()
    assert secret not in id

    people.revoke_invite(admin, id)

    with pytest.raises(NotFound):
        accounts.invitation(secret)


def test_the_secret_of_one_kind_of_link_is_worth_nothing_as_another(
    accounts: AccountManager, people: PeopleManager, admin: Account, member: Account
) -> None:
    reset = people.reset_link(admin, "Mia").result()
    invite = people.invite(admin).result()

    with pytest.raises(NotFound):
        accounts.invitation(reset)
    with pytest.raises(NotFound):
        accounts.reset_account(invite)
    assert not accounts.is_setup_token(invite)


@pytest.mark.parametrize(("uses", "days"), [(0, 1), (-1, 1), (1001, 1), (1, 0), (1, 366)])
def test_an_invite_has_its_limits(
    people: PeopleManager, admin: Account, uses: int, days: int
) -> None:
    with pytest.raises(BadPayload):
        people.invite(admin, uses=uses, days=days)


# Who may do what


@pytest.mark.parametrize("role", ["admin", "owner"])
def test_an_admin_makes_no_admins(
    people: PeopleManager, owner: Account, admin: Account, member: Account, role: Role
) -> None:
    with pytest.raises(NotAllowed):
        people.invite(admin, role=role)
    with pytest.raises(NotAllowed):
        people.give_role(admin, "Mia", role)


def test_an_admin_has_no_power_over_owners_and_admins(
    people: PeopleManager, owner: Account, admin: Account
) -> None:
    for name in ("Olga", "Adam"):
        for act in (people.reset_link, people.remove, people.end_sessions):
            with pytest.raises(NotAllowed):
                act(admin, name)
        with pytest.raises(NotAllowed):
            people.give_role(admin, name, "member")


def test_a_member_has_no_power_at_all(
    people: PeopleManager, owner: Account, admin: Account, member: Account
) -> None:
    for act in (people.reset_link, people.remove, people.end_sessions):
        with pytest.raises(NotAllowed):
            act(member, "Mia")
    with pytest.raises(NotAllowed):
        people.invite(member)
    with pytest.raises(NotAllowed):
        people.give_role(member, "Mia", "owner")


def test_the_last_owner_stays_one(people: PeopleManager, owner: Account, member: Account) -> None:
    for by in (owner, None):
        with pytest.raises(NotAllowed):
            people.give_role(by, "Olga", "admin")
        with pytest.raises(NotAllowed):
            people.remove(by, "Olga")

    people.give_role(owner, "Mia", "owner")
    people.give_role(owner, "Olga", "admin")

    assert [account.role for account in people.registry.all()] == ["owner", "admin"]


def test_two_owners_who_step_back_at_once_leave_one(
    accounts: AccountManager, people: PeopleManager, owner: Account, directory: MemoryDirectory
) -> None:
    accounts.create("Otto", PASSWORD, "owner")
    directory.slow = True
    people.give_role(owner, "Olga", "admin")

    with pytest.raises(NotAllowed):
        people.give_role(owner, "Otto", "admin")


def test_a_new_role_reaches_open_connections(
    accounts: AccountManager,
    people: PeopleManager,
    owner: Account,
    member: Account,
    expelled: list[str],
) -> None:
    session = {"sid": accounts.sign_in("Mia", PASSWORD, HERE).result().sid}

    people.give_role(owner, "Mia", "admin")

    person = accounts.person_of(session)
    assert person is not None
    assert person.role == "admin"
    assert expelled == [person.id]


def test_every_act_is_noted(
    people: PeopleManager, owner: Account, member: Account, notes: Notes
) -> None:
    notes.clear()

    people.invite(owner)
    people.give_role(owner, "Mia", "admin")
    people.reset_link(owner, "Mia")
    people.end_sessions(owner, "Mia")
    people.remove(None, "Mia")

    assert notes == [
        ("Olga", "invite"),
        ("Olga", "role"),
        ("Olga", "reset-link"),
        ("Olga", "end-sessions"),
        ("the command line", "remove-account"),
    ]


# Lost and changed passwords


def test_a_reset_link_gives_a_new_password_once(
    accounts: AccountManager, people: PeopleManager, admin: Account, member: Account
) -> None:
    stolen = {"sid": accounts.sign_in("Mia", PASSWORD, HERE).result().sid}
    secret = people.reset_link(admin, "Mia").result()

    signed_in = accounts.reset(secret, NEW_PASSWORD, HERE).result()

    assert accounts.person_of({"sid": signed_in.sid})
    assert accounts.person_of(stolen) is None
    assert accounts.sign_in("Mia", NEW_PASSWORD, HERE).result()
    with pytest.raises(Unauthorized):
        accounts.sign_in("Mia", PASSWORD, HERE)
    with pytest.raises(NotFound):
        accounts.reset(secret, PASSWORD, HERE)


def test_a_newer_reset_link_ends_the_older(
    accounts: AccountManager, people: PeopleManager, admin: Account, member: Account
) -> None:
    older = people.reset_link(admin, "Mia").result()
    newer = people.reset_link(admin, "Mia").result()

    with pytest.raises(NotFound):
        accounts.reset_account(older)
    assert accounts.reset_account(newer).name == "Mia"


def test_a_new_role_ends_the_reset_links_of_the_old_one(
    accounts: AccountManager, people: PeopleManager, admin: Account, owner: Account, member: Account
) -> None:
    for maker in (admin, owner):
        secret = people.reset_link(maker, "Mia").result()
        people.give_role(owner, "Mia", "admin")

        with pytest.raises(NotFound):
            accounts.reset(secret, NEW_PASSWORD, HERE)
        people.give_role(owner, "Mia", "member")


def remove(people: PeopleManager, name: str) -> None:
    people.remove(None, name)


def demote(people: PeopleManager, name: str) -> None:
    people.give_role(None, name, "member")


@pytest.mark.parametrize("lose_power", [remove, demote])
def test_a_link_does_no_more_than_its_maker_may_do_at_that_moment(
    accounts: AccountManager,
    people: PeopleManager,
    owner: Account,
    admin: Account,
    member: Account,
    lose_power: Callable[[PeopleManager, str], None],
) -> None:
    accounts.create("Boss", PASSWORD, "owner")
    for_an_owner = people.invite(owner, role="owner").result()
    for_a_member = people.invite(admin, uses=2).result()
    reset = people.reset_link(admin, "Mia").result()
    by_command_line = people.invite(None, role="owner").result()
    assert accounts.join(for_a_member, "Ana", PASSWORD, HERE).result()

    lose_power(people, "Olga")
    lose_power(people, "Adam")

    for secret in (for_an_owner, for_a_member):
        with pytest.raises(NotFound, match="no longer has this right"):
            accounts.join(secret, "Eve", PASSWORD, HERE)
    with pytest.raises(NotFound, match="no longer has this right"):
        accounts.reset(reset, NEW_PASSWORD, HERE)
    assert [link.by for _, link in people.invites()] == ["the command line"]
    assert accounts.join(by_command_line, "Bo", PASSWORD, HERE).result().account.role == "owner"


def test_a_link_of_an_older_version_is_its_maker_s_by_name_if_they_were_there_then(
    accounts: AccountManager, people: PeopleManager, directory: MemoryDirectory, admin: Account
) -> None:
    def link(by: str, made: str) -> SecretLink:
        return SecretLink(kind="invite", by=by, created_at=made, uses=9)

    links = {
        "by Adam": link("Adam", admin.created_at),
        "before Adam": link("Adam", "2020-01-01T00:00:00.000Z"),
        "by nobody": link("Nobody", admin.created_at),
        "by the command line": link("the command line", admin.created_at),
    }
    for secret, made in links.items():
        directory.table("links", object).put(digest(secret), made)

    works = []
    for secret in links:
        with contextlib.suppress(NotFound):
            accounts.invitation(secret)
            works.append(secret)

    assert works == ["by Adam", "by the command line"]


def test_nobody_is_called_as_the_command_line_is(accounts: AccountManager) -> None:
    for spelling in ("the command line", "The Command Line", "the cornmand 1ine"):
        with pytest.raises(NameTaken):
            accounts.create(spelling, PASSWORD)
        with pytest.raises(NameTaken):
            accounts.guest(spelling, "a key of sixteen characters")


def test_a_new_account_takes_its_names_from_guests(directory: MemoryDirectory) -> None:
    taken: list[bool] = []
    accounts = make_accounts(
        directory,
        take_name=lambda is_taken: taken.extend(map(is_taken, ("ana", "Аna", "an a", "anna"))),
    )

    accounts.create("Ana", PASSWORD)
    assert taken == [True, True, True, False]

    accounts.registry.change("Ana", display_name="Anna")
    assert taken[4:] == [False, False, False, True]
    accounts.registry.change("Ana", role="admin")
    assert len(taken) == 8


def test_a_reset_link_works_for_a_day(
    accounts: AccountManager, people: PeopleManager, admin: Account, member: Account, clock: Clock
) -> None:
    secret = people.reset_link(admin, "Mia").result()

    clock.pass_by(timedelta(hours=25))

    with pytest.raises(NotFound):
        accounts.reset_account(secret)


def test_a_changed_password_ends_all_other_sessions(
    accounts: AccountManager, member: Account, expelled: list[str]
) -> None:
    this = accounts.sign_in("Mia", PASSWORD, HERE).result().sid
    other = accounts.sign_in("Mia", PASSWORD, HERE).result().sid

    accounts.change_password(member, PASSWORD, NEW_PASSWORD, HERE, keep=this)

    assert accounts.person_of({"sid": this})
    assert accounts.person_of({"sid": other}) is None
    assert expelled == [member.id]


def test_a_password_is_changed_only_by_who_knows_it(
    accounts: AccountManager, member: Account
) -> None:
    with pytest.raises(Unauthorized):
        accounts.change_password(member, "wrong", NEW_PASSWORD, HERE, keep=None)

    assert accounts.sign_in("Mia", PASSWORD, HERE).result()


def test_guessing_ones_present_password_is_limited_too(
    accounts: AccountManager, member: Account
) -> None:
    for _ in range(5):
        with pytest.raises(Unauthorized):
            accounts.change_password(member, "wrong", NEW_PASSWORD, HERE, keep=None)

    with pytest.raises(Exception, match="Too many sign-in attempts"):
        accounts.change_password(member, PASSWORD, NEW_PASSWORD, HERE, keep=None)


# Sessions


def test_one_session_is_ended_by_its_id(accounts: AccountManager, member: Account) -> None:
    this = accounts.sign_in("Mia", PASSWORD, HERE).result().sid
    other = accounts.sign_in("Mia", PASSWORD, HERE).result().sid
    ids = [id for id, _ in accounts.registry.sessions.named(member)]
    assert len(ids) == 2
    assert this not in ids

    for id in ids:
        accounts.end_session(member, id)

    assert accounts.person_of({"sid": this}) is None
    assert accounts.person_of({"sid": other}) is None


def test_nobody_ends_the_session_of_another_account(
    accounts: AccountManager, admin: Account, member: Account
) -> None:
    sid = accounts.sign_in("Mia", PASSWORD, HERE).result().sid
    ((id, _),) = accounts.registry.sessions.named(member)

    with pytest.raises(NotFound):
        accounts.end_session(admin, id)

    assert accounts.person_of({"sid": sid})


def test_a_session_that_is_used_lives_on(
    accounts: AccountManager, member: Account, clock: Clock
) -> None:
    session = {"sid": accounts.sign_in("Mia", PASSWORD, HERE).result().sid}

    for _ in range(5):
        clock.pass_by(timedelta(days=20))
        accounts.registry.sessions.see(session, HERE)
    assert accounts.person_of(session)

    for _ in range(5):
        clock.pass_by(timedelta(days=20))
        accounts.registry.sessions.see(session, HERE)
    assert accounts.person_of(session) is None


def test_old_sessions_are_cleared_away(
    accounts: AccountManager, member: Account, clock: Clock, directory: MemoryDirectory
) -> None:
    accounts.sign_in("Mia", PASSWORD, HERE)
    clock.pass_by(timedelta(days=31))
    accounts.sign_in("Mia", PASSWORD, HERE)

    accounts.registry.sessions.forget_old()

    assert len(list(directory.table("sessions", object).items())) == 1


def test_a_removed_account_is_nobody_and_nobody_gets_its_name(
    accounts: AccountManager,
    people: PeopleManager,
    directory: MemoryDirectory,
    owner: Account,
    member: Account,
) -> None:
    session = {"sid": accounts.sign_in("Mia", PASSWORD, HERE).result().sid}

    people.remove(owner, "MIA")

    assert accounts.person_of(session) is None
    with pytest.raises(NotFound):
        people.registry.find("Mia")
    for again in ("Mia", "mia", "MΙA"):  # The last one with a Greek capital.
        with pytest.raises(NameTaken):
            accounts.create(again, PASSWORD)
        with pytest.raises(NameTaken):
            accounts.guest(again, "a key of sixteen characters")
    with pytest.raises(NameTaken):
        make_accounts(directory).create("M1a", PASSWORD)  # After a restart.
