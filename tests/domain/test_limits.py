import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.domain.errors import BadName, BadPayload, ChatError, Empty, TooLong
from chatapp.domain.limits import (
    MAX_NAME_CHARACTERS,
    MAX_TEXT_BYTES,
    checked_cid,
    checked_name,
    checked_room_name,
    checked_text,
    name_key,
)

WALES = "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
"""A flag, by tags that nobody sees."""


def test_a_text_is_kept_as_it_was_written():
    text = "  def f():\n\treturn 'ñ' \U0001f642\n"

    assert checked_text(text) == text


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\u200b\u200d", "\u3164", "\ufeff"])
def test_a_text_with_nothing_to_see_is_empty(text):
    with pytest.raises(Empty):
        checked_text(text)


def test_a_text_is_measured_in_bytes_of_utf_8():
    fits = "é" * (MAX_TEXT_BYTES // 2)

    assert checked_text(fits) == fits
    with pytest.raises(TooLong, match="2 bytes too long"):
        checked_text(fits + "é")


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b", "\udfff"])
def test_what_cannot_be_kept_is_refused(text):
    with pytest.raises(BadPayload):
        checked_text(text)


def test_an_emoji_newer_than_python_is_a_text():
    assert checked_text("\U0001fae9") == "\U0001fae9"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("ana", "ana"),
        ("  Ana  María ", "Ana María"),
        ("Jose\u0301", "José"),
        ("王芳", "王芳"),
        (WALES, WALES),
    ],
)
def test_a_name_is_kept_composed_and_with_single_spaces(written, kept):
    assert checked_name(written) == kept


@pytest.mark.parametrize(
    "name",
    ["a\nb", "a\u202eb", "a\x1b[31mb", "a\u2028b", "\u200d", "a\tb", "\u3164", f"🏴{WALES[1:-1]}"],
)
def test_a_name_with_a_character_that_cannot_be_seen_is_bad(name):
    with pytest.raises(BadName):
        checked_name(name)


@pytest.mark.parametrize(("name", "error"), [("", Empty), ("   ", Empty), ("x" * 33, TooLong)])
def test_a_name_has_1_to_32_characters(name, error):
    with pytest.raises(error):
        checked_name(name)


@pytest.mark.parametrize("other", ["ANA", "Ana", "\uff41\uff4e\uff41", "aNa"])
def test_two_spellings_of_a_name_have_one_key(other):
    assert name_key(other) == name_key("ana")


@given(st.text())
def test_a_name_that_is_kept_would_be_kept_again(name):
    try:
        kept = checked_name(name)
    except ChatError:
        return

    assert checked_name(kept) == kept
    assert len(kept) <= MAX_NAME_CHARACTERS


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("General", "general"),
        ("project-x", "project-x"),
        ("Cafetería", "cafetería"),
        ("東京", "東京"),
        ("#General", "general"),
        ("＃general", "general"),
    ],
)
def test_a_room_name_is_lower_case_letters_digits_and_dashes(written, kept):
    assert checked_room_name(written) == kept


@pytest.mark.parametrize("name", ["a b", "-a", "a/b", "../x", "a.b", "<b>", "a\nb", "##a", "a#"])
def test_a_room_name_with_other_characters_is_bad(name):
    with pytest.raises(BadName):
        checked_room_name(name)


@pytest.mark.parametrize("cid", ["", "x" * 65, "a\nb", "a\ud800"])
def test_a_cid_is_short_and_printable(cid):
    with pytest.raises(BadPayload):
        checked_cid(cid)
