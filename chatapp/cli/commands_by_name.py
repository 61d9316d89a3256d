"""A group of commands, each of which is imported when it is called.

`chatapp send` in a script must not wait for a web server to be imported, nor `chatapp log import`
for the terminal.
https://click.palletsprojects.com/en/stable/complex/#lazily-loading-subcommands
"""

import importlib
from collections.abc import Mapping
from typing import Any

import click


class CommandsByName(click.Group):
    """`modules` are the commands by their names: `module:name`."""

    def __init__(self, *arguments: Any, modules: Mapping[str, str], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._modules:
            return None
        module, name = self._modules[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command
