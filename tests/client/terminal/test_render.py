"""Messages as lines of a terminal."""

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from chatapp.client.terminal.file_lines import has_links
from chatapp.client.terminal.forwarding import quoted
from chatapp.client.terminal.render import Transcript, colour_of, table_line
from chatapp.domain.model import FileInfo, Forwarded, Message, MovedFrom, MovedTo, Replies, Via


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


def test_files_are_named_below_the_text_and_command_nothing():
    picture = FileInfo(
        id="abc", name="\x1b[2Jcat\u202e.png", type="image/png", bytes=120_000, sha256="0" * 64
    )
    described = replace(picture, name="plan.pdf", alt="two\nlines", bytes=8)
    removed = replace(picture, name="", removed=True)
    sent = message("ana", "look", files=[picture, described, removed], reply_to=7, thread=3)
    address = "http://x/\x07"

    plain = Transcript(colour=False).message(sent).split("\n")[1:]
    linked = Transcript(colour=False, links=True, address_of=lambda _: address).message(sent)
    line = table_line(sent, lambda _: address)

    assert [shown[19:] for shown in plain] == [
        "↳ 3 ↪ 7 look",
        "📎 ␛[2Jcat<U+202E>.png, 120.0 kB",
        "📎 plan.pdf, 8 bytes, “two␊lines”",
        "📎 (removed, 120.0 kB)",
    ]
    assert "\x1b]8;;http://x/␇\x1b\\plan.pdf\x1b]8;;\x1b\\, 8 bytes" in linked
    assert line.split("\t")[2].startswith("↳ 3 look 📎 ␛[2Jcat<U+202E>.png, 120.0 kB http://x/␇ 📎")


def test_a_message_of_files_alone_has_no_empty_line_and_a_moved_one_says_where_it_is():
    note = FileInfo(id="abc", name="n.txt", type="text/plain", bytes=1, sha256="0" * 64)
    moved = message("ana", "", moved_to=MovedTo(room="tea", seq=9), deleted_by="ben")
    here = message("ana", "hi", moved_from=MovedFrom(room="tea", seq=9, at="2026-11-22T09:30:00Z"))
    root = message(
        "ana",
        "hi",
        replies=Replies(
            count=12,
            last="2026-11-22T09:30:00.123Z",
            last_seq=9,
            by=["ben"],
            title="Lunch",
            unread=3,
        ),
    )

    assert lines_of(message("ana", "", files=[note]))[1][19:] == "📎 n.txt, 1 byte"
    assert lines_of(moved)[1][19:] == "(moved to tea: #9 there)"
    assert lines_of(here)[1][19:] == "hi (moved from tea)"
    assert [line[19:] for line in lines_of(root)[1:]] == [
        "hi",
        "↳ “Lunch”, 12 replies, 3 new: /thread 1",
    ]


@pytest.mark.parametrize(
    ("settings", "has"),
    [
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "4000"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "tmux-256color", "VTE_VERSION": "7600"}, False),
        ({"TERM": "screen", "FORCE_HYPERLINK": "1"}, True),
        ({"TERM": "xterm-kitty", "FORCE_HYPERLINK": "0"}, False),
    ],
)
def test_links_are_for_terminals_that_are_known_to_have_them(monkeypatch, settings, has):
    class Screen:
        def isatty(self) -> bool:
            return True

    for name in (
        "TERM_PROGRAM",
        "KITTY_WINDOW_ID",
        "WT_SESSION",
        "KONSOLE_VERSION",
        "DOMTERM",
        "VTE_VERSION",
    ):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    assert has_links(Screen()) is has


def test_what_a_program_calls_itself_is_no_name():
    one = message("ci", "built\ntested", via=Via(name="Jen\x1bkins", emoji="🚨"))

    _, *lines = lines_of(one)

    assert lines == [
        "10:30 ci           built",
        "                   tested (via 🚨 Jen␛kins)",
    ]


def test_what_was_forwarded_says_whose_words_it_has():
    first = Forwarded(sender="bo", at="2026-11-22T09:30:00.123Z", room="tea", seq=9)
    secret = Forwarded(sender="bo\x1b", at="2026-11-22T09:30:00.123Z", private=True)

    _, *lines = lines_of(
        message("ana", "/me has cups", forwarded=first), message("ana", "psst", forwarded=secret)
    )

    assert lines == [
        "10:30 ana          /me has cups (forwarded from bo, tea #9)",
        "10:30 ana          psst (forwarded from bo␛)",
    ]


def test_a_quote_has_its_author_and_a_link_and_no_line_gets_out_of_it():
    said = quoted(message("ana", "cups?\n\n> two", room="té", seq=12), "https://chat/rooms/t?at=12")

    assert said == ("> **ana** [2026-11-22 09:30](https://chat/rooms/t?at=12)\n> cups?\n>\n> > two")
