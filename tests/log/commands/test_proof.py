"""`chatapp log checkpoint`, `prove` and `check-proof`, with exit codes for scripts."""

import json
from pathlib import Path

import pytest

from chatapp.cli.log import log
from chatapp.cli.log_commands.backup import backup, restore
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from tests.log.conftest import draft

from .conftest import SEGMENT, Run, damage


def sign(run: Run) -> dict[str, object]:
    told = json.loads(run(log, "checkpoint", "--json").stdout)
    checkpoint: dict[str, object] = told["checkpoint"]
    return checkpoint


def well_known(data: Path) -> Path:
    """The file that a server publishes."""
    directory = Directory.open(data / "directory")
    ((_, key),) = directory.table("checkpoint_keys", dict).items()
    directory.close()
    file = data.parent / "key.json"
    file.write_text(json.dumps({"key": {"public_key": key["public"]}}))
    return file


def test_a_message_is_proven_to_who_has_the_key(run: Run, data: Path, tmp_path: Path):
    sign(run)
    proof, key = tmp_path / "proof.json", well_known(data)
    run(log, "prove", "#General", 1, "-o", proof)

    assert run(log, "prove", "general", 1).stdout == proof.read_text()
    public = json.loads(key.read_text())["key"]["public_key"]
    for given in ([], ["--key", key], ["--key", public]):
        told = run(log, "check-proof", proof, *given).stdout
        assert "#general 1, 2020-01-01T09:30:00.000Z, ana: message green tea" in told
    told = json.loads(run(log, "check-proof", proof, "--json").stdout)
    assert (told["ok"], told["record"]["text"]) == (True, "green tea")


def test_control_characters_in_a_proof_move_no_terminal(run: Run, data: Path, tmp_path: Path):
    messages = MessageLog.open(data / "messages")
    messages.append(draft("\x1b[31mred\u202e"))
    messages.close()
    sign(run)
    run(log, "prove", "general", 5, "-o", tmp_path / "proof.json")

    told = run(log, "check-proof", tmp_path / "proof.json").stdout

    assert "␛[31mred<U+202E>" in told


def test_an_erased_message_is_proven_without_its_text(run: Run, tmp_path: Path):
    sign(run)
    run(log, "erase", "--sender", "bo", "--yes")
    run(log, "verify")
    run(log, "prove", "general", 2, "-o", tmp_path / "proof.json")

    told = run(log, "check-proof", tmp_path / "proof.json").stdout

    assert "bo: message, whose text was erased later" in told


def test_a_refused_proof_is_one_line_and_a_code(run: Run, data: Path, tmp_path: Path):
    sign(run)
    proof = tmp_path / "proof.json"
    run(log, "prove", "general", 1, "-o", proof)
    proof.write_text(proof.read_text().replace("green", "white"))

    refused = run(log, "check-proof", proof, code=1)

    assert refused.stdout == ""
    assert refused.stderr.startswith("This proves nothing. Its record was changed")
    for given in ("22" * 32, well_known(data)):
        assert "proves nothing" in run(log, "check-proof", proof, "--key", given, code=1).stderr


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"key": null}', '{"key":{"public_key":1}}'])
def test_a_file_without_a_key_is_a_wrong_option(run: Run, tmp_path: Path, content: str):
    proof, key = tmp_path / "proof.json", tmp_path / "key.json"
    proof.write_text("{}")
    key.write_text(content)

    assert "has no key in it" in run(log, "check-proof", proof, "--key", key, code=2).stderr
    assert "64 hex digits" in run(log, "check-proof", proof, "--key", "soon", code=2).stderr
    assert "has no key. Give" in run(log, "check-proof", proof, code=2).stderr


def test_what_cannot_be_proven_is_said(run: Run):
    assert "`chatapp log checkpoint` makes one" in run(log, "prove", "general", 1, code=1).stderr
    sign(run)
    assert "no message 9" in run(log, "prove", "general", 9, code=4).stderr
    run(log, "prove", "general", 0, code=2)


def test_nothing_new_is_said(run: Run):
    assert "Signed: records 1 to 5" in run(log, "checkpoint").stdout
    assert "Nothing is newer" in run(log, "checkpoint").stdout


def test_verify_compares_the_log_with_its_checkpoints(run: Run, data: Path):
    sign(run)
    run(log, "verify")
    for file in (data / "messages").iterdir():
        file.unlink()
    messages = MessageLog.open(data / "messages")
    for number in range(6):
        messages.append(draft(f"never said {number}"))
    messages.close()

    assert "was changed since the checkpoint of" in run(log, "verify", code=1).stdout


def test_repair_removes_the_checkpoints_that_it_breaks(run: Run, data: Path, tmp_path: Path):
    sign(run)
    run(log, "prove", "general", 1, "-o", tmp_path / "proof.json")
    damage(data, 2)

    told = run(log, "repair")

    assert "1 checkpoints are about the log as it was before" in told.stderr
    run(log, "verify")
    assert sign(run)["first"] == 1
    run(log, "check-proof", tmp_path / "proof.json")


def test_a_backup_has_the_checkpoints_and_the_key(run: Run, data: Path, tmp_path: Path):
    made = sign(run)
    run(backup, tmp_path / "copy")
    (data / SEGMENT).unlink()
    run(log, "repair")

    run(restore, tmp_path / "copy")

    run(log, "verify")
    assert sign(run) == made
