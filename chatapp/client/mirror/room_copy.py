"""The copy of one room on disk: a line of JSON for each event, as `chatapp log export` writes them.

    general.jsonl        {"room":"general","sender":"ana",…,"seq":1,"at":"2026-11-22T09:30:00.123Z"}
    general.state        {"url":"https://chat.example.org","epoch":"5f0c8b1e9a3d7742","proven":812}
    general.checkpoints  what the chat has signed (known_checkpoints.py)
    general.making       a new copy, while the room is read again

Events are numbered 1, 2, 3 … without a hole; where the chat had dropped the beginning already, they
begin with `first`. After texts were erased, or a backup was restored, the chat has another epoch:
then the room is read again, as far as the chat has it, and compared with the copy.
"""

import fcntl
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

import msgspec
from msgspec.structs import replace

from chatapp.client.mirror.appended_lines import AppendedLines
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
    """Of which chat the copy is, and of which epoch; None: it has to be read again. `first` is the
    seq of its first event, and those up to `proven` were found in the chat's signed log."""

    url: str
    epoch: str | None = None
    first: int = 1
    proven: int = 0


_decode_event = msgspec.json.Decoder(Event).decode
_decode_state = msgspec.json.Decoder(MirrorState).decode


class RoomCopy:
    """For one process at a time. `last` is the newest event, `deleted` are the seqs of messages
    that were."""

    def __init__(self, folder: Path, url: str, room: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / f"{room}.jsonl"
        self._state_path = folder / f"{room}.state"
        self._making = folder / f"{room}.making"
        self._lock = _locked(folder / f"{room}.lock")
        self._state = self._stored_state(url)
        self._lines = AppendedLines(self._path)
        self.last: Event | None = None
        self.deleted: set[int] = set()
        for event in self.events():
            self._note(event)

    def close(self) -> None:
        self._lines.close()
        os.close(self._lock)

    @property
    def seq(self) -> int:
        return self.last.seq if self.last else self.first - 1

    @property
    def first(self) -> int:
        """The seq of the first event that the copy has, or gets."""
        return self._state.first

    @property
    def proven(self) -> int:
        return self._state.proven

    @property
    def epoch(self) -> str | None:
        return self._state.epoch

    def events(self, after: int = 0) -> Iterator[Event]:
        """Those behind this seq. Raises MirrorDiffers if a line is damaged or missing."""
        for number, line in enumerate(self._lines.stored(), self.first):
            if number <= after:
                continue
            try:
                event = _decode_event(line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                where = f"{self._path} line {number - self.first + 1}"
                raise MirrorDiffers(f"{where} is damaged.") from None
            if event.seq != number:
                where = f"{self._path} line {number - self.first + 1}"
                raise MirrorDiffers(f"{where} is event {event.seq}.")
            yield event

    def begin(self, first: int) -> None:
        """Of an empty copy: its first event has this seq."""
        self._change(first=first)

    def prove(self, seq: int) -> None:
        """Events up to this one were found in the chat's log."""
        if seq > self.proven:
            self._change(proven=seq)

    def take(self, event: Event) -> None:
        """The next event, or the last one again. Raises MirrorDiffers if it is neither."""
        if self.last and event.seq == self.seq:
            _require_same(self.last, event)
            return
        _require_next(self.seq, event)
        self._lines.append(_line(event))
        self._note(event)

    def settle(self, epoch: str | None) -> None:
        """What was taken is on disk, and is of this epoch."""
        self._lines.sync()
        if epoch != self.epoch:
            self._change(epoch=epoch)

    def read_again(self, coming: Iterator[Event], begin: int) -> None:
        """Replace the copy by the events of the chat, from the seq `begin` on, which must be the
        same, but for texts that are erased meanwhile. What is deleted stays, as in the log."""
        last: Event | None = None
        with self._making.open("wb") as making:
            here = self.events()
            for kept in islice(here, max(0, min(begin, self.seq + 1) - self.first)):
                last = kept
                making.write(_line(kept) + b"\n")
            for event in coming:
                _require_next(last.seq if last else begin - 1, event)
                last = _kept(next(here, None), event)
                making.write(_line(last) + b"\n")
            if lacking := next(here, None):
                raise MirrorDiffers(
                    f"The chat's log ends before event {lacking.seq}, which this copy has. "
                    f"{OTHER_HISTORY}"
                )
            making.flush()
            os.fsync(making.fileno())
        self._lines.replace_by(self._making)
        for event in self.events():
            self._note(event)

    def _note(self, event: Event) -> None:
        self.last = event
        if event.type == "delete" and event.target is not None:
            self.deleted.add(event.target)

    def _change(self, **what: Any) -> None:
        self._state = replace(self._state, **what)
        _write(self._state_path, msgspec.json.encode(self._state) + b"\n")

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
    return msgspec.json.encode(replace(event, votes=None))


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
