"""`chatapp send`, `tail` and `chat` as commands: their streams and exit codes."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest

from chatapp.client import ChatClient
from tests.support.accounts import PASSWORD
from tests.support.cast import chatapp
from tests.support.server import environment
from tests.support.waiting import DEADLINE_SECONDS


@pytest.fixture
def run(run_chatapp, server, tmp_path):
    """Runs a command as ana, at the test's server."""

    def run(*args, env=None, **options):
        settings = {
            "CHATAPP_URL": server.url,
            "CHATAPP_NAME": "ana",
            "XDG_STATE_HOME": str(tmp_path / "state"),
        }
        return run_chatapp(*args, env=settings | (env or {}), **options)

    return run


@pytest.fixture
def begin(start, server, tmp_path):
    """Starts a command that does not end by itself."""

    def begin(*args, **options):
        settings = {"CHATAPP_URL": server.url, "XDG_STATE_HOME": str(tmp_path / "state")}
        command = ("-m", "chatapp", *args)
        return start(*command, settings=settings, stderr=subprocess.PIPE, **options)

    return begin


def said(server) -> list[tuple[str, str]]:
    with ChatClient(server.url, name="reader") as reader:
        return [(m.sender, m.text) for m in reader.history("general", limit=200).messages]


def test_send_says_it_and_prints_nothing(run, server):
    sent = run("send", "hola", "a", "todos")

    assert (sent.returncode, sent.stdout, sent.stderr) == (0, "", "")
    assert said(server) == [("ana", "hola a todos")]


def test_send_reads_a_message_a_line_and_skips_blank_ones(run, server):
    sent = run("send", "-", input="one\n\ntwo\u2028still two\n   \nthree")

    assert (sent.returncode, sent.stderr) == (0, "")
    assert said(server) == [("ana", "one"), ("ana", "two\u2028still two"), ("ana", "three")]


@pytest.mark.parametrize("command", [["send", "-"], ["send", "--whole", "-"], ["chat"]])
def test_what_windows_writes_around_a_text_is_not_sent(run, server, command):
    ran = run(*command, input="\ufeffhello\r\n")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert said(server) == [("ana", "hello")]


def test_chat_says_what_came_before_a_line_that_is_not_utf_8(server, tmp_path):
    ran = subprocess.run(
        [sys.executable, "-m", "chatapp", "chat", "--url", server.url, "--name", "ana"],
        input=b"fine\n\xff\n",
        capture_output=True,
        env=environment({"XDG_STATE_HOME": str(tmp_path)}),
        check=False,
    )

    assert ran.returncode == 1
    assert ran.stderr == b"chatapp: Line 2 of standard input is not UTF-8.\n"
    assert said(server) == [("ana", "fine")]


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_tail_prints_what_a_locale_cannot_show(run, server, options):
    with ChatClient(server.url, name="ben") as ben:
        ben.send("general", "½ 🎉")
    locale = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-m", "chatapp", "tail", "--no-follow", *options]

    ran = subprocess.run(
        command,
        env=environment({"CHATAPP_URL": server.url, "CHATAPP_NAME": "ana"} | locale),
        capture_output=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, b"")
    assert "½ 🎉" in (json.loads(ran.stdout)["text"] if options else ran.stdout.decode())


def test_send_whole_is_one_message(run, server):
    assert run("send", "--whole", "-", input="one\n\n  two\n").returncode == 0

    assert said(server) == [("ana", "one\n\n  two")]


def test_send_to_a_room(run, server):
    with ChatClient(server.url, name="ben") as ben:
        ben.create("tea")
        messages = ben.messages("tea")

        assert run("send", "-r", "tea", "hola").returncode == 0

        assert next(messages).text == "hola"


def test_send_while_the_same_person_chats_in_another_window(run, begin, server):
    tail = begin("tail", "--name", "ana")
    run("send", "first")
    assert "first" in tail.stdout.readline()

    assert run("send", "second").returncode == 0

    assert "second" in tail.stdout.readline()


@pytest.mark.parametrize(
    ("args", "input", "code", "complaint"),
    [
        (["send"], "", 2, "Missing argument"),
        (["send", "--whole", "text"], "", 2, "--whole is for standard input"),
        (["send", "--url", "localhost", "text"], "", 2, "http://localhost:8080"),
        (["tail", "--since", "-1"], "", 2, "--since"),
        (["send", "-"], "", 1, "nothing was sent"),
        (["send", "-"], "\ufeff\r\n", 1, "nothing was sent"),
        (["send", "-"], "a\0b", 1, "NUL"),
        (["send", "--whole", "-"], "", 1, "empty"),
        (["chat", "-r", "nowhere"], "", 4, "no room called 'nowhere'"),
        (["send", " "], "", 1, "empty"),
        (["send", "-"], "fine\n" + "x" * 20_000, 1, "Line 2"),
        (["send", "--name", "a\x1bb", "text"], "", 1, "cannot be seen"),
        (["send", "-r", "nowhere", "text"], "", 4, "no room called 'nowhere'"),
        (["tail", "-r", "nowhere"], "", 4, "no room called 'nowhere'"),
    ],
)
def test_what_is_wrong_is_one_line_and_an_exit_code(
    run_chatapp, house, tmp_path, args, input, code, complaint
):
    settings = {"CHATAPP_URL": house.url, "CHATAPP_NAME": "ana"}

    ran = run_chatapp(*args, input=input, env=settings | {"XDG_STATE_HOME": str(tmp_path)})

    assert ran.returncode == code
    assert complaint in ran.stderr
    assert "Traceback" not in ran.stderr
    assert ran.stdout == ""
    assert len(ran.stderr.splitlines()) == 1 or code == 2


def test_what_is_not_utf_8_is_said_so(server, tmp_path):
    ran = subprocess.run(
        [sys.executable, "-m", "chatapp", "send", "--url", server.url, "--name", "ana", "-"],
        input=b"fine\n\xff\xfe\n",
        capture_output=True,
        env=environment({"XDG_STATE_HOME": str(tmp_path)}),
        check=False,
    )

    assert ran.returncode == 1
    assert b"Line 2 of standard input is not UTF-8" in ran.stderr


def test_without_a_terminal_nobody_is_asked_for_a_name(run):
    ran = run("send", "hola", env={"CHATAPP_NAME": ""})

    assert ran.returncode == 2
    assert "--name" in ran.stderr


def test_nobody_there_is_exit_code_10(run, free_port):
    ran = run("send", "--url", f"http://127.0.0.1:{free_port}", "hola")

    assert ran.returncode == 10
    assert ran.stderr == (
        f"chatapp: Cannot reach a chat at http://127.0.0.1:{free_port}: connection refused.\n"
    )


def test_a_name_that_is_taken_is_exit_code_1(run, server):
    with ChatClient(server.url, name="ana"):
        ran = run("send", "hola")

    assert ran.returncode == 1
    assert "choose another name" in ran.stderr


def test_not_signed_in_is_exit_code_3(run, new_server):
    members_only = new_server(CHATAPP_ACCESS="members").start()

    ran = run("send", "--url", members_only.url, "hola")

    assert ran.returncode == 3
    assert ran.stderr.endswith("With an account: CHATAPP_TOKEN, from `chatapp token create`.\n")
    assert len(ran.stderr.splitlines()) == 1


def test_a_token_says_who_one_is_where_a_name_does_not_do(run, server):
    chatapp(server, "user", "add", "olga", "--password-stdin", input=PASSWORD)
    token = chatapp(server, "token", "create", "olga", "a test")

    by_name = run("send", "--name", "olga", "hola")
    by_token = run("send", "hola", env={"CHATAPP_NAME": "", "CHATAPP_TOKEN": token})
    by_another = run("send", "hola", env={"CHATAPP_NAME": "", "CHATAPP_TOKEN": "made up"})

    assert (by_name.returncode, by_token.returncode, by_another.returncode) == (1, 0, 3)
    assert "CHATAPP_TOKEN" in by_name.stderr
    assert "CHATAPP_TOKEN" not in by_another.stderr


def test_an_interruption_is_exit_code_130(begin, run):
    run("send", "hola")
    tail = begin("tail", "--name", "ben")
    tail.stdout.readline()

    tail.send_signal(signal.SIGINT)

    assert tail.wait(DEADLINE_SECONDS) == 130
    assert tail.stderr.read() == ""


def test_tail_prints_the_last_ones_and_waits_for_more(begin, run):
    run("send", "-", input="".join(f"{n}\n" for n in range(1, 16)))
    tail = begin("tail", "--name", "ben")

    past = [tail.stdout.readline() for _ in range(10)]
    run("send", "later")

    assert [line.rstrip("\n").split("\t")[1:] for line in past] == [
        ["ana", str(n)] for n in range(6, 16)
    ]
    assert tail.stdout.readline().endswith("\tana\tlater\n")


def test_tail_as_json_without_following(run):
    run("send", "-", input="one\ntwo\nthree\n")

    lines = run("tail", "--json", "--since", "1", "--no-follow").stdout.splitlines()

    assert [json.loads(line)["text"] for line in lines] == ["two", "three"]
    assert {"room", "seq", "sender", "text", "at"} <= set(json.loads(lines[0]))


def test_tail_of_more_than_a_page(run, server):
    with ChatClient(server.url, name="ben") as ben:
        for number in range(1, 431):
            ben.send("general", str(number))

    last = run("tail", "-n", "420", "--no-follow").stdout.splitlines()
    since = run("tail", "--since", "5", "--no-follow").stdout.splitlines()

    assert [line.split("\t")[2] for line in last] == [str(n) for n in range(11, 431)]
    assert [line.split("\t")[2] for line in since] == [str(n) for n in range(6, 431)]


def test_tail_carries_on_over_a_restart_of_the_server_and_says_so_on_standard_error(
    begin, run, server
):
    run("send", "before")
    tail = begin("tail", "--name", "ben", "--json")
    assert json.loads(tail.stdout.readline())["text"] == "before"

    server.kill9()
    assert tail.stderr.readline() == "chatapp: Connection lost; reconnecting.\n"
    server.start()
    assert tail.stderr.readline() == "chatapp: Connected again.\n"
    run("send", "after")

    assert json.loads(tail.stdout.readline())["text"] == "after"
    tail.send_signal(signal.SIGINT)
    assert tail.communicate(timeout=DEADLINE_SECONDS) == ("", "")


def test_escape_sequences_of_others_do_not_reach_the_terminal(run, server):
    with ChatClient(server.url, name="mallory") as mallory:
        mallory.send("general", "\x1b]0;owned\x07 \x9b2J \u202e")

    for options in ([], ["--json"]):
        out = run("tail", "--no-follow", *options).stdout
        assert "owned" in out
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(out)


def test_head_ends_a_tail_that_waits_quietly(begin, run):
    run("send", "-", input="one\ntwo\n")
    tail = begin("tail", "--name", "ben")
    tail.stdout.readline()

    tail.stdout.close()

    assert tail.wait(DEADLINE_SECONDS) == 0
    assert tail.stderr.read() == ""


def test_head_ends_a_tail_that_prints_quietly(run, server):
    with ChatClient(server.url, name="ben") as ben:
        for _ in range(200):
            ben.send("general", "x" * 2000)
    command = f"{sys.executable} -m chatapp tail --name ana --url {server.url} -n 200 | head -n 1"

    ran = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")


def test_chat_without_a_terminal_sends_lines_and_prints_what_is_said(run):
    ran = run("chat", input="hola\n//slash\n/me waves\n/who\n/nonsense\n")

    assert ran.returncode == 1
    lines = [line[6:] for line in ran.stdout.splitlines()]
    assert "ana          hola" in lines
    assert "ana          /slash" in lines
    assert "* ana        waves" in lines
    assert "1 here: ana" in ran.stdout
    assert "There is no command /nonsense" in ran.stderr
    assert "\x1b" not in ran.stdout


def test_chat_without_a_terminal_fails_with_what_went_wrong(run):
    ran = run("chat", input="/join nowhere\n")

    assert ran.returncode == 4
    assert "nowhere" in ran.stderr


def test_sent_but_not_acknowledged_is_exit_code_12(begin, run, server):
    run("send", "wake up")
    sending = begin("send", "--name", "ben", "--timeout", "2", "-")
    sending.stdin.write("first\n")
    sending.stdin.flush()
    with ChatClient(server.url, name="reader") as reader:
        list_of = reader.messages("general", since=0)
        while next(list_of).text != "first":
            pass
    os.kill(server.pid, signal.SIGSTOP)

    _, complaint = sending.communicate("second\n", timeout=DEADLINE_SECONDS)

    os.kill(server.pid, signal.SIGCONT)
    assert sending.returncode == 12
    assert re.match(r"chatapp: Line \d: .* may have happened", complaint)
