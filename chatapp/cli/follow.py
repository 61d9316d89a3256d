"""`chatapp follow`: a copy of rooms on this machine, which follows the chat."""

import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path

import click

from chatapp.client.address import is_address
from chatapp.client.errors import NotInLog
from chatapp.client.files.http import ChatHttp
from chatapp.client.mirror.follower import Follower
from chatapp.client.mirror.known_checkpoints import KnownCheckpoints
from chatapp.client.mirror.room_copy import RoomCopy
from chatapp.client.mirror.verifier import Verifier
from chatapp.client.terminal import exits
from chatapp.domain.errors import ChatError
from chatapp.domain.limits import checked_room_name
from chatapp.domain.model import GENERAL
from chatapp.domain.visible import visible
from chatapp.exit_codes import NOT_IN_LOG, OTHER


def address_of_chat(_context: click.Context, _option: click.Parameter, url: str) -> str:
    """The address of a chat, without a slash at its end."""
    if not is_address(url):
        raise click.BadParameter("a chat is at an address such as https://chat.example.org.")
    return url.rstrip("/")


@click.command()
@click.argument("url", callback=address_of_chat)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("-r", "--room", default=GENERAL, show_default=True, help="The room's name.")
@click.option("--once", is_flag=True, help="End when the copy is complete.")
@click.option("--verify", is_flag=True, help="Check the whole copy, and end.")
@click.option("--token", envvar="CHATAPP_TOKEN", required=True, help="[CHATAPP_TOKEN]")
def follow(url: str, folder: Path, *, room: str, once: bool, verify: bool, token: str) -> None:
    """Copy a room of the chat at URL into FOLDER, and follow it.

    FOLDER/ROOM.jsonl gets a line for each event, as `chatapp log export` writes them, in order and
    without gaps, also after a lost connection or a crash on either side. What is erased in the chat
    is erased here. It ends with exit code 1 if the chat's history is another one than that of the
    copy.

    Checkpoints that the chat has signed prove that its log has what is copied. If it does not have
    it, if the log was rewritten, or if the key has changed, it ends with exit code 6.
    """
    try:
        room, http = checked_room_name(room), ChatHttp(url, {"token": token})
        with ExitStack() as stack:
            copy = stack.enter_context(closing(RoomCopy(folder, url, room)))
            known = KnownCheckpoints(folder / f"{room}.checkpoints")
            stack.callback(known.close)
            verifier = Verifier(room, copy, known, wait=time.sleep)
            follower = Follower(http, room, copy, verifier, say=_say, wait=time.sleep)
            follower.verify() if verify else follower.follow(once=once)
    except NotInLog as error:
        _say(f"WARNING: {error.message}")
        sys.exit(NOT_IN_LOG)
    except ChatError as error:
        _say(error.message)
        sys.exit(exits.exit_code(error))
    except OSError as error:
        _say(exits.in_words(error))
        sys.exit(OTHER)
    except KeyboardInterrupt:
        sys.exit(exits.INTERRUPTED)


def _say(line: str) -> None:
    click.echo(f"chatapp: {visible(line)}", err=True)
