"""The examples of `chatapp.client.chat` work as they stand there."""

import itertools
import json
import re
import subprocess
import textwrap

import pytest

from chatapp.client import ChatClient, chat
from tests.support.cast import new_token
from tests.support.checkout import ROOT
from tests.support.server import environment
from tests.support.waiting import DEADLINE_SECONDS

PROTOCOL = ROOT / "docs" / "protocol.md"
EXAMPLES = {
    title: textwrap.dedent(code)
    for title, code in re.findall(r"^(\S.*):\n\n((?:    .*\n|\n)+)", chat.__doc__, re.MULTILINE)
}


@pytest.fixture
def begin(start, server):
    """Runs an example, with the address of the test's server in the place of the usual one."""

    def begin(title: str):
        code = EXAMPLES[title].replace("http://localhost:8080", server.url)
        return start("-u", "-W", "error", "-c", code, settings={})

    return begin


@pytest.fixture
def ana(server):
    with ChatClient(server.url, name="ana") as ana:
        yield ana


def test_a_bot_that_answers(begin, ana, wait_until):
    def answers() -> bool:
        ana.send("general", "!echo are you there?")
        return any(m.sender == "echo" for m in ana.history("general").messages)

    messages = ana.messages("general")
    begin("A bot that answers, in five lines")
    wait_until(answers, what="the bot")
    ana.send("general", "!echo !echo hola")
    ana.send("general", "!echo the end")

    answered = list(itertools.takewhile(lambda m: m.text != "the end", messages))
    assert {m.sender for m in answered} == {"echo"}
    assert [m.text for m in answered if m.text != "are you there?"] == ["!echo hola"]


def test_a_script_that_says_one_thing(begin, ana):
    script = begin("A script that posts one message")

    out, _ = script.communicate(timeout=DEADLINE_SECONDS)

    assert (script.returncode, out) == (0, "It is number 1 of the room.\n")
    assert ana.history("general").messages[0].text == "The backup is done."


def test_reading_what_was_said_before(begin, ana):
    sent = [ana.send("general", text) for text in ("one", "two")]

    out, _ = begin("Reading the history").communicate(timeout=DEADLINE_SECONDS)

    assert out.splitlines() == [f"{m.at} ana {m.text}" for m in sent]


def test_going_on_where_the_last_run_stopped(begin, ana, tmp_path, wait_until):
    ana.send("general", "one")
    first = begin("Continuing where the last run stopped, without missing a message")
    assert first.stdout.readline() == "1 one\n"
    place = tmp_path / "last-seq"
    wait_until(lambda: place.exists() and place.read_text() == "1", what="the place")
    first.terminate()
    first.wait()
    ana.send("general", "two")

    second = begin("Continuing where the last run stopped, without missing a message")

    assert second.stdout.readline() == "2 two\n"


def test_a_file_and_what_is_said_about_it_and_the_files_of_a_room(begin, ana, tmp_path):
    (tmp_path / "plan.txt").write_text("the plan")
    (tmp_path / "downloads").mkdir()

    sender = begin("Sending a file, and answering in the thread of the message")
    sender.communicate(timeout=DEADLINE_SECONDS)
    taker = begin("Downloading the files of a room into a folder")
    out, _ = taker.communicate(timeout=DEADLINE_SECONDS)

    plan, question = ana.history("general").messages
    assert (sender.returncode, taker.returncode) == (0, 0)
    assert [(file.name, file.alt) for file in plan.files] == [("plan.txt", "The plan for Monday")]
    assert (question.text, question.thread) == ("Who can come?", plan.seq)
    assert out == "downloads/plan.txt 8\n"
    assert (tmp_path / "downloads" / "plan.txt").read_text() == "the plan"


def test_a_file_is_sent_by_curl_as_the_protocol_says(server, tmp_path):
    [line] = re.findall("^    (curl .* -F .*)$", PROTOCOL.read_text(), re.MULTILINE)
    (tmp_path / "photo.jpg").write_text("no photo")

    done = subprocess.run(
        ["bash", "-c", line.replace("https://chat.example.org", server.url)],
        cwd=tmp_path,
        env=environment({"TOKEN": new_token(server, "Mia", "member", ("write",))}),
        capture_output=True,
        timeout=DEADLINE_SECONDS,
        check=True,
    )

    [file] = json.loads(done.stdout)["files"]
    assert (file["name"], file["type"], file["bytes"]) == ("photo.jpg", "text/plain", 8)


def test_every_example_has_a_test_and_is_short():
    assert len(EXAMPLES) == 6
    assert all(len(code.strip().splitlines()) <= 10 for code in EXAMPLES.values())
