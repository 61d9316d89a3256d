"""What proxies say of a request, and what a client cannot say in their name."""

from typing import Any

import pytest
import requests

from chatapp.web.proxies import BehindProxies
from tests.support.waiting import DEADLINE_SECONDS
from tests.transport.raw import RawClient

PEER = "127.0.0.1"


def seen(proxies: int = 1, **headers: str) -> tuple[str, str]:
    """The address and the URL of a request with these headers, as the app sees them."""
    got: list[tuple[str, str]] = []

    def app(environ: dict[str, Any], _start_response: Any) -> list[bytes]:
        url = f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}"
        got.append((environ["REMOTE_ADDR"], url))
        return []

    environ = {"REMOTE_ADDR": PEER, "wsgi.url_scheme": "http", "HTTP_HOST": "inside:8080"}
    environ |= {"HTTP_" + name.upper(): value for name, value in headers.items()}
    BehindProxies(app, proxies)(environ, lambda *_: None)
    return got[0]


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("198.51.100.9", "198.51.100.9"),
        ("198.51.100.9:61234", "198.51.100.9"),
        ("[2001:DB8::7]:443", "2001:db8::7"),
        ("::ffff:198.51.100.9", "198.51.100.9"),
        ("203.0.113.1, 198.51.100.9:1", "198.51.100.9"),
        ("203.0.113.1,unknown", PEER),
        ("", PEER),
    ],
)
def test_the_last_proxy_says_where_a_request_comes_from(said: str, address: str) -> None:
    assert seen(x_forwarded_for=said) == (address, "http://inside:8080")


def test_of_several_proxies_the_first_one_counts() -> None:
    said = "203.0.113.1, 198.51.100.9:1, 192.0.2.1"

    assert seen(2, x_forwarded_for=said)[0] == "198.51.100.9"
    assert seen(4, x_forwarded_for=said)[0] == PEER


def test_a_host_is_written_in_one_way() -> None:
    said = {"x_forwarded_proto": "https", "x_forwarded_host": "CHAT.example.org:443"}

    assert seen(**said)[1] == "https://chat.example.org"
    assert seen(x_forwarded_proto="https", host="CHAT.example.org:443")[1] == (
        "https://chat.example.org"
    )
    assert seen(x_forwarded_proto="gopher")[1] == "http://inside:8080"


def test_forwarded_is_heard_where_nothing_else_is_said() -> None:
    said = 'for=203.0.113.1;proto=http, For="[2001:DB8::7]:6123";Proto=https;host=Chat.example.org'

    assert seen(forwarded=said) == ("2001:db8::7", "https://chat.example.org")
    assert seen(2, forwarded=said) == ("203.0.113.1", "http://inside:8080")
    assert seen(forwarded=said, x_forwarded_for="198.51.100.9") == (
        "198.51.100.9",
        "http://inside:8080",
    )


@pytest.mark.parametrize(
    "forged", ['for="', 'for="x, ', '"\\', "for=203.0.113.1;host=evil.example"]
)
def test_what_a_client_says_before_its_proxy_counts_for_nothing(forged: str) -> None:
    assert seen(forwarded=f'{forged}, for="[2001:db8::7]"') == ("2001:db8::7", "http://inside:8080")


def test_one_address_is_one_whatever_port_it_comes_from(new_server) -> None:
    server = new_server(
        CHATAPP_PROXIES="1", CHATAPP_CONNECTIONS_PER_ADDRESS="2", CHATAPP_ACCESS="open"
    ).start()
    here = ("127.0.0.1", server.port)
    clients = [
        RawClient(here, headers={"X-Forwarded-For": f"198.51.100.9:6{number}"})
        for number in range(3)
    ]

    assert [client.status for client in clients] == [101, 101, 503]

    for client in clients:
        client.close()


def test_a_page_connects_however_the_proxy_writes_its_host(new_server) -> None:
    server = new_server(CHATAPP_PROXIES="1").start()
    headers = {
        "Origin": "https://chat.example.org",
        "X-Forwarded-For": "198.51.100.9",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "CHAT.example.org:443",
    }
    url = server.url + "/socket.io/?EIO=4&transport=polling"

    assert requests.get(url, headers=headers, timeout=DEADLINE_SECONDS).status_code == 200
    assert (
        requests.get(
            url, headers=headers | {"Origin": "https://other"}, timeout=DEADLINE_SECONDS
        ).status_code
        == 403
    )


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Host", "Forwarded"])
def test_metrics_are_not_open_to_what_comes_through_a_proxy(new_server, header: str) -> None:
    server = new_server().start()

    assert requests.get(server.url + "/metrics", timeout=DEADLINE_SECONDS).status_code == 200
    answer = requests.get(
        server.url + "/metrics", headers={header: "for=203.0.113.7"}, timeout=DEADLINE_SECONDS
    )
    assert answer.status_code == 403
