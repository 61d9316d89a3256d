"""`chatapp log stats`: how much, of whom, from when to when."""

import json
from pathlib import Path

from chatapp.cli.log import log

from .conftest import Run


def test_stats_count_rooms_and_people(run: Run):
    told = json.loads(run(log, "stats", "--json").stdout)

    assert told["records"] == 5
    assert told["rooms"] == {"general": 4, "tea": 1}
    assert told["senders"] == {"bo": 3, "ana": 2}
    assert "general" in run(log, "stats").stdout


def test_stats_tell_the_earliest_and_the_latest_also_of_what_was_imported(run: Run, tmp_path: Path):
    row = {"client": "zoe", "message": "long ago", "timestamp": "2010-02-02T00:00:00Z"}
    (tmp_path / "old.json").write_text(json.dumps([row]))
    latest = json.loads(run(log, "stats", "--json").stdout)["last_at"]
    run(log, "import", tmp_path / "old.json")

    told = json.loads(run(log, "stats", "--json").stdout)

    assert (told["first_at"], told["last_at"]) == ("2010-02-02T00:00:00.000Z", latest)
