"""What the server says when it starts: where the chat is, who may come in, what comes next."""

from pathlib import Path

from chatapp.config import Access

OPEN_DOOR = """\
!! ======================================================================
!! THIS CHAT IS OPEN TO EVERYBODY who reaches {host}.
!! They read and write in it without an account, by any name that is free.
!! For people with an account only:  --access members
!! ======================================================================"""


def greeting(address: str, access: Access, setup_token: str | None, data: Path) -> list[str]:
    """`setup_token` is the secret of the link that makes the first account; None: there is one."""
    lines = [f"The chat is at     {address}"]
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


def open_door_warning(host: str) -> str:
    """What nobody may miss who lets everybody in."""
    return OPEN_DOOR.format(host=host)
