"""A bot against a real server: what it hears, how it answers, and what a kill does to it."""

import logging
import subprocess
import sys
import threading

import pytest

from chatapp.client import Bot, ChatClient
from chatapp.domain.errors import Unauthorized
from tests.support.cast import add_account, chatapp, new_token
from tests.support.cluster import new_name
from tests.support.server import environment
from tests.support.waiting import DEADLINE_SECONDS, wait_until

QUICK = (0.01, 0.1)


def end(thread):
    thread.join(DEADLINE_SECONDS)
    assert not thread.is_alive()


def texts(chat, room="general", sender=None):
    messages = chat.history(room, limit=200).messages
    return [one.text for one in messages if sender in (None, one.sender)]


@pytest.fixture(scope="module")
def anas_token(house):
    return new_token(house, "Ana", "member")


@pytest.fixture
def ana(house, anas_token):
    with ChatClient(house.url, token=anas_token) as ana:
        yield ana


@pytest.fixture
def run(tmp_path):
    """Runs bots until the end of the test; what they keep in `tmp_path` is there as long."""
    running = []

    def run(bot):
        thread = threading.Thread(target=bot.run)
        thread.start()
        running.append((bot, thread))
        wait_until(lambda: bot.chat.is_connected and bot._reading, what="the bot to read")
        return bot

    yield run
    for bot, thread in running:
        bot.stop()
        end(thread)


@pytest.fixture
def room(ana):
    """A room of this test alone."""
    return ana.create(new_name("room")).name


@pytest.fixture
def new_bot(house, room):
    """`new_bot("dice")`: a guest in the room of this test."""

    def new_bot(name, **options):
        options = {"rooms": [room], "reconnect_seconds": QUICK, **options}
        return Bot(house.url, name=name, **options)

    return new_bot


def answers(ana, room, *asked):
    """What is answered to each of these messages, in order."""
    for text in asked:
        yield answer_after(ana, room, ana.send(room, text).seq)


def answer_after(ana, room, seq):
    def answered():
        later = ana.history(room, after=seq).messages
        return [one for one in later if one.sender != "Ana" and one.system is None]

    return wait_until(answered, what=f"an answer to message {seq}")[0]


def test_commands_mentions_and_messages_are_answered_each_in_its_way(ana, room, new_bot, run):
    bot = new_bot("dice")

    @bot.command("roll", help="rolls dice")
    def roll(event):
        event.reply(f"{event.args} of {event.sender}")

    @bot.mention
    def mentioned(event):
        event.thread("in a thread")
        event.react("👋")

    @bot.message
    def message(event):
        if "please" in event.text:
            event.send("as you like")

    run(bot)
    rolled, hello, liked, help = answers(
        ana, room, "!roll 6 2", "hi @dice", "answer, please", "!help"
    )

    assert (rolled.text, rolled.sender) == ("['6', '2'] of Ana", "dice")
    assert ana.history(room, around=rolled.reply_to).messages
    assert (hello.text, liked.text) == ("in a thread", "as you like")
    [asked] = [one for one in ana.history(room).messages if one.text == "hi @dice"]
    assert hello.thread == asked.seq
    wait_until(
        lambda: ana.history(room, around=asked.seq, limit=1).messages[0].reactions,
        what="the reaction",
    )
    assert help.text == "- `!help` what I can do\n- `!roll` rolls dice"


def test_a_handler_that_fails_is_logged_and_the_next_message_is_answered(
    ana, room, new_bot, run, caplog
):
    bot = new_bot("clumsy")

    @bot.command("divide")
    def divide(event):
        return str(1 / int(event.args[0]))

    run(bot)
    with caplog.at_level(logging.ERROR):
        ana.send(room, "!divide 0")
        [answer] = answers(ana, room, "!divide 2")

    assert answer.text == "0.5"
    assert "ZeroDivisionError" in caplog.text


def test_a_bot_answers_neither_itself_nor_other_bots(house, ana, room, run):
    secrets = [
        chatapp(house, "bot", "add", name, "--owner", "Ana", "--rooms", room)
        for name in ("Parrot", "Mynah")
    ]
    parrots = [Bot(house.url, secret, reconnect_seconds=QUICK) for secret in secrets]
    for parrot in parrots:
        parrot.message(lambda event: event.text)
        run(parrot)

    ana.send(room, "squawk")
    wait_until(lambda: texts(ana, room).count("squawk") == 3, what="both to answer")
    ana.send(room, "the end")
    wait_until(lambda: texts(ana, room).count("the end") == 3, what="both to answer")

    assert texts(ana, room).count("squawk") == 3


def test_a_bot_reads_direct_messages_that_begin_while_it_runs(house, ana, run):
    secret = chatapp(house, "bot", "add", "Butler", "--owner", "Ana")
    bot = Bot(house.url, secret, reconnect_seconds=QUICK)
    bot.mention(lambda event: f"You said: {event.text}")
    run(bot)

    room = ana.talk_to("Butler").name
    ana.send(room, "hello")

    wait_until(lambda: "You said: hello" in texts(ana, room), what="the answer")
    assert [one.reply_to for one in ana.history(room).messages] == [None, None]


def test_files_are_downloaded_and_sent(ana, room, new_bot, run, tmp_path):
    bot = new_bot("copier")

    @bot.message
    def copy(event):
        for file in event.files:
            path = event.download(file, tmp_path)
            event.reply("a copy", files=[(f"copy of {file.name}", path.read_bytes())])

    run(bot)
    sent = ana.send(room, "here", files=[("plan.txt", b"the plan")])
    copied = answer_after(ana, room, sent.seq)

    assert [(file.name, file.bytes) for file in copied.files] == [("copy of plan.txt", 8)]


def test_what_was_said_while_it_was_away_is_answered_once(ana, room, new_bot, run, tmp_path):
    state = tmp_path / "bot.json"
    first = new_bot("echo", state=state)
    first.command("echo")(lambda event: event.text)
    thread = threading.Thread(target=first.run)
    thread.start()
    wait_until(lambda: room in first._reading, what="the bot to read")
    ana.send(room, "!echo one")
    wait_until(lambda: "one" in texts(ana, room), what="the answer")
    first.stop()
    end(thread)
    ana.send(room, "!echo two")

    second = new_bot("echo", state=state)
    second.command("echo")(lambda event: event.text)
    run(second)
    wait_until(lambda: "two" in texts(ana, room), what="the answer")
    ana.send(room, "!echo three")
    wait_until(lambda: "three" in texts(ana, room), what="the answer")

    assert texts(ana, room, "echo") == ["one", "two", "three"]
    answers = [one for one in ana.history(room).messages if one.sender == "echo"]
    assert len({one.by for one in answers}) == 1


def test_what_somebody_forwards_is_not_said_to_the_bot(ana, room, new_bot, run):
    bot = new_bot("echo")
    bot.command("echo")(lambda event: event.text)
    source = ana.create(f"{room}-source").name
    said = ana.send(source, "!echo elsewhere")
    run(bot)

    ana.forward(source, [said.seq], to_room=room)
    ana.send(room, "!echo here")
    wait_until(lambda: texts(ana, room, "echo"), what="the answer")

    assert texts(ana, room, "echo") == ["here"]


def test_an_answer_that_the_server_did_not_get_is_given_when_it_is_back(server, run, caplog):
    began, may_answer = threading.Event(), threading.Event()
    bot = Bot(server.url, name="slow", timeout=0.3, reconnect_seconds=QUICK)

    @bot.command("ask")
    def ask(event):
        began.set()
        may_answer.wait(DEADLINE_SECONDS)
        return "at last"

    run(bot)
    with ChatClient(server.url, name="zoe", reconnect_seconds=QUICK) as zoe:
        zoe.send("general", "!ask")
        assert began.wait(DEADLINE_SECONDS)
        server.stop()
        may_answer.set()
        wait_until(lambda: "tries again" in caplog.text, what="the bot to try again")
        server.start()
        wait_until(lambda: texts(zoe, sender="slow"), what="the answer")

        assert texts(zoe, sender="slow") == ["at last"]


def test_a_bot_can_be_stopped_while_the_server_is_away(server, caplog):
    began, may_answer = threading.Event(), threading.Event()
    bot = Bot(server.url, name="slow", timeout=0.1, reconnect_seconds=QUICK)

    @bot.command("ask")
    def ask(event):
        began.set()
        may_answer.wait(DEADLINE_SECONDS)
        return "never"

    thread = threading.Thread(target=bot.run)
    thread.start()
    wait_until(lambda: bot._reading, what="the bot to read")
    with ChatClient(server.url, name="zoe") as zoe:
        zoe.send("general", "!ask")
        assert began.wait(DEADLINE_SECONDS)
    server.stop()
    may_answer.set()
    wait_until(lambda: "tries again" in caplog.text, what="the bot to try again")

    bot.stop()
    end(thread)


@pytest.mark.parametrize("rooms", ["", "general"])
def test_a_revoked_token_ends_the_bot_with_the_reason(house, ana, room, rooms):
    """Also where it is in no room: then nothing that it reads ends."""
    limits = ("--rooms", room) if not rooms else ()
    name = f"Shortlived {rooms}".strip()
    secret = chatapp(house, "bot", "add", name, "--owner", "Ana", *limits)
    if limits:
        ana.delete_room(room)
    bot = Bot(house.url, secret, reconnect_seconds=QUICK)
    ended = []

    def run():
        try:
            bot.run()
        except Unauthorized as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    wait_until(lambda: bot.chat.is_connected and (limits or bot._reading), what="the bot")
    chatapp(house, "bot", "revoke", name)
    end(thread)

    assert "token" in ended[0].message


SLOW_BOT = """
import sys
from chatapp.client import Bot

bot = Bot(sys.argv[1], sys.argv[2], state="slow.json", reconnect_seconds=(0.01, 0.1))

@bot.command("count")
def count(event):
    for number in range(1, 4):
        event.reply(f"{event.text}: {number}")

bot.run()
"""


@pytest.fixture
def start_counter(server, tmp_path):
    """Starts a bot that gives three answers, in a process of its own; kills the one before."""
    add_account(server, "Ben")
    secret = chatapp(server, "bot", "add", "Counter", "--owner", "Ben", "--per-minute", "1000")
    (tmp_path / "slow.py").write_text(SLOW_BOT)
    command = [sys.executable, "slow.py", server.url, secret]
    running = []

    def kill():
        for process in running:
            process.kill()
            process.wait()

    def start():
        kill()
        running.append(subprocess.Popen(command, cwd=tmp_path, env=environment({})))

    yield start
    kill()


def test_after_kill_9_every_message_is_answered_once_and_completely(
    server, tmp_path, start_counter
):
    """It is killed as soon as another answer is there, wherever it is then."""
    asked = [f"question {number}" for number in range(8)]

    with ChatClient(server.url, name="zoe") as zoe:
        start_counter()
        wait_until(lambda: (tmp_path / "slow.json").exists(), what="the bot to have begun")
        for question in asked:
            zoe.send("general", f"!count {question}")
        for answered in (1, 5, 9, 14, 20):
            wait_until(
                lambda least=answered: len(texts(zoe, sender="Counter")) >= least,
                what=f"{answered} answers",
            )
            start_counter()
        wait_until(
            lambda: f"{asked[-1]}: 3" in texts(zoe, sender="Counter"), what="the last answer"
        )

        expected = [f"{question}: {number}" for question in asked for number in (1, 2, 3)]
        assert texts(zoe, sender="Counter") == expected
