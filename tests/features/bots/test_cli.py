"""`chatapp bot …` without a server: the same rules, offline."""

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
    """`chatapp …` on a data folder with the account Ana."""

    def chatapp(*args: str, input: str = "") -> subprocess.CompletedProcess[str]:
        return run_chatapp(*args, env={"CHATAPP_DATA": str(tmp_path / "data")}, input=input)

    chatapp("user", "add", "Ana", "--password-stdin", input=PASSWORD)
    return chatapp


def test_a_bot_is_added_listed_limited_and_removed(chatapp: Run) -> None:
    added = chatapp("bot", "add", "Deploy", "--owner", "ana", "--rooms", "general")
    listed = json.loads(chatapp("bot", "list", "--json").stdout)
    table = chatapp("bot", "list").stdout
    accounts = [json.loads(line) for line in chatapp("user", "list", "--json").stdout.splitlines()]
    changed = chatapp("bot", "set", "deploy", "--all-rooms", "--per-minute", "30")
    shown = chatapp("bot", "show", "deploy")
    removed = chatapp("bot", "remove", "Deploy", "--yes")

    assert re.fullmatch(r"chatapp_\S+\n", added.stdout), added
    assert (listed["owner"], listed["rooms"], listed["used_at"]) == ("Ana", ["general"], None)
    assert [token["scopes"] for token in listed["tokens"]] == [["read", "write"]]
    assert re.search(r"Deploy +Ana +general +- +1 +-", table)
    assert [(one["name"], one["role"]) for one in accounts] == [
        ("Ana", "member"),
        ("Deploy", "bot"),
    ]
    assert (changed.returncode, removed.returncode) == (0, 0), (changed, removed)
    assert re.search(r"Rooms +all of its owner's\nA minute +30\n", shown.stdout)
    assert chatapp("bot", "list", "--json").stdout == ""
    assert chatapp("token", "list", "--json").stdout == ""


def test_scopes_are_those_that_are_given_and_read(chatapp: Run) -> None:
    chatapp("bot", "add", "Deploy", "--owner", "Ana", "--scope", "react,post", "--days", "9")

    (token,) = json.loads(chatapp("bot", "show", "Deploy", "--json").stdout)["tokens"]

    assert token["scopes"] == ["read", "post", "react"]
    assert token["expires_at"] is not None


def test_tokens_are_revoked_one_by_one_or_all_together(chatapp: Run) -> None:
    chatapp("bot", "add", "Deploy", "--owner", "Ana")
    for title in ("second", "third"):
        chatapp("token", "create", "Deploy", title)
    tokens = json.loads(chatapp("bot", "show", "Deploy", "--json").stdout)["tokens"]
    (second,) = [token["id"] for token in tokens if token["title"] == "second"]

    one = chatapp("bot", "revoke", "Deploy", second)
    left = json.loads(chatapp("bot", "show", "Deploy", "--json").stdout)["tokens"]
    others = chatapp("bot", "revoke", "Deploy")
    again = chatapp("bot", "revoke", "Deploy")

    assert (one.returncode, others.returncode) == (0, 0)
    assert {token["title"] for token in left} == {"Deploy", "third"}
    assert "has no token" in again.stderr
    assert "Traceback" not in again.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("add", "Deploy"), "Missing option '--owner'"),
        (("add", "Deploy", "--owner", "Zoe"), "no account called 'Zoe'"),
        (("add", "Deploy", "--owner", "Ana", "--rooms", "ci"), "no room called 'ci'"),
        (("add", "Deploy", "--owner", "Ana", "--rooms", "ci,"), "is not a list"),
        (("add", "Deploy", "--owner", "Ana", "--scope", "fly"), "'fly' is not a scope"),
        (("add", "Ana", "--owner", "Ana"), "The name Ana is taken"),
        (("set", "Ana", "--per-minute", "5"), "is a person, not a bot"),
        (("set", "Ana", "--per-minute", "1001"), "not in the range"),
        (("set", "Ana"), "Give --owner"),
        (("set", "Ana", "--rooms", "ci", "--all-rooms"), "Give --rooms or --all-rooms"),
        (("revoke", "Ana"), "is a person, not a bot"),
        (("remove", "Ana", "--yes"), "is a person, not a bot"),
        (("remove", "Ana"), "--yes"),
    ],
)
def test_what_cannot_be_is_refused_with_one_line(chatapp: Run, args, said) -> None:
    refused = chatapp("bot", *args)

    assert refused.returncode != 0
    assert said in " ".join(refused.stderr.split())
    assert "Traceback" not in refused.stderr
    assert chatapp("bot", "list", "--json").stdout == ""
