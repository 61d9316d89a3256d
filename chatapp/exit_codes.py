"""The exit codes of the commands. Scripts depend on these numbers."""

from chatapp.domain.errors import ChatError

OK = 0
OTHER = 1
USAGE = 2
AUTH = 3
NOT_FOUND = 4
FORBIDDEN = 5
NOT_IN_LOG = 6
NETWORK = 10
NOT_ACKNOWLEDGED = 12
INTERRUPTED = 130

_OF_REFUSALS = {
    "unauthorized": AUTH,
    "no_such_room": NOT_FOUND,
    "not_found": NOT_FOUND,
    "not_allowed": FORBIDDEN,
    "not_a_member": FORBIDDEN,
    "not_in_log": NOT_IN_LOG,
}


def exit_code(refusal: ChatError | str) -> int:
    """The exit code for an error, or for an error's code."""
    code = refusal if isinstance(refusal, str) else refusal.code
    return _OF_REFUSALS.get(code, OTHER)
