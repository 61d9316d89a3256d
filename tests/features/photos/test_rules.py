"""Who may set and remove photos, and whose bytes stay."""

from datetime import UTC, datetime

import pytest

from chatapp.domain.errors import ChatError, NotAllowed, NotFound
from chatapp.domain.model import Person
from chatapp.features.files.small_pictures import SmallPicture
from chatapp.features.photos.manager import PhotoManager
from chatapp.features.photos.rows import PhotoRows
from tests.features.emoji.test_rules import ADMIN, ANA, BEN, GUEST, Bytes
from tests.support.accounts import MemoryDirectory

OWNER = Person(name="Olga", id="id of Olga", role="owner")
EVERYBODY = {person.name: person for person in (ANA, BEN, ADMIN, OWNER)}
A, B = "a" * 64, "b" * 64


class Album:
    def __init__(self, directory: MemoryDirectory) -> None:
        self.bytes = Bytes()
        self.rows = PhotoRows(directory)
        self.told: list[tuple[str, str]] = []
        self.noted: list[tuple[str, str, object]] = []
        self.muted: set[str] = set()
        self.manager = PhotoManager(
            self.rows,
            self.bytes,
            account=self._account,
            check_unmuted=self._check,
            clock=lambda: datetime(2026, 11, 30, tzinfo=UTC),
            tell=lambda id, _name: self.told.append((id, self.rows.of(id))),
            note=lambda who, what, **details: self.noted.append((who, what, details["name"])),
        )

    def set(self, person: Person, digest: str = A) -> str:
        self.manager.check(person)
        return self.manager.set_own(person, self.picture(digest)).result()

    def picture(self, digest: str):
        def made(claim):
            claim(digest)
            assert self.bytes.claims[digest] == 1
            return SmallPicture(digest, 100, 256, 256, animated=False)

        return made

    def _account(self, name: str) -> Person:
        if name not in EVERYBODY:
            raise NotFound(f"There is no account {name}.")
        return EVERYBODY[name]

    def _check(self, person: Person) -> None:
        if person.name in self.muted:
            raise NotAllowed("You are muted.")


@pytest.fixture
def album(directory: MemoryDirectory) -> Album:
    return Album(directory)


def test_a_new_photo_takes_the_place_of_the_old_one_whose_bytes_go(album: Album):
    album.set(ANA)
    album.set(ANA, B)

    assert album.told == [(ANA.id, A), (ANA.id, B)]
    assert (album.rows.of(ANA.id), album.rows.digests) == (B, {B})
    assert album.bytes.released == [A]
    assert not +album.bytes.claims


def test_the_same_photo_of_two_people_stays_until_the_last_one_goes(album: Album):
    album.set(ANA)
    album.set(BEN)
    album.set(ANA)
    assert album.bytes.released == []

    album.manager.remove_own(ANA).result()
    assert (album.bytes.released, album.manager.has_bytes(A)) == ([], True)
    album.manager.forget(BEN.id)
    assert (album.bytes.released, album.manager.has_bytes(A)) == ([A], False)


def test_bytes_of_a_photo_that_got_no_row_go_again(album: Album):
    def broken(claim):
        claim(A)
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        album.manager.set_own(ANA, broken)

    assert album.bytes.released == [A]
    assert not +album.bytes.claims


def test_guests_and_the_muted_set_none_and_the_muted_can_remove_theirs(album: Album):
    album.set(ANA)
    album.muted.add(ANA.name)

    with pytest.raises(NotAllowed, match="muted"):
        album.manager.check(ANA)
    with pytest.raises(NotAllowed, match="Guests have no profile"):
        album.manager.check(GUEST)
    with pytest.raises(NotAllowed, match="Guests have no profile"):
        album.manager.remove_own(GUEST)
    album.manager.remove_own(ANA).result()
    assert album.rows.of(ANA.id) == ""
    album.manager.remove_own(ANA).result()
    assert album.told == [(ANA.id, A), (ANA.id, "")]


@pytest.mark.parametrize(
    ("by", "whose", "why"),
    [
        (BEN, ANA, "admin"),
        (ADMIN, OWNER, "Only an owner"),
        (ADMIN, BEN, "has no photo"),
    ],
    ids=["a member", "an admin to an owner", "none"],
)
def test_others_remove_a_photo_with_power_over_its_person(
    album: Album, by: Person, whose: Person, why: str
):
    for person in (ANA, OWNER):
        album.set(person)

    with pytest.raises(ChatError, match=why):
        album.manager.remove(by, whose.name)

    assert (album.noted, album.rows.of(ANA.id), album.rows.of(OWNER.id)) == ([], A, A)


def test_admins_and_the_command_line_leave_a_note(album: Album):
    album.set(ANA)
    album.manager.remove(ADMIN, ANA.name).result()
    album.manager.set(None, ANA.name, album.picture(B)).result()

    assert album.noted == [
        ("Root", "remove-photo", "Ana"),
        ("the command line", "set-photo", "Ana"),
    ]
    assert album.rows.of(ANA.id) == B
