"""How long, how many, which characters: the limits of what people write, checked in one place.

Each `checked_…` returns the value in the form in which it is kept, or raises a `ChatError`
that says what is wrong with it.
"""

import re
import unicodedata

from chatapp.errors import BadName, BadPayload, Empty, TooLong

MAX_TEXT_BYTES = 16 * 1024
MAX_NAME_CHARACTERS = 32
MAX_DISPLAY_NAME_CHARACTERS = 60
MAX_ROOM_NAME_CHARACTERS = 48
MAX_TITLE_CHARACTERS = 80
MAX_CID_CHARACTERS = 64
MIN_KEY_CHARACTERS = 16
MAX_KEY_CHARACTERS = 128
"""Of a guest's key: what says that two connections are the same person."""
MAX_TOPIC_CHARACTERS = 200
MAX_MEMBERS_AT_ONCE = 50
MAX_ARRANGED_ROOMS = 1000
MAX_SLOW_SECONDS = 3600
MAX_SECONDS = 366 * 24 * 3600
"""The longest that a mute or a ban with an end may be."""
MAX_REASON_CHARACTERS = 200
MAX_PLACE_NAME_CHARACTERS = 40
MAX_WELCOME_CHARACTERS = 500
MAX_QUERY_CHARACTERS = 500
MAX_PEOPLE_AT_ONCE = 200
MAX_EMOJI_CHARACTERS = 32
HISTORY_LIMIT = 50
MAX_HISTORY_LIMIT = 200
MAX_INTEGER = 2**53 - 1
"""Beyond this, JavaScript (and jq) no longer count one by one."""

_INVISIBLE = frozenset(["Cc", "Cf", "Cs", "Zl", "Zp", "Zs"])
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs by their category, but with nothing to see: Hangul fillers, Braille blank."""
_JOINERS = frozenset("\u200c\u200d")
"""Invisible, but Persian words and emoji families are written with them."""
_VISIBLE_ASCII = re.compile("[!-~]")
"""What nearly every text has; the others are looked at character by character."""
_ROOM_NAME = re.compile(r"\w(?:[\w-]*\w)?")


def checked_text(text: str, most: int = MAX_TEXT_BYTES) -> str:
    """A message's text as it was sent, if people may send it: not blank, at most 16 KB of UTF-8.

    A place may allow fewer bytes, `most`.
    """
    size = len(text) if text.isascii() else len(_encodable(text, "The text"))
    if size > most:
        raise TooLong(f"The text is {size - most:,} bytes too long; at most {most:,} fit.")
    if "\0" in text:
        raise BadPayload("The text has a NUL character (U+0000) in it.")
    if not _VISIBLE_ASCII.search(text) and not any(map(is_visible, text)):
        raise Empty("The message is empty.")
    return text


def checked_name(name: str) -> str:
    """A person's name in NFC, one space between words: 1 to 32 characters that can be seen."""
    return _checked_line(name, "name", MAX_NAME_CHARACTERS)


def checked_display_name(name: str) -> str:
    """What somebody wants to be shown as, as `checked_name`, up to 60 characters; none is fine."""
    if not name.strip():
        return ""
    return _checked_line(name, "display name", MAX_DISPLAY_NAME_CHARACTERS)


def checked_title(title: str) -> str:
    """A room's title, as `checked_name`, up to 80 characters."""
    return _checked_line(title, "title", MAX_TITLE_CHARACTERS)


def checked_topic(topic: str) -> str:
    """What a room is about, in a line; none is fine."""
    return _checked_line(topic, "topic", MAX_TOPIC_CHARACTERS) if topic.strip() else ""


def checked_reason(reason: str) -> str:
    """Why somebody was muted, kicked or banned, in a line. There must be one."""
    return _checked_line(reason, "reason", MAX_REASON_CHARACTERS)


def checked_place_name(name: str) -> str:
    """What the whole chat is called, in a line."""
    return _checked_line(name, "name", MAX_PLACE_NAME_CHARACTERS)


def checked_welcome(text: str) -> str:
    """What stands where people come in, a few lines; none is fine."""
    _encodable(text, "The welcome")
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
    if len(text) > MAX_WELCOME_CHARACTERS:
        raise TooLong(f"A welcome has at most {MAX_WELCOME_CHARACTERS} characters.")
    if not all(is_visible(c) or c in " \n" or c in _JOINERS for c in text):
        raise BadName("The welcome has a character that cannot be seen.")
    return text


def checked_room_name(name: str) -> str:
    """A room's name: letters, digits, - and _ of any script, in NFKC and lower case."""
    _encodable(name, "The room name")
    normal = unicodedata.normalize("NFKC", name).casefold().strip()
    if not normal:
        raise Empty("The room has no name yet.")
    if len(normal) > MAX_ROOM_NAME_CHARACTERS:
        raise TooLong(f"A room name has at most {MAX_ROOM_NAME_CHARACTERS} characters.")
    if not _ROOM_NAME.fullmatch(normal):
        raise BadName("A room name has letters, digits, - and _, such as project-x.")
    return normal


def checked_cid(cid: str) -> str:
    _encodable(cid, "The cid")
    if not 0 < len(cid) <= MAX_CID_CHARACTERS or not cid.isprintable():
        raise BadPayload(f"A cid has 1 to {MAX_CID_CHARACTERS} printable characters.")
    return cid


def checked_emoji(emoji: str) -> str:
    """A reaction: one sign that can be seen; flags and families are up to 32 characters long."""
    _encodable(emoji, "The reaction")
    if len(emoji) > MAX_EMOJI_CHARACTERS:
        raise TooLong(f"A reaction has at most {MAX_EMOJI_CHARACTERS} characters.")
    if not any(is_visible(c) and not c.isalnum() for c in emoji) or any(
        c.isspace() or c.isalpha() for c in emoji
    ):
        raise BadPayload("A reaction is an emoji.")
    return emoji


def name_key(name: str) -> str:
    """What two spellings of one name have in common: case, width and accents composed or not."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def is_visible(character: str) -> bool:
    """Whether a character shows. Unassigned ones may: Unicode grows faster than Python."""
    return unicodedata.category(character) not in _INVISIBLE and character not in _BLANK_LETTERS


def _checked_line(value: str, what: str, most: int) -> str:
    _encodable(value, f"The {what}")
    line = re.sub(" +", " ", unicodedata.normalize("NFC", value)).strip(" ")
    if not line:
        raise Empty(f"The {what} is empty.")
    if len(line) > most:
        raise TooLong(f"A {what} has at most {most} characters; this one has {len(line)}.")
    if not any(map(is_visible, line)) or not all(
        is_visible(c) or c == " " or c in _JOINERS for c in line
    ):
        raise BadName(
            f"The {what} has a character that cannot be seen; use letters, digits, signs."
        )
    return line


def _encodable(value: str, what: str) -> bytes:
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise BadPayload(f"{what} has half a character (a lone surrogate) in it.") from None
