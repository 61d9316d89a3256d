"""Breaks the chat on purpose, one promise at a time: for each, some test has to turn red.

    python -m tests.mutations               all of them, some minutes
    python -m tests.mutations csrf origin   those with one of these words in their name

Each is made in a copy of the checkout, in a temporary folder. Only the tests are run that are
meant to notice; what none of them notices is listed, and the exit code is 1.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.support.checkout import ROOT, fresh_clone

BUILT = ("node_modules", "static/vendor")
"""What a clone does not have and the tests need."""
RED = 1
"""What pytest ends with if a test failed; anything above is no verdict."""


class Mutation(NamedTuple):
    """`sound` stands once in `file`; with `broken` in its place, one of `tests` fails."""

    name: str
    file: str
    sound: str
    broken: str
    tests: str


MUTATIONS = [
    Mutation(
        "a cid that was seen is posted again",
        "chatapp/messages/manager.py",
        "sent_before = self._sent_before(draft)",
        "sent_before = None",
        "tests/messages tests/test_way_of_a_message.py",
    ),
    Mutation(
        "the sender hears its own message",
        "chatapp/messages/events.py",
        "room=message.room, skip=connection)",
        "room=message.room)",
        "tests/test_way_of_a_message.py",
    ),
    Mutation(
        "the fan-out skips nobody",
        "chatapp/realtime/fanout.py",
        "if skip in members:",
        "if False:",
        "tests/realtime/test_fanout.py",
    ),
    Mutation(
        "a batch counts before its fdatasync",
        "chatapp/storage/writer.py",
        'if self._durability == "fsync":',
        "if False:",
        "tests/storage/test_power.py tests/storage/test_faults.py",
    ),
    Mutation(
        "fdatasync does nothing",
        "chatapp/storage/disk.py",
        "os.fdatasync(fd)",
        "pass",
        "tests/storage/test_disk.py",
    ),
    Mutation(
        "rooms are found whoever asks",
        "chatapp/rooms/manager.py",
        "if room is None or not self.may_see(person, room):",
        "if room is None:",
        "tests/rooms tests/test_private_rooms.py",
    ),
    Mutation(
        "a message goes to every room",
        "chatapp/realtime/fanout.py",
        "members = self._rooms.get(room)\n        if not members:",
        "members = {c: p for all in self._rooms.values() for c, p in all.items()}\n"
        "        if not members:",
        "tests/realtime/test_fanout.py tests/test_way_of_a_message.py",
    ),
    Mutation(
        "a form without its csrf token is taken",
        "chatapp/web/csrf.py",
        "if not known or not hmac.compare_digest(brought.encode(), known.encode()):",
        "if False:",
        "tests/web/test_csrf.py tests/security/test_attacks.py",
    ),
    Mutation(
        "sockets of any origin are taken",
        "chatapp/realtime/admission.py",
        "return origin not in allowed",
        "return False",
        "tests/realtime/test_admission.py tests/security/test_attacks.py",
    ),
    Mutation(
        "messages have no rate limit",
        "chatapp/messages/manager.py",
        "if self._pace is not None:",
        "if False:",
        "tests/messages tests/test_serve.py",
    ),
    Mutation(
        "sign-ins have no rate limit",
        "chatapp/accounts/manager.py",
        "self._attempts.count(key, visitor.address)",
        "pass",
        "tests/accounts/test_manager.py",
    ),
    Mutation(
        "the backlog has no end",
        "chatapp/realtime/backlog.py",
        "return self.bytes > MAX_BYTES",
        "return False",
        "tests/realtime/test_backlog.py tests/realtime/test_holes.py",
    ),
    Mutation(
        "who reads nothing is waited for",
        "chatapp/realtime/backlog.py",
        "return not moved or len(self._frames) > MAX_PACKETS",
        "return False",
        "tests/realtime/test_backlog.py",
    ),
    Mutation(
        "verify does not check the chain",
        "chatapp/storage/chain.py",
        "if digits != expected_hash(line, self.hash):",
        "if False:",
        "tests/storage/test_verify.py",
    ),
    Mutation(
        "formulas stay formulas in the CSV",
        "chatapp/admin/exports.py",
        """return "'" + cell""",
        "return cell",
        "tests/admin/test_exports.py",
    ),
    Mutation(
        "a session outlives its sign-in",
        "chatapp/accounts/forms.py",
        "    session.clear()\n    session.update(identity)",
        "    session.update(identity)",
        "tests/accounts/test_views.py tests/security/test_attacks.py",
    ),
    Mutation(
        "an unknown name is answered at once",
        "chatapp/accounts/manager.py",
        "if not self._passwords.matches(hashed, hashable(password)) or account is None:",
        "if account is None or not self._passwords.matches(hashed, hashable(password)):",
        "tests/accounts/test_manager.py",
    ),
    Mutation(
        "an unknown name is told from a wrong password",
        "chatapp/accounts/manager.py",
        'raise Unauthorized("The name or the password is wrong.")',
        'raise Unauthorized("Wrong password." if account else "Nobody has this name.")',
        "tests/accounts/test_manager.py tests/accounts/test_views.py",
    ),
    Mutation(
        "a repaired log keeps its epoch",
        "chatapp/storage/repair.py",
        "Manifest.new(),",
        "load_manifest(disk, folder),",
        "tests/storage/test_recovery.py tests/storage/test_cli.py",
    ),
    Mutation(
        "two servers share a data folder",
        "chatapp/storage/folder.py",
        "disk.lock(fd)",
        "pass",
        "tests/storage/test_folder.py tests/test_serve.py",
    ),
]


def main() -> int:
    words = sys.argv[1:]
    chosen = [one for one in MUTATIONS if not words or any(word in one.name for word in words)]
    unnoticed = [one for one in chosen if not is_noticed(one)]
    print(f"{len(chosen) - len(unnoticed)} of {len(chosen)} noticed", flush=True)
    return 1 if unnoticed else 0


def is_noticed(mutation: Mutation) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        copy = fresh_clone(Path(folder))
        for name in BUILT:
            (copy / name).symlink_to(ROOT / name)
        mutate(copy / mutation.file, mutation)
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "--durations=0", *mutation.tests.split()],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy)},
            capture_output=True,
            text=True,
            check=False,
        )
    if ran.returncode > RED:
        raise SystemExit(f"{mutation.name}: pytest gave no verdict\n{ran.stdout}{ran.stderr}")
    red = [line for line in ran.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    print(f"{mutation.name}: {red[0] if red else 'NOBODY NOTICED'}", flush=True)
    return bool(red)


def mutate(file: Path, mutation: Mutation) -> None:
    file.write_text(file.read_text().replace(mutation.sound, mutation.broken))


if __name__ == "__main__":
    sys.exit(main())
