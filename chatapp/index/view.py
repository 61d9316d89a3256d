"""Which messages of a room somebody reads: all, those shown in the room, or those of a thread."""

import msgspec

from chatapp.domain.model import Event


class View(msgspec.Struct, frozen=True, kw_only=True):
    """All messages; with `thread`, the replies to this message; `folded`, no replies but those that
    are shown in the room as well."""

    thread: int | None = None
    folded: bool = False

    def shows(self, event: Event, thread: int | None) -> bool:
        """Whether it has a message, which is in this `thread` now."""
        if self.thread is not None:
            return thread == self.thread
        return not self.folded or thread is None or bool(event.also_to_room)


ALL = View()
FOLDED = View(folded=True)


def pins_in(event: Event) -> dict[int, bool]:
    """The messages that a line of the chat pins, or with False unpins."""
    line = event.system
    if line is None or line.what not in ("pinned", "unpinned"):
        return {}
    return dict.fromkeys(line.seqs or (), line.what == "pinned")


def moves_of(event: Event) -> dict[int, int | None]:
    """The messages that a line of the chat moves within its room, and their threads from then on;
    None is out of a thread."""
    line = event.system
    if line is None or line.what != "moved" or line.room is not None:
        return {}
    return {seq: line.thread or None for seq in line.seqs or () if seq != line.thread}
