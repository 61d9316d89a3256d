"""The page of a server whose disk is really full."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.page.people import BACK_MS, enter
from tests.support.browser import Windows
from tests.support.server import Server
from tests.support.small_disk import SmallDisk, small_disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path, 8) as disk:
        yield disk


@pytest.fixture
def server(disk: SmallDisk) -> Iterator[Server]:
    server = Server(disk.folder)
    yield server.start()
    server.close()


def test_a_full_disk_is_one_calm_line_and_what_was_written_waits(
    server: Server, disk: SmallDisk, windows: Windows
) -> None:
    ana, bo = enter(windows, server, "ana"), enter(windows, server, "bo")
    ana.say("before")
    bo.sees("before")

    disk.fill()
    for number in range(4):
        ana.say(f"{number} " + "long " * 1_000)

    for person in (ana, bo):
        expect(person.banner).to_contain_text("The server’s disk is full or failing.")
        expect(person.banner.get_by_role("button")).to_be_hidden()
    expect(ana.unsent.first).to_be_visible()
    late = enter(windows, server, "late")
    expect(late.banner).to_contain_text("You can read")
    expect(late.sent.first).to_have_text("before")

    disk.empty()

    for person in (ana, bo, late):
        expect(person.banner).to_be_hidden(timeout=BACK_MS)
    expect(bo.sent).to_have_count(5, timeout=BACK_MS)
    expect(ana.unsent).to_have_count(0)
