"""What sentences about events of GitHub have in common: who did what, and where."""

from collections.abc import Callable

from chatapp.features.incoming_webhooks.formats.converted import Converted
from chatapp.features.incoming_webhooks.formats.forge import headline, words
from chatapp.features.incoming_webhooks.formats.payload import PayloadPart, Unknown
from chatapp.features.incoming_webhooks.formats.writing import line, link

Reader = Callable[[PayloadPart, str], str]
"""The message for an event and its action; empty if there is none."""


def converted(
    part: PayloadPart, event: str, events: dict[str, Reader], unknown: Unknown
) -> Converted:
    reader, action = events.get(event), part.text("action")
    text = reader(part, action) if reader else ""
    if not text:
        unknown.add(words(f"the event {event}", action and f"({action})"))
    return Converted(text=text, unknown=unknown, is_elsewhere=True)


def who(part: PayloadPart) -> str:
    sender = part.part("sender")
    name = sender.text("login") or sender.text("username")
    return link(name, sender.text("html_url")) or "Somebody"


def sentence(part: PayloadPart, *said: str) -> str:
    return headline(part.part("repository"), who(part), *said)


def brackets(name: str) -> str:
    return f"({line(name, 60)})" if name else ""
