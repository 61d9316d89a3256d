"""What limits a bot: whose it is, where it may be, and how much it may send."""

import msgspec

MAX_BOT_ROOMS = 100
MAX_BOT_MESSAGES_A_MINUTE = 1_000


class BotLimits(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`owner` is the id of the account that answers for the bot. `rooms` are the names of the only
    rooms in which it may be; None means all that its owner may be in. `per_minute` is how many
    messages and other changes it may send in any minute; None means as many as a person.
    """

    owner: str
    rooms: tuple[str, ...] | None = None
    per_minute: int | None = None
