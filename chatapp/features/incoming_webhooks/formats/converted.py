"""What a converter makes of a payload."""

import msgspec

from chatapp.features.incoming_webhooks.formats.payload import Unknown


class Converted(msgspec.Struct, frozen=True, kw_only=True):
    """A message in Markdown; an empty `text` is none. `name` and `sign`, an emoji, are how the
    sender calls itself. `thread` is the seq of the message that it answers. With `is_elsewhere`,
    names in the text are those of people on another site, who are not meant here."""

    text: str
    unknown: Unknown
    name: str = ""
    sign: str = ""
    thread: int | None = None
    also_to_room: bool = False
    is_elsewhere: bool = False
