"""What proofs, checkpoints and copies of rooms promise, broken on purpose (mutations.py)."""

from tests.support.mutating import Mutation

_PROOF, _UPKEEP = "chatapp/log/proof.py", "chatapp/upkeep/checkpoints.py"
_TESTS = "tests/log/test_proof.py"
_MANAGER = "chatapp/features/checkpoints/manager.py"
_TESTS_OF_MANAGER = "tests/features/checkpoints/test_checkpoints.py"

OF_PROOFS = [
    Mutation(
        "a proof needs no signature",
        _PROOF,
        "    check_signature(proof.checkpoint, public)\n",
        "",
        _TESTS,
    ),
    Mutation(
        "a proof is of any record of the log",
        _PROOF,
        "    if not checkpoint.first <= record.n <= checkpoint.last:\n",
        "    if False:\n",
        _TESTS,
    ),
    Mutation(
        "a proof leads to no root",
        _PROOF,
        "    if root is None or root.hex() != checkpoint.root:\n",
        "    if root is None:\n",
        _TESTS,
    ),
    Mutation(
        "a proven record may be another",
        _PROOF,
        "        if format.expected_hash(line, previous) != format.line_hash(line):\n",
        "        if not format.expected_hash(line, previous):\n",
        _TESTS,
    ),
    Mutation(
        "a path may be longer than its tree",
        "chatapp/log/merkle.py",
        "    return None if rest else digest\n",
        "    return digest\n",
        _TESTS,
    ),
    Mutation(
        "a leaf of the tree can be a node",
        "chatapp/log/merkle.py",
        '    return sha256(b"\\1" + left + right).digest()\n',
        '    return sha256(b"\\0" + left + right).digest()\n',
        _TESTS,
    ),
    Mutation(
        "a log that was made again is signed",
        _UPKEEP,
        "        if n in known and known[n].hash != hash.decode():\n",
        "        if False:\n",
        _TESTS,
    ),
    Mutation(
        "a log that was cut is signed",
        _UPKEEP,
        "        if previous is None:\n",
        "        if False:\n",
        _TESTS,
    ),
    Mutation(
        "verify lets pass what differs from a checkpoint",
        _UPKEEP,
        "        elif hashes.get(each.last, each.hash) != each.hash:\n",
        "        elif False:\n",
        _TESTS,
    ),
    Mutation(
        "verify lets pass a checkpoint that was changed",
        _UPKEEP,
        '            problems.append(f"{name} has a wrong signature")\n',
        "",
        _TESTS,
    ),
    Mutation(
        "every process signs",
        _MANAGER,
        "        if self._lease.is_held and (latest is None or latest.at <= due):\n",
        "        if latest is None or latest.at <= due:\n",
        _TESTS_OF_MANAGER,
    ),
    Mutation(
        "anybody can sign a checkpoint",
        _MANAGER,
        "        require_admin(admin)\n",
        "",
        _TESTS_OF_MANAGER,
    ),
    Mutation(
        "a room as it was has what came later",
        "chatapp/transfer/folded_messages.py",
        "        if record.at > as_of:\n",
        "        if False:\n",
        "tests/log/commands/test_show.py",
    ),
    Mutation(
        "a day ends where it begins",
        "chatapp/domain/clock.py",
        "        return datetime.combine(date.fromisoformat(text), time.max)\n",
        "        return datetime.combine(date.fromisoformat(text), time.min)\n",
        "tests/log/commands/test_show.py",
    ),
    Mutation(
        "the console's room as it was has later changes",
        "chatapp/features/messages/room_as_of.py",
        "    return fold(event, [each for each in followers if each.at <= at])\n",
        "    return fold(event, followers)\n",
        "tests/admin/test_room_as_of.py",
    ),
    Mutation(
        "a private room as it was is open",
        "chatapp/admin/views/room_as_of.py",
        "        viewings.require_open(session, room.name)\n",
        "",
        "tests/admin/test_private_rooms.py",
    ),
    Mutation(
        "a copy that follows may have gaps",
        "chatapp/client/mirror/room_copy.py",
        "        _require_next(self.seq, event)\n",
        "",
        "tests/client/mirror/test_follow.py",
    ),
    Mutation(
        "a copy goes on with another history",
        "chatapp/client/mirror/room_copy.py",
        "            _require_same(self.last, event)\n",
        "",
        "tests/client/mirror/test_follow.py",
    ),
    Mutation(
        "a copy keeps what is erased",
        "chatapp/client/mirror/room_copy.py",
        "    return now if now.erased_at else before\n",
        "    return before\n",
        "tests/client/mirror/test_follow.py",
    ),
    Mutation(
        "two processes follow into one folder",
        "chatapp/client/mirror/room_copy.py",
        "fcntl.LOCK_EX | fcntl.LOCK_NB",
        "fcntl.LOCK_SH | fcntl.LOCK_NB",
        "tests/client/mirror/test_follow.py",
    ),
    Mutation(
        "repair leaves checkpoints that the log does not agree with",
        "chatapp/cli/log_commands/repair.py",
        "    if cut:\n",
        "    if not cut:\n",
        "tests/log/commands/test_proof.py",
    ),
]
