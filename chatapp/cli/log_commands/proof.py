"""`chatapp log checkpoint`, `rotate-key`, `prove` and `check-proof`: that a log has a message."""

import re
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from chatapp.cli.log_commands.command import (
    complain,
    one_clear_line,
    showing_progress,
    tell,
    with_data,
    with_json,
)
from chatapp.cli.remote import ask, data_option
from chatapp.domain.transparency.checkpoints import PublishedKey, SignedCheckpoint
from chatapp.domain.transparency.event_proofs import Unproven
from chatapp.domain.visible import harmless_json, visible
from chatapp.exit_codes import OTHER
from chatapp.log.format import Record
from chatapp.log.proof import MAX_PROOF_BYTES, check_proof, decode_proof
from chatapp.transfer.output import written
from chatapp.upkeep.checkpoints import prove as prove_message
from chatapp.upkeep.checkpoints import stored_checkpoints

MAX_KEY_BYTES = 1 << 16


@click.command()
@with_json
@data_option
def checkpoint(data: str | None, as_json: bool) -> None:
    """Sign a checkpoint now of what has none yet. A running server signs one a day.

    The first one makes the key. Its public half is at /.well-known/chatapp-log-key.
    """
    told: dict[str, Any] = ask(data, "log.checkpoint")
    made = told["checkpoint"]
    if made is None:
        line = "Nothing was signed: there are no messages yet."
    elif told["signed"]:
        line = f"Signed: {_described(msgspec.convert(made, SignedCheckpoint))}"
    else:
        newest = msgspec.convert(made, SignedCheckpoint)
        line = f"Nothing is newer than the last checkpoint: {_described(newest)}"
    tell(as_json, told, line)


@click.command("rotate-key")
@with_json
@data_option
def rotate_key(data: str | None, as_json: bool) -> None:
    """Sign checkpoints with a new key from now on, also while a server runs.

    The key until now signs the new one, and its private half is forgotten. Both stay published at
    /.well-known/chatapp-log-key, so copies that know the old one trust the new one.
    """
    told: dict[str, Any] = ask(data, "log.rotate-key")
    key = msgspec.convert(told["key"], PublishedKey)
    tell(as_json, told, f"From now on, the key {key.id} signs: {key.public_key}")


@click.command()
@click.argument("room")
@click.argument("seq", type=click.IntRange(1))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="The file to write.  [default: -, standard output]",
)
@with_data
@one_clear_line
def prove(room: str, seq: int, output: Path | None, data: Path) -> None:
    """Prove that message SEQ of ROOM is in the log. A server may be running.

    The proof has the message, and nothing of any other one. Who has the chat's public key can check
    it with `chatapp log check-proof`, or with the program in docs/log-format.md.
    """
    folder = data / "messages"
    with showing_progress("Searching", folder) as progress:
        proof = prove_message(folder, room, seq, stored_checkpoints(data / "directory"), progress)
    text = msgspec.json.format(msgspec.json.encode(proof), indent=1).decode()
    with written(None if output == Path("-") else output, harmless_json_lines) as file:
        file.write(f"{text}\n")


def harmless_json_lines(text: str) -> str:
    return "\n".join(map(harmless_json, text.split("\n")))


@click.command("check-proof")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--key",
    metavar="KEY",
    help="The chat's public key, as 64 hex digits, or the file that is at "
    "/.well-known/chatapp-log-key.  [default: that of the data folder]",
)
@with_data
@with_json
@one_clear_line
def check_proof_command(file: Any, key: str | None, data: Path, as_json: bool) -> None:
    """Check the proof in FILE (- is standard input), and print what it proves.

    Exits with code 1 if it proves nothing. What it proves rests on the key: get it from the chat
    itself, or from somebody whom you trust, not together with the proof.
    """
    keys = _keys(key, data)
    try:
        proof = decode_proof(file.read(MAX_PROOF_BYTES + 1))
        record = check_proof(proof, keys.get(proof.checkpoint.key, next(iter(keys.values()))))
    except Unproven as why:
        complain(f"This proves nothing. {why}")
        sys.exit(OTHER)
    line, at = proof.line, proof.checkpoint.at
    tell(
        as_json,
        {"ok": True, "record": msgspec.Raw(line.encode()), "checkpoint": proof.checkpoint},
        f"Proven: {_said(record)}\nIt has been in the log since {at} at the latest.",
    )


def _keys(given: str | None, data: Path) -> dict[str, str]:
    """Public keys by id. Ends the command if there is none."""
    if given is None:
        keys = stored_checkpoints(data / "directory").keys
        if not keys:
            raise click.UsageError(
                f"{data} has no key. Give the chat's with --key: it is at "
                "/.well-known/chatapp-log-key."
            )
        return keys
    public = given if _is_key(given) else _key_in(Path(given))
    return {"": public}


def _key_in(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            told = msgspec.json.decode(opened.read(MAX_KEY_BYTES))
        public = told["key"]["public_key"]
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror}; a key has 64 hex digits.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, TypeError, KeyError):
        public = None
    if not isinstance(public, str) or not _is_key(public):
        raise click.UsageError(f"{file} has no key in it.")
    return public


def _is_key(text: str) -> bool:
    return re.fullmatch("[0-9a-f]{64}", text) is not None


def _described(checkpoint: SignedCheckpoint) -> str:
    return (
        f"records {checkpoint.first:,} to {checkpoint.last:,}, {checkpoint.at}, "
        f"hash {checkpoint.hash}, key {checkpoint.key}"
    )


def _said(record: Record) -> str:
    """What a proven record says; its sender is the name they had then."""
    where = f"#{record.room} {record.seq}, {record.at}, {record.sender or '–'}"
    if record.erased is not None:
        return visible(f"{where}: {record.type}, whose text was erased later")
    text = "" if record.text is None else f" {record.text}"
    return visible(f"{where}: {record.type}{text}")
