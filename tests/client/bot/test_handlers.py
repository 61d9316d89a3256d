"""Which function of a bot a message is for, and what it says to it."""

import pytest

from chatapp.client.bot.handlers import BotCommand, Handlers


def roll(_event):
    """Never called here."""


def anything(_event):
    """Never called here."""


def mentioned(_event):
    """Never called here."""


@pytest.fixture
def handlers() -> Handlers:
    handlers = Handlers("!")
    handlers.add_command(BotCommand("roll", "rolls dice", roll))
    handlers.mention.append(mentioned)
    handlers.message.append(anything)
    return handlers


@pytest.mark.parametrize(
    ("text", "handle", "said"),
    [
        ("!roll 6 2", roll, "6 2"),
        ("!ROLL", roll, ""),
        ("!roll\n6", roll, "6"),
        ("@dice roll 6", roll, "6"),
        ("@Dice, !roll 6", roll, "6"),
        ("@dice how are you?", mentioned, "how are you?"),
        ("how is @dice?", mentioned, "how is @dice?"),
        ("!rolling", anything, "!rolling"),
        ("! roll", anything, "! roll"),
        ("roll 6", anything, "roll 6"),
        ("@dicer roll 6", anything, "@dicer roll 6"),
        ("@all", anything, "@all"),
        ("!", anything, "!"),
        ("", anything, ""),
    ],
)
def test_a_message_in_a_room_is_for_one_kind_of_function(handlers, text, handle, said):
    addressed = handlers.of(text, me="dice", is_direct=False)

    assert (list(addressed.handle), addressed.text) == ([handle], said)


@pytest.mark.parametrize(
    ("text", "handle", "said"),
    [("roll 6", roll, "6"), ("!roll 6", roll, "6"), ("hello", mentioned, "hello")],
)
def test_what_is_said_to_the_bot_alone_needs_no_mention(handlers, text, handle, said):
    addressed = handlers.of(text, me="dice", is_direct=True)

    assert (list(addressed.handle), addressed.text) == ([handle], said)


def test_without_such_functions_a_message_is_for_nobody():
    assert Handlers("!").of("hello", me="dice", is_direct=True) is None


def test_a_command_is_one_new_word(handlers):
    for name in ("two words", "", "Roll"):
        with pytest.raises(ValueError, match=r"word|already"):
            handlers.add_command(BotCommand(name, "", roll))


def test_help_lists_the_commands(handlers):
    handlers.add_command(BotCommand("quiet", "", roll))

    assert handlers.help() == "- `!roll` rolls dice\n- `!quiet`"
