"""Tells admins in the chat of webhooks that were switched off: at once, and when they connect."""

from collections.abc import Callable, Iterable
from typing import Any

from chatapp.domain.rights import is_admin
from chatapp.features.outgoing_webhooks.rows import OutgoingWebhook, WebhookRows
from chatapp.protocol.pushes import WebhookOff
from chatapp.transport import Connection, Realtime


class WebhookTeller:
    """`connections()` are those of the accounts at this process."""

    def __init__(
        self,
        rows: WebhookRows,
        realtime: Realtime,
        connections: Callable[[], Iterable[Connection]],
    ) -> None:
        self._rows = rows
        self._realtime = realtime
        self._connections = connections

    def register(self) -> None:
        self._realtime.on_connect(self._connected)
        self._rows.table.on_followed(self._followed)

    def tell(self, id: str) -> None:
        """A webhook is off, and that is durable."""
        webhook = self._rows.table.get(id)
        if webhook is not None and webhook.off is not None:
            for connection in self._connections():
                self._tell(connection, id, webhook)

    def _connected(self, connection: Connection, _auth: bytes, _environ: dict[str, Any]) -> None:
        for id, webhook in self._rows.all().items():
            self._tell(connection, id, webhook)

    def _followed(self, id: str, old: OutgoingWebhook | None, new: OutgoingWebhook | None) -> None:
        """By way of another process."""
        if new and new.off and not (old and old.off):
            self.tell(id)

    def _tell(self, connection: Connection, id: str, webhook: OutgoingWebhook) -> None:
        person = connection.person
        if webhook.off is None or not is_admin(person) or "admin" not in person.scopes:
            return
        off = WebhookOff(id=id, title=webhook.title, problem=webhook.off.problem, at=webhook.off.at)
        self._realtime.send(connection, "webhook_off", off)
