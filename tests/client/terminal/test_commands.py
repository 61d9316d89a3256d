"""What the lines mean that people type."""

import pytest

from chatapp.client.terminal.commands import HELP, Line, help_text, parse


@pytest.mark.parametrize(
    ("line", "parsed"),
    [
        ("hola", Line("say", "hola")),
        ("  hola ", Line("say", "  hola ")),
        ("//etc/hosts", Line("say", "/etc/hosts")),
        ("/join tea", Line("join", "tea")),
        ("/JOIN  tea ", Line("join", "tea")),
        ("/me waves, and goes", Line("me", "waves, and goes")),
        ("/quit", Line("quit", "")),
        ("/", Line("", "")),
    ],
)
def test_a_line_is_a_command_or_says_itself(line, parsed):
    assert parse(line) == parsed


def test_the_help_lists_every_command():
    text = help_text()

    assert all(f"/{command}" in text for command in HELP)
    assert "//" in text
