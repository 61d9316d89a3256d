"""`chatapp bench`, small."""

import re

TRIES = 3
"""A machine that is busy with something else may stand still once, but not each time."""


def test_it_measures_a_small_crowd_and_leaves_nothing_behind(run_chatapp, tmp_path):
    def has_measured() -> bool:
        finished = run_chatapp(
            *("bench", "--people", "20", "--rooms", "2", "--messages", "20", "--seconds", "2"),
            env={"TMPDIR": str(tmp_path)},
        )
        assert finished.returncode == 0, finished.stderr
        assert re.search(
            r"20 people with 20 messages a second: that is (fine|too much) here", finished.stdout
        )
        said, heard = re.search(r"│ 20 +│ (\d+) +│ (\d+) ", finished.stdout).groups()
        return int(said) >= 15 and int(heard) >= 4 * int(said)

    assert any(has_measured() for _ in range(TRIES))
    assert [path.name for path in tmp_path.iterdir() if path.name != "commands"] == []
