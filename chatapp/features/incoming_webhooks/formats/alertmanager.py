"""Notifications of Prometheus Alertmanager: a group of alerts with common labels.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

from chatapp.features.incoming_webhooks.formats.alerts import (
    alert_list,
    counts,
    labels_shown,
    sign_of,
)
from chatapp.features.incoming_webhooks.formats.converted import Converted
from chatapp.features.incoming_webhooks.formats.payload import PayloadPart, Unknown
from chatapp.features.incoming_webhooks.formats.writing import bold, joined, line, link


def alertmanager(payload: object) -> Converted:
    unknown = Unknown()
    part = PayloadPart(payload, "", unknown)
    common, told = part.pairs("commonLabels"), part.pairs("commonAnnotations")
    status = part.text("status")
    firing, resolved = counts(part)
    groups = part.pairs("groupLabels")
    name = common.get("alertname") or ", ".join(groups.values()) or "Alerts"
    numbers = f"{firing} firing" if firing else ""
    if resolved:
        numbers = f"{numbers}, {resolved} resolved" if numbers else f"{resolved} resolved"
    address = part.text("externalURL")
    title = bold(link(name, address))
    first = f"{sign_of(status, common)} {title}"
    summary = line(told.get("summary") or told.get("description") or "")
    text = joined(
        f"{first} — {numbers}" if numbers else first,
        summary,
        labels_shown(common, {}),
        *alert_list(part, common, told),
    )
    if not status and not firing and not resolved:
        unknown.add("the payload")
        text = ""
    return Converted(text=text, unknown=unknown, is_elsewhere=True)
