"""`chatapp log reindex`: the index, made again."""

from pathlib import Path

from chatapp.cli.log import log

from .conftest import Run


def test_reindex_makes_the_index_again(run: Run, data: Path):
    (data / "index.sqlite3").write_bytes(b"nonsense")

    assert "5 records" in run(log, "reindex").stdout
    run(log, "verify")
