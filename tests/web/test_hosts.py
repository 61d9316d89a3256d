"""A page of somebody else cannot pretend to be this machine."""

import urllib.error
import urllib.request

import pytest
import socketio

from tests.support.waiting import DEADLINE_SECONDS


def status(url, host):
    request = urllib.request.Request(url, headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=DEADLINE_SECONDS) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:80", "LOCALHOST"])
def test_this_machines_names_are_answered(house, host):
    assert status(f"{house.url}/healthz", host) == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "10.0.0.1", ""])
def test_other_names_are_not(house, host):
    assert status(f"{house.url}/healthz", host) == 421


def test_a_rebound_page_gets_no_socket(house, connect):
    evil = {"Host": "evil.example", "Origin": "http://evil.example"}

    connect("ana", url=house.url)
    with pytest.raises(socketio.exceptions.ConnectionError):
        connect("eve", url=house.url, headers=evil, transports=["polling"])


def test_a_further_origin_and_a_server_behind_a_proxy_have_their_own_names(new_server):
    named = new_server(CHATAPP_ORIGINS="http://chat.lan:8080").start()
    proxied = new_server(CHATAPP_PROXIES="1").start()

    assert status(f"{named.url}/healthz", "chat.lan:8080") == 200
    assert status(f"{named.url}/healthz", "evil.example") == 421
    assert status(f"{proxied.url}/healthz", "chat.example.org") == 200
