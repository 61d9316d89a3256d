"""A folder of files gives what is in it, whatever an export calls a file."""

from pathlib import Path

import pytest

from chatapp.transfer.sources.archives import DamagedMember
from chatapp.transfer.sources.media_folder import NO_MEDIA, MediaFolder


def test_only_what_is_in_the_folder_is_there(tmp_path: Path):
    inside = tmp_path / "media"
    (inside / "a").mkdir(parents=True)
    (inside / "a" / "b").write_bytes(b"bytes")
    (tmp_path / "secret").write_bytes(b"secret")
    (inside / "link").symlink_to(tmp_path / "secret")
    media = MediaFolder(inside)

    assert media.first_of("no", "a/b") == "a/b"
    with media.open("a/b") as file:
        assert file.read() == b"bytes"
    for name in ("../secret", str(tmp_path / "secret"), "link", "a", ""):
        assert media.first_of(name) == ""
        with pytest.raises(DamagedMember):
            media.open(name)
    assert NO_MEDIA.first_of("a/b") == ""
