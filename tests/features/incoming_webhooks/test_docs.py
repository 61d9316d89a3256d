"""docs/incoming-webhooks.md: its `curl` lines work as they stand there."""

import re
import shutil
import subprocess

import pytest

from tests.support.cast import add_account, chatapp
from tests.support.checkout import ROOT
from tests.support.server import Server
from tests.support.waiting import DEADLINE_SECONDS

PAGE = (ROOT / "docs" / "incoming-webhooks.md").read_text("utf-8")
LINES = re.findall(r"^    (curl .*)$", PAGE, re.MULTILINE)
ADDRESS = "https://chat.example/hooks/SECRET"


@pytest.fixture(scope="module")
def address(house: Server) -> str:
    add_account(house, "ana")
    return chatapp(house, "hook", "add", "ci", "general", "--owner", "ana")


def test_there_are_examples_of_each_kind() -> None:
    assert len(LINES) > 5
    assert all(ADDRESS in line for line in LINES)


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
@pytest.mark.parametrize("line", LINES)
def test_an_example_posts_a_message(house: Server, address: str, line: str) -> None:
    url = house.url + address[address.index("/hooks/") :]

    done = subprocess.run(
        ["sh", "-c", line.replace("curl ", "curl -s ", 1).replace(ADDRESS, url)],
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=True,
    )

    if "Accept:" in line:
        assert '"ok":true' in done.stdout
    else:
        assert done.stdout == "ok"
