"""The examples of docs/streams.md work as they stand there, with curl."""

import os
import re
import subprocess

import pytest

from tests.support.cast import new_token
from tests.support.checkout import ROOT
from tests.support.readme import pointed_at
from tests.support.server import Server

PAGE = (ROOT / "docs" / "streams.md").read_text()
EXAMPLES = re.findall(r"^curl .*$", PAGE, re.MULTILINE)


@pytest.fixture(scope="module")
def token(house: Server) -> str:
    return new_token(house, "Ana", "member")


@pytest.mark.parametrize("example", EXAMPLES)
def test_curl_follows_a_room(house: Server, token: str, example: str) -> None:
    command = "exec " + pointed_at(house.port, example).replace("curl", "curl -s --max-time 30")
    environment = {**os.environ, "TOKEN": token}

    with subprocess.Popen(
        ["bash", "-c", command], env=environment, stdout=subprocess.PIPE, text=True
    ) as curl:
        assert curl.stdout is not None
        first = [curl.stdout.readline()]
        while "recovered" not in first[-1]:
            first.append(curl.stdout.readline())
        curl.terminate()

    assert first[0].startswith('{"event":"ready"' if "ndjson" in example else "id: ")


def test_there_are_examples_of_both_formats():
    assert [("ndjson" in example) for example in EXAMPLES] == [False, True] * 2
