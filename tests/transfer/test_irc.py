"""Logs of IRC become rooms, people and messages."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.transfer.sources.irc.lines import LineParser
from chatapp.transfer.sources.irc.logs import channel_of
from chatapp.transfer.sources.local_times import LocalTimes
from tests.support.discord import archive

from .conftest import Imports

WEECHAT = """\
2024-02-29 09:46:40\t-->\tana (~ana@host.test) has joined #ops
2024-02-29 09:46:41\t@ana\thello \x0304red\x03 \x02bold\x02
2024-02-29 09:46:42\t *\tbo waves
2024-02-29 09:46:43\t--\tana has changed topic for #ops from "a" to "Keep it up"
2024-02-29 09:46:44\t--\tMode #ops [+o ana] by ChanServ
2024-02-29 09:46:45\t<--\tbo (~bo@host.test) has quit (Ping timeout)
"""
IRSSI = """\
--- Log opened Thu Feb 29 09:46:40 2024
09:46 -!- ana [~ana@host.test] has joined #ops
09:46 <@ana> hello \x0304red\x03 \x02bold\x02
09:46  * bo waves
09:46 -!- ana changed the topic of #ops to: Keep it up
09:46 -!- mode/#ops [+o ana] by ChanServ
09:46 -!- bo [~bo@host.test] has quit [Ping timeout]
--- Day changed Fri Mar 01 2024
"""
ZNC = """\
[09:46:40] *** Joins: ana (~ana@host.test)
[09:46:41] <ana> hello \x0304red\x03 \x02bold\x02
[09:46:42] * bo waves
[09:46:43] *** ana changes topic to 'Keep it up'
[09:46:44] *** ChanServ sets mode: +o ana
[09:46:45] *** Quits: bo (~bo@host.test) (Ping timeout)
"""
MADRID = ("--time-zone", "Europe/Madrid")


@pytest.mark.parametrize(
    ("name", "log"),
    [
        ("irc.libera.#ops.weechatlog", WEECHAT),
        ("#ops.log", IRSSI),
        ("#ops_20240229.log", ZNC),
    ],
    ids=["WeeChat", "irssi", "ZNC"],
)
def test_a_log_reads_the_same_whoever_wrote_it(
    imports: Imports, tmp_path: Path, name: str, log: str
):
    (tmp_path / name).write_text(log)

    report = imports.run(tmp_path / name, *MADRID, code=1)

    said = imports.messages("ops")
    assert [(one.sender, one.text, one.system and one.system.what) for one in said] == [
        ("ana", "ana joined", "joined"),
        ("ana", "hello red bold", None),
        ("bo", "_waves_", None),
        ("ana", "ana changed the topic to “Keep it up”", "topic"),
        ("bo", "bo left", "left"),
    ]
    assert said[0].at.startswith("2024-02-29T08:46:")
    assert set(imports.accounts()) == {"ana", "bo"}
    assert imports.rooms()["ops"].kind == "private"
    assert report["format"] == "irc"
    assert sum(one["count"] for one in report["skipped"].values()) == 1


def test_an_archive_has_many_days_and_channels(imports: Imports, tmp_path: Path):
    export = archive(
        tmp_path / "znc.zip",
        **{
            "libera/#ops/2024-03-01.log": b"[00:00:01] <ana> second\n",
            "libera/#ops/2024-02-29.log": b"[23:59:59] <ana> first\n",
            "libera/bo/2024-02-29.log": "[10:00:00] <bo> caf\xe9\n".encode("latin-1"),
            "libera/notes.txt": b"nothing",
        },
    )

    imports.run(export)

    assert imports.texts("ops") == ["first", "second"]
    assert imports.texts("bo") == ["café"]


def test_lines_that_are_the_same_are_different_messages_and_come_once(
    imports: Imports, tmp_path: Path
):
    log = tmp_path / "#ops.log"
    day = "--- Log opened Thu Feb 29 09:46:40 2024\n"
    log.write_text(day + "09:46 <ana> ha\n09:46 <ana> ha\n09:46 <bo> ha\n")
    imports.run(log)

    log.write_text(log.read_text() + "09:46 <ana> ha\n09:47 <ana> ha\n")
    report = imports.run(log)

    assert (report["messages"], report["duplicates"]) == (2, 3)
    assert imports.texts("ops") == ["ha"] * 5


def test_lines_that_are_none_are_counted(imports: Imports, tmp_path: Path):
    log = tmp_path / "#ops.log"
    log.write_bytes(
        b"09:46 <ana> when?\n--- Log opened Thu Feb 29 09:46:40 2024\n09:46 <ana> now\n"
        b"\x00\xff\xfe nonsense\n25:99 <ana> never\n--- Day changed jeu. 01 2024\n09:46 <ana> \n"
    )

    report = imports.run(log, code=1)

    assert imports.texts("ops") == ["now"]
    assert {why: one["count"] for why, one in report["skipped"].items()} == {
        "nothing says which day it is": 1,
        "it is no line of WeeChat, irssi or ZNC": 2,
        "hour must be in 0..23": 1,
        "it has no text": 1,
    }


def test_an_hour_that_is_there_twice_is_two_hours():
    times = LocalTimes(ZoneInfo("Europe/Madrid"))
    said = ["01:59", "02:10", "02:50", "02:10", "02:50", "03:05"]

    moments = [times.utc(datetime.fromisoformat(f"2024-10-27T{one}")) for one in said]

    assert [f"{one:%H:%M}" for one in moments] == [
        "23:59", "00:10", "00:50", "01:10", "01:50", "02:05",
    ]  # fmt: skip


def test_a_clock_that_was_far_ahead_does_not_drag_the_rest_along():
    times = LocalTimes(UTC)
    later, back = datetime(2038, 1, 1), datetime(2024, 1, 1)

    assert [times.utc(one).year for one in (later, back)] == [2038, 2024]


@pytest.mark.parametrize("zone", ["Nowhere", "../etc/passwd", ""])
def test_a_zone_that_is_none_is_refused(imports: Imports, tmp_path: Path, zone: str):
    (tmp_path / "#ops.log").write_text(IRSSI)

    result = imports.call(tmp_path / "#ops.log", "--time-zone", zone)

    assert (result.exit_code == 2) == bool(zone)


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("irc.libera.#ops.weechatlog", "#ops"),
        ("irc.libera.#c++.dev.weechatlog", "#c++.dev"),
        ("libera/#ops.log", "#ops"),
        ("libera/#ops/2024-02-29.log", "#ops"),
        ("libera_#ops_20240229.log", "#ops"),
        ("2024-02-29.log", "2024-02-29"),
    ],
)
def test_the_channel_is_in_the_name(name: str, channel: str):
    assert channel_of(name) == channel


@given(st.text(max_size=60))
def test_any_line_is_a_line_or_none(line: str):
    for start in ("", "--- Log opened ", "09:46 <", "[09:46:40] ", "2024-02-29 09:46:40\t"):
        try:
            LineParser().parse(start + line)
        except ValueError:
            continue
