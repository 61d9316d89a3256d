"""`chatapp chat` in a pseudo-terminal, as a person sees it."""

import re
import signal
import sys

import pytest

from chatapp.client import ChatClient
from tests.client.terminal.screen import Terminal
from tests.support.accounts import PASSWORD
from tests.support.cast import chatapp
from tests.support.server import environment


@pytest.fixture
def open_chat(server, tmp_path):
    """Opens a terminal with `chatapp chat` in it."""
    terminals = []

    def open_chat(name: str = "ana", *args: str, **settings: str) -> Terminal:
        command = ["chat", "--name", name, *args]
        env = {"CHATAPP_URL": server.url, "XDG_STATE_HOME": str(tmp_path / "state")} | settings
        terminals.append(Terminal(command, environment(env), tmp_path))
        return terminals[-1]

    yield open_chat
    for terminal in terminals:
        terminal.close()


@pytest.fixture
def ben(server):
    with ChatClient(server.url, name="ben", reconnect_seconds=(0.05, 0.2)) as ben:
        yield ben


def test_incoming_text_never_garbles_the_line_that_is_being_typed(open_chat, ben, wait_until):
    terminal = open_chat()
    terminal.wait_for("connected")
    sentence = "half a sentence with ünïcödé in it"
    last = len(sentence) - 1

    for number, character in enumerate(sentence):
        terminal.type(character)
        ben.send("general", f"message {number} of ben")
    lines = terminal.wait_for(f"> {sentence}", f"message {last} of ben")

    typed = [line for line in lines if line.startswith(">")]
    shown = [line for line in lines if "message" in line]
    assert typed == [f"> {sentence}"]
    assert [re.sub(r"^\d\d:\d\d ", "", line) for line in shown] == [
        f"ben          message {number} of ben" for number in range(last - len(shown) + 1, last + 1)
    ]
    assert len(shown) > 15
    assert lines.index(typed[0]) > lines.index(shown[-1])
    wait_until(lambda: terminal.cursor == (lines.index(typed[0]), len(typed[0])), what="the cursor")


def test_what_is_typed_is_said_and_shown_once(open_chat, ben):
    messages = ben.messages("general")
    terminal = open_chat()
    terminal.wait_for("connected")

    terminal.type("hola, ben\r")

    assert next(messages).text == "hola, ben"
    terminal.wait_for("ana          hola, ben")
    assert sum("hola, ben" in line for line in terminal.lines) == 1


def test_the_last_page_is_there_at_the_start_and_history_brings_the_one_before(open_chat, ben):
    for number in range(1, 31):
        ben.send("general", f"message {number}.")
    terminal = open_chat()
    terminal.wait_for("message 30.")
    terminal.wait_for("message 11.")
    assert not any("message 10." in line for line in terminal.lines)

    terminal.type("/history 4\r")

    terminal.wait_for("message 10.")
    terminal.wait_for("message 7.")
    assert not any("message 6." in line for line in terminal.lines)


def test_rooms_are_joined_left_and_told_apart(open_chat, ben):
    ben.create("tea", "Tea time")
    terminal = open_chat()
    terminal.wait_for("connected")

    terminal.type("/join tea\r")
    terminal.wait_for("Tea time (tea)")
    terminal.wait_for("tea · ana · connected")
    ben.send("tea", "in tea")
    ben.send("general", "elsewhere")

    terminal.wait_for("ben          in tea")
    terminal.wait_for("[general] ben          elsewhere")
    terminal.type("/who\r")
    terminal.wait_for("2 here: ana, ben")
    terminal.type("/leave\r")
    terminal.wait_for("You left tea.")
    terminal.wait_for("general · ana · connected")


def test_a_command_that_fails_says_why_and_the_chat_goes_on(open_chat):
    terminal = open_chat()
    terminal.wait_for("connected")

    terminal.type("/join nowhere\r")
    terminal.wait_for("There is no room called 'nowhere'.")
    terminal.type("/fly\r")
    terminal.wait_for("There is no command /fly; /help lists all commands.")
    terminal.type("//fly\r")

    terminal.wait_for("ana          /fly")


def test_commands_rooms_and_names_are_completed(open_chat, ben):
    ben.create("tearoom")
    messages = ben.messages("general")
    terminal = open_chat()
    terminal.wait_for("connected")
    ben.send("general", "hola")
    terminal.wait_for("hola")

    terminal.type("/jo")
    terminal.wait_for("   /join")
    terminal.type("\t")
    terminal.wait_for("> /join")
    terminal.type(" tea")
    terminal.wait_for("   tearoom")
    terminal.type("\t")
    terminal.wait_for("> /join tearoom")
    terminal.type("\r")
    terminal.wait_for("tearoom (tearoom)")
    terminal.type("/join general\r")
    terminal.wait_for("general · ana")
    terminal.type("@be")
    terminal.wait_for("> @be")
    terminal.type("\t")
    terminal.wait_for("> @ben")
    terminal.type(", hola\r")

    assert next(messages).text == "@ben, hola"


def test_who_types_is_shown_and_told(open_chat, ben, wait_until):
    news = []
    ben.on_event = news.append
    terminal = open_chat()
    terminal.wait_for("connected")

    ben.typing("general")
    terminal.wait_for("ben writing …")
    terminal.type("h")

    wait_until(
        lambda: any(type(n).__name__ == "Typing" and n.name == "ana" for n in news), what="typing"
    )


def test_a_restart_of_the_server_loses_no_line_and_no_typing(open_chat, server, ben):
    terminal = open_chat()
    terminal.wait_for("connected")
    server.kill9()
    terminal.wait_for("not connected, next attempt in")

    terminal.type("said while away\r")
    terminal.type("still being ty")
    terminal.wait_for("1 waiting")
    server.start()

    terminal.wait_for("ana          said while away")
    terminal.wait_for("Connected again.")
    terminal.wait_for("> still being ty")
    assert [m.text for m in ben.history("general").messages] == ["said while away"]


def test_escape_sequences_of_others_are_shown_not_obeyed(open_chat, ben):
    terminal = open_chat()
    terminal.wait_for("connected")

    ben.send("general", "\x1b[2J\x1b]0;owned\x07 still here \x9b31m")

    terminal.wait_for("␛[2J␛]0;owned␇ still here <U+009B>31m")
    assert b"\x1b]0;owned" not in terminal.written


def test_no_colour_when_it_is_not_wanted(open_chat, ben):
    plain, coloured = open_chat("ana", NO_COLOR="1"), open_chat("cleo")
    plain.wait_for("connected")
    coloured.wait_for("connected")

    ben.send("general", "hola")
    plain.wait_for("hola")
    coloured.wait_for("hola")

    assert re.search(rb"\x1b\[1;\d\dm ?ben", coloured.written)
    assert not re.search(rb"\x1b\[[\d;]*(3[1-6]|9[1-6])m", plain.written)


def test_markdown_is_shown_as_it_reads(open_chat, ben):
    terminal = open_chat("ana")
    terminal.wait_for("connected")

    ben.send("general", "a **bold** word and `**code**`")

    terminal.wait_for("ben          a bold word and **code**")
    assert b"\x1b[1mbold\x1b[22m" in terminal.written


def test_a_long_text_is_folded_and_shown_whole_on_demand(open_chat, ben):
    terminal = open_chat("ana")
    terminal.wait_for("connected")
    lines = [f"line {number}." for number in range(1, 61)]

    ben.send("general", "\n".join(lines))

    shown = terminal.wait_for("… 48 more lines: /show #1")
    assert any("line 12." in line for line in shown)
    assert not any("line 13." in line for line in shown)
    terminal.type("/show\r")
    terminal.wait_for("line 60.")


def test_a_path_is_no_command(open_chat, ben):
    messages = ben.messages("general")
    terminal = open_chat("ana")
    terminal.wait_for("connected")

    terminal.type("/etc/hosts is broken\r")

    assert next(messages).text == "/etc/hosts is broken"


def test_ctrl_z_goes_back_to_the_shell_and_fg_comes_back(server, tmp_path):
    env = {"CHATAPP_URL": server.url, "XDG_STATE_HOME": str(tmp_path / "state"), "PS1": "$ "}
    shell = Terminal(["--norc", "--noediting", "-i"], environment(env), tmp_path, program="bash")
    shell.type(f"{sys.executable} -m chatapp chat --name ana\r")
    shell.wait_for("connected")

    shell.type("half a line\x1a")
    shell.wait_for("Stopped")
    shell.type("fg\r")
    shell.wait_for("> half a line")
    shell.type(" and all of it\r")

    shell.wait_for("ana          half a line and all of it")
    shell.close()


@pytest.mark.parametrize(("keys", "code"), [("/quit\r", 0), ("\x04", 0), ("\x03", 130)])
def test_the_ways_out(open_chat, keys, code):
    terminal = open_chat()
    terminal.wait_for("connected")

    terminal.type(keys)

    assert terminal.wait_for_end() == code
    assert not any("Traceback" in line for line in terminal.lines)


def test_ctrl_c_on_a_line_only_clears_it(open_chat):
    terminal = open_chat()
    terminal.wait_for("connected")

    terminal.type("not this")
    terminal.wait_for("> not this")
    terminal.type("\x03")
    terminal.type("but this\r")

    terminal.wait_for("ana          but this")
    assert not any("not this" in line for line in terminal.lines)


def test_a_name_taken_while_away_ends_the_chat_with_that(open_chat, server):
    terminal = open_chat()
    terminal.wait_for("connected")
    terminal.process.send_signal(signal.SIGSTOP)
    server.kill9()
    server.start()

    with ChatClient(server.url, name="ana"):
        terminal.process.send_signal(signal.SIGCONT)

        assert terminal.wait_for_end() == 1
    assert any("choose another name" in line for line in terminal.lines)


def test_what_could_not_be_sent_before_the_end_is_said(open_chat, server):
    terminal = open_chat()
    terminal.wait_for("connected")
    server.kill9()
    terminal.wait_for("not connected")

    terminal.type("too late\r/quit\r")

    terminal.wait_for("Not sent: too late")
    assert terminal.wait_for_end() == 0


def test_nobody_there_is_one_line_and_exit_code_10(open_chat, free_port):
    terminal = open_chat("ana", CHATAPP_URL=f"http://127.0.0.1:{free_port}")

    assert terminal.wait_for_end() == 10
    assert terminal.lines[0].startswith("chatapp: Cannot reach a chat at")


@pytest.fixture
def olga(server, open_chat):
    """A terminal of somebody with an account, whose messages have a display name."""
    chatapp(server, "user", "add", "olga", "--role", "owner", "--password-stdin", input=PASSWORD)
    scopes = [word for scope in ("read", "write", "admin") for word in ("--scope", scope)]
    token = chatapp(server, "token", "create", "olga", "a test", *scopes)
    terminal = open_chat("olga", CHATAPP_TOKEN=token)
    terminal.wait_for("general · olga · connected")
    return terminal


def test_messages_are_answered_changed_and_taken_away(olga, ben):
    heard = ben.messages("general", own=True)
    ben.send("general", "who has the plan?")
    olga.wait_for("who has the plan?")

    olga.type("/reply I have\r")
    assert (next(heard).text, next(heard).reply_to) == ("who has the plan?", 1)
    olga.wait_for("↪ 1 I have")
    olga.type("/edit I had\r")
    olga.wait_for("#2 was edited.")
    olga.type("/react #1 👍\r")
    olga.wait_for("You reacted to #1 with 👍.")
    olga.type("/delete\r")
    olga.wait_for("#2 was deleted.")
    olga.type("/search plan\r")
    olga.wait_for("general #1 ben: who has the plan?")
    olga.type("/mute ben\r")
    olga.wait_for("Usage: /mute NAME SECONDS [REASON]")

    first, second = ben.history("general").messages
    assert first.reactions == {"👍": ["olga"]}
    assert second.deleted_by == "olga"


def test_people_are_shown_as_they_like_and_found(server, olga, ben):
    chatapp(
        server, "user", "add", "zoe", "--display-name", "Zoë Z.", "--password-stdin", input=PASSWORD
    )
    olga.type("/name Captain Olga\r")
    olga.wait_for("Your display name is now Captain Olga.")
    olga.type("hello\r")
    olga.wait_for("Captain Olga hello")

    olga.type("hi @Cap")
    olga.wait_for("> hi @Cap")
    olga.type("\t")
    olga.wait_for("> hi @olga")
    olga.type("\x15/who\r")
    olga.wait_for("2 here: ben, Captain Olga (@olga)")
    olga.type("/whois zoe\r")
    olga.wait_for("Zoë Z. (@zoe), member, offline")
    olga.type("/private cellar\r")
    olga.wait_for("cellar (cellar), 1 here")
    olga.type("/invite zoe\r")
    olga.wait_for("zoe was added to the room.")
    olga.type("/dm @zoe\r")
    olga.wait_for("Zoë Z. (@zoe), 1 here")
    olga.wait_for("Zoë Z. · olga · connected")
    olga.type("/rooms\r")
    olga.wait_for("/dm zoe  Zoë Z.")
    olga.type("/join general\r")
    olga.wait_for("general · olga · connected")
