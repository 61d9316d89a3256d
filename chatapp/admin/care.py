"""What keeps the place in order while it runs, handed to the console in one."""

from dataclasses import dataclass

from chatapp.admin.checkups import Checkups
from chatapp.admin.erasures import Erasures
from chatapp.settings.manager import SettingsManager
from chatapp.storage import Latency


@dataclass(frozen=True, slots=True)
class Care:
    settings: SettingsManager
    erasures: Erasures
    checkups: Checkups
    latency: Latency

    def start(self) -> None:
        """Goes on with what a stop has interrupted, and begins what is done by itself."""
        self.erasures.start()
        self.checkups.start()
