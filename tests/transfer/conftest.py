"""Imports of other chats' exports, as a person or a script runs them."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from chatapp.cli.log import log
from chatapp.domain.model import Message, Room
from chatapp.features.accounts.model import Account, Retired
from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory


class Imports:
    """A data folder, and what imports have made of it."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def run(self, file: Path, *options: object, code: int = 0) -> dict[str, Any]:
        """The report of an import."""
        result = self.call(file, "--json", *options)
        assert result.exit_code == code, result.output
        report: dict[str, Any] = json.loads(result.stdout)
        return report

    def call(self, file: Path, *options: object) -> Any:
        arguments = ["import", str(file), "--data", str(self.data), *map(str, options)]
        return CliRunner().invoke(log, arguments)

    def messages(self, room: str = "general") -> list[Message]:
        with closing(MessageLog.open(self.data / "messages")) as messages:
            return messages.history(room, limit=200).messages

    def texts(self, room: str = "general") -> list[str]:
        return [message.text for message in self.messages(room)]

    def rooms(self) -> dict[str, Room]:
        return self._table("rooms", Room)

    def accounts(self) -> dict[str, Account]:
        return {one.name: one for one in self._table("accounts", Account).values()}

    def former(self) -> dict[str, Retired]:
        return {one.name: one for one in self._table("retired", Retired).values()}

    def joined(self) -> dict[str, list[str]]:
        return self._table("joined", list[str])

    def put(self, table: str, key: str, value: object) -> None:
        DataFolder.open(self.data).close()
        with closing(Directory.open(self.data / "directory")) as directory:
            directory.table(table, object).put(key, value)

    def _table(self, name: str, type: Any) -> dict[str, Any]:
        with closing(Directory.open(self.data / "directory")) as directory:
            return dict(directory.table(name, type).items())


@pytest.fixture
def imports(tmp_path: Path) -> Imports:
    return Imports(tmp_path / "data")
