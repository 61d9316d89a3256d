"""A new user does five tasks by what they see, in few presses."""

from pathlib import Path

from tests.page.tasks import TASKS, prepare
from tests.support.browser import Windows

PRESSES = {
    "bring somebody in from a phone": 8,
    "find the one mention among 80 rooms": 1,
    "mute a room for an hour": 3,
    "find what one person said last month": 7,
    "let a bot in": 7,
}


def test_five_tasks_are_done_by_roles_and_words_alone(tmp_path: Path, windows: Windows) -> None:
    chat = prepare(tmp_path, windows)
    try:
        efforts = {name: do(chat) for name, do in TASKS.items()}
    finally:
        chat.ben.disconnect()
        windows.close()  # before the server: the last page may still be loading
        chat.server.close()

    assert {name: effort.presses for name, effort in efforts.items()} == PRESSES
    assert not any(effort.turns for effort in efforts.values()), efforts
