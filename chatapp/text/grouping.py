"""Groups consecutive messages of one sender under one name.

static/js/lib/messages/grouping.js has the same rule, in the reader's time zone.
"""

from chatapp.domain.model import Message
from chatapp.text.actions import is_action

GROUP_MINUTES = 5


def continues(message: Message, previous: Message | None) -> bool:
    """Whether a message belongs to the group of the one before it; days are in UTC."""
    return (
        previous is not None
        and _is_one_sender(previous, message)
        and message.reply_to is None
        and not message.also_to_room
        and message.system is None
        and previous.system is None
        and not is_action(message.text)
        and not is_action(previous.text)
        and message.at[:10] == previous.at[:10]
        and _minute_of_day(message.at) - _minute_of_day(previous.at) < GROUP_MINUTES
    )


def _is_one_sender(one: Message, other: Message) -> bool:
    """Whether the sender is the same: two guests may have had the same name, and two programs may
    use a webhook. Older messages have no id."""
    is_one = one.sender == other.sender and one.via == other.via
    return is_one and (one.by or other.by) == (other.by or one.by)


def _minute_of_day(at: str) -> int:
    return int(at[11:13]) * 60 + int(at[14:16])
