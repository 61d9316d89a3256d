"""What the files of a Zulip export are made of, as far as they are read."""

import msgspec

from chatapp.domain.structs import prepare


class ZulipUser(msgspec.Struct):
    id: int
    email: str = ""
    full_name: str = ""
    delivery_email: str | None = None
    is_bot: bool = False
    is_active: bool = True


class ZulipChannel(msgspec.Struct):
    id: int
    name: str
    description: str = ""
    invite_only: bool = False
    deactivated: bool = False
    date_created: float | None = None


class ZulipRecipient(msgspec.Struct):
    """To whom messages go. `type` is 1 for a person, 2 for a channel, 3 for a group; `type_id` is
    the id of that."""

    id: int
    type: int
    type_id: int


class ZulipSubscription(msgspec.Struct):
    user_profile: int
    recipient: int
    active: bool = True


class ZulipReaction(msgspec.Struct):
    user_profile: int
    message: int
    emoji_name: str
    emoji_code: str = ""
    reaction_type: str = "unicode_emoji"


class ZulipMessage(msgspec.Struct):
    id: int
    sender: int
    recipient: int
    date_sent: float
    content: str
    subject: str = ""
    last_edit_time: float | None = None


prepare(
    [
        ZulipChannel,
        ZulipMessage,
        ZulipReaction,
        ZulipRecipient,
        ZulipSubscription,
        ZulipUser,
    ]
)
