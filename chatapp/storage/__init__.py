"""The log of every message, and the directory of what the server remembers.

folder = DataFolder.open(path)
log = MessageLog.open(folder.messages, deliver=…)
directory = Directory.open(folder.directory, deliver=…)
"""

from chatapp.storage.directory import Directory
from chatapp.storage.disk import Disk
from chatapp.storage.errors import StorageError
from chatapp.storage.folder import DataFolder
from chatapp.storage.format import Record
from chatapp.storage.hot_erase import Gone
from chatapp.storage.latency import Latency, Percentiles
from chatapp.storage.log import MessageLog
from chatapp.storage.lookup import Counted
from chatapp.storage.reader import Logged, SearchPage
from chatapp.storage.wanted import Wanted

__all__ = [
    "Counted",
    "DataFolder",
    "Directory",
    "Disk",
    "Gone",
    "Latency",
    "Logged",
    "MessageLog",
    "Percentiles",
    "Record",
    "SearchPage",
    "StorageError",
    "Wanted",
]
