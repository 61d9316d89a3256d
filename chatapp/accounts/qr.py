"""A link as a square that a telephone's camera reads."""

import segno
from markupsafe import Markup

QUIET_ZONE_MODULES = 4
"""White around the code: ISO/IEC 18004 wants it, and in the dark it makes the code readable."""


def qr_code(link: str) -> Markup:
    """An SVG element that needs no style of its own: the policy of our pages allows none.

    segno draws with `fill` and `stroke` only, and the link itself is nowhere in the drawing.
    """
    return Markup(  # noqa: S704 - numbers and names of segno's, nothing that somebody wrote
        segno.make(link, error="m", micro=False).svg_inline(
            border=QUIET_ZONE_MODULES,
            dark="#000",
            light="#fff",
            omitsize=True,
            svgclass="qr",
            lineclass=None,
        )
    )
