"""`python wsgi.py`, and what others make of wsgi.py."""

import subprocess
import sys
from pathlib import Path

import pytest

import wsgi
from tests.support.server import environment
from tools.steps import SetupError

ROOT = Path(wsgi.__file__).parent


def python(*args: str, data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *args],
        cwd=ROOT,
        env=environment({"CHATAPP_DATA": str(data)}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_flask_lists_the_routes_and_ends(tmp_path: Path):
    listed = python("-m", "flask", "--app", "wsgi", "routes", data=tmp_path / "data")

    assert listed.returncode == 0, listed.stderr
    assert "/login" in listed.stdout


def test_nothing_is_made_until_it_is_asked_for(tmp_path: Path):
    done = python("-c", "import wsgi; assert callable(wsgi.create_app)", data=tmp_path / "data")

    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("server", "args"),
    [
        ("flask run", ("-m", "flask", "--app", "wsgi", "run", "--port", "0")),
        ("gunicorn", ("-c", "import sys; sys.modules['gunicorn'] = sys; from wsgi import app")),
        ("waitress", ("-c", "import sys; sys.modules['waitress'] = sys; __import__('wsgi').app")),
        ("uwsgi", ("-c", "import sys; sys.modules['uwsgi'] = sys; import wsgi")),
    ],
)
def test_a_server_that_cannot_carry_the_sockets_is_told_so_in_one_line(
    tmp_path: Path, server: str, args: tuple[str, ...]
):
    refused = python(*args, data=tmp_path / "data")

    assert refused.returncode != 0
    assert refused.stderr.splitlines() == [
        f"chatapp: {server} cannot carry the chat's sockets; "
        "start it with `python wsgi.py` or `chatapp serve`."
    ]
    assert not (tmp_path / "data").exists()


def test_without_the_packages_one_line_says_what_to_run(tmp_path: Path):
    done = python("-S", "wsgi.py", data=tmp_path / "data")

    assert done.returncode == 1
    assert "pip install -r requirements.txt" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_where_the_pages_packages_cannot_be_fetched_one_line_says_what_to_run(
    monkeypatch: pytest.MonkeyPatch,
):
    def unreachable() -> None:
        raise SetupError("npm failed: the network is out of reach.")

    monkeypatch.setattr(wsgi, "copy_browser_packages", unreachable)

    with pytest.raises(SystemExit, match=r"`make run` fetches them\. npm failed: the network"):
        wsgi.main()
