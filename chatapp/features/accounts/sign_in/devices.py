"""A readable name for a browser, such as `Firefox on Linux`, from its User-Agent.

It is only meant to tell one's own browsers apart; browsers can claim anything.
"""

from chatapp.web.languages import Words

BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("chatapp", "chatapp"),
    ("curl/", "curl"),
)
"""The first match counts: Edge also claims to be Chrome, and Chrome to be Safari."""
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def device_name(user_agent: str, t: Words) -> str:
    browser = _first(BROWSERS, user_agent)
    system = _first(SYSTEMS, user_agent)
    if browser and system:
        return t("account.device", browser=browser, system=system)
    return browser or system or user_agent[:40] or t("account.device.unknown")


def _first(signs: tuple[tuple[str, str], ...], text: str) -> str | None:
    return next((name for sign, name in signs if sign in text), None)
