"""When quiet hours are; the page is asked the same, tests/js/notify-rules.test.js."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from chatapp.domain.quiet_hours import is_within

EXAMPLES = json.loads(Path(__file__).with_name("quiet_hours.json").read_text("utf-8"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each["quiet"]["zone"])
def test_quiet_hours_are_in_their_own_time_zone_and_may_pass_midnight(example):
    for at, expected in example["within"].items():
        assert is_within(datetime.fromisoformat(at), **example["quiet"]) is expected, at
