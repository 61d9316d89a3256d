"""An export as Parquet has the rows of the data frame."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chatapp.cli.log import log
from chatapp.transfer import parquet_export
from chatapp.transfer.frame import frame
from tests.support.target_chat import TargetChat, talk

polars = pytest.importorskip("polars")


@pytest.fixture
def chat(tmp_path: Path) -> TargetChat:
    chat = TargetChat(tmp_path / "source")
    talk(chat)
    return chat


def call(chat: TargetChat, *options: object) -> Result:
    arguments = ["export", "--format", "parquet", "--data", chat.data, *options]
    return CliRunner().invoke(log, list(map(str, arguments)))


def test_a_table_has_the_rows_of_the_data_frame(
    chat: TargetChat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(parquet_export, "MESSAGES_OF_A_PART", 4)  # So that there are several.
    out = tmp_path / "out [1] *"
    out.mkdir()

    result = call(chat, "-o", out / "chat.parquet")

    assert result.exit_code == 0, result.output
    table = polars.read_parquet(out / "chat.parquet", glob=False)
    assert table.height > 8
    assert table.equals(frame(chat.data))
    assert table.schema == frame(chat.data).schema
    assert [each.name for each in out.iterdir()] == ["chat.parquet"]


def test_a_part_without_messages_is_an_empty_table(chat: TargetChat, tmp_path: Path):
    result = call(chat, "-o", tmp_path / "chat.parquet", "--until", "2020-01-01")

    assert result.exit_code == 0, result.output
    assert polars.read_parquet(tmp_path / "chat.parquet").height == 0


def test_a_table_needs_a_file(chat: TargetChat):
    result = call(chat)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "needs a file: -o chat.parquet" in result.stderr


def test_without_the_library_it_says_what_to_install(
    chat: TargetChat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "polars", None)

    result = call(chat, "-o", tmp_path / "chat.parquet")

    assert result.exit_code == 1
    assert "pip install 'chatapp[data]'" in result.stderr
    assert list(tmp_path.glob("chat.parquet*")) == []
