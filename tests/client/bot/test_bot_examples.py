"""The programs of `examples/` and of docs/bots.md work as they stand there."""

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from chatapp.client import ChatClient
from chatapp.client.news import CommandAnswer
from tests.support.cast import chatapp, new_token
from tests.support.checkout import ROOT
from tests.support.readme import commands, pointed_at, snippets
from tests.support.server import environment
from tests.support.waiting import DEADLINE_SECONDS, wait_until

EXAMPLES = ROOT / "examples"
PAGE = ROOT / "docs" / "bots.md"
BOTS = [snippet.text for snippet in snippets(PAGE)]


@pytest.fixture(scope="module")
def ana(house):
    with ChatClient(house.url, token=new_token(house, "ana", "member")) as ana:
        yield ana


@pytest.fixture
def room(ana):
    """A room of this test alone."""
    return ana.create(f"room-{len(ana.rooms())}").name


def new_bot(house, name, *limits):
    return chatapp(house, "bot", "add", name, "--owner", "ana", *limits)


def run(example, *words, token="", folder, **options):
    """Runs an example to its end."""
    done = subprocess.run(
        [sys.executable, "-W", "error", EXAMPLES / example, *words],
        env=environment({"CHATAPP_TOKEN": token}),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def begin(tmp_path):
    """Starts a program that runs on and on."""
    processes = []

    def begin(program, *words, token=""):
        processes.append(
            subprocess.Popen(
                [sys.executable, "-W", "error", program, *words],
                env=environment({"CHATAPP_TOKEN": token}),
                cwd=tmp_path,
            )
        )

    yield begin
    for process in processes:
        process.kill()
        process.wait()


def texts(ana, room):
    messages = ana.history(room, limit=100).messages
    return [message.text for message in messages if message.system is None]


def answer_to(ana, room, text, sender):
    """The first answer; it is asked again until the bot, which takes a moment to begin, is here."""

    def answered():
        ana.send(room, text)
        return [one for one in ana.history(room, limit=100).messages if one.sender == sender]

    return wait_until(answered, what=f"{sender} to answer")[0]


def test_echo(house, ana, begin):
    begin(EXAMPLES / "echo.py", house.url)

    answer_to(ana, "general", "!echo here?", "echo")
    ana.send("general", "@echo hola")

    wait_until(lambda: "hola" in texts(ana, "general"), what="the answer")


def test_poll(house, ana, room, begin):
    token = new_bot(house, "Pollster", "--rooms", room, "--scope", "post")
    begin(EXAMPLES / "poll.py", house.url, token=token)

    explained = answer_to(ana, room, "!poll Lunch?", "Pollster")
    ana.send(room, "!poll Lunch? | Pizza | Soup")

    def polls():
        return [one.poll for one in ana.history(room, limit=100).messages if one.poll]

    wait_until(polls, what="the poll")
    assert "at least two options" in explained.text
    assert (polls()[0].question, polls()[0].options) == ("Lunch?", ["Pizza", "Soup"])


FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{}</channel></rss>"""
ITEM = "<item><title>{0}</title><link>https://example.org/{0}</link><guid>{0}</guid></item>"


@pytest.fixture
def feed():
    """The address of a feed, and its entries, newest first."""
    entries = ["two", "one"]

    class Feed(BaseHTTPRequestHandler):
        def do_GET(self):
            body = FEED.format("".join(map(ITEM.format, entries))).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Feed)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/feed.xml", entries
    server.shutdown()
    thread.join()
    server.server_close()


def test_deploy(house, ana, room, begin):
    told = []
    ana.on_event = lambda news: told.append(news) if isinstance(news, CommandAnswer) else None
    token = new_bot(house, "deploy", "--rooms", room)

    begin(EXAMPLES / "deploy.py", house.url, token=token)
    wait_until(lambda: ana.commands(room), what="the command of deploy")
    ana.run_command(room, "deploy", "moon")
    ana.run_command(room, "deploy", "staging")

    wait_until(lambda: texts(ana, room), what="what is deployed")
    assert texts(ana, room) == ["ana deploys to staging …"]
    assert [one.text for one in told] == [
        "There is no place 'moon'. Choose one of: staging, production."
    ]


def test_rss(house, ana, room, feed, tmp_path):
    address, entries = feed
    token = new_bot(house, "Herald", "--rooms", room, "--scope", "post")

    for _ in range(2):
        run("rss.py", house.url, room, address, token=token, folder=tmp_path)
    entries.insert(0, "three")
    run("rss.py", house.url, room, address, token=token, folder=tmp_path)

    assert texts(ana, room) == [
        f"**{title}**\nhttps://example.org/{title}" for title in ("one", "two", "three")
    ]
    assert list(tmp_path.iterdir()) == []


def test_ci(house, ana, room, tmp_path):
    token = new_bot(house, "Builder", "--rooms", room, "--scope", "post,files")
    (tmp_path / "build.log").write_text("1 failed")

    for result in ("passed", "failed"):
        words = (room, "Build 812", result, "build.log")
        run("ci.py", house.url, *words, token=token, folder=tmp_path)

    passed, failed, log = ana.history(room).messages
    assert (passed.text, failed.text) == ("✅ Build 812 passed.", "❌ Build 812 failed.")
    assert (log.thread, [file.name for file in log.files]) == (failed.seq, ["build.log"])


def test_oncall(house, ana, room, tmp_path):
    token = new_bot(house, "Pager")
    new_token(house, "ben", "member")

    for day in ("2026-11-30", "2026-12-06", "2026-12-07"):
        words = (room, "ana,ben", day)
        run("oncall.py", house.url, *words, token=token, folder=tmp_path)

    assert sorted(texts(ana, room)) == ["@ana is on call this week.", "@ben is on call this week."]
    alone = ana.talk_to("Pager").name
    assert texts(ana, alone) == [f"You are on call this week; #{room} has been told."]


@pytest.mark.parametrize("bot", BOTS)
def test_the_bots_of_the_page_answer(house, ana, begin, tmp_path, bot):
    """A guest is called as it says, the other one as its account."""
    name = "dice" if 'name="dice"' in bot else "croupier"
    token = new_bot(house, "croupier") if name == "croupier" else ""
    file = tmp_path / "bot.py"
    port = int(house.url.rpartition(":")[2])
    file.write_text(pointed_at(port, bot).replace('"chatapp_…"', repr(token)))

    begin(file)

    answer_to(ana, "general", f"@{name} roll 6", name)


def test_the_commands_of_the_page_run(server):
    """In their order, by somebody who has the accounts and rooms that they name."""
    with ChatClient(server.url, token=new_token(server, "ana", "member")) as ana:
        new_token(server, "ben", "member")
        for room in ("ci", "releases"):
            ana.create(room)
        shown = [line.split() for line in commands(PAGE) if line.startswith("chatapp ")]
        assert len(shown) >= 1

        for line in shown:
            chatapp(server, *line[1:])


def test_every_example_has_a_test_and_is_short():
    tests = Path(__file__).read_text()

    for example in EXAMPLES.glob("*.py"):
        assert f"def test_{example.stem}(" in tests
        assert len(example.read_text().splitlines()) <= 35
    assert len(BOTS) >= 2
