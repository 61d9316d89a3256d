"""The maintenance jobs that the console needs, in one object."""

from dataclasses import dataclass

from chatapp.admin.erasure_queue import ErasureQueue
from chatapp.admin.integrity_checks import IntegrityChecks
from chatapp.admin.shared_erasures import SharedErasures
from chatapp.features.checkpoints.manager import CheckpointManager
from chatapp.features.files.sweeping import FileSweeping
from chatapp.features.retention.manager import RetentionManager
from chatapp.features.retention.runs import RetentionRuns
from chatapp.features.settings.manager import SettingsManager
from chatapp.log.latency import Latency


@dataclass(frozen=True, slots=True)
class Maintenance:
    settings: SettingsManager
    erasures: ErasureQueue
    checkups: IntegrityChecks
    latency: Latency
    checkpoints: CheckpointManager
    retention: RetentionManager
    retention_runs: RetentionRuns
    shared_erasures: SharedErasures | None = None
    sweeping: FileSweeping | None = None

    def catch_up(self) -> None:
        """Before this process serves anything. Raises StorageError."""
        if self.shared_erasures:
            self.shared_erasures.catch_up()

    def start(self) -> None:
        """Resume interrupted jobs and start the regular ones."""
        self.erasures.start()
        self.checkups.start()
        self.retention_runs.start()
        self.checkpoints.start()
        if self.sweeping:
            self.sweeping.start()
