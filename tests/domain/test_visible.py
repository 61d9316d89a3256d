"""Nothing that other people write may command the terminal of its reader."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.domain.visible import harmless_json, visible, visible_lines

ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
"""A flag, by tags that nobody sees."""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\x1b[H", "␛[2J␛[H"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("\x9b31m", "<U+009B>31m"),
        ("rewrite\rme", "rewrite␍me"),
        ("back\x08\x7f", "back␈␡"),
        ("\u202egnp.exe", "<U+202E>gnp.exe"),
        ("a\u2028b\u2066c", "a<U+2028>b<U+2066>c"),
        ("\ud800", "<U+D800>"),
        ("a\tb", "a    b"),
        ("one\ntwo", "one␊two"),
        ("🏴\U000e0061\U000e007f", "🏴<U+E0061><U+E007F>"),
        ("a\U000e0067\U000e0062\U000e007f", "a<U+E0067><U+E0062><U+E007F>"),
    ],
)
def test_what_commands_is_shown_instead(text, shown):
    assert visible(text) == shown


@pytest.mark.parametrize(
    "text", ["hola, ¿qué tal?", "👩‍👩‍👧 می‌خواهم", "e\u0301", "日本語", ENGLAND]
)
def test_what_is_text_stays_as_it_was_written(text):
    assert visible(text) == text


def test_lines_break_where_their_writer_broke_them():
    assert visible_lines("one\r\ntwo\n\x1bthree") == ["one", "two", "␛three"]


@given(st.text(st.characters()))
def test_nothing_that_commands_is_left(text):
    left = {unicodedata.category(character) for character in visible(text)}

    assert not left & {"Cc", "Cs", "Zl", "Zp"}


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_harmless_json_says_the_same(text):
    line = json.dumps({"text": text}, ensure_ascii=False)

    harmless = harmless_json(line)

    assert json.loads(harmless) == {"text": text}
    assert not [c for c in harmless if unicodedata.category(c) in ("Cc", "Zl", "Zp")]


@pytest.mark.parametrize("encoding", ["ascii", "iso-8859-1"])
def test_json_says_the_same_in_any_encoding(encoding):
    line = json.dumps({"text": f"½ Ł 🎉 {ENGLAND}"}, ensure_ascii=False)

    written = harmless_json(line, encoding).encode(encoding)

    assert json.loads(written.decode(encoding)) == json.loads(line)
