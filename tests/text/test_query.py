"""What a person types into the search box is taken apart as the page does it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from chatapp.domain.errors import BadPayload
from chatapp.text.query import QueriedPerson, Query, parse
from chatapp.text.words import Term, words

QUERIES = json.loads(Path(__file__).with_name("queries.json").read_text("utf-8"))
"""tests/js/search.test.js holds the page to the same."""
WORDS = json.loads(Path(__file__).with_name("words.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("green tea ", Query(terms=(Term("green"), Term("tea")))),
        ("green te", Query(terms=(Term("green"), Term("te", prefix=True)))),
        ('"green tea" now ', Query(terms=(Term("green tea"), Term("now")))),
        ('"green tea', Query(terms=(Term("green tea"),))),
        ("caf* now ", Query(terms=(Term("caf", prefix=True), Term("now")))),
        ('from:"ana maria" hi ', Query(senders=(QueriedPerson("ana maria"),), terms=(Term("hi"),))),
        ("in:Tea has:link", Query(rooms=("Tea",), has=("link",))),
        (
            "has:Image file:report file:ann",
            Query(has=("image",), files=(Term("report"), Term("ann", prefix=True))),
        ),
        ('file:"annual report" x ', Query(files=(Term("annual report"),), terms=(Term("x"),))),
        ("file:!? ", Query(seeks_nothing=True)),
        (
            "after:2026-11-01 before:2026-11-22",
            Query(
                since=datetime(2026, 11, 1, tzinfo=UTC), until=datetime(2026, 11, 22, tzinfo=UTC)
            ),
        ),
        ("-- !? ", Query(seeks_nothing=True)),
        ("green !? ", Query(terms=(Term("green"),))),
        ("soup -pizza ", Query(terms=(Term("soup"),), excluded=(Term("pizza"),))),
        ("from:@ana in:#general", Query(senders=(QueriedPerson("ana"),), rooms=("general",))),
        ("“green tea” ", Query(terms=(Term("green tea"),))),
        ("has:teeth ", Query(terms=(Term("teeth"),))),
    ],
)
def test_a_query_is_taken_apart(typed: str, meant: Query):
    assert parse(typed) == meant


def test_a_day_that_is_none_is_refused():
    with pytest.raises(BadPayload, match="before: takes a day"):
        parse("before:tomorrow")


def test_days_are_those_of_the_readers_zone():
    apia = ZoneInfo("Pacific/Apia")

    assert parse("after:2026-11-29", apia).since == datetime(2026, 11, 29, tzinfo=apia)


@pytest.mark.parametrize("text", QUERIES)
def test_the_words_that_are_sought_are_those_that_the_page_marks(text: str):
    expected = [[as_indexed(found), prefix] for found, prefix in QUERIES[text]]

    assert [[words(term.text), term.prefix] for term in parse(text).terms] == expected


@pytest.mark.parametrize("text", WORDS)
def test_a_text_has_the_words_that_the_page_finds_in_it(text: str):
    assert words(text) == as_indexed(WORDS[text])


def as_indexed(found: list[str]) -> list[str]:
    """With signs as the index has them: a private character for each."""
    return [word if word.isalnum() or len(word) > 1 else words(f"x{word}")[-1] for word in found]
