"""What alerts of Prometheus and of Grafana have in common: labels, annotations, severities."""

from collections.abc import Mapping

from chatapp.features.incoming_webhooks.formats.payload import PayloadPart
from chatapp.features.incoming_webhooks.formats.writing import (
    SQUARES,
    code,
    line,
    link,
    web_address,
)

MAX_ALERTS = 10
"""How many alerts of a message are listed."""
MAX_READ = 1000
MAX_LABELS = 8
RESOLVED, FIRING = "✅", "🔥"
_COLOURS = {
    "critical": "red",
    "page": "red",
    "high": "red",
    "error": "red",
    "major": "orange",
    "warning": "yellow",
    "medium": "yellow",
    "minor": "yellow",
    "low": "blue",
    "info": "blue",
    "none": "grey",
}


def severity(labels: Mapping[str, str]) -> str:
    """A square for the label `severity`; empty without one."""
    colour = _COLOURS.get(labels.get("severity", "").lower())
    return SQUARES[colour] if colour else ""


def sign_of(status: str, labels: Mapping[str, str]) -> str:
    """How an alert stands: resolved, or firing with its severity."""
    return RESOLVED if status == "resolved" else severity(labels) or FIRING


def labels_shown(labels: Mapping[str, str], without: Mapping[str, str]) -> str:
    """The labels of an alert that are not those of all, as `name=value`."""
    own = {
        name: value
        for name, value in labels.items()
        if name not in ("alertname", "severity", "grafana_folder", *without)
        and not name.startswith("__")
    }
    shown = [code(f"{name}={value}", 80) for name, value in list(own.items())[:MAX_LABELS]]
    return " ".join([*shown, *(["…"] if len(own) > MAX_LABELS else [])])


def alert_line(alert: PayloadPart, common: Mapping[str, str], *, told: Mapping[str, str]) -> str:
    """`- 🟥 a summary · labels · source`. `told` are annotations of all, which are not repeated."""
    labels, annotations = alert.pairs("labels"), alert.pairs("annotations")
    about = {
        name: annotations.get(name, "")
        for name in ("summary", "description", "message")
        if annotations.get(name, "") != told.get(name, "")
    }
    words = line(about.get("summary") or about.get("description") or about.get("message") or "")
    name = "" if "alertname" in common else line(labels.get("alertname", ""), 100)
    links = [
        link(label, address)
        for label, address in (
            ("source", alert.text("generatorURL")),
            ("dashboard", alert.text("dashboardURL")),
            ("panel", alert.text("panelURL")),
            ("silence", alert.text("silenceURL")),
            ("picture", alert.text("imageURL")),
            ("runbook", annotations.get("runbook_url", "")),
        )
        if web_address(address)
    ]
    values = line(alert.text("valueString"), 120)
    pieces = [name, words, labels_shown(labels, common), values, *links]
    return f"- {sign_of(alert.text('status'), labels)} " + " · ".join(filter(None, pieces))


def alert_list(part: PayloadPart, common: Mapping[str, str], told: Mapping[str, str]) -> list[str]:
    """A line for each alert, up to `MAX_ALERTS`, and how many there are more."""
    alerts = part.parts("alerts", MAX_READ)
    lines = [alert_line(alert, common, told=told) for alert in alerts[:MAX_ALERTS]]
    more = len(alerts) - len(lines) + (part.number("truncatedAlerts") or 0)
    return [*lines, *([f"- … and {more:,} more"] if more > 0 else [])]


def counts(part: PayloadPart) -> tuple[int, int]:
    """How many alerts fire, and how many are resolved."""
    states = [alert.text("status") for alert in part.parts("alerts", MAX_READ)]
    return states.count("firing"), states.count("resolved")
