"""The maintenance jobs that the console needs, in one object."""

from dataclasses import dataclass

from chatapp.admin.erasure_queue import ErasureQueue
from chatapp.admin.integrity_checks import IntegrityChecks
from chatapp.admin.shared_erasures import SharedErasures
from chatapp.features.settings.manager import SettingsManager
from chatapp.log.latency import Latency


@dataclass(frozen=True, slots=True)
class Maintenance:
    settings: SettingsManager
    erasures: ErasureQueue
    checkups: IntegrityChecks
    latency: Latency
    shared_erasures: SharedErasures | None = None

    def catch_up(self) -> None:
        """Before this process serves anything. Raises StorageError."""
        if self.shared_erasures:
            self.shared_erasures.catch_up()

    def start(self) -> None:
        """Resume interrupted jobs and start the regular ones."""
        self.erasures.start()
        self.checkups.start()
