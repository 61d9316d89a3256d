"""What the server renders of files takes the place that the script draws them in: the examples of
tests/js/files.test.js."""

import json
from pathlib import Path
from typing import Any

from chatapp.domain.model import FileInfo
from chatapp.features.pages.file_places import ending_of, kind_of, place_of, url_of

EXAMPLES = json.loads(Path(__file__).with_name("files.json").read_text())


def file(name: str = "a", type: str = "image/png", **facts: Any) -> FileInfo:
    return FileInfo(id="i" * 22, name=name, type=type, bytes=1, sha256="0" * 64, **facts)


def test_a_file_is_of_the_kind_that_its_content_says() -> None:
    for given, kind in EXAMPLES["kinds"]:
        assert kind_of(file(**given)) == kind, given


def test_a_picture_has_its_place_before_it_comes() -> None:
    for width, height, is_alone, *place in EXAMPLES["places"]:
        assert place_of(file(width=width, height=height), is_alone) == tuple(place)


def test_endings_and_addresses_of_names() -> None:
    assert {name: ending_of(name) for name in EXAMPLES["endings"]} == EXAMPLES["endings"]
    for name, end in EXAMPLES["urls"].items():
        assert url_of(file(name)) == f"/files/{'i' * 22}/{end}"
