"""The app as a whole: several in one process, and what happens when a part of it fails."""

import subprocess
import sys
import textwrap

from chatapp.app.factory import create_app
from chatapp.config import Config


def test_two_apps_live_in_one_process(tmp_path):
    one = create_app(Config(data=tmp_path / "one"))
    two = create_app(Config(data=tmp_path / "two"))

    assert one.extensions["messages"] is not two.extensions["messages"]
    assert one.secret_key != two.secret_key
    one.extensions["resources"].close()
    two.extensions["resources"].close()


def test_a_view_that_fails_is_one_answer_and_one_traceback(tmp_path):
    program = textwrap.dedent(
        """
        import pathlib, sys, urllib.error, urllib.request
        from gevent.threadpool import ThreadPool
        from chatapp.config import Config
        from chatapp.app.factory import create_app

        app = create_app(Config(data=pathlib.Path(sys.argv[1])))

        @app.get("/boom")
        def boom():
            raise ZeroDivisionError("boom")

        _, port = app.extensions["realtime"].listen("127.0.0.1", 0)

        def visit():
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/boom", timeout=30)
            except urllib.error.HTTPError as error:
                print(error.code, error.read().decode())

        ThreadPool(1).apply(visit)
        """
    )

    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "data"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert done.stdout.startswith("500 ")
    assert "boom" not in done.stdout
    assert done.stderr.count("ZeroDivisionError: boom") == 1
    assert "RecursionError" not in done.stderr


def test_a_server_loads_no_library_that_it_does_not_need() -> None:
    libraries = [
        "aiohttp",
        "engineio",
        "markdown_it",
        "nacl",
        "prompt_toolkit",
        "requests",
        "rich",
        "socketio",
    ]
    script = f"import sys, chatapp.app.serve; print([n for n in {libraries} if n in sys.modules])"

    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert run.stdout == "[]\n"
