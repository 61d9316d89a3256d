"""Which keywords are in which texts; the page is asked the same, tests/js/notify-rules.test.js."""

import json
from pathlib import Path

import pytest

from chatapp.text.keywords import Keywords

EXAMPLES = json.loads(Path(__file__).with_name("keywords.json").read_text("utf-8"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each["text"])
def test_a_keyword_is_found_as_whole_words_in_any_script(example):
    assert Keywords(example["keywords"]).are_in(example["text"]) is example["found"]


def test_a_text_of_nothing_but_beginnings_of_keywords_is_looked_through_fast():
    keywords = Keywords([f"{'a ' * 19}{number}" for number in range(30)])

    assert not keywords.are_in("a " * 8000)
