"""What the lines mean that people type."""

import pytest

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.commands import HELP, InputLine, help_text, parse
from chatapp.client.terminal.conversation import Conversation
from chatapp.client.terminal.people_names import PeopleNames, ago
from chatapp.client.terminal.render import Transcript
from chatapp.client.terminal.slash_commands import first_name, message_number
from chatapp.domain.errors import NotFound
from chatapp.domain.model import Message
from chatapp.protocol.values import Profile


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
