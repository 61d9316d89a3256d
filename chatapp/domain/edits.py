"""What an edit changes: the text of a message, or what goes with it."""

from chatapp.domain.model import Event


def changes_text(event: Event) -> bool:
    """Whether an event is an edit that somebody made of a text; others repeat the text, for clients
    that know no files or previews, or have the result of a poll."""
    says_more = event.files is not None or event.previews is not None or event.poll is not None
    return event.type == "edit" and not says_more
