"""How often a campaign of faults repeats: a little in `make test`, for long in `make torture`."""

import os


def rounds(usual: int, torture: int) -> int:
    """`usual`, or `torture` where the environment has TORTURE=1."""
    return torture if os.environ.get("TORTURE") == "1" else usual
