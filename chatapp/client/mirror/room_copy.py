"""The copy of one room on disk: a line of JSON for each event, as `chatapp log export` writes them.

    general.jsonl        {"room":"general","sender":"ana",…,"seq":1,"at":"2026-11-22T09:30:00.123Z"}
    general.state        {"url":"https://chat.example.org","epoch":"5f0c8b1e9a3d7742"}
    general.making       a new copy, while the room is read again

Events are numbered 1, 2, 3 … without a hole. A line that was cut off by a crash is removed at the
next start. After texts were erased, or a backup was restored, the chat has another epoch: then the
room is read again from its beginning, and compared with the copy.
"""

import fcntl
import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import msgspec
from msgspec.structs import replace

from chatapp.domain.errors import BadPayload
from chatapp.domain.model import Event

SAME = ("seq", "type", "sender", "by", "at", "cid", "reply_to", "target", "emoji", "on", "thread")
"""What never changes of an event. Texts and files go when a message is deleted or erased."""


OTHER_HISTORY = (
    "A backup was restored there, or the log was changed. Keep this copy, and follow the chat into "
    "another folder."
)


class MirrorDiffers(BadPayload):
    """The chat and the copy have different histories, or the copy cannot be used."""

    code: ClassVar[str] = "mirror_differs"


class MirrorState(msgspec.Struct, frozen=True, kw_only=True):
    """Of which chat the copy is, and of which epoch. None: it has to be read again."""

    url: str
    epoch: str | None = None


_decode_event = msgspec.json.Decoder(Event).decode
_decode_state = msgspec.json.Decoder(MirrorState).decode


class RoomCopy:
    """For one process at a time. `last` is the newest event."""

    def __init__(self, folder: Path, url: str, room: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / f"{room}.jsonl"
        self._state_path = folder / f"{room}.state"
        self._making = folder / f"{room}.making"
        self._lock = _locked(folder / f"{room}.lock")
        self._state = self._stored_state(url)
        _cut_after_last_line(self._path)
        newest = deque(self.events(), maxlen=1)
        self.last = newest[0] if newest else None
        self._file = self._path.open("ab")

    def close(self) -> None:
        self._file.close()
        os.close(self._lock)

    @property
    def seq(self) -> int:
        return self.last.seq if self.last else 0

    @property
    def epoch(self) -> str | None:
        return self._state.epoch

    def events(self) -> Iterator[Event]:
        """Raises MirrorDiffers if a line is damaged or missing."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    event = _decode_event(line)
                except (msgspec.DecodeError, UnicodeDecodeError):
                    raise MirrorDiffers(f"{self._path} line {number} is damaged.") from None
                if event.seq != number:
                    raise MirrorDiffers(f"{self._path} line {number} is event {event.seq}.")
                yield event

    def take(self, event: Event) -> None:
        """The next event, or the last one again. Raises MirrorDiffers if it is neither."""
        if self.last and event.seq == self.seq:
            _require_same(self.last, event)
            return
        _require_next(self.seq, event)
        self._file.write(_line(event))
        self.last = event

    def settle(self, epoch: str | None) -> None:
        """What was taken is on disk, and is of this epoch."""
        self._file.flush()
        os.fsync(self._file.fileno())
        if epoch != self.epoch:
            self._state = replace(self._state, epoch=epoch)
            _write(self._state_path, msgspec.json.encode(self._state) + b"\n")

    def read_again(self, coming: Iterator[Event]) -> None:
        """Replace the copy by the events of the chat, which must be the same, but for texts that
        are erased meanwhile. What is deleted stays, as in the log."""
        self._file.flush()
        last: Event | None = None
        with self._making.open("wb") as making:
            here = self.events()
            for event in coming:
                _require_next(last.seq if last else 0, event)
                last = _kept(next(here, None), event)
                making.write(_line(last))
            if lacking := next(here, None):
                raise MirrorDiffers(
                    f"The chat's log ends before event {lacking.seq}, which this copy has. "
                    f"{OTHER_HISTORY}"
                )
            making.flush()
            os.fsync(making.fileno())
        self._file.close()
        self._making.replace(self._path)
        self._file, self.last = self._path.open("ab"), last

    def _stored_state(self, url: str) -> MirrorState:
        try:
            state = _decode_state(self._state_path.read_bytes())
        except FileNotFoundError:
            return MirrorState(url=url)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise MirrorDiffers(f"{self._state_path} is damaged.") from None
        if state.url != url:
            raise MirrorDiffers(f"{self._path} is a copy of {state.url}, not of {url}.")
        return state


def _kept(before: Event | None, now: Event) -> Event:
    """The line for an event: as it was known before, unless it is erased."""
    if before is None:
        return now
    _require_same(before, now)
    return now if now.erased_at else before


def _require_same(before: Event, now: Event) -> None:
    changed = [name for name in SAME if getattr(before, name) != getattr(now, name)]
    texts = {before.text or "", now.text or ""}
    if changed or (len(texts) == 2 and "" not in texts):
        raise MirrorDiffers(
            f"Event {before.seq} of the chat is another one than in this copy "
            f"({', '.join(changed) or 'text'}). {OTHER_HISTORY}"
        )


def _require_next(seq: int, event: Event) -> None:
    if event.seq != seq + 1:
        raise MirrorDiffers(f"Event {event.seq} came where {seq + 1} belongs.")


def _line(event: Event) -> bytes:
    return msgspec.json.encode(replace(event, votes=None)) + b"\n"


def _cut_after_last_line(path: Path) -> None:
    """Remove what a crash has left of a line."""
    if not path.exists():
        return
    with path.open("rb+") as file:
        end, tail = file.seek(0, os.SEEK_END), b""
        start = end
        while start and b"\n" not in tail:
            start = max(0, start - 65_536)
            file.seek(start)
            tail = file.read(end - start)
        file.truncate(start + tail.rfind(b"\n") + 1)


def _write(path: Path, content: bytes) -> None:
    making = path.with_name(f"{path.name}.making")
    making.write_bytes(content)
    making.replace(path)


def _locked(path: Path) -> int:
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise MirrorDiffers(f"Another process follows the chat into {path.parent}.") from None
    return lock
