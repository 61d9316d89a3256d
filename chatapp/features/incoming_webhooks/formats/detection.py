"""Finds out what a delivery is, by its headers, then by its shape, and converts it."""

from collections.abc import Callable
from urllib.parse import parse_qs

import msgspec

from chatapp.domain.errors import BadPayload, Unsupported
from chatapp.features.incoming_webhooks.formats.alertmanager import alertmanager
from chatapp.features.incoming_webhooks.formats.converted import Converted
from chatapp.features.incoming_webhooks.formats.gitea import gitea
from chatapp.features.incoming_webhooks.formats.github.events import github
from chatapp.features.incoming_webhooks.formats.gitlab import gitlab
from chatapp.features.incoming_webhooks.formats.grafana import grafana
from chatapp.features.incoming_webhooks.formats.payload import Unknown
from chatapp.features.incoming_webhooks.formats.slack import slack
from chatapp.features.incoming_webhooks.model import IncomingDelivery, Source

FORM = "application/x-www-form-urlencoded"
GITEA_EVENTS = ("x-gitea-event-type", "x-forgejo-event-type", "x-gitea-event", "x-forgejo-event")
MAX_FIELDS = 100
_HOW = "Send JSON, a form with the field `payload`, or text/plain."


def convert(delivery: IncomingDelivery, source: Source, room: str) -> Converted:
    """The message of a delivery. Raises an error if it has no form that the source can have."""
    if source == "text" or (source == "auto" and delivery.mimetype == "text/plain"):
        return Converted(text=_decoded(delivery.body), unknown=Unknown())
    payload = _payload(delivery)
    if not isinstance(payload, dict):
        raise BadPayload("The payload must be a JSON object.")
    actual = _recognized(delivery, payload) if source == "auto" else source
    if actual == "github":
        return github(payload, _event(delivery, "x-github-event"))
    if actual == "gitea":
        return gitea(payload, _event(delivery, *GITEA_EVENTS))
    if reader := _BY_SHAPE.get(actual):
        return reader(payload)
    return slack(payload, room)


_BY_SHAPE: dict[str, Callable[[object], Converted]] = {
    "gitlab": gitlab,
    "grafana": grafana,
    "alertmanager": alertmanager,
}


def _recognized(delivery: IncomingDelivery, payload: dict[str, object]) -> Source:
    """Gitea sends the header of GitHub too."""
    if any(map(delivery.header, GITEA_EVENTS)):
        return "gitea"
    if delivery.header("x-github-event"):
        return "github"
    if "object_kind" in payload:
        return "gitlab"
    if isinstance(payload.get("alerts"), list):
        is_grafana = "orgId" in payload or "state" in payload or "title" in payload
        return "grafana" if is_grafana else "alertmanager"
    return "grafana" if "ruleName" in payload and "state" in payload else "slack"


def _event(delivery: IncomingDelivery, *names: str) -> str:
    event = next(filter(None, map(delivery.header, names)), "")
    if not event:
        raise BadPayload(f"The header {names[0].title()} is missing.")
    return event


def _payload(delivery: IncomingDelivery) -> object:
    """Many programs send JSON without saying so, which makes it a form."""
    mimetype, body = delivery.mimetype, delivery.body
    is_form = mimetype == FORM and not body.lstrip().startswith(b"{")
    if is_form:
        body = _field_of_form(body)
    elif mimetype not in ("", FORM, "application/json") and not mimetype.endswith("+json"):
        raise Unsupported(f"A body of the type {mimetype!r} is not known here. {_HOW}")
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise BadPayload(f"The payload is not JSON: {error}.") from None


def _field_of_form(body: bytes) -> bytes:
    try:
        fields = parse_qs(_decoded(body), max_num_fields=MAX_FIELDS)
    except ValueError:
        raise BadPayload(f"The form has more than {MAX_FIELDS} fields.") from None
    if "payload" not in fields:
        raise BadPayload(f"The form has no field `payload`. {_HOW}")
    return fields["payload"][0].encode(errors="surrogatepass")


def _decoded(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise BadPayload("The body must be UTF-8.") from None
