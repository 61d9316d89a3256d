"""What the lines mean that people type."""

from pathlib import Path
from typing import cast

import pytest
from msgspec import UNSET

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.commands import HELP, InputLine, help_text, parse
from chatapp.client.terminal.conversation import Conversation
from chatapp.client.terminal.file_commands import path_and_text
from chatapp.client.terminal.known_rooms import KnownRooms
from chatapp.client.terminal.people_names import PeopleNames, ago
from chatapp.client.terminal.render import Transcript
from chatapp.client.terminal.slash_commands import (
    CommandContext,
    WrongArguments,
    first_name,
    message_number,
    several_names,
)
from chatapp.client.terminal.thread_commands import ThreadCommands
from chatapp.domain.errors import NotFound
from chatapp.domain.model import Message
from chatapp.protocol.values import GroupInfo, Profile, RoomInfo


@pytest.mark.parametrize(
    ("line", "parsed"),
    [
        ("hola", InputLine("say", "hola")),
        ("  hola ", InputLine("say", "  hola ")),
        ("//etc/hosts", InputLine("say", "/etc/hosts")),
        ("/join tea", InputLine("join", "tea")),
        ("/JOIN  tea ", InputLine("join", "tea")),
        ("/me waves, and goes", InputLine("me", "waves, and goes")),
        ("/quit", InputLine("quit", "")),
        ("/", InputLine("", "")),
        ("/etc/hosts is broken", InputLine("say", "/etc/hosts is broken")),
        ("/join a/b", InputLine("join", "a/b")),
        ("/me one\ntwo", InputLine("me", "one\ntwo")),
        ("/join\ttea", InputLine("join", "tea")),
    ],
)
def test_a_line_is_a_command_or_says_itself(line, parsed):
    assert parse(line) == parsed


def test_the_help_lists_every_command():
    text = help_text()

    assert all(f"/{command}" in text for command in HELP)
    assert "//" in text


def message(seq):
    return Message(room="general", seq=seq, sender="ana", text="", at="2026-11-22T09:30:00.000Z")


@pytest.mark.parametrize(
    ("rest", "seq", "more"),
    [
        ("#12 hola", 12, "hola"),
        ("#12", 12, ""),
        ("hola #12", 7, "hola #12"),
        ("#twelve", 7, "#twelve"),
        ("", 7, ""),
    ],
)
def test_a_message_is_meant_by_its_number_or_is_the_last(rest, seq, more):
    assert message_number(rest, message(7)) == (seq, more)


def test_where_nothing_was_said_a_number_is_needed():
    assert message_number("#3 hola", None) == (3, "hola")
    with pytest.raises(NotFound):
        message_number("hola", None)


@pytest.mark.parametrize(
    ("rest", "name", "more"),
    [
        ("ana 60 too loud", "ana", "60 too loud"),
        ("@ana spam", "ana", "spam"),
        ('"Ana María" spam', "Ana María", "spam"),
        ("ana", "ana", ""),
    ],
)
def test_a_name_comes_first_in_quotes_if_it_has_spaces(rest, name, more):
    assert first_name(rest) == (name, more)


@pytest.mark.parametrize(
    ("rest", "names"),
    [
        ("ana", ["ana"]),
        ("@ana bo  carla", ["ana", "bo", "carla"]),
        ("Ana Maria", ["Ana Maria"]),
        ('@"Ana Maria" bo', ["Ana Maria", "bo"]),
        ("Ana Maria, @bo,", ["Ana Maria", "bo"]),
        ("x" * 20 + " " + "y" * 20, ["x" * 20, "y" * 20]),
    ],
)
def test_several_names_are_told_apart(rest, names):
    def ask(asked):
        assert len(asked[0]) <= 32
        return [Profile(name=name) for name in asked if name == "Ana Maria"]

    assert several_names(rest, ask) == names


@pytest.mark.parametrize("rest", ["", "  ", ",", '""', "@"])
def test_nobody_is_no_name(rest):
    with pytest.raises(WrongArguments):
        several_names(rest, lambda _: [])


def test_a_group_is_called_like_its_people_until_it_has_a_name():
    rooms = KnownRooms(PeopleNames(lambda _: []), lambda: "me")

    def hear(name, *others, **group):
        invited = ["me", *others]
        about = GroupInfo(**group) if group else UNSET
        rooms.hear(RoomInfo(name=name, title="T", kind="direct", head=0, epoch="", group=about,
                            invited=invited))  # fmt: skip
        return rooms.shown(name), rooms.join_command(name)

    assert hear("d1", "ana") == ("ana", "/dm ana")
    assert hear("d2", *"abcd", named=False) == ("a, b, c, d", "/join d2")
    assert hear("d2", *"abcde", named=False) == ("a, b, c +2", "/join d2")
    assert hear("d2", *"abcde", named=True) == ("T", "/join d2")
    assert hear("d2", "ana", named=False) == ("ana", "/join d2")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(3, "just now"), (60, "1 minute ago"), (7300, "2 hours ago"), (90_000, "1 day ago")],
)
def test_how_long_ago_somebody_was_seen(seconds, said):
    assert ago(seconds) == said


def test_every_command_is_done_by_somebody():
    chat = object.__new__(ChatClient)

    def ignore(_text):
        pass

    conversation = Conversation(
        chat, "general", Transcript(colour=False), show=ignore, complain=ignore, over=lambda: None
    )

    assert set(conversation.commands) == set(HELP) | {"say"}


class CountingCompany(PeopleNames):
    """Counts how often it asks; everybody whose name begins with an a has a display name."""

    def __init__(self):
        super().__init__(self.ask)
        self.asked = []

    def ask(self, names):
        self.asked.append(names)
        return [Profile(name=name, display_name=name.title()) for name in names if name[0] == "a"]


def test_people_are_asked_for_once_and_heard_of():
    people = CountingCompany()

    people.learn(["ana", "ben"])
    people.learn(["ben", "ana"])
    assert (people.with_name("ana"), people.with_name("ben")) == ("Ana (@ana)", "ben")
    people.hear(Profile(name="ben", display_name="Ben Nevis"))
    assert people.with_name("ben") == "Ben Nevis (@ben)"
    people.forget()
    people.learn(["ben"])

    assert people.asked == [["ana", "ben"], ["ben"]]


def test_a_bot_is_marked_beside_its_messages_and_nowhere_else():
    people = CountingCompany()
    people.hear(Profile(name="deploy", display_name="Deploy", role="bot", owner="ana"))
    people.hear(Profile(name="ben"))

    assert (people.signed("deploy"), people.signed("ben")) == ("Deploy (bot)", "ben")
    assert people.shown("deploy") == "Deploy"
    people.hear(Profile(name="deploy"))
    assert people.signed("deploy") == "deploy"


@pytest.mark.parametrize(
    ("rest", "path", "text"),
    [
        ("plan.pdf", "plan.pdf", ""),
        ("plan.pdf for Monday", "plan.pdf", "for Monday"),
        ('"a plan.pdf" for Monday', "a plan.pdf", "for Monday"),
        (r"a\ plan.pdf for Monday", "a plan.pdf", "for Monday"),
        ("here is a file", "here is a file", ""),
    ],
)
def test_a_path_comes_first_and_needs_no_quotes_if_it_is_alone(
    rest, path, text, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here is a file").touch()

    assert path_and_text(rest) == (Path(path), text)


@pytest.mark.parametrize(
    ("rest", "moved"),
    [
        ("#1 #2 to tea", ([1, 2], {"to_room": "tea"})),
        ("1, 2,3 to thread #9", ([1, 2, 3], {"to_thread": 9})),
        ("#7 out", ([7], {"to_thread": 0})),
        ("#7 to thread", ([7], {"to_room": "thread"})),
    ],
)
def test_what_is_moved_and_where_to(rest, moved):
    class Chat:
        def move(self, room, seqs, **to):
            self.moved = seqs, to
            return seqs

    chat = Chat()
    move = ThreadCommands(cast(ChatClient, chat), cast(KnownRooms, {})).commands["move"]

    assert move(rest, CommandContext("general", None, None)).startswith("Moved ")
    assert chat.moved == moved
    for wrong in ("to tea", "#1", "#1 to", "out", "#1 to tea and more"):
        with pytest.raises(WrongArguments):
            move(wrong, CommandContext("general", None, None))
