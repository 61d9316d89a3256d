"""The answers of the console: their command lines work as they stand, on this server."""

import html
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatapp.admin.help import server_commands
from tests.support.pages import Browser
from tests.support.server import Server
from tests.support.visitor import Visitor, server_with_admin

BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = server_with_admin(tmp_path_factory.mktemp("a server's folder"))
    yield server
    server.close()


def lines_of(page: str) -> list[str]:
    return [html.unescape(line) for line in re.findall(r"<code>([^<]+)</code>", page)]


def run(line: str) -> str:
    """A line of the page, as a shell reads it."""
    done = subprocess.run(
        ["/bin/sh", "-c", line], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


def test_the_line_for_a_backup_makes_one_that_the_overview_knows(
    server: Server, boss: Visitor, tmp_path: Path
) -> None:
    assert "No backup is known" in boss.get("/admin/overview").text
    (line,) = [one for one in lines_of(boss.get("/admin/help").text) if " backup " in one][:1]

    run(line.replace("/backups", str(tmp_path)))

    (made,) = tmp_path.iterdir()
    assert (made / "messages").is_dir()
    page = boss.get("/admin/overview").text
    assert "Last backup" in page
    assert str(made) in page


def test_the_line_for_a_bot_posts_with_a_token_of_the_page(server: Server, boss: Visitor) -> None:
    form = {"name": "Crier", "title": "news", "scope": ["read", "write"], "days": ""}
    secret = re.search(r"chatapp_[\w-]{20,}", boss.submit("/admin/bots", **form).text)
    assert secret
    (line,) = [one for one in lines_of(boss.get("/admin/help").text) if " send " in one]

    run(line.replace("chatapp_…", secret[0]).replace(" chatapp ", f" {BIN}/chatapp "))

    page = boss.get("/admin/messages").text
    assert "<p>Hello</p>" in page
    assert "Crier" in page


def test_folders_with_spaces_are_quoted_and_percent_signs_of_crontab_escaped() -> None:
    commands = server_commands(Path("/srv/my chat"))

    assert "--data '/srv/my chat'" in commands.backup
    assert commands.nightly.endswith("--data '/srv/my chat'")
    assert r"$(date +\%F)" in commands.nightly


@pytest.mark.parametrize("page", ["overview", "people", "rooms", "messages", "audit", "settings"])
def test_help_is_one_click_away(admin: Browser, page: str) -> None:
    assert 'href="/admin/help"' in admin.get(f"/admin/{page}").text


def test_who_can_see_what_follows_the_settings(admin: Browser) -> None:
    page = admin.get("/admin/help").text

    assert "no account is needed" in page
    assert "The members are not told" in page
