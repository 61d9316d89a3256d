"""Slash commands of bots in the page: completed, run, and answered where all see it or only one."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from chatapp.client import Bot
from tests.page.people import Person, enter
from tests.page.test_accessibility import violations
from tests.support.browser import Windows
from tests.support.cast import new_token
from tests.support.server import Server
from tests.support.waiting import DEADLINE_SECONDS, wait_until

PICTURES = os.environ.get("PICTURES")


@pytest.fixture(scope="module")
def server(house: Server) -> Server:
    return house


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    return new_token(server, "robo", "bot")


@pytest.fixture
def robo(server: Server, token: str, room: str) -> Iterator[Bot]:
    """A bot in the room of ana, with the commands deploy and stop."""
    bot = Bot(server.url, token, rooms=[room, "general"])

    @bot.command("deploy", help="Puts the newest build there", hint="ENV", rooms=[room])
    def deploy(event):
        event.reply_privately(f"Checking **{event.text}** …\n\n- tests\n- build")
        return f"{event.sender} deploys to {event.text}."

    @bot.command("stop")
    def stop(event):
        """Stops it"""
        bot.stop()

    thread = threading.Thread(target=bot.run)
    thread.start()
    wait_until(lambda: bot.chat.is_connected and len(bot.chat.commands()) == 2, what="robo")
    yield bot
    bot.stop()
    thread.join(DEADLINE_SECONDS)


def options(person: Person) -> Locator:
    return person.page.get_by_role("option")


def answers(person: Person) -> Locator:
    return person.page.get_by_role("log", name="Answers only you can see").locator("article")


def test_a_command_is_completed_run_and_answered(ana: Person, robo: Bot, windows: Windows) -> None:
    ana.composer.press_sequentially("/dep")
    expect(options(ana)).to_have_text("/deploy ENVPuts the newest build there · robo")
    picture(ana, "completion")
    ana.composer.press("Tab")
    expect(ana.composer).to_have_value("/deploy ")
    ana.composer.press_sequentially("web")
    ana.composer.press("Enter")

    ana.sees("ana deploys to web.")
    card = answers(ana)
    expect(card).to_contain_text("robo answers /deploy")
    expect(card).to_contain_text("Only you can see this")
    expect(card.locator("strong")).to_have_text("web")
    expect(ana.composer).to_have_value("")
    picture(ana, "answer")
    assert violations(ana.page) == []

    ana.room("General").click()
    expect(ana.heading).to_have_text("General")
    expect(card).to_be_hidden()
    ana.page.go_back()
    expect(card).to_be_visible()
    card.get_by_role("button", name="Dismiss").click()
    expect(card).to_have_count(0)
    expect(ana.composer).to_be_focused()


def test_a_command_in_a_thread_is_answered_there(ana: Person, robo: Bot, room: str) -> None:
    ana.say("A thread")
    ana.sees("A thread")
    seq = ana.page.locator(".messages > [data-seq]").last.get_attribute("data-seq")
    assert seq
    ana.say(f"/thread #{seq}")
    inside = ana.page.locator("thread-view")
    inside.locator("textarea").fill("/deploy db")
    inside.locator("textarea").press("Enter")

    expect(inside.get_by_role("article")).to_contain_text("Checking db")
    expect(inside).to_contain_text("ana deploys to db.")
    expect(ana.page.locator(".write > .command-answers")).to_have_count(0)
    assert robo.chat.history(room).messages[-1].thread == int(seq)


def test_what_does_not_run_stays_in_the_composer_and_says_why(
    ana: Person, robo: Bot, server: Server
) -> None:
    ana.say("/stop it, please")
    expect(ana.composer).to_have_value("")
    note = ana.page.locator("composer-note")

    def is_refused() -> bool:
        ana.say("/deploy web")
        expect(ana.composer).to_have_value("/deploy web")
        return "robo is offline" in note.inner_text()

    wait_until(is_refused, what="the bot to be offline")
    ana.sees()


def test_the_phone_has_room_for_answers(
    windows: Windows, server: Server, robo: Bot, room: str
) -> None:
    phone = {"width": 320, "height": 640}
    ana = enter(windows, server, "ana", f"/rooms/{room}", viewport=phone, color_scheme="dark")
    ana.say("/deploy web")

    expect(answers(ana)).to_be_visible()
    picture(ana, "phone")
    assert ana.page.evaluate("document.documentElement.scrollWidth") <= 320


def picture(person: Person, name: str) -> None:
    """For those who want to look."""
    if PICTURES:
        person.page.screenshot(path=Path(PICTURES) / f"{name}.png")
