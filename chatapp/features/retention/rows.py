"""What is stored of retention: a rule for each room that has one, and the plan of the next run."""

import msgspec

RULES = "retention"
PLANS = "retention_plans"
PLAN = "next"
"""The key of the only plan."""


class RetentionRule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How long a room keeps its messages: `days`, 0 for ever, None as long as the others. Nothing
    is removed from a room on legal `hold`. Messages up to the seq `removed_to` are gone."""

    days: int | None = None
    hold: bool = False
    removed_to: int = 0


class RetentionPlan(msgspec.Struct, frozen=True, kw_only=True):
    """When old messages are removed next, as a timestamp."""

    at: str


def held_rooms(rules: dict[str, RetentionRule]) -> list[str]:
    """The rooms on legal hold."""
    return sorted(room for room, rule in rules.items() if rule.hold)
