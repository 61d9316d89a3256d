"""What the first page knows of a text before a script has formatted it."""

import json
from pathlib import Path

import pytest

import tests.text
from chatapp.features.pages.richness import is_long
from tests.support.growth import grows_linearly

CASES = json.loads((Path(tests.text.__file__).parent / "long.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_a_text_is_long_without_what_is_folded_of_its_code(case):
    """tests/js/texts.test.js holds the page to the same."""
    assert is_long(case["text"]) == case["long"]


@pytest.mark.parametrize("lines", ["```\n", "~~~\n```\n", "```\nx\n", "~~~~\n~~~\nx\n"])
def test_no_text_takes_long(lines):
    assert grows_linearly(lambda size: is_long(lines * (size // len(lines))), 4096)
