"""Whoever asks the disk asks the system."""

import os

import pytest

from chatapp.log.disk import Disk


@pytest.mark.parametrize("durably", [Disk.fdatasync, Disk.fsync])
def test_what_is_to_be_durable_is_the_systems_to_say(durably):
    disk = Disk()
    reader, writer = os.pipe()

    with pytest.raises(OSError, match="Invalid argument"):
        durably(disk, writer)  # a pipe is no disk, which only the system knows

    os.close(reader)
    os.close(writer)
