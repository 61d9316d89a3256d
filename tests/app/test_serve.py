"""Starting and stopping the real server: what it says, and how it ends."""

import os
import re
import resource
import socket
import subprocess
import sys
from contextlib import closing
from unittest.mock import Mock, PropertyMock

import pytest
import socketio

from chatapp.app import serve
from chatapp.ports import Broker
from tests.support import hanging_disk
from tests.support.server import COLD, Server, environment
from tests.test_way_of_a_message import call, log_lines
from tests.transport.raw import RawClient


@pytest.fixture
def cold(tmp_path):
    """Started by the command that people use."""
    server = Server(tmp_path, command=COLD)
    yield server.start()
    server.close()


@pytest.fixture
def taken_port():
    """Whoever gets past what should have stopped them ends here, rather than to serve on and on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def only_line(finished):
    """The one line of a command that did not start; there is no traceback and nothing else."""
    assert finished.stdout == ""
    lines = finished.stderr.splitlines()
    assert len(lines) == 1, finished.stderr
    return lines[0]


def test_it_says_where_the_chat_is_how_to_become_admin_and_where_the_data_lies(cold, wait_until):
    wait_until(lambda: len(cold.log) >= 3, what="the server to have said it")
    chat, admin, data = cold.log[:3]

    assert chat.endswith(f"http://localhost:{cold.port}")
    assert re.search(rf"http://localhost:{cold.port}/setup/\S+ +\(works once\)$", admin)
    assert data.endswith(str(cold.data))


def test_a_terminated_server_ends_with_0_and_says_goodbye(cold, connect):
    ana = connect("ana", url=cold.url)

    assert cold.stop() == 0

    name, reason = ana.receive()
    assert (name, "stopping" in reason["reason"]) == ("closing", True)
    assert not any("Traceback" in line for line in cold.log)


def test_a_disk_that_does_not_answer_does_not_keep_it_from_ending(tmp_path, connect):
    server = Server(tmp_path, command=hanging_disk.COMMAND)
    with closing(server.start()), closing(RawClient(("127.0.0.1", server.port))) as ana:
        ana.join({"name": "ana"})
        (server.data / "hang").touch()
        ana.say('42["message",{"text":"on its way"}]')
        connect("bo", url=server.url)  # comes in after what ana said

        assert server.stop() == 1

        assert server.log[-1] == (
            "chatapp: Not done after 1 s, as when a disk does not answer; ended all the same."
        )


def test_ctrl_c_ends_it_as_well(cold):
    assert cold.interrupt() == 0


def test_what_was_acked_before_the_end_is_there_after_it(server, connect, wait_until):
    ana = connect("ana")
    acked = []
    for number in range(200):
        ana.client.emit("message", {"text": str(number)}, callback=acked.append)

    server.stop()
    wait_until(lambda: not ana.client.connected, what="the end of what ana hears")

    texts = [record["text"] for record in log_lines(server)]
    assert [answer["message"]["text"] for answer in acked if answer["ok"]] == texts[: len(acked)]


def test_a_port_in_use_is_one_line(run_chatapp, taken_port, tmp_path):
    finished = run_chatapp("serve", "--port", taken_port, "--data", tmp_path / "data")

    assert finished.returncode == 1
    line = only_line(finished)
    assert f"port {taken_port}" in line
    assert "CHATAPP_PORT" in line


def test_a_second_server_on_the_same_data_is_one_line(server, run_chatapp, taken_port):
    finished = run_chatapp("serve", "--port", taken_port, "--data", server.data)

    assert finished.returncode == 1
    assert f"in use by another server (pid {server.pid})" in only_line(finished)


def test_data_that_cannot_be_written_is_one_line(run_chatapp, taken_port, tmp_path):
    (tmp_path / "file").write_text("not a folder")

    finished = run_chatapp("serve", "--port", taken_port, "--data", tmp_path / "file" / "data")

    assert finished.returncode == 1
    assert str(tmp_path / "file") in only_line(finished)


def test_a_damaged_log_is_one_line_that_says_where_and_what_to_do(
    server, connect, run_chatapp, taken_port
):
    ana = connect("ana")
    for number in range(5):
        call(ana, "message", {"text": f"number {number}"})
    ana.disconnect()
    server.stop()
    (segment,) = (server.data / "messages").glob("*.jsonl")
    segment.write_bytes(segment.read_bytes().replace(b"number 1", b"number 7"))
    (server.data / "index.sqlite3").unlink()

    finished = run_chatapp("serve", "--port", taken_port, "--data", server.data)

    assert finished.returncode == 1
    line = only_line(finished)
    assert f"{segment.name}" in line
    assert "line 2" in line
    assert "chatapp log repair" in line


@pytest.mark.parametrize(
    "args", [("--port", "http"), ("--access", "closed"), ("--message-rate", "fast")]
)
def test_a_wrong_setting_is_one_line_and_exit_code_2(run_chatapp, args):
    finished = run_chatapp("serve", *args)

    assert finished.returncode == 2
    assert f"CHATAPP_{args[0][2:].upper().replace('-', '_')}" in only_line(finished)


def test_the_help_lists_every_setting_with_its_default(run_chatapp):
    text = run_chatapp("serve", "--help").stdout

    for name in ("POSTGRES", "REDIS", "INTERNAL"):
        assert f"CHATAPP_{name}" in text
    for name in ("HOST", "PORT", "DATA", "ACCESS", "DURABILITY", "ORIGINS", "TRANSPORTS"):
        assert f"CHATAPP_{name}" in text
    for name in ("MESSAGE_RATE", "CONNECTIONS", "CONNECTIONS_PER_ADDRESS", "ADMIN_PASSWORD"):
        assert f"CHATAPP_{name}" in text


def test_the_data_folder_is_its_owners_alone(cold):
    assert os.stat(cold.data).st_mode & 0o777 == 0o700
    cold.stop()
    files = [path for path in cold.data.rglob("*") if path.is_file()]
    assert cold.data / "index.sqlite3" in files
    assert cold.data / "audit.sqlite3" in files
    assert [path for path in files if path.stat().st_mode & 0o077] == []


def test_too_few_open_files_are_one_line(tmp_path):
    finished = subprocess.run(
        [sys.executable, "-m", "chatapp", "serve", "--port", "0", "--data", str(tmp_path / "data")],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)),
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert finished.returncode == 2
    assert "The system allows 64 open files" in only_line(finished)
    assert not (tmp_path / "data").exists()


def test_who_writes_too_fast_is_told_when_again(new_server, connect):
    server = new_server(CHATAPP_MESSAGE_RATE="3 burst, 3 per minute").start()
    ana = connect("ana", url=server.url)

    answers = [call(ana, "message", {"text": str(number)}) for number in range(4)]

    assert [answer["ok"] for answer in answers] == [True, True, True, False]
    error = answers[3]["error"]
    assert error["code"] == "rate_limited"
    assert 0 < error["retry_after"] <= 60


def test_a_chat_for_members_lets_no_guest_in(new_server, connect):
    server = new_server(CHATAPP_ACCESS="members").start()

    with pytest.raises(socketio.exceptions.ConnectionError):
        connect("ana", url=server.url)


def test_a_start_waits_for_the_broker_but_not_for_ever(monkeypatch):
    broker = Mock(spec=Broker)
    is_up = PropertyMock(side_effect=[False, False, True])
    type(broker).is_up = is_up
    serve.wait_for_broker(broker)
    assert is_up.call_count == 3

    is_up.side_effect = None
    is_up.return_value = False
    monkeypatch.setattr(serve, "BROKER_SECONDS", 0.01)
    serve.wait_for_broker(broker)
