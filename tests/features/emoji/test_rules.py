"""Who may add and remove emoji, what they can be called, and whose bytes stay."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from chatapp.domain.emoji import OwnEmoji, own_names_in
from chatapp.domain.errors import (
    BadName,
    BadPayload,
    ChatError,
    NameTaken,
    NotAllowed,
    NotFound,
    QuotaReached,
)
from chatapp.domain.limits import checked_emoji, checked_emoji_name
from chatapp.domain.model import EmojiMakers, Person
from chatapp.features.emoji.manager import EmojiManager
from chatapp.features.emoji.rows import EmojiRows
from chatapp.features.emoji.standard import standard_names
from chatapp.features.files.small_pictures import SmallPicture
from chatapp.protocol.pushes import EmojiChange
from chatapp.tables.table import Conflict
from tests.support.accounts import MemoryDirectory

ANA, BEN = (Person(name=name, id=f"id of {name}", role="member") for name in ("Ana", "Ben"))
ADMIN = Person(name="Root", id="id of Root", role="admin")
GUEST = Person(name="Gus", id="guest:gus", role="guest")


class Bytes:
    """What is claimed, and what was released."""

    def __init__(self) -> None:
        self.claims: Counter[str] = Counter()
        self.released: list[str] = []

    def claim(self, sha256: str) -> None:
        self.claims[sha256] += 1

    def unclaim(self, sha256: str) -> None:
        self.claims[sha256] -= 1

    def release(self, sha256: str) -> None:
        self.released.append(sha256)


class Chat:
    def __init__(self, directory: MemoryDirectory) -> None:
        self.bytes = Bytes()
        self.makers: EmojiMakers = "members"
        self.told: list[EmojiChange] = []
        self.noted: list[tuple[str, str, object]] = []
        self.manager = EmojiManager(
            EmojiRows(directory),
            self.bytes,
            makers=lambda: self.makers,
            standard=standard_names,
            clock=lambda: datetime(2026, 11, 30, tzinfo=UTC),
            tell=self.told.append,
            note=lambda who, what, **details: self.noted.append((who, what, details["emoji"])),
        )

    def add(self, by: Person | None, name: str, *aliases: str, digest: str = "a" * 64):
        def picture(claim):
            claim(digest)
            assert self.bytes.claims[digest] == 1
            return SmallPicture(digest, 100, 32, 16, animated=False)

        return self.manager.add(by, name, aliases, picture).result()

    def refusal(self, by: Person | None, name: str, *aliases: str) -> str:
        with pytest.raises(ChatError) as refused:
            self.manager.check(by, name, aliases)
        return refused.value.code


@pytest.fixture
def chat(directory: MemoryDirectory) -> Chat:
    return Chat(directory)


@pytest.mark.parametrize(
    ("makers", "may"),
    [("members", (ANA, ADMIN, None)), ("admins", (ADMIN, None)), ("nobody", (None,))],
)
def test_the_setting_says_who_may_add_one(chat: Chat, makers: EmojiMakers, may):
    chat.makers = makers

    for by in (ANA, ADMIN, GUEST, None):
        if by in may:
            assert chat.manager.check(by, "party")
        else:
            assert chat.refusal(by, "party") == "not_allowed"


def test_an_emoji_is_listed_told_and_found_by_all_its_names(chat: Chat):
    assert (chat.manager.version, chat.manager.all) == ("", [])

    added = chat.add(ANA, ":Party:", "woo", "party")

    assert (added.name, added.aliases, added.by) == ("party", ["woo"], "Ana")
    assert chat.manager.all == [added]
    assert chat.manager.find("woo") == added
    version = chat.manager.version
    assert chat.told == [EmojiChange(version=version, name="party", emoji=added)]
    assert chat.noted == [("Ana", "add-emoji", "party")]
    assert chat.manager.listed(version).emoji is not added
    assert chat.manager.listed("").emoji == [added]


def test_who_has_the_list_is_not_given_it_again(chat: Chat):
    chat.add(ANA, "party")
    version = chat.manager.version

    again = chat.manager.listed(version)

    assert not again.emoji
    chat.add(ANA, "woo", digest="b" * 64)
    assert chat.manager.version != version
    assert chat.manager.listed(version).emoji == chat.manager.all


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("a",), "bad_name"),
        (("x" * 33,), "bad_name"),
        (("no space",), "bad_name"),
        (("ñandú",), "bad_name"),
        (("fire",), "name_taken"),  # a standard emoji
        (("ok_then", "+1"), "name_taken"),
        (("party",), "name_taken"),
        (("woo",), "name_taken"),
        (("new", "party"), "name_taken"),
        (("new", "n1", "n2", "n3", "n4", "n5", "n6"), "bad_payload"),
    ],
)
def test_a_name_is_short_plain_and_free(chat: Chat, names: tuple[str, ...], code: str):
    chat.add(ANA, "party", "woo")

    assert chat.refusal(ANA, *names) == code
    assert [one.name for one in chat.manager.all] == ["party"]


def test_whoever_added_one_can_remove_it_and_every_admin(chat: Chat):
    for by in (ANA, ADMIN, None):
        chat.add(ANA, "party", "woo")
        for other in (BEN, GUEST):
            with pytest.raises(NotAllowed):
                chat.manager.remove(other, "party")

        chat.manager.remove(by, ":woo:").result()

        assert chat.manager.all == []
        assert chat.manager.find("woo") is None
        assert chat.told[-1] == EmojiChange(version="", name="party", emoji=None)
    assert chat.bytes.released == ["a" * 64] * 3
    assert chat.noted[-1] == ("the command line", "remove-emoji", "party")
    with pytest.raises(NotFound):
        chat.manager.remove(ADMIN, "party")


def test_a_picture_that_comes_too_late_leaves_nothing(chat: Chat):
    def picture(claim):
        claim("b" * 64)
        chat.add(BEN, "party")
        return SmallPicture("b" * 64, 100, 32, 16, animated=False)

    with pytest.raises(NameTaken):
        chat.manager.add(ANA, "party", (), picture)

    assert [one.by for one in chat.manager.all] == ["Ben"]
    assert +chat.bytes.claims == {}
    assert chat.bytes.released == ["b" * 64]


def test_a_name_is_given_once_also_as_an_alias(directory: MemoryDirectory):
    rows = EmojiRows(directory)
    rows.put(OwnEmoji(name="party", aliases=["woo"], sha256="a" * 64)).result()

    for name, aliases in (("party", []), ("woo", []), ("new", ["woo"]), ("new", ["party"])):
        with pytest.raises(Conflict):
            rows.put(OwnEmoji(name=name, aliases=aliases, sha256="b" * 64))

    assert [one.sha256 for one in rows.all] == ["a" * 64]
    assert rows.find("new") is None


def test_there_is_an_end_to_them(chat: Chat, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chatapp.features.emoji.manager.MAX_OWN_EMOJI", 3)
    for number in range(3):
        chat.add(ANA, f"no-{number}", f"alias-{number}")

    with pytest.raises(QuotaReached):
        chat.add(ADMIN, "one_more")


def test_reactions_count_under_the_name_and_outlive_it(chat: Chat):
    chat.add(ANA, "party", "woo")

    assert chat.manager.reaction("👍", True) == "👍"
    assert chat.manager.reaction(":woo:", True) == ":party:"
    assert chat.manager.reaction(":woo:", False) == ":party:"
    with pytest.raises(NotFound):
        chat.manager.reaction(":gone:", True)
    assert chat.manager.reaction(":gone:", False) == ":gone:"


def test_a_reaction_is_an_emoji_or_a_name_between_colons():
    assert checked_emoji(":party_parrot:") == ":party_parrot:"
    for wrong in (":a:", ":Party:", "party", ":party", "::", ":a b:", f":{'x' * 33}:", ":a::b:"):
        with pytest.raises(ChatError):
            checked_emoji(wrong)


def test_names_are_found_in_a_text_also_side_by_side():
    assert list(own_names_in("a :one::two: 10:30:00 :x: :no such: :+1-a:")) == [
        *("one", "two", "30", "+1-a")
    ]


def test_bad_names_are_explained():
    for name in ("", "::", "\ud800", "a"):
        with pytest.raises((BadName, BadPayload)):
            checked_emoji_name(name)
