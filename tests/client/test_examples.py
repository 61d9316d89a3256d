"""The examples of `chatapp.client.chat` work as they stand there."""

import itertools
import re
import textwrap

import pytest

from chatapp.client import ChatClient, chat
from tests.support.waiting import DEADLINE_SECONDS

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


def test_every_example_has_a_test_and_is_short():
    assert len(EXAMPLES) == 4
    assert all(len(code.strip().splitlines()) <= 10 for code in EXAMPLES.values())
