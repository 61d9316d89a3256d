"""Links that a page at localhost makes for other devices."""

import pytest
from flask import Flask

from chatapp.domain.addresses import own_addresses
from chatapp.web.reach import Reach, is_only_here

LINK = "http://localhost:8080/invite/secret"
LAN = ["192.168.1.20", "fd00::20"]


def made(host: str, remote: str = "127.0.0.1", addresses: list[str] = LAN) -> str:
    with Flask("page").test_request_context(environ_base={"REMOTE_ADDR": remote}):
        return Reach(host, lambda: addresses).link(LINK)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_of_an_open_server_a_link_at_localhost_gets_an_address_of_the_machine(host: str) -> None:
    assert made(host) == "http://192.168.1.20:8080/invite/secret"
    assert made(host, addresses=["fd00::20"]) == "http://[fd00::20]:8080/invite/secret"


def test_it_stays_where_nobody_knows_a_better_one() -> None:
    assert made("127.0.0.1") == LINK
    assert made("0.0.0.0", addresses=[]) == LINK
    assert made("0.0.0.0", remote="172.17.0.1") == LINK, "through the port of a container"


def test_a_link_at_another_name_is_left_alone() -> None:
    link = "https://chat.example.org/invite/secret"
    with Flask("page").test_request_context(environ_base={"REMOTE_ADDR": "127.0.0.1"}):
        assert Reach("0.0.0.0", lambda: LAN).link(link) == link
    assert not is_only_here(link)
    assert is_only_here(LINK)


def test_addresses_for_others_have_the_port_that_the_browser_came_to() -> None:
    request = {"base_url": "http://localhost:8080", "environ_base": {"REMOTE_ADDR": "127.0.0.1"}}
    with Flask("page").test_request_context(**request):
        assert Reach("127.0.0.1", lambda: LAN).lan == [
            "http://192.168.1.20:8080",
            "http://[fd00::20]:8080",
        ]


def test_own_addresses_are_such_as_others_can_reach() -> None:
    for address in own_addresses():
        assert not address.startswith(("127.", "169.254.", "0.", "fe80:"))
        assert address != "::1"
