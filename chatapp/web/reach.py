"""Makes links that work on other devices when the chat is open at localhost.

Links to localhost do not work on other machines. If the server listens to the network, and the
browser runs on the same machine, such links get an address of this machine instead. A browser that
opens the chat at localhost from another machine comes through a proxy or into a container; then
the server cannot know its public address.
"""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, request, url_for

from chatapp.config import is_loopback, is_wildcard, netloc
from chatapp.domain.addresses import own_addresses

EXTENSION = "reach"


class Reach:
    """`host` is the address to listen on; `command` starts the chat for other machines too."""

    def __init__(
        self,
        host: str,
        addresses: Callable[[], Sequence[str]] = own_addresses,
        *,
        command: str = "",
    ) -> None:
        self.command = command
        self._host = host
        self._addresses = addresses

    def link(self, link: str) -> str:
        """The link in a form that other devices can open; unchanged if there is none."""
        parts = urlsplit(link)
        if is_only_here(link) and self.is_open and is_local() and (found := self._addresses()):
            return parts._replace(netloc=netloc(found[0], parts.port)).geturl()
        return link

    @property
    def is_open(self) -> bool:
        return is_wildcard(self._host)

    @property
    def lan(self) -> list[str]:
        """The URLs of this server for other devices, if it listens to the network."""
        port = urlsplit(request.host_url).port
        addresses = self._addresses() if is_local() else ()
        return [f"{request.scheme}://{netloc(address, port)}" for address in addresses]


def install_reach(app: Flask, host: str, command: str) -> None:
    """Adds `reach` to templates, and the test `only_here` for links."""
    reach = app.extensions[EXTENSION] = Reach(host, command=command)
    app.add_template_test(is_only_here, "only_here")
    app.context_processor(lambda: {"reach": reach})


def is_local() -> bool:
    """Whether the browser runs on the server's machine and connects directly."""
    return is_loopback(request.remote_addr or "")


def is_only_here(link: str) -> bool:
    """Whether a link only works on this machine."""
    return is_loopback(urlsplit(link).hostname or "")


def url_for_others(endpoint: str, **values: Any) -> str:
    """As `url_for`, for somebody on another device."""
    reach: Reach = current_app.extensions[EXTENSION]
    return reach.link(url_for(endpoint, **values, _external=True))
