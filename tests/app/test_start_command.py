"""What a page tells people to type, so that others can open the chat too."""

from typing import Any

import pytest

from chatapp.app.start_command import network_command
from chatapp.config import Config

MAKE = {"CHATAPP_STARTED_WITH": "make run"}
SLOW = "2 burst, 1 per second"


@pytest.mark.parametrize(
    ("program", "given", "environ", "command"),
    [
        ("chatapp serve", {}, {}, "chatapp serve --host 0.0.0.0"),
        ("chatapp serve", {"port": "9000"}, {}, "chatapp serve --host 0.0.0.0 --port 9000"),
        (
            "chatapp serve",
            {"host": "localhost", "message_rate": SLOW},
            {},
            f"chatapp serve --host 0.0.0.0 --message-rate '{SLOW}'",
        ),
        (
            "wsgi.py",
            {"data": "my chat"},
            {"CHATAPP_PORT": "9000"},
            "python wsgi.py --host 0.0.0.0 --port 9000 --data 'my chat'",
        ),
        (
            "chatapp serve",
            {"postgres": "postgresql://chat:secret@db/chat"},
            {},
            "chatapp serve --host 0.0.0.0 --postgres URL",
        ),
        ("chatapp serve", {}, MAKE, "CHATAPP_HOST=0.0.0.0 make run"),
        (
            "chatapp serve",
            {},
            MAKE | {"CHATAPP_PORT": "9000"},
            "CHATAPP_HOST=0.0.0.0 CHATAPP_PORT=9000 make run",
        ),
    ],
)
def test_it_is_the_command_that_was_used_with_its_port_and_its_data(
    program: str, given: dict[str, Any], environ: dict[str, str], command: str
) -> None:
    config = Config.load(environ, **given)

    assert network_command(config, program, given, environ) == command
