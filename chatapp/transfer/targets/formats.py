"""The formats of other chats that `chatapp log export` writes, by name."""

from collections.abc import Callable, Iterator
from pathlib import Path

from chatapp.log.progress import Progress
from chatapp.transfer.export_filter import ExportFilter
from chatapp.transfer.exported_files import ExportedFiles
from chatapp.transfer.targets.losses import Losses
from chatapp.transfer.targets.mattermost import to_mattermost

TargetFormat = Callable[[Path, ExportFilter, Progress, ExportedFiles | None, Losses], Iterator[str]]
"""Of a data folder. The files are copied afterwards, and the losses are told."""
TARGETS: dict[str, TargetFormat] = {"mattermost": to_mattermost}
PASSES_FOR_TARGET = 3
"""How often the log is read: for the people, for the messages, and to write these."""
