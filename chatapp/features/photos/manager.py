"""The rules of photos: whoever has an account can set and remove their own; an admin can remove
those of others.

A profile has the digest of the photo, so a changed photo is a changed profile, and browsers keep
the picture for as long as they like.
"""

from collections.abc import Callable

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.errors import NotFound
from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.domain.notes import Note, no_audit
from chatapp.domain.photos import Photo
from chatapp.domain.rates import RateLimiter
from chatapp.domain.rights import Actor, By, name_of, require_power_over, require_profile
from chatapp.features.files.small_pictures import ClaimedBytes, Claims, MakePicture
from chatapp.features.photos.rows import PhotoRows


class PhotoManager:
    """`account(name)` is an account, or raises `NotFound`; `check_unmuted(person)` raises an error
    if they are muted; `tell(id, name)` tells everyone online of the changed profile. `pace` limits
    how often people can change how they are shown."""

    def __init__(
        self,
        rows: PhotoRows,
        bytes: ClaimedBytes,
        *,
        account: Callable[[str], Actor],
        check_unmuted: Callable[[Person], None],
        clock: Clock,
        tell: Callable[[str, str], object] = lambda _id, _name: None,
        pace: RateLimiter | None = None,
        note: Note = no_audit,
    ) -> None:
        self._rows = rows
        self._bytes = bytes
        self._account = account
        self._check_unmuted = check_unmuted
        self._clock = clock
        self._tell = tell
        self._pace = pace
        self._note = note

    def has_bytes(self, digest: str) -> bool:
        return self._rows.has_bytes(digest)

    def check(self, person: Person) -> None:
        """Raises what stands against a new photo of this person."""
        require_profile(person)
        self._check_unmuted(person)
        if self._pace is not None:
            self._pace.check(person.id)

    def set_own(self, person: Person, picture: MakePicture) -> Future[str]:
        """Show a person by this picture, for which `picture` waits. The caller has called `check`.
        Returns its digest."""
        return self._set(person.id, person.name, picture)

    def set(self, by: By, name: str, picture: MakePicture) -> Future[str]:
        """Show another person by this picture, as an admin or the command line."""
        account = self._account(name)
        require_power_over(by, account.role)
        self._note(name_of(by), "set-photo", name=account.name)
        return self._set(account.id, account.name, picture)

    def remove_own(self, person: Person) -> Future[None]:
        require_profile(person)
        return self._remove(person.id, person.name)

    def remove(self, by: By, name: str) -> Future[None]:
        """Remove the photo of another person, as an admin or the command line."""
        account = self._account(name)
        require_power_over(by, account.role)
        if not self._rows.of(account.id):
            raise NotFound(f"{account.name} has no photo.")
        self._note(name_of(by), "remove-photo", name=account.name)
        return self._remove(account.id, account.name)

    def forget(self, id: str) -> None:
        """The account is gone."""
        if row := self._rows.table.get(id):
            self._rows.remove(id).then(lambda _: self._release(row.sha256))

    def followed(self, id: str, old: Photo | None, new: Photo | None) -> None:
        """Another process has changed a row."""
        if row := new or old:
            self._tell(id, row.name)

    def _set(self, id: str, name: str, picture: MakePicture) -> Future[str]:
        claims = Claims(self._bytes, self._rows.has_bytes)
        try:
            made = picture(claims.claim)
            before = self._rows.of(id)
            row = Photo(
                name=name, sha256=made.sha256, bytes=made.bytes, at=timestamp(self._clock())
            )
            kept = self._rows.put(id, row)
        except BaseException:
            claims.settle()
            raise
        kept.add_done_callback(claims.settle)
        return kept.then(lambda _: self._replaced(id, name, before)).then(lambda _: made.sha256)

    def _remove(self, id: str, name: str) -> Future[None]:
        before = self._rows.of(id)
        if not before:
            return Future.of(None)
        return self._rows.remove(id).then(lambda _: self._replaced(id, name, before))

    def _replaced(self, id: str, name: str, before: str) -> None:
        self._tell(id, name)
        self._release(before)

    def _release(self, digest: str) -> None:
        if digest and not self._rows.has_bytes(digest):
            self._bytes.release(digest)
