"""The lines of the chat in the languages of the page, as the server writes them."""

import json

import pytest

from chatapp.domain.model import Message, SystemLine
from chatapp.features.pages.system_lines import sentence
from chatapp.resources import STATIC
from chatapp.web.languages import LANGUAGES, Words

WORDS = {
    language: Words(language, json.loads((STATIC / "i18n" / f"{language}.json").read_text()))
    for language in LANGUAGES
}
TITLED = SystemLine(what="titled", thread=3)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("ana named the thread “Cups”", TITLED, "Ana named the thread “Cups”"),
        ("ana removed it", TITLED, "Ana removed the title of the thread"),
        ("…", SystemLine(what="moved", seqs=[4], thread=3), "Ana moved a message to a thread"),
        ("…", SystemLine(what="moved", seqs=[4, 5]), "Ana moved 2 messages out of a thread"),
        (
            "…",
            SystemLine(what="moved", seqs=[4, 5], room="soup", thread=3),
            "Ana moved 2 messages between rooms",
        ),
        ("…", SystemLine(what="moved", seqs=[4], room=""), "Ana moved a message between rooms"),
    ],
)
def test_titles_and_moves_are_said_in_the_readers_words(text: str, line: SystemLine, said: str):
    message = Message(room="tea", seq=9, sender="ana", text=text, at="", system=line)

    says = sentence(message)

    assert says
    told = {"name": "Ana", "who": "", "value": says.value, **says.numbers}
    assert WORDS["en"](says.key, **told) == said
    assert WORDS["es"](says.key, **told) != said
