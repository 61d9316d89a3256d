"""Why a process cannot be part of a cluster. Importing this needs no driver of a database."""


class ClusterError(Exception):
    """The database cannot be used. The message is one line that says what to do."""
