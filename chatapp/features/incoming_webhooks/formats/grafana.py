"""Notifications of Grafana: those of its alerting, and of the older dashboard alerts.

https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
"""

from chatapp.features.incoming_webhooks.formats.alerts import alert_list, counts, sign_of
from chatapp.features.incoming_webhooks.formats.converted import Converted
from chatapp.features.incoming_webhooks.formats.payload import PayloadPart, Unknown
from chatapp.features.incoming_webhooks.formats.writing import (
    SQUARES,
    bold,
    code,
    joined,
    line,
    link,
)

_OLD_STATES = {
    "alerting": SQUARES["red"],
    "ok": "✅",
    "no_data": SQUARES["grey"],
    "paused": SQUARES["grey"],
    "pending": SQUARES["yellow"],
}
MAX_MATCHES = 10


def grafana(payload: object) -> Converted:
    unknown = Unknown()
    part = PayloadPart(payload, "", unknown)
    text = _dashboard_alert(part) if "ruleName" in part or "ruleUrl" in part else _alerting(part)
    if not text:
        unknown.add("the payload")
    return Converted(text=text, unknown=unknown, is_elsewhere=True)


def _alerting(part: PayloadPart) -> str:
    common, told = part.pairs("commonLabels"), part.pairs("commonAnnotations")
    status = part.text("status")
    firing, resolved = counts(part)
    if not status and not firing and not resolved:
        return ""
    name = common.get("alertname") or part.text("title") or "Alerts"
    title = bold(link(name, part.text("externalURL")))
    numbers = ", ".join(
        [*([f"{firing} firing"] if firing else []), *([f"{resolved} resolved"] if resolved else [])]
    )
    first = f"{sign_of(status, common)} {title}"
    return joined(
        f"{first} — {numbers}" if numbers else first,
        line(told.get("summary") or told.get("description") or ""),
        *alert_list(part, common, told),
    )


def _dashboard_alert(part: PayloadPart) -> str:
    state = part.text("state")
    title = bold(link(part.text("ruleName") or part.text("title"), part.text("ruleUrl")))
    matches = [
        f"- {code(match.text('metric'))}: {line(match.text('value'))}"
        for match in part.parts("evalMatches", MAX_MATCHES)
    ]
    first = f"{_OLD_STATES.get(state, '🔔')} {title} — {line(state)}"
    return joined(first, line(part.text("message")), *matches)
