"""The slash commands of a bot: registered by its decorators, taken at once, handled in turn."""

import logging
import threading

import pytest

from chatapp.client import Bot, ChatClient
from chatapp.client.news import CommandAnswer
from chatapp.domain.errors import NoAnswer, NotFound
from tests.client.bot.test_bot import QUICK, end
from tests.support.cast import chatapp, new_token
from tests.support.cluster import new_name
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def anas_token(house):
    return new_token(house, "Ana", "member")


@pytest.fixture
def told():
    """What Ana is told besides messages."""
    return []


@pytest.fixture
def ana(house, anas_token, told):
    with ChatClient(house.url, token=anas_token, on_event=told.append) as ana:
        yield ana


@pytest.fixture
def room(ana):
    return ana.create(new_name("room")).name


@pytest.fixture
def new_bot(house, room):
    """A bot of Ana's in the room."""

    def new_bot(token=None, **options):
        name = new_name("bot")
        token = token or chatapp(house, "bot", "add", name, "--owner", "Ana")
        return Bot(house.url, token, rooms=[room], reconnect_seconds=QUICK, **options)

    return new_bot


@pytest.fixture
def run(ana, room):
    """Runs bots until the end of the test."""
    running = []

    def run(bot, *names):
        """Until these commands are there."""
        thread = threading.Thread(target=bot.run)
        thread.start()
        running.append((bot, thread))
        wait_until(lambda: {one.name for one in ana.commands(room)} >= set(names), what="commands")
        return bot

    yield run
    for bot, thread in running:
        bot.stop()
        end(thread)


def private_answers(told):
    return [one.text for one in told if isinstance(one, CommandAnswer)]


def said_by(bot, ana, room):
    messages = ana.history(room).messages
    return [one.text for one in messages if one.sender == bot.chat.name and one.system is None]


def is_offline(ana, room, command):
    try:
        ana.run_command(room, command)
    except NoAnswer:
        return True
    return False


def test_a_command_of_a_bot_is_a_slash_command_too(ana, room, new_bot, run, told):
    """It answers where all see that, or only who has typed; and behind its prefix as before."""
    bot, roll = new_bot(), new_name("roll")

    @bot.command(roll, "rolls dice", hint="SIDES")
    def rolls(event):
        if event.is_slash:
            event.reply_privately(f"for you, {event.sender}")
        return f"{event.args}"

    run(bot, roll)
    [offered] = ana.commands(room)
    started = ana.run_command(room, roll, "6 2", cid="once")
    again = ana.run_command(room, roll, "6 2", cid="once")
    wait_until(lambda: said_by(bot, ana, room), what="the answer")
    ana.send(room, f"!{roll} 20")
    wait_until(lambda: len(said_by(bot, ana, room)) == 2, what="the answer to the message")

    assert (offered.hint, offered.description, offered.owner) == (
        "SIDES", "rolls dice", bot.chat.name,
    )  # fmt: skip
    assert started == again
    assert private_answers(told) == ["for you, Ana"]
    assert said_by(bot, ana, room) == ["['6', '2']", "['20']"]


def test_a_bot_that_works_takes_commands_and_handles_them_in_turn(ana, room, new_bot, run, caplog):
    bot, work = new_bot(), new_name("work")
    begun, go_on, worked = threading.Event(), threading.Event(), []

    @bot.command(work)
    def works(event):
        begun.set()
        assert go_on.wait(30)
        worked.append(event.text)
        return str(1 // len(event.text))

    run(bot, work)
    ana.run_command(room, work, "one")
    assert begun.wait(30)
    ana.run_command(room, work, "")  # It is taken, while the bot works.
    ana.run_command(room, work, "three")
    with caplog.at_level(logging.ERROR):
        go_on.set()
        wait_until(lambda: len(said_by(bot, ana, room)) == 2, what="the answers")

    assert worked == ["one", "", "three"]
    assert said_by(bot, ana, room) == ["0", "0"]
    assert "ZeroDivisionError" in caplog.text


def test_who_has_typed_learns_that_a_command_has_failed(ana, room, new_bot, run, told):
    bot, name = new_bot(), new_name("fail")
    bot.command(name)(lambda event: event.no_such_thing)

    run(bot, name)
    ana.run_command(room, name)

    wait_until(lambda: private_answers(told), what="an answer")
    assert private_answers(told) == [f"/{name} failed. The bot has noted why."]


def test_a_bot_has_the_commands_of_its_program_now(house, ana, room, new_bot, run, caplog):
    """What an earlier version had is gone; what cannot be a slash command is logged."""
    first, old, kept = new_bot(), new_name("old"), new_name("kept")
    first.command(old)(lambda event: None)
    first.command(kept, "before")(lambda event: None)
    run(first, old, kept)
    first.stop()
    second, new = new_bot(), new_name("new")
    second.command(kept, "somebody else's")(lambda event: None)
    second.command("join", "is the chat's own")(lambda event: None)
    second.command("größe")(lambda event: None)
    second.command(f"{new}-hidden", slash=False)(lambda event: None)
    second.command(new, posted=True)(lambda event: None)

    with caplog.at_level(logging.WARNING):
        run(second, new)

    offered = {one.name: one.description for one in ana.commands(room)}
    assert offered == {old: "", kept: "before", new: ""}
    for refused in (f"/{kept} was not registered", "/join was not registered", "größe has no"):
        assert refused in caplog.text
    started = ana.run_command(room, new, "x")
    assert ana.history(room, around=started.seq, limit=1).messages[0].text == f"/{new} x"


def test_a_program_that_starts_again_removes_what_it_no_longer_has(house, ana, room, new_bot, run):
    token = chatapp(house, "bot", "add", new_name("bot"), "--owner", "Ana")
    old, new = new_name("old"), new_name("new")
    first = new_bot(token)
    first.command(old)(lambda event: None)
    run(first, old)
    first.stop()
    wait_until(lambda: is_offline(ana, room, old), what="the bot to be offline")

    second = new_bot(token)
    second.command(new)(lambda event: None)
    run(second, new)

    with pytest.raises(NotFound):
        ana.run_command(room, old)
