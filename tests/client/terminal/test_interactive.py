"""`chatapp chat` in a pseudo-terminal, as a person sees it."""

import re
import signal
import sys
import threading
from datetime import datetime

import pytest

from chatapp.client import Bot, ChatClient
from chatapp.client.terminal.identity import key_for
from chatapp.domain.errors import BadPayload
from tests.client.terminal.screen import Terminal
from tests.support.accounts import PASSWORD
from tests.support.cast import chatapp, new_token
from tests.support.server import environment
from tests.support.soon import ask_for_soon
from tests.support.waiting import DEADLINE_SECONDS, wait_until


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


@pytest.fixture
def run_bot(server):
    """A bot with the account robo, which runs after its `begin()`."""
    running = []

    class Robo(Bot):
        def begin(self):
            thread = threading.Thread(target=self.run)
            running.append((self, thread))
            thread.start()
            wait_until(lambda: self.chat.is_connected and self.chat.commands(), what="its commands")

    yield lambda: Robo(server.url, token=new_token(server, "robo", "bot"))
    for bot, thread in running:
        bot.stop()
        thread.join(DEADLINE_SECONDS)


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


def test_the_commands_of_bots_are_completed_run_and_answered(server, open_chat, run_bot):
    """Also by /help; what nobody has is refused as before."""
    bot = run_bot()

    @bot.command("deploy", help="Puts it there", hint="ENV")
    def deploy(event):
        event.reply_privately(f"{event.args} for {event.sender}")
        return "On its way."

    bot.begin()
    terminal = open_chat()
    terminal.wait_for("connected")
    terminal.type("/dep")
    terminal.wait_for("/deploy", "ENV · Puts it there (robo)")
    terminal.type("\t web\r")

    terminal.wait_for("robo answers your /deploy, and only you see it:", "['web'] for ana")
    terminal.wait_for("robo (bot)   On its way.")
    terminal.type("/help\r")
    terminal.wait_for("/deploy ENV", "Puts it there (robo)")
    terminal.type("/fly\r")
    terminal.wait_for("There is no command /fly; /help lists all commands.")


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
    olga.type("/status ou")
    olga.wait_for("> /status ou")
    olga.type("\t 🌴 Vacation until tomorrow\r")
    olga.wait_for("Your status is now 🌴 Vacation, out of office until")
    ben.status(emoji="🚆", text="Commuting")
    olga.type("/who\r")
    olga.wait_for("2 here: ben 🚆 Commuting, Captain Olga (@olga) 🌴 Vacation")
    olga.type("/status clear\r")
    olga.wait_for("Your status was cleared.")
    with ChatClient(server.url, token=new_token(server, "yan", "member")) as yan:
        yan.status(emoji="🤒", out_of_office=True)
    olga.type("@yan look\r")
    olga.wait_for("yan: 🤒, out of office")
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
    chatapp(server, "user", "add", "kim", "--password-stdin", input=PASSWORD)
    chatapp(server, "user", "add", "lea", "--password-stdin", input=PASSWORD)
    olga.type("/dm zoe kim\r")
    olga.wait_for("kim, Zoë Z. (@zoe), 1 here")
    olga.wait_for("olga started a conversation with kim, zoe")
    olga.type("/rename Trip\r")
    olga.wait_for("This is now called Trip.")
    olga.type("/invite lea\r")
    olga.wait_for("lea was added to the room.")
    olga.type("/remove kim\r")
    olga.wait_for("kim was removed from Trip.")
    olga.type("/rename\r")
    olga.wait_for("This is now called lea, Zoë Z..")
    olga.type("/join general\r")
    olga.wait_for("general · olga · connected")


def test_files_and_threads_in_a_terminal(open_chat, ben, tmp_path, wait_until):
    (tmp_path / "a plan.txt").write_text("the plan")
    (tmp_path / "to").mkdir()
    messages = ben.messages("general")
    terminal = open_chat(FORCE_HYPERLINK="1")
    terminal.wait_for("connected")

    terminal.type("/file a pl")
    terminal.wait_for("a plan.txt")
    terminal.type("an.txt\r")
    sent = next(messages)
    terminal.wait_for("📎 a plan.txt, 8 bytes")

    assert [file.name for file in sent.files] == ["a plan.txt"]
    assert f"\x1b]8;;{ben.address_of(sent.files[0])}\x1b\\".encode() in terminal.written

    terminal.type("/get #1 to\r")
    terminal.wait_for("Saved to/a plan.txt")
    assert (tmp_path / "to" / "a plan.txt").read_text() == "the plan"
    terminal.type("/get #1 to\r")
    terminal.wait_for("exists already")
    terminal.type("/file nowhere\r")
    terminal.wait_for("nowhere: No such file or directory")

    terminal.type("/thread 1\r")
    terminal.wait_for("── thread #1; /thread leaves it ──", "#1 >")
    reply = ben.send("general", "in the thread", thread=1)
    terminal.wait_for("↳ 1 in the thread")
    terminal.type("me too\r")
    terminal.type(f"/reply #{reply.seq} indeed\r")
    terminal.type("/thread\r")
    terminal.wait_for("You write to the room.")
    terminal.type(f"/reply #{reply.seq} again\r")
    terminal.type("/reply #1 to the room\r")

    told = [next(messages) for _ in range(4)]
    assert [(message.text, message.thread, message.reply_to) for message in told] == [
        ("me too", 1, None),
        ("indeed", 1, reply.seq),
        ("again", 1, reply.seq),
        ("to the room", None, 1),
    ]

    later = ben.send("general", "late news", thread=1)
    terminal.wait_for("late news")
    terminal.type("/threads\r")
    terminal.wait_for("general #1 “a plan.txt”: 5 replies, 2 new, the last by ben")
    terminal.type("/thread 1\r/read\r")
    terminal.wait_for("The thread #1 is marked as read on all your devices.")
    terminal.type("/threads\r")
    terminal.wait_for("general #1 “a plan.txt”: 5 replies, the last by ben")
    terminal.type("/unfollow\r")
    terminal.wait_for("You no longer follow the thread #1.")
    terminal.type("/threads\r")
    terminal.wait_for("You follow no threads.")
    terminal.type("/follow\r")
    terminal.wait_for("You now follow the thread #1.")
    assert later.thread == 1

    terminal.type('/later "tomorrow 9:00" hello\r/scheduled\r')
    terminal.wait_for("Only people with an account can send a message later.")
    terminal.wait_for("You have no scheduled messages.")

    terminal.type(f"/pin #{reply.seq}\r/pins\r/unpin #{reply.seq}\r")
    terminal.wait_for("Pinning messages needs an account.", "No messages are pinned here.")
    terminal.type("/title Monday\r/thread\r/title #1 Tuesday\r/threads\r")
    terminal.wait_for("· ↳ 1 ana named the thread “Monday”", "general #1 “Tuesday”: 5 replies")
    number = told[-1].seq
    terminal.type(f"/move {number} to thread 1\r")
    terminal.wait_for("Moved to the thread #1.")
    assert ben.history("general", around=number, limit=1).messages[0].thread == 1
    terminal.type(f"/move #{number} out\r")
    terminal.wait_for("Moved out of the thread.")
    assert ben.history("general", around=number, limit=1).messages[0].thread is None
    ben.create("teapot")
    terminal.wait_for("New room: teapot.")
    terminal.type(f"/move #{number} to teap")
    terminal.wait_for("   teapot")
    terminal.type("\t\r")
    terminal.wait_for("Moving messages to another room needs an account.")
    terminal.type(f"/forward #{number} to thread #1 Look here\r")
    terminal.wait_for("Forwarded to the thread #1: #", "there.")
    copy = ben.history("general", thread=1).messages[-1]
    assert copy.forwarded
    assert copy.forwarded.seq == number
    terminal.type(f"/quote #{number} So true\r")
    quoted = f"> {told[-1].text}\n\nSo true"
    wait_until(lambda: quoted in ben.history("general", limit=1).messages[0].text, what="the quote")
    terminal.type("/move everything\r")
    terminal.wait_for("Usage: /move #N… to thread #N | to ROOM | out")


def test_a_bar_shows_how_far_a_file_is_whatever_its_name_is(server, ben, tmp_path):
    (tmp_path / "{x} [b] \x1b[2J.bin").write_bytes(b"x" * 5_000_000)
    command = ["send", "--name", "ana", "--file", "{x} [b] \x1b[2J.bin"]
    env = {"CHATAPP_URL": server.url, "XDG_STATE_HOME": str(tmp_path / "state")}
    terminal = Terminal(command, environment(env), tmp_path)

    code = terminal.wait_for_end()
    written = terminal.written
    terminal.close()

    assert code == 0, terminal.lines
    assert "{x} [b] ␛[2J.bin".encode() in written
    assert b"\x1b[2J" not in written
    assert [message.files[0].bytes for message in ben.history("general").messages] == [5_000_000]


def remind(phone, message, at):
    try:
        phone.save(message.room, message.seq, remind_at=datetime.fromisoformat(at))
    except BadPayload:
        return {"ok": False}
    return {"ok": True}


def test_messages_are_saved_listed_and_reminded_of_in_a_terminal(
    open_chat, ben, server, tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    first, second = (ben.send("general", text) for text in ("call the plumber", "buy flour"))
    terminal = open_chat()
    terminal.wait_for("connected", "buy flour")

    terminal.type("/saved\r")
    terminal.wait_for("You have saved nothing.")
    terminal.type("/save\r")
    terminal.wait_for(f"#{second.seq} is saved.")
    terminal.type(f"/save #{first.seq} someday\r")
    terminal.wait_for("Give a time, such as in 20m")
    terminal.type(f"/save #{first.seq} in 2h\r")
    terminal.wait_for(f"#{first.seq} is saved; you are reminded ")
    terminal.type("/saved\r")
    terminal.wait_for(f"general #{second.seq} ben: buy flour")

    with ChatClient(server.url, name="ana", key=key_for(server.url)) as phone:
        ask_for_soon(lambda at: remind(phone, first, at))
        terminal.wait_for(f"Reminder: general #{first.seq} ben: call the plumber")
    terminal.type("/saved\r")
    terminal.wait_for(f"due  general #{first.seq} ben: call the plumber")
    ben.delete("general", first.seq)
    terminal.type("/saved\r")
    terminal.wait_for(f"due  general #{first.seq} (it was deleted)")
    terminal.type(f"/unsave #{first.seq}\r/unsave general #{second.seq}\r/saved\r")
    terminal.wait_for(f"#{second.seq} is no longer saved.", "You have saved nothing.")


def test_a_poll_is_asked_voted_in_and_closed(open_chat, ben, wait_until):
    terminal = open_chat()
    terminal.wait_for("connected")

    terminal.type('/poll "Lunch?" Pizza "Greek salad"\r')
    terminal.wait_for("Lunch?")
    terminal.wait_for("0 people voted · /vote #1 N")
    terminal.type("/vote 2\r")
    terminal.wait_for("* 2. Greek salad")
    ben.vote("general", 1, [1])
    terminal.wait_for("ben voted (#1)")
    terminal.type("/votes 2\r")
    terminal.wait_for("ana, ben")
    terminal.type("/close-poll\r")

    terminal.wait_for("The poll #1 is closed: Pizza 0, Greek salad 2")
    terminal.type("/vote none\r")
    terminal.wait_for("This poll is closed.")
