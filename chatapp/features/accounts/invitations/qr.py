"""Draws a link as a QR code."""

import segno
from markupsafe import Markup

QUIET_ZONE_MODULES = 4
"""White modules around the code, required by ISO/IEC 18004; dark mode would hide the edge."""


def qr_code(link: str) -> Markup:
    """An SVG element without inline style, which our Content-Security-Policy forbids.

    segno uses only `fill` and `stroke`, and the drawing does not contain the link as text.
    """
    return Markup(  # noqa: S704 - numbers and names by segno, no text of users
        segno.make(link, error="m", micro=False).svg_inline(
            border=QUIET_ZONE_MODULES,
            dark="#000",
            light="#fff",
            omitsize=True,
            svgclass="qr",
            lineclass=None,
        )
    )
