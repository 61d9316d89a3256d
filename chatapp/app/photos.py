"""Makes photos of people from what they have uploaded."""

from collections.abc import Callable

from chatapp.app.uploaded_pictures import UploadedPictures
from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.features.accounts.profiles import ProfileManager
from chatapp.features.photos.manager import PhotoManager
from chatapp.protocol.values import Profile

ChangePhotoOf = Callable[[Person, str], Future[Profile]]


def changing_photos(
    photos: PhotoManager, profiles: ProfileManager, uploaded: UploadedPictures
) -> ChangePhotoOf:
    """Shows a person by an uploaded file, which is gone then; with "", by no photo."""

    def change(person: Person, file: str) -> Future[Profile]:
        if not file:
            return photos.remove_own(person).then(lambda _: own(person))
        photos.check(person)
        changed = uploaded.use(person, file, "photo", lambda make: photos.set_own(person, make))
        return changed.then(lambda _: own(person))

    def own(person: Person) -> Profile:
        return profiles.of([person.name])[person.name]

    return change
