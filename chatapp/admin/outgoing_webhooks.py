"""What the console needs of outgoing webhooks, in one object."""

from dataclasses import dataclass

from chatapp.features.outgoing_webhooks.by_hand import SentByHand
from chatapp.features.outgoing_webhooks.deliveries import DeliveryLog
from chatapp.features.outgoing_webhooks.manager import OutgoingWebhooks


@dataclass(frozen=True, slots=True)
class WebhookConsole:
    manager: OutgoingWebhooks
    by_hand: SentByHand
    deliveries: DeliveryLog
