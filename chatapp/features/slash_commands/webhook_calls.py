"""Calls the webhook that has a command, and gives it an address for later answers.

    command=%2Fdeploy&text=web&user_name=ana&channel_name=ops&response_url=…     Slack's form, or
    {"type": "command.run", "timestamp": …, "data": {"name": "deploy", …}}       our signed JSON

One POST, which has three seconds and is never repeated: whoever has typed the command is told what
came of it. Both forms are signed twice, after Standard Webhooks and as Slack does it, so programs
that were written for Slack need no change.
"""

import hmac
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import urlencode

import msgspec

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.future import Future
from chatapp.domain.limits import TAKE_SECONDS
from chatapp.features.outgoing_webhooks import signing
from chatapp.features.outgoing_webhooks.attempts import PORTS
from chatapp.features.outgoing_webhooks.rows import OutgoingWebhook, WebhookCommand, WebhookRows
from chatapp.features.outgoing_webhooks.sending_rights import Obstacle
from chatapp.features.outgoing_webhooks.signing import SealedSecrets
from chatapp.features.slash_commands.slack_answers import MAX_ANSWER_BYTES
from chatapp.outbound.calls import Call, Reply
from chatapp.protocol.pushes import CommandCall

TYPE = "command.run"
FORM = "application/x-www-form-urlencoded"
TOKEN_CHARACTERS = 32


class SentCall(CommandCall, frozen=True, kw_only=True, omit_defaults=True):
    """What our JSON says of a command. `response_url` takes answers for half an hour."""

    response_url: str = ""


class SentCommand(msgspec.Struct, frozen=True, kw_only=True):
    type: str
    timestamp: str
    data: SentCall


class WebhookCalls:
    """`call(wanted)` calls another host. `obstacle(webhook, room)` says why a webhook may not hear
    of a room. `allowed()` are hosts that may be called although they are not on the internet.
    Addresses for answers follow from the `secret`, which all processes share."""

    def __init__(
        self,
        rows: WebhookRows,
        call: Callable[[Call], Future[Reply]],
        secrets: SealedSecrets,
        *,
        obstacle: Callable[[OutgoingWebhook, str], Obstacle | None],
        allowed: Callable[[], frozenset[str]],
        secret: bytes,
        clock: Clock,
    ) -> None:
        self._rows = rows
        self._call = call
        self._secrets = secrets
        self._obstacle = obstacle
        self._allowed = allowed
        self._secret = secret
        self._clock = clock

    def find(self, id: str) -> OutgoingWebhook | None:
        return self._rows.table.get(id)

    def problem(self, id: str, room: str) -> str:
        """Why a webhook cannot be called now; "" if it can."""
        webhook = self.find(id)
        if webhook is None or webhook.command is None:
            return "The webhook is gone."
        if not webhook.is_on:
            return f"The webhook {webhook.title} is switched off."
        obstacle = self._obstacle(webhook, room)
        return obstacle.problem if obstacle else ""

    def send(
        self, webhook: OutgoingWebhook, command: WebhookCommand, call: CommandCall
    ) -> Future[Reply]:
        """The answer of the receiver; fails with `OutboundError`."""
        now = self._clock()
        at = int(now.timestamp())
        url = f"{command.address}/hooks/commands/{call.id}/{self.token(call.id)}"
        response_url = url if command.address else ""
        body = _json(call, response_url) if command.signed else _form(call, response_url)
        keys = self._secrets.keys_at(webhook, timestamp(now))
        headers = signing.headers(keys, f"run_{call.id}", at, body)
        wanted = Call(
            url=webhook.url,
            method="POST",
            headers={
                **headers,
                **slack_headers(keys[0], at, body),
                "Content-Type": "application/json" if command.signed else FORM,
            },
            body=body,
            seconds=TAKE_SECONDS,
            max_bytes=MAX_ANSWER_BYTES + 1,
            cut=True,
            ports=PORTS,
            allowed=self._allowed(),
        )
        return self._call(wanted)

    def token(self, run: str) -> str:
        """What the address for answers to a run ends with."""
        return hmac.digest(self._secret, f"answers to {run}".encode(), "sha256").hex()[
            :TOKEN_CHARACTERS
        ]

    def is_token(self, run: str, token: str) -> bool:
        return hmac.compare_digest(self.token(run).encode(), token.encode())


def slack_headers(key: bytes, at: int, body: bytes) -> dict[str, str]:
    """https://docs.slack.dev/authentication/verifying-requests-from-slack; the signing secret is
    the whole text `whsec_…`."""
    secret = signing.PREFIX.encode() + b64encode(key)
    digest = hmac.digest(secret, f"v0:{at}:".encode() + body, "sha256").hex()
    return {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": f"v0={digest}"}


def _json(call: CommandCall, response_url: str) -> bytes:
    data = SentCall(**msgspec.structs.asdict(call), response_url=response_url)
    return msgspec.json.encode(SentCommand(type=TYPE, timestamp=call.at, data=data))


def _form(call: CommandCall, response_url: str) -> bytes:
    """https://docs.slack.dev/interactivity/implementing-slash-commands. Ids of rooms are names; a
    thread is the number of its first message, which `thread_ts` of an answer takes."""
    fields = {
        "command": f"/{call.name}",
        "text": call.text,
        "user_id": call.by,
        "user_name": call.sender,
        "channel_id": call.room,
        "channel_name": call.room,
        "team_id": "",
        "team_domain": "",
        "api_app_id": "",
        "is_enterprise_install": "false",
        "trigger_id": call.id,
        "response_url": response_url,
    }
    if call.thread is not msgspec.UNSET:
        fields["thread_ts"] = str(call.thread)
    return urlencode(fields).encode()
