"""Two pages, the library and a plain script in one room, through a crash of the server."""

import threading
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from socketio import SimpleClient

from chatapp.client import ChatClient
from tests.page.people import BACK_MS, enter
from tests.support.browser import RESTARTING, Windows
from tests.support.server import Server
from tests.support.waiting import DEADLINE_SECONDS
from tests.test_way_of_a_message import call, log_lines

pytestmark = pytest.mark.service_worker


def test_everyone_talks_to_everyone_and_goes_on_after_kill_9(
    server: Server,
    windows: Windows,
    connect: Callable[..., SimpleClient],
    wait_until: Callable[..., None],
) -> None:
    windows.complaints.expect(RESTARTING)
    ana, ben = enter(windows, server, "ana"), enter(windows, server, "ben")
    with ChatClient(server.url, name="robot") as robot:
        heard: list[str] = []
        messages = robot.messages("general")
        listener = threading.Thread(target=lambda: heard.extend(m.text for m in messages))
        listener.start()
        script = connect("script")

        ana.say("from ana")
        ben.sees("from ana")
        call(script, "message", {"text": "from the script"})
        ben.sees("from ana", "from the script")
        robot.send("general", "from the robot")
        ana.sees("from ana", "from the script", "from the robot")

        server.kill9()
        ana.say("into the dark")
        server.start()

        everything = ["from ana", "from the script", "from the robot", "into the dark"]
        ana.sees_in_time(*everything)
        ben.sees_in_time(*everything)
        robot.send("general", "still here")
        expect(ben.sent.last).to_have_text("still here", timeout=BACK_MS)
        wait_until(lambda: heard == ["from ana", "from the script", "into the dark"])
    listener.join(timeout=DEADLINE_SECONDS)

    assert not listener.is_alive()
    assert [record["text"] for record in log_lines(server)] == [*everything, "still here"]
    assert [record["seq"] for record in log_lines(server)] == [1, 2, 3, 4, 5]
