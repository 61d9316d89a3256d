import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.accounts import PASSWORD

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def chatapp(run_chatapp: Run, tmp_path: Path) -> Run:
    """`chatapp …` on a data folder of its own, without a server."""

    def chatapp(*args: str, input: str = "") -> subprocess.CompletedProcess[str]:
        env = {"CHATAPP_DATA": str(tmp_path / "data"), "CHATAPP_PORT": "8099"}
        return run_chatapp(*args, env=env, input=input)

    return chatapp


def test_accounts_are_made_listed_changed_and_removed(chatapp: Run) -> None:
    made = [
        chatapp("user", "add", "Olga", "--role", "owner", "--password-stdin", input=PASSWORD),
        chatapp("user", "add", "Ana [x]", "--password-stdin", input=PASSWORD + "\n"),
        chatapp("user", "role", "ana [x]", "admin"),
    ]
    listed = chatapp("user", "list", "--json").stdout.splitlines()
    table = chatapp("user", "list").stdout
    removed = chatapp("user", "remove", "Ana [x]", "--yes")
    left = chatapp("user", "list", "--json").stdout.splitlines()

    assert [one.returncode for one in [*made, removed]] == [0, 0, 0, 0], made
    accounts = [json.loads(line) for line in listed]
    assert [(one["name"], one["role"]) for one in accounts] == [
        ("Ana [x]", "admin"),
        ("Olga", "owner"),
    ]
    assert "password" not in listed[0]
    assert re.search(r"Name +Display name +Role +Since +Last used +Sessions", table)
    assert re.search(r"Ana \[x\] +- +admin +\d{4}-\d\d-\d\d +- +0", table)
    assert len(left) == 1


def test_the_former_name_of_remove_works_with_a_warning(chatapp: Run) -> None:
    chatapp("user", "add", "Olga", "--password-stdin", input=PASSWORD)

    removed = chatapp("user", "erase", "Olga", "--yes")

    assert removed.returncode == 0
    assert "is now `user remove`" in removed.stderr
    assert "erase" not in chatapp("user", "--help").stdout
    assert chatapp("user", "list", "--json").stdout == ""


def test_links_stand_alone_on_their_line(chatapp: Run) -> None:
    chatapp("user", "add", "Olga", "--role", "owner", "--password-stdin", input=PASSWORD)

    invite = chatapp("invite", "--uses", "3", "--days", "1").stdout
    reset = chatapp("user", "reset", "olga").stdout

    assert re.fullmatch(r"http://localhost:8099/invite/[\w-]{43}\n", invite)
    assert re.fullmatch(r"http://localhost:8099/reset/[\w-]{43}\n", reset)


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["role", "Nobody", "admin"], 4, "There is no account called 'Nobody'"),
        (["role", "Olga", "admin"], 5, "the only owner"),
        (["role", "Olga", "king"], 2, "king"),
        (["add", "OLGA", "--password-stdin"], 1, "name OLGA is taken"),
        (["add", "Ana"], 2, "--password-stdin"),
        (["remove", "Olga"], 2, "--yes"),
    ],
)
def test_what_is_refused_is_one_line_and_an_exit_code(
    chatapp: Run, args: list[str], code: int, said: str
) -> None:
    chatapp("user", "add", "Olga", "--role", "owner", "--password-stdin", input=PASSWORD)

    answer = chatapp("user", *args, input=PASSWORD)

    assert answer.returncode == code
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""


def test_a_short_password_is_refused(chatapp: Run) -> None:
    answer = chatapp("user", "add", "Ana", "--password-stdin", input="short\n")

    assert answer.returncode == 1
    assert "at least 8 characters" in answer.stderr
