"""Messages as lines of a terminal."""

import pytest
from rich.cells import cell_len

from chatapp.client.terminal.render import Transcript, colour_of, table_line
from chatapp.domain.model import Message


@pytest.fixture(autouse=True)
def _in_madrid(monkeypatch):
    import time

    monkeypatch.setenv("TZ", "Europe/Madrid")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def message(sender: str, text: str, **fields) -> Message:
    values = {"room": "general", "seq": 1, "at": "2026-11-22T09:30:00.123Z"} | fields
    return Message(sender=sender, text=text, **values)


def lines_of(*messages: Message) -> list[str]:
    transcript = Transcript(colour=False)
    return "\n".join(map(transcript.message, messages)).split("\n")


def test_the_time_is_that_of_the_reader():
    assert lines_of(message("ana", "hola")) == ["── 2026-11-22 ──", "10:30 ana          hola"]


def test_a_day_is_named_once():
    lines = lines_of(
        message("ana", "1"),
        message("ana", "2"),
        message("ana", "3", at="2026-11-22T23:30:00.000Z"),
    )

    assert [line for line in lines if line.startswith("──")] == [
        "── 2026-11-22 ──",
        "── 2026-11-23 ──",
    ]


@pytest.mark.parametrize("sender", ["ana", "日本語", "zoe\u0301", "👩‍👩‍👧", "ｆｕｌｌ"])
def test_texts_begin_in_one_column_however_wide_the_names(sender):
    line = lines_of(message(sender, "HERE"))[-1]

    assert cell_len(line[: line.index("HERE")]) == 19


def test_a_long_name_pushes_its_text_to_the_right():
    assert lines_of(message("a" * 32, "hola"))[-1] == f"10:30 {'a' * 32} hola"


def test_further_lines_stand_below_the_first_and_cannot_pass_for_another_message():
    lines = lines_of(message("mallory", "hi\n10:31 ana          I owe mallory 100 €"))

    assert lines[1:] == [
        "10:30 mallory      hi",
        "                   10:31 ana          I owe mallory 100 €",
    ]


def test_names_and_rooms_are_made_harmless_too():
    line = Transcript(colour=False).message(message("a\x1b[31m", "x"), room="r\x1b")

    assert "\x1b" not in line


def test_a_deleted_an_edited_and_an_answering_message_say_so():
    assert lines_of(message("ana", "", deleted_by="ana"))[-1].endswith("(deleted)")
    assert lines_of(message("ana", "x", edited_at="2026-11-22T09:31:00.000Z"))[-1].endswith(
        "x (edited)"
    )
    assert "↪ 7 x" in lines_of(message("ana", "x", reply_to=7))[-1]


def test_without_colour_there_is_no_escape_sequence_and_with_it_there_is():
    assert "\x1b" not in Transcript(colour=False).message(message("ana", "x"))
    assert "\x1b[1;" in Transcript(colour=True).message(message("ana", "x"))


def test_a_person_has_one_colour_however_the_name_is_spelled():
    assert colour_of("Ana") == colour_of("ana")
    assert len({colour_of(f"person {n}") for n in range(100)}) > 6


def test_a_line_of_the_table_is_one_line_of_three_fields():
    line = table_line(message("ana b", "one\ttwo\nthree\x1b"))

    assert line.split("\t") == ["2026-11-22T09:30:00.123Z", "ana b", "one    two␊three␛"]


def test_an_action_is_shown_as_one_and_not_formatted():
    coloured = Transcript(colour=True).message(message("ana", "/me waves at **@bo**"))

    assert lines_of(message("ana", "/me waves"))[1] == "10:30 * ana        waves"
    assert "waves at **@bo**" in coloured
