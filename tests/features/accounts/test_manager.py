from datetime import timedelta

import pytest

from chatapp.domain.errors import (
    BadName,
    BadPayload,
    Empty,
    NameTaken,
    NotFound,
    RateLimited,
    TooLong,
    Unauthorized,
)
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.sign_in.sessions import Visitor
from chatapp.text.tokens import mentioned_keys
from tests.support.accounts import HERE, PASSWORD, Clock, MemoryDirectory, make_accounts

KEY = "k" * 24


def test_who_knows_the_password_gets_a_session(accounts: AccountManager) -> None:
    accounts.create("Ana", PASSWORD)

    signed_in = accounts.sign_in("Ana", PASSWORD, HERE).result()

    person = accounts.person_of({"sid": signed_in.sid})
    assert person is not None
    assert (person.name, person.role) == ("Ana", "member")


def test_the_name_may_be_typed_in_any_spelling(accounts: AccountManager) -> None:
    accounts.create("Zoë", PASSWORD)

    signed_in = accounts.sign_in("ZOE\u0308", PASSWORD, HERE).result()

    assert signed_in.account.name == "Zoë"


def test_the_names_of_accounts_may_be_mentioned(accounts: AccountManager) -> None:
    accounts.create("Ada Lovelace", PASSWORD)

    assert mentioned_keys("@Ada Lovelace", accounts.registry.names) == {"ada lovelace"}


def test_two_browsers_of_an_account_are_one_person(accounts: AccountManager) -> None:
    accounts.create("Ana", PASSWORD)

    one = accounts.person_of({"sid": accounts.sign_in("Ana", PASSWORD, HERE).result().sid})
    other = accounts.person_of({"sid": accounts.sign_in("Ana", PASSWORD, HERE).result().sid})

    assert one == other


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(
    accounts: AccountManager,
) -> None:
    accounts.create("Ana", PASSWORD)

    with pytest.raises(Unauthorized) as wrong_password:
        accounts.sign_in("Ana", "wrong", HERE)
    with pytest.raises(Unauthorized) as unknown_name:
        accounts.sign_in("Nobody", PASSWORD, HERE)

    assert wrong_password.value.message == unknown_name.value.message


def test_an_unknown_name_costs_a_hash_too(
    accounts: AccountManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.create("Ana", PASSWORD)
    checked: list[str | None] = []
    passwords = accounts._passwords
    monkeypatch.setattr(passwords, "_verify", lambda hashed, password: bool(checked.append(hashed)))

    for name in ("Ana", "Nobody"):
        with pytest.raises(Unauthorized):
            accounts.sign_in(name, "wrong", HERE)

    known, decoy = checked
    assert known
    assert decoy
    assert known.rsplit("$", 2)[0] == decoy.rsplit("$", 2)[0]


def test_a_session_ends_when_it_is_signed_out(accounts: AccountManager) -> None:
    accounts.create("Ana", PASSWORD)
    session = {"sid": accounts.sign_in("Ana", PASSWORD, HERE).result().sid}
    assert accounts.person_of(session)

    accounts.sign_out(session)

    assert accounts.person_of(session) is None


def test_a_session_ends_by_itself_after_thirty_days(accounts: AccountManager, clock: Clock) -> None:
    accounts.create("Ana", PASSWORD)
    session = {"sid": accounts.sign_in("Ana", PASSWORD, HERE).result().sid}

    clock.pass_by(timedelta(days=29))
    assert accounts.person_of(session)
    clock.pass_by(timedelta(days=2))

    assert accounts.person_of(session) is None


@pytest.mark.parametrize(
    "session", [{}, {"sid": "made up"}, {"sid": ""}, {"name": "Ana"}, {"csrf": "x"}]
)
def test_a_session_of_nobody_is_nobody(accounts: AccountManager, session: dict[str, str]) -> None:
    assert accounts.person_of(session) is None


# Guests


def test_a_guest_is_who_has_the_name_and_the_key(accounts: AccountManager) -> None:
    person = accounts.person_of({"name": "  Ana  Maria ", "key": KEY})

    assert person is not None
    assert (person.name, person.role) == ("Ana Maria", "guest")
    assert person.id == accounts.guest("Another name", KEY).id
    assert person.id != accounts.guest("Ana Maria", "another" + KEY).id
    assert KEY not in person.id


@pytest.mark.parametrize("spelling", ["Zoë", "zoë", "ZOË", "Zoe\u0308", "Ｚｏë"])
def test_a_guest_may_not_take_the_name_of_an_account(
    accounts: AccountManager, spelling: str
) -> None:
    accounts.create("Zoë", PASSWORD)

    with pytest.raises(NameTaken):
        accounts.guest(spelling, KEY)


def test_a_guest_whose_name_became_an_account_is_nobody_any_more(
    accounts: AccountManager,
) -> None:
    session = {"name": "ana", "key": KEY}
    assert accounts.person_of(session)

    accounts.create("Ana", PASSWORD)

    assert accounts.person_of(session) is None


def test_where_access_is_for_members_nobody_is_a_guest() -> None:
    accounts = make_accounts(access="members")

    with pytest.raises(Unauthorized):
        accounts.guest("Ana", KEY)
    assert accounts.person_of({"name": "Ana", "key": KEY}) is None


@pytest.mark.parametrize("key", ["", "short", "x" * 129])
def test_a_key_must_be_a_secret(accounts: AccountManager, key: str) -> None:
    with pytest.raises(BadPayload):
        accounts.guest("Ana", key)


# New accounts


@pytest.mark.parametrize(
    ("name", "password", "refusal"),
    [
        ("", PASSWORD, Empty),
        ("x" * 33, PASSWORD, TooLong),
        ("a\u200bb", PASSWORD, BadName),
        ("Ana", "seven77", BadPayload),
        ("Ana", "x" * 257, TooLong),
        ("Ana", "half a \ud800 character", BadPayload),
    ],
)
def test_what_is_no_name_or_password_makes_no_account(
    accounts: AccountManager, name: str, password: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        accounts.create(name, password)

    assert not accounts.registry.has("Ana")


def test_a_password_is_kept_as_an_argon2id_hash(
    accounts: AccountManager, directory: MemoryDirectory
) -> None:
    account = accounts.create("Ana", PASSWORD).result()

    assert account.password.startswith("$argon2id$v=19$")
    assert PASSWORD not in repr(list(directory.table("accounts", object).items()))


def test_two_who_register_one_name_at_the_same_moment_do_not_both_get_it(
    accounts: AccountManager, directory: MemoryDirectory
) -> None:
    directory.slow = True
    first = accounts.create("Ana", PASSWORD)

    with pytest.raises(NameTaken):
        accounts.create("ANA", PASSWORD)

    directory.settle()
    assert first.result().name == "Ana"
    assert accounts.registry.has("ana")


# Too many sign-in attempts


def test_the_sixth_try_at_an_account_in_fifteen_minutes_must_wait(
    accounts: AccountManager,
) -> None:
    accounts.create("Ana", PASSWORD)
    for number in range(5):
        with pytest.raises(Unauthorized):
            accounts.sign_in("Ana", "wrong", visitor_from(f"192.0.2.{number}"))

    with pytest.raises(RateLimited) as refusal:
        accounts.sign_in("Ana", PASSWORD, visitor_from("192.0.2.99"))

    assert refusal.value.retry_after is not None
    assert 14 * 60 < refusal.value.retry_after <= 15 * 60
    assert "15 minutes" in refusal.value.message


def test_the_sixth_try_from_an_address_must_wait_whatever_the_names(
    accounts: AccountManager,
) -> None:
    accounts.create("Ana", PASSWORD)
    for number in range(5):
        with pytest.raises(Unauthorized):
            accounts.sign_in(f"nobody {number}", "wrong", HERE)

    with pytest.raises(RateLimited):
        accounts.sign_in("Ana", PASSWORD, HERE)

    assert accounts.sign_in("Ana", PASSWORD, visitor_from("192.0.2.99")).result()


def test_a_successful_sign_in_starts_the_count_anew(accounts: AccountManager) -> None:
    accounts.create("Ana", PASSWORD)
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(Unauthorized):
                accounts.sign_in("Ana", "wrong", HERE)
        assert accounts.sign_in("Ana", PASSWORD, HERE).result()


def test_ones_own_sign_in_gives_no_more_tries_at_other_accounts(accounts: AccountManager) -> None:
    accounts.create("Ana", PASSWORD)
    accounts.create("Eve", PASSWORD)
    for _ in range(5):
        with pytest.raises(Unauthorized):
            accounts.sign_in("Ana", "wrong", visitor_from("192.0.2.66"))
        accounts.sign_in("Eve", PASSWORD, visitor_from("192.0.2.66x"))

    with pytest.raises(RateLimited):
        accounts.sign_in("Ana", "wrong", visitor_from("192.0.2.66x"))


# The first admin


def test_the_setup_token_makes_the_owner_once(accounts: AccountManager) -> None:
    token = accounts.setup_token().result()
    assert token
    assert accounts.is_setup_token(token)

    signed_in = accounts.set_up(token, "Ana", PASSWORD, HERE).result()

    assert signed_in.account.role == "owner"
    assert accounts.person_of({"sid": signed_in.sid})
    assert not accounts.is_setup_token(token)
    with pytest.raises(NotFound):
        accounts.set_up(token, "Eve", PASSWORD, HERE)


def test_each_start_without_an_admin_makes_a_new_token(accounts: AccountManager) -> None:
    first, second = accounts.setup_token().result(), accounts.setup_token().result()
    assert first
    assert second

    assert accounts.is_setup_token(second)
    assert not accounts.is_setup_token(first)


def test_the_setup_token_is_kept_as_a_digest(
    accounts: AccountManager, directory: MemoryDirectory
) -> None:
    token = accounts.setup_token().result()

    assert token
    assert token not in repr(list(directory.table("setup", object).items()))


def test_a_refused_setup_leaves_the_token_as_it_was(accounts: AccountManager) -> None:
    token = accounts.setup_token().result()
    assert token

    with pytest.raises(BadPayload):
        accounts.set_up(token, "Ana", "short", HERE)

    assert accounts.is_setup_token(token)


def test_two_at_once_with_one_token_make_one_owner(
    accounts: AccountManager, directory: MemoryDirectory
) -> None:
    token = accounts.setup_token().result()
    assert token
    directory.slow = True
    first = accounts.set_up(token, "Ana", PASSWORD, HERE)

    with pytest.raises(NotFound):
        accounts.set_up(token, "Eve", PASSWORD, HERE)

    directory.settle()
    assert first.result().account.name == "Ana"


def test_there_is_no_token_where_there_is_an_admin(accounts: AccountManager) -> None:
    accounts.create("Ana", PASSWORD, "admin")

    assert accounts.setup_token().result() is None


def test_the_password_of_the_settings_makes_the_user_admin(accounts: AccountManager) -> None:
    warning = accounts.make_admin("short").result()

    assert warning is None
    assert accounts.sign_in("admin", "short", HERE).result().account.role == "owner"
    assert accounts.setup_token().result() is None


def test_the_password_of_the_settings_does_not_replace_a_newer_one(
    accounts: AccountManager,
) -> None:
    accounts.make_admin(PASSWORD)
    assert accounts.make_admin(PASSWORD).result() is None

    warning = accounts.make_admin("another password").result()

    assert warning
    assert "CHATAPP_ADMIN_PASSWORD" in warning
    assert accounts.sign_in("admin", PASSWORD, HERE).result()


def visitor_from(address: str) -> Visitor:
    return Visitor(address=address, device="A browser")


def test_the_password_of_the_settings_makes_no_account_of_a_name_that_was_removed(
    accounts: AccountManager,
) -> None:
    accounts.make_admin(PASSWORD).result()
    accounts.registry.remove(accounts.registry.find("admin"))

    sentence = accounts.make_admin(PASSWORD).result()

    assert sentence is not None
    assert "was removed" in sentence
    assert accounts.registry.named("admin") is None
