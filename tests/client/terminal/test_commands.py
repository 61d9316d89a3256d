"""What the lines mean that people type."""

import pytest

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.acts import first_name, meant
from chatapp.client.terminal.commands import HELP, Line, help_text, parse
from chatapp.client.terminal.company import Company, ago
from chatapp.client.terminal.conversation import Conversation
from chatapp.client.terminal.render import Transcript
from chatapp.errors import NotFound
from chatapp.model import Message
from chatapp.wire import Profile


@pytest.mark.parametrize(
    ("line", "parsed"),
    [
        ("hola", Line("say", "hola")),
        ("  hola ", Line("say", "  hola ")),
        ("//etc/hosts", Line("say", "/etc/hosts")),
        ("/join tea", Line("join", "tea")),
        ("/JOIN  tea ", Line("join", "tea")),
        ("/me waves, and goes", Line("me", "waves, and goes")),
        ("/quit", Line("quit", "")),
        ("/", Line("", "")),
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
    assert meant(rest, message(7)) == (seq, more)


def test_where_nothing_was_said_a_number_is_needed():
    assert meant("#3 hola", None) == (3, "hola")
    with pytest.raises(NotFound):
        meant("hola", None)


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


class CountingCompany(Company):
    """Counts how often it asks; everybody whose name begins with an a has a display name."""

    def __init__(self):
        super().__init__(self.ask)
        self.asked = []

    def ask(self, names):
        self.asked.append(names)
        return [Profile(name=name, display_name=name.title()) for name in names if name[0] == "a"]


def test_people_are_asked_for_once_and_heard_of():
    company = CountingCompany()

    company.learn(["ana", "ben"])
    company.learn(["ben", "ana"])
    assert (company.both("ana"), company.both("ben")) == ("Ana (@ana)", "ben")
    company.hear(Profile(name="ben", display_name="Ben Nevis"))
    assert company.both("ben") == "Ben Nevis (@ben)"
    company.forget()
    company.learn(["ben"])

    assert company.asked == [["ana", "ben"], ["ben"]]
