"""What guards the photos of people, and the tests that must notice when it is broken: see
mutations.py."""

from tests.support.mutating import Mutation

HERE = "tests/features/photos"

OF_PHOTOS = [
    Mutation(
        "guests have photos",
        "chatapp/features/photos/manager.py",
        "        require_profile(person)\n        self._check_unmuted(person)\n",
        "        self._check_unmuted(person)\n",
        f"{HERE}/test_rules.py",
    ),
    Mutation(
        "the muted change their photos",
        "chatapp/features/photos/manager.py",
        "        self._check_unmuted(person)\n",
        "",
        f"{HERE}/test_rules.py",
    ),
    Mutation(
        "whoever likes removes a photo of somebody else",
        "chatapp/features/photos/manager.py",
        "        require_power_over(by, account.role)\n        if not self._rows",
        "        if not self._rows",
        f"{HERE}/test_rules.py",
    ),
    Mutation(
        "the photo of two people goes with the first of them",
        "chatapp/features/photos/manager.py",
        "        if digest and not self._rows.has_bytes(digest):\n",
        "        if digest:\n",
        f"{HERE}/test_rules.py",
    ),
    Mutation(
        "bytes of a photo without a row stay",
        "chatapp/features/files/small_pictures.py",
        "                self._bytes.release(digest)\n",
        "                pass\n",
        f"{HERE}/test_rules.py",
    ),
    Mutation(
        "a photo that was removed is still served",
        "chatapp/features/photos/views.py",
        "files.size(digest) if photos.has_bytes(digest) else None",
        "files.size(digest)",
        f"{HERE}/test_photos.py",
    ),
    Mutation(
        "a photo says where it was taken",
        "chatapp/features/files/photo_picture.py",
        'square.save(asked.smaller, "WEBP",',
        'square.save(asked.smaller, "WEBP", exif=picture.getexif(),',
        f"{HERE}/test_pictures.py",
    ),
    Mutation(
        "a photo is cut from a corner",
        "chatapp/features/files/photo_picture.py",
        "Image.Resampling.LANCZOS)",
        "Image.Resampling.LANCZOS, centering=(0, 0))",
        f"{HERE}/test_pictures.py",
    ),
    Mutation(
        "a command erases a photo that has the bytes of a file",
        "chatapp/cli/log_commands/file_rows.py",
        "        return files | {row.sha256 for _, row in photos.items()}\n",
        "        return files\n",
        "tests/log/test_photo_bytes.py",
    ),
    Mutation(
        "a backup lacks the photos",
        "chatapp/upkeep/files/small_pictures.py",
        "    bytes |= {row.sha256: row.bytes for row in photos}\n",
        "",
        "tests/log/test_photo_bytes.py",
    ),
    Mutation(
        "another server does not tell its clients of a photo",
        "chatapp/app/followed_tables.py",
        "    directory.table(PHOTOS_TABLE, Photo).on_followed(services.photos.followed)\n",
        "",
        "tests/cluster/test_photos.py",
    ),
    Mutation(
        "readers of the web are sent to photos that they cannot see",
        "chatapp/features/published/views.py",
        'replace(profile, photo="")',
        "profile",
        "tests/features/published/test_published_rooms.py",
    ),
]
