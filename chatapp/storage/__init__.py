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
from chatapp.storage.log import MessageLog
from chatapp.storage.reader import Logged, SearchPage

__all__ = [
    "DataFolder",
    "Directory",
    "Disk",
    "Logged",
    "MessageLog",
    "Record",
    "SearchPage",
    "StorageError",
]
