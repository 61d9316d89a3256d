"""What a report of an import says, in fewer numbers."""

import json
from typing import Any

_EVENTS = ("messages", "edits", "deletions", "reactions")


def counted(report: str) -> dict[str, Any]:
    """The report (JSON) with the number of events that were `imported`, of rows that were `bad`,
    and the `problems` as lines."""
    told: dict[str, Any] = json.loads(report)
    reasons = {**told["skipped"], **told["incomplete"]}
    return told | {
        "imported": sum(told[name] for name in _EVENTS),
        "bad": sum(one["count"] for one in told["skipped"].values()),
        "problems": [f"{one['examples'][0]}: {why}" for why, one in reasons.items()],
    }
