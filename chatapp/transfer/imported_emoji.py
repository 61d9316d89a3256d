"""The chat's own emoji of an export: their rows in `files/emoji.json`, their pictures beside it.

What has a name here already stays. A picture must have the SHA-256 that its row says, and be a
picture: it is looked at as if somebody had sent it.
"""

import re
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec.structs import replace

from chatapp.domain.clock import timestamp
from chatapp.domain.emoji import OwnEmoji, own_name
from chatapp.domain.errors import ChatError
from chatapp.domain.limits import MAX_EMOJI_ALIASES, MAX_EMOJI_BYTES, MAX_OWN_EMOJI, checked_id
from chatapp.domain.limits import checked_name as checked_sender
from chatapp.store.data_folder import FILES
from chatapp.transfer.exported_emoji import ROWS
from chatapp.transfer.exported_files import exported, parts_of
from chatapp.upkeep.files.check import digest_of

_DIGEST = re.compile(r"[0-9a-f]{64}")
MAX_ROWS_BYTES = 4 << 20

Find = Callable[[str], OwnEmoji | None]
"""The emoji with a name or an alias."""
Keep = Callable[[Path, OwnEmoji], OwnEmoji | None]
"""Keeps the bytes at a path as the picture of an emoji, and gives its row; None: they are none."""
Put = Callable[[OwnEmoji], object]


class ImportedEmoji(msgspec.Struct, kw_only=True):
    """Numbers of emoji that were added; and what is wrong with others."""

    added: int = 0
    problems: list[str] = []


def import_emoji(
    beside: Path,
    *,
    scratch: Path,
    find: Find,
    keep: Keep,
    put: Put,
    count: Callable[[], int],
    dry_run: bool = False,
) -> ImportedEmoji:
    """Import the emoji of an export in the folder `beside`, if there are any. `count()` is how many
    the chat has; `scratch` is a folder on its disk. A `dry_run` adds none."""
    result = ImportedEmoji()
    for row in _rows(beside / FILES / ROWS, result.problems):
        try:
            checked = _checked(row)
        except (ValueError, ChatError) as error:
            result.problems.append(f"an emoji in {ROWS}: {error}")
            continue
        here = find(checked.name)
        if here is not None:
            if here.sha256 != checked.sha256:
                result.problems.append(f":{checked.name}: stays another emoji than in the file")
            continue
        if count() >= MAX_OWN_EMOJI:
            result.problems.append(f"a chat has at most {MAX_OWN_EMOJI:,} emoji of its own")
            break
        if dry_run:
            result.added += 1
            continue
        kept = _brought(beside, checked, scratch, keep)
        if kept is None:
            result.problems.append(f"the picture of :{checked.name}: is missing or damaged")
            continue
        put(replace(kept, aliases=[name for name in kept.aliases if find(name) is None]))
        result.added += 1
    return result


def _rows(path: Path, problems: list[str]) -> list[OwnEmoji]:
    if not path.is_file():
        return []
    if path.stat().st_size > MAX_ROWS_BYTES:
        problems.append(f"{path.name} is too large")
        return []
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[OwnEmoji])
    except msgspec.DecodeError as error:
        problems.append(f"{path.name} is not one of ours ({error})")
        return []


def _checked(row: OwnEmoji) -> OwnEmoji:
    """Raises ValueError for what no export has."""
    if own_name(f":{row.name}:") is None:
        raise ValueError(f"{row.name[:60]!r} is no name")
    if not _DIGEST.fullmatch(row.sha256):
        raise ValueError(f"{row.sha256[:60]!r} is no SHA-256")
    moment = datetime.fromisoformat(row.at)
    aliases = [name for name in row.aliases[:MAX_EMOJI_ALIASES] if own_name(f":{name}:")]
    return replace(
        row,
        aliases=[name for name in dict.fromkeys(aliases) if name != row.name],
        by=None if row.by is None else checked_id(row.by),
        sender=None if row.sender is None else checked_sender(row.sender),
        at=timestamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC)),
    )


def _brought(beside: Path, row: OwnEmoji, scratch: Path, keep: Keep) -> OwnEmoji | None:
    path = exported(beside, row.sha256)
    if path is None or path.stat().st_size > MAX_EMOJI_BYTES:
        return None
    if digest_of(parts_of(path)) != row.sha256:
        return None
    with tempfile.TemporaryDirectory(dir=scratch, prefix="importing-") as folder:
        return keep(Path(shutil.copyfile(path, Path(folder) / row.sha256)), row)
