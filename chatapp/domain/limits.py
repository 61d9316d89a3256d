"""The limits of what people write: lengths, counts and allowed characters.

Each `checked_…` returns the value in the form in which it is stored, or raises a `ChatError`
that explains the problem.
"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta

from chatapp.domain.clock import timestamp
from chatapp.domain.emoji import one_emoji, own_name
from chatapp.domain.errors import BadName, BadPayload, Empty, TooLong
from chatapp.domain.visible import FLAG_TAGS, JOINERS

MAX_TEXT_BYTES = 16 * 1024
MAX_NAME_CHARACTERS = 32
MAX_DISPLAY_NAME_CHARACTERS = 60
MAX_ROOM_NAME_CHARACTERS = 48
MAX_TITLE_CHARACTERS = 80
MAX_CID_CHARACTERS = 64
MAX_ID_CHARACTERS = 256
"""The longest id of an account or a guest. Ids from older versions are as long as a name's key."""
MIN_KEY_CHARACTERS = 16
MAX_KEY_CHARACTERS = 128
"""The longest guest key, which proves that two connections belong to the same guest."""
MAX_TOPIC_CHARACTERS = 200
MAX_MEMBERS_AT_ONCE = 50
MAX_GROUP_MEMBERS = 20
"""People in a group conversation."""
MAX_ARRANGED_ROOMS = 1000
MAX_SLOW_SECONDS = 3600
MAX_SECONDS = 366 * 24 * 3600
"""The longest temporary mute or ban."""
MAX_REASON_CHARACTERS = 200
MUTED_ALWAYS = "always"
"""The end of a mute of a room that lasts until the person ends it."""
MAX_PLACE_NAME_CHARACTERS = 40
MAX_WELCOME_CHARACTERS = 500
MAX_QUERY_CHARACTERS = 500
MAX_ZONE_CHARACTERS = 64
MAX_PEOPLE_AT_ONCE = 200
MAX_EMOJI_CHARACTERS = 34
"""A name of the chat's own, and its colons."""
MAX_EMOJI_NAME_CHARACTERS = 32
MAX_OWN_EMOJI = 1000
"""Of a chat."""
MAX_EMOJI_ALIASES = 5
MAX_EMOJI_BYTES = 256 * 1024
"""Of a picture that becomes an emoji, and of what is made of it."""
MAX_PHOTO_BYTES = 10 * 1024 * 1024
"""Of the picture that somebody gives; what is kept of it is far smaller."""
MAX_KEYWORDS = 30
MAX_KEYWORD_CHARACTERS = 40
MAX_STATUS_CHARACTERS = 100
MAX_STATUS_DAYS = 366
"""How far ahead the end of a status can be."""
HISTORY_LIMIT = 50
MAX_FILES = 10
"""Of one message."""
MAX_FILE_ID_CHARACTERS = 64
MAX_FILE_NAME_CHARACTERS = 200
MAX_ALT_CHARACTERS = 1000
MAX_PREVIEWS = 3
"""Of links in one message."""
MAX_PREVIEW_CHARACTERS = 300
MAX_HISTORY_LIMIT = 200
MAX_RETENTION_DAYS = 36_500
MAX_INBOX_ROOMS = 20
"""Rooms in one answer to `inbox`."""
MAX_MOVED = 100
"""Messages that are moved at once."""
MAX_FORWARDED = 50
"""Messages that are forwarded at once."""
MAX_THREADS = 50
"""Threads in one answer to `threads`."""
MAX_SAVED = 1000
"""Messages that one person can have saved."""
MAX_SAVED_AT_ONCE = 50
"""Messages in one answer to `saved`."""
MAX_PINS = 100
"""Pinned messages of one room."""
MAX_PINS_AT_ONCE = 50
"""Messages in one answer to `pins`."""
MAX_SCHEDULED = 100
"""Messages that one person can have scheduled."""
MAX_SCHEDULED_DAYS = 366
"""How far ahead."""
MAX_SCHEDULED_ID_CHARACTERS = 64
MIN_OPTIONS, MAX_OPTIONS = 2, 10
"""Of a poll."""
MAX_QUESTION_CHARACTERS = 300
MAX_OPTION_CHARACTERS = 100
MAX_POLL_DAYS = 366
"""How long a poll that closes by itself can be open."""
MAX_VOTE_CHANGES = 50
"""How often a person can vote in one poll."""
MAX_VOTERS_AT_ONCE = 200
"""Names in one answer to `voters`."""
MAX_COMMAND_NAME_CHARACTERS = 32
"""Of a slash command that a bot registers, without the slash."""
MAX_HINT_CHARACTERS = 80
MAX_DESCRIPTION_CHARACTERS = 200
MAX_COMMAND_ROOMS = 100
"""Rooms that a command names."""
MAX_COMMANDS_OF_A_BOT = 50
MAX_COMMANDS = 1000
"""Of a chat."""
MAX_RUN_ID_CHARACTERS = 64
TAKE_SECONDS = 3.0
"""How long whoever has typed a command waits for a program that takes it."""
ANSWER_MINUTES = 30
"""How long a command can be answered."""
MAX_RESPONSES = 5
"""Answers of a webhook to one command, besides the one to the call itself."""
MAX_INTEGER = 2**53 - 1
"""The largest integer that JavaScript (and jq) represent exactly."""

_COMMAND = re.compile(f"(?=.*[a-z])[a-z0-9_-]{{1,{MAX_COMMAND_NAME_CHARACTERS}}}")
"""With a letter: what begins with `/1` is a text."""
_INVISIBLE = frozenset(["Cc", "Cf", "Cs", "Zl", "Zp", "Zs"])
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Invisible characters that Unicode classifies as letters, marks or symbols, such as Hangul
fillers."""
_VARIATION = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Variation selectors: they choose the form of a character and are invisible by themselves."""
_VARIED = frozenset(["Lo", "Po", "Sk", "Sm", "So"])
_VISIBLE_ASCII = re.compile("[!-~]")
"""Matches nearly every text; other texts are checked character by character."""


def checked_text(text: str, most: int = MAX_TEXT_BYTES) -> str:
    """A message's text, unchanged, if it is valid: not blank, at most 16 KB of UTF-8.

    A chat can set a lower limit, `most`.
    """
    size = len(text) if text.isascii() else len(_encodable(text, "The text"))
    if size > most:
        raise TooLong(f"The text is {size - most:,} bytes too long; the limit is {most:,}.")
    if "\0" in text:
        raise BadPayload("The text contains a NUL character (U+0000).")
    if not _VISIBLE_ASCII.search(text) and not any(map(is_visible, text)):
        raise Empty("The message is empty.")
    return text


def checked_name(name: str) -> str:
    """A person's name in NFC, one space between words: 1 to 32 visible characters."""
    return _checked_line(name, "name", MAX_NAME_CHARACTERS)


def checked_display_name(name: str) -> str:
    """A display name: as `checked_name`, up to 60 characters; may be empty."""
    if not name.strip():
        return ""
    return _checked_line(name, "display name", MAX_DISPLAY_NAME_CHARACTERS)


def checked_title(title: str) -> str:
    """A room's title, as `checked_name`, up to 80 characters."""
    return _checked_line(title, "title", MAX_TITLE_CHARACTERS)


def checked_topic(topic: str) -> str:
    """A room's topic: one line; may be empty."""
    return _checked_line(topic, "topic", MAX_TOPIC_CHARACTERS) if topic.strip() else ""


def checked_mute(until: str) -> str:
    """The end of a mute: a time with a zone, in UTC; "always", or "" for none."""
    if until in ("", MUTED_ALWAYS):
        return until
    moment = _zoned(until)
    if moment is None:
        raise BadPayload(
            'The end of a mute is a time such as 2026-11-22T09:30:00Z, "always", or "".'
        )
    return timestamp(moment)


def checked_reminder(at: str, now: datetime) -> str:
    """The time of a reminder, a time with a zone that is still to come, in UTC; "" for none."""
    if not at:
        return at
    moment = _zoned(at)
    if moment is None or moment <= now:
        raise BadPayload(
            "A reminder is at a time to come with its zone, such as 2026-11-22T09:30:00Z."
        )
    return timestamp(moment)


def _zoned(text: str) -> datetime | None:
    """The moment, in UTC, of a time with a zone; None if the text is none."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def checked_reason(reason: str) -> str:
    """The reason for a mute, kick or ban: one line; required."""
    return _checked_line(reason, "reason", MAX_REASON_CHARACTERS)


def checked_place_name(name: str) -> str:
    """The name of the whole chat: one line."""
    return _checked_line(name, "name", MAX_PLACE_NAME_CHARACTERS)


def checked_welcome(text: str) -> str:
    """The welcome text of the sign-in page: a few lines; may be empty."""
    _encodable(text, "The welcome")
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
    if len(text) > MAX_WELCOME_CHARACTERS:
        raise TooLong(f"A welcome has at most {MAX_WELCOME_CHARACTERS} characters.")
    if not _all_is_visible(text, " \n"):
        raise BadName("The welcome text contains an invisible character.")
    return text


def checked_room_name(name: str) -> str:
    """A room's name: letters, digits, - and _ of any script, in NFKC and lower case.

    People write a # before it.
    """
    _encodable(name, "The room name")
    normal = unicodedata.normalize("NFKC", name).casefold().strip().removeprefix("#")
    if not normal:
        raise Empty("The room has no name yet.")
    if len(normal) > MAX_ROOM_NAME_CHARACTERS:
        raise TooLong(f"A room name has at most {MAX_ROOM_NAME_CHARACTERS} characters.")
    if not all(is_room_letter(c) or c == "-" for c in normal) or "-" in (normal[0], normal[-1]):
        raise BadName("A room name has letters, digits, - and _, such as project-x.")
    return normal


def checked_cid(cid: str) -> str:
    _encodable(cid, "The cid")
    if not 0 < len(cid) <= MAX_CID_CHARACTERS or not cid.isprintable():
        raise BadPayload(f"A cid has 1 to {MAX_CID_CHARACTERS} printable characters.")
    return cid


def checked_id(id: str) -> str:
    """The id of a record's author, as an export writes it."""
    _encodable(id, "The id")
    if not 0 < len(id) <= MAX_ID_CHARACTERS or not all(map(is_visible, id.replace(" ", ""))):
        raise BadPayload(f"An id has 1 to {MAX_ID_CHARACTERS} visible characters.")
    return id


def checked_emoji(emoji: str) -> str:
    """A reaction: one emoji, in its one spelling; families are up to 32 characters long. Or, as
    `:name:`, one of the chat's own."""
    _encodable(emoji, "The reaction")
    if len(emoji) > MAX_EMOJI_CHARACTERS:
        raise TooLong(f"A reaction has at most {MAX_EMOJI_CHARACTERS} characters.")
    if own_name(emoji) is not None:
        return emoji
    known = one_emoji(emoji)
    if known is None:
        raise BadPayload("A reaction is one emoji.")
    return known


def checked_keyword(keyword: str) -> str:
    """A word or a few that notify somebody: as `checked_name`, up to 40 characters."""
    return _checked_line(keyword, "keyword", MAX_KEYWORD_CHARACTERS)


def checked_status_text(text: str) -> str:
    """The text of a status: as `checked_name`, up to 100 characters; may be empty."""
    return _checked_line(text, "status", MAX_STATUS_CHARACTERS) if text.strip() else ""


def checked_status_emoji(emoji: str) -> str:
    """The emoji of a status, in its one spelling; may be empty."""
    if not emoji:
        return ""
    known = one_emoji(emoji) if len(emoji) <= MAX_EMOJI_CHARACTERS else None
    if known is None:
        raise BadPayload("The sign of a status is one emoji.")
    return known


def checked_status_end(until: datetime, now: datetime) -> str:
    """The end of a status, in UTC: still to come, within a year."""
    if not now < until <= now + timedelta(days=MAX_STATUS_DAYS):
        raise BadPayload(f"A status ends at a time to come, within {MAX_STATUS_DAYS} days.")
    return timestamp(until)


def checked_emoji_name(name: str) -> str:
    """The name of an emoji of the chat's own, without its colons, in lower case."""
    _encodable(name, "The name")
    plain = name.strip().removeprefix(":").removesuffix(":").lower()
    if own_name(f":{plain}:") is None:
        raise BadName(
            f"An emoji's name has 2 to {MAX_EMOJI_NAME_CHARACTERS} of these: a-z, 0-9, _, + and -."
        )
    return plain


def checked_command_name(name: str) -> str:
    """A name that a slash command of a bot can have, without its slash; raises `BadName`."""
    if not _COMMAND.fullmatch(name):
        raise BadName(
            f"A command's name has 1 to {MAX_COMMAND_NAME_CHARACTERS} of a-z, 0-9, _ and -, "
            "and at least one letter."
        )
    return name


def checked_command_line(text: str, what: str) -> str:
    """A hint or a description of a slash command: one line, which may be empty."""
    line = text.strip()
    if not line.isprintable():
        raise BadPayload(f"{what} is one line of visible characters.")
    return line


def name_key(name: str) -> str:
    """The key of a name: equal for spellings that differ in case, width or Unicode composition."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def is_room_letter(character: str) -> bool:
    """Whether a room name may contain this character. Vowel signs count as letters."""
    return character == "_" or unicodedata.category(character)[0] in "LNM"


def is_visible(character: str) -> bool:
    """Whether a character is visible. Unassigned ones count as visible: Unicode grows faster than
    Python.
    """
    return unicodedata.category(character) not in _INVISIBLE and character not in _BLANK


def _checked_line(value: str, what: str, most: int) -> str:
    _encodable(value, f"The {what}")
    line = re.sub(" +", " ", unicodedata.normalize("NFC", value)).strip(" ")
    if not line:
        raise Empty(f"The {what} is empty.")
    if len(line) > most:
        raise TooLong(f"A {what} has at most {most} characters; this one has {len(line)}.")
    if not any(map(is_visible, _VARIATION.sub("", line))) or not _all_is_visible(line, " "):
        raise BadName(
            f"The {what} has a character that cannot be seen; use letters, digits, signs."
        )
    return line


def _all_is_visible(text: str, blanks: str) -> bool:
    """Whether every character is visible, a joiner of letters or emoji, or one of `blanks`."""
    varied = (text[found.start() - 1 : found.start()] for found in _VARIATION.finditer(text))
    if not all(one and unicodedata.category(one) in _VARIED for one in varied):
        return False
    shown = _VARIATION.sub("", FLAG_TAGS.sub("", text))
    return all(is_visible(c) or c in blanks or c in JOINERS for c in shown)


def _encodable(value: str, what: str) -> bytes:
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise BadPayload(f"{what} has half a character (a lone surrogate) in it.") from None
