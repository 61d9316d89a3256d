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
from tests.support.cast import chatapp, new_token
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


def test_files_are_sent_shown_and_fetched(run, server, tmp_path):
    (tmp_path / "plan.txt").write_text("the plan")
    sent = run(
        *("send", "--file", tmp_path / "plan.txt", "--alt", "Monday", "--file", "-"),
        *("--file-name", "in.txt", "for", "you"),
        input="from standard input",
    )
    reply = run("send", "--thread", "1", "--also-to-room", "--file", tmp_path / "plan.txt")
    [whole, answer] = run("tail", "--no-follow", "--json").stdout.splitlines()
    [line, _] = run("tail", "--no-follow").stdout.splitlines()
    [in_thread] = run("tail", "--no-follow", "--thread", "1").stdout.splitlines()

    assert (sent.returncode, sent.stdout, sent.stderr) == (0, "", "")
    assert (reply.returncode, reply.stderr) == (0, "")
    files = json.loads(whole)["files"]
    assert [(f["name"], f.get("alt"), f["bytes"]) for f in files] == [
        ("plan.txt", "Monday", 8),
        ("in.txt", None, 19),
    ]
    assert [json.loads(answer)[key] for key in ("thread", "also_to_room", "text")] == [1, True, ""]
    address = f"{server.url}/files/{files[0]['id']}/plan.txt"
    assert line.split("\t")[1:] == [
        "ana",
        f"for you 📎 plan.txt, 8 bytes, “Monday” {address} "
        f"📎 in.txt, 19 bytes {server.url}/files/{files[1]['id']}/in.txt",
    ]
    assert in_thread.split("\t")[2].startswith("↳ 1 📎 plan.txt, 8 bytes ")

    (tmp_path / "to").mkdir()
    fetched = run("get", "1", "-o", tmp_path / "to")
    again = run("get", f"{server.url}/?at=1", "-o", tmp_path / "to")
    forced = run("get", "#1", "--force", "-o", tmp_path / "to")
    printed = run("get", address, "-o", "-")

    assert fetched.stdout.splitlines() == [
        str(tmp_path / "to" / name) for name in ("plan.txt", "in.txt")
    ]
    assert (tmp_path / "to" / "in.txt").read_text() == "from standard input"
    assert (again.returncode, forced.returncode) == (1, 0)
    assert again.stderr == f"chatapp: {tmp_path / 'to' / 'plan.txt'} exists already.\n"
    assert (printed.returncode, printed.stdout) == (0, "the plan")


def test_what_is_wrong_with_files_is_one_line_and_an_exit_code(run, server, tmp_path):
    def ran(*args) -> tuple[int, str]:
        done = run(*args)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stderr.splitlines()[-1]

    run("send", "no files")
    nowhere = str(tmp_path / "nowhere")

    assert ran("send", "--file", nowhere) == (1, f"chatapp: {nowhere}: No such file or directory")
    assert ran("send", "--file", "-", "-")[0] == 2
    assert ran("send", "--file", "-", "--whole", "-")[0] == 2
    assert ran("send", "--also-to-room", "text")[0] == 2
    assert ran("send", "--alt", "words", "text")[0] == 2
    assert ran("get", "1") == (4, "chatapp: Message #1 of general has no files.")
    assert ran("get", "7") == (4, "chatapp: There is no message #7 in general.")
    assert ran("get", f"{server.url}/files/{'A' * 22}/x")[0] == 4
    assert ran("get", f"{server.url}/admin")[0] == 1
    code, said = ran("get", "https://elsewhere.example/files/abc/x")
    assert (code, "see --url" in said) == (1, True)
    assert list(tmp_path.glob("**/*.part")) == []


def test_threads_are_listed_as_lines_and_as_json(run, server):
    with ChatClient(server.url, name="ben") as ben:
        for root in ("Lunch?", "Old"):
            ben.send("general", root)
        for root, text in ((2, "yes"), (1, "pizza"), (1, "at\tnoon")):
            ben.send("general", text, thread=root)

        lines = run("threads", "-r", "general").stdout.splitlines()
        followed = run("threads")
        [first, _] = run("threads", "-r", "general", "--json").stdout.splitlines()
        nowhere = run("threads", "-r", "nowhere")

    assert [line.split("\t")[1:] for line in lines] == [
        ["general", "1", "2", "0", "Lunch?"],
        ["general", "2", "1", "0", "Old"],
    ]
    assert (followed.returncode, followed.stdout) == (0, "")
    assert json.loads(first)["root"]["text"] == "Lunch?"
    assert (nowhere.returncode, nowhere.stdout) == (4, "")


def test_saved_messages_are_listed_as_lines_and_as_json(run, server):
    with ChatClient(server.url, name="ben") as ben:
        first, second = (ben.send("general", text) for text in ("call\tthe plumber", "flour"))
        token = new_token(server, "cy", "member")
        with ChatClient(server.url, token=token) as cy:
            cy.save("general", first.seq)
            cy.save("general", second.seq, remind_at="2199-01-01T00:00:00Z")
        ben.delete("general", second.seq)

        env = {"CHATAPP_NAME": "", "CHATAPP_TOKEN": token}
        lines = run("saved", env=env).stdout.splitlines()
        [one, _] = run("saved", "--json", env=env).stdout.splitlines()
        due = run("saved", "--due", env=env)

    assert [line.split("\t")[1:] for line in lines] == [
        ["2199-01-01T00:00:00.000Z", "", "general", "2", "", "(it was deleted)"],
        ["", "", "general", "1", "ben", "call the plumber"],
    ]
    assert json.loads(one)["message"]["deleted_by"] == "ben"
    assert (due.returncode, due.stdout) == (0, "")


def test_messages_are_sent_at_a_time_listed_and_cancelled(run, server):
    environ = {"CHATAPP_TOKEN": new_token(server, "dee", "member")}
    sent = run("send", "--at", "+2h", "Good", "morning", env=environ)
    wrong = run("send", "--at", "soon", "Good morning", env=environ)
    guest = run("send", "--at", "+2h", "Good morning")
    id = sent.stdout.split("\t")[0]
    listed = run("scheduled", "list", env=environ).stdout.splitlines()
    as_json = run("scheduled", "list", "--json", "-r", "general", env=environ).stdout
    cancelled = run("scheduled", "cancel", id, env=environ)
    left = run("scheduled", "list", env=environ).stdout

    assert [line.split("\t")[0] for line in listed] == [id]
    assert re.fullmatch("[0-9a-f]{24}", id)  # It is typed, so no option begins like it.
    assert listed[0].split("\t")[2:] == ["general", "", "Good morning"]
    assert json.loads(as_json)["text"] == "Good morning"
    assert (wrong.returncode, "tomorrow 9:00" in wrong.stderr) == (1, True)
    assert (guest.returncode, "account" in guest.stderr) == (5, True)
    assert (cancelled.returncode, left) == (0, "")
