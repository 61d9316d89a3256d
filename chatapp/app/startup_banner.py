"""The text that the server prints at start: the chat's address, who can use it, the next step."""

from collections.abc import Sequence
from pathlib import Path

from chatapp.config import Access

OPEN_ACCESS_WARNING = """\
!! ======================================================================
!! THIS CHAT IS OPEN TO EVERYBODY who reaches {host}.
!! They read and write in it without an account, by any name that is free.
!! For people with an account only:  --access members
!! ======================================================================"""


def greeting(
    address: str, access: Access, setup_token: str | None, data: Path, lan: Sequence[str] = ()
) -> list[str]:
    """`setup_token` is the secret of the link that creates the first account; None if there is one.
    `lan` are the addresses for other devices."""
    lines = [f"The chat is at     {address}"]
    lines += [f"On other devices   {other}" for other in lan]
    if setup_token is None:
        lines.append(f"The admin page is  {address}/admin")
    else:
        lines.append(f"Become admin at    {address}/setup/{setup_token}   (works once)")
    lines.append(f"The data lies in   {data}")
    if setup_token is not None and access == "members":
        lines.append(
            "Nobody has an account yet, and only members may come in: open the link above to make "
            "the first account, and invite the others from there."
        )
    return lines


def open_access_warning(host: str) -> str:
    """A warning for servers that everyone on the network can use."""
    return OPEN_ACCESS_WARNING.format(host=host)
