"""Nobody gets the chat to call what is not on the internet, or to wait or read for ever."""

import gzip
import socket
import ssl
import time
import zlib
from itertools import chain, repeat
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import pytest

from chatapp.outbound.calls import Call, OutboundError
from chatapp.outbound.guarded_http import GuardedHttp
from chatapp.outbound.public_addresses import is_public
from chatapp.outbound.targets import check_without_lookup
from tests.outbound.conftest import page, saying

CERTIFICATE = Path(__file__).with_name("hooks_test.pem")
call = GuardedHttp().call
BOMB = gzip.compress(b"\0" * (64 << 20))


def refusal(url: str, **how: object) -> str:
    with pytest.raises(OutboundError) as refused:
        call(Call(url=url, **{"seconds": 30.0, **how}))
    return refused.value.reason


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "017700000001", "0"),
        *("①②⑦.⓪.⓪.①", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::7f00:1]"),
        *("[64:ff9b::7f00:1]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2001::1]", "[fec0::1]"),
        *("[fe80::1]", "[fd00::1]", "[ff02::1]", "[2001:db8::1]", "[3fff::1]"),
        *("10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *(
            "localhost.",
            "127.0.0.1.",
            "0177.0.0.1",
            "0x7f.1",
            "[::ffff:0:127.0.0.1]",
            "[fe80::1%25lo]",
        ),
        *("[0:0:0:0:0:ffff:a00:1]", "[::ffff:a9fe:a9fe]", "169.254.43518", "0251.0376.0251.0376"),
        *("198.18.0.1", "192.0.0.1", "192.88.99.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    ],
)
def test_no_private_address_is_called_in_whatever_form(host):
    assert refusal(f"http://{host}/") in {"not_public", "not_found"}


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111"])
def test_public_addresses_are_public(address):
    assert is_public(address)


def test_looking_up_a_host_counts_towards_the_time_of_a_call(monkeypatch):
    answered, asked = Event(), Event()

    def slow(*_args, flags=0, **_more):
        if flags:
            raise socket.gaierror
        asked.set()
        answered.wait(5)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 80))]

    monkeypatch.setattr(socket, "getaddrinfo", slow)

    with pytest.raises(OutboundError, match=r"Looking up slow\.test took too long") as refused:
        call(Call(url="http://slow.test/", seconds=0.2))

    assert refused.value.reason == "timeout"
    assert asked.is_set()
    answered.set()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:8080/", "not_public"),
        ("http://2130706433/", "not_public"),
        ("https://[::ffff:10.0.0.1]/", "not_public"),
        ("http://localhost./", "not_public"),
        ("http://chat.localhost/", "not_public"),
        ("https://example.org:25/", "bad_port"),
    ],
)
def test_a_url_that_says_itself_that_it_is_not_called_is_refused_without_a_look_up(
    monkeypatch, url, reason
):
    real = socket.getaddrinfo

    def numbers_only(*args, flags=0, **more):
        assert flags & socket.AI_NUMERICHOST
        return real(*args, flags=flags, **more)

    monkeypatch.setattr(socket, "getaddrinfo", numbers_only)
    ports = (80, 443, 8080)
    host = urlsplit(url).hostname

    with pytest.raises(OutboundError) as refused:
        check_without_lookup(url, ports=ports, allowed=frozenset())

    assert refused.value.reason == reason
    check_without_lookup(url, ports=ports, allowed=frozenset([host]))
    check_without_lookup("https://example.org/", ports=ports, allowed=frozenset())


def test_what_is_no_address_is_not_public():
    assert not is_public("example.org")
    assert not is_public("2606:4700:4700::1111%eth0")


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://example.org/", "file:///etc/passwd", "//example.org/", "example.org", ""),
        *("http:///page", "http://ana:secret@example.org/", "http://@example.org/"),
        *("http://example.org\\@127.0.0.1/", "http://exa mple.org/", "http://example.org/\r\nX: y"),
        *("http://example.org:99999/", "http://[::1/", "http://a/\x00"),
        "http://example.org/" + "a" * 2048,
    ],
)
def test_what_is_no_url_to_call_is_refused(url):
    assert refusal(url) == "bad_url"


def test_the_ports_of_other_protocols_are_not_called():
    assert refusal("http://example.org:22/") == "bad_port"


def test_a_name_that_changes_its_address_is_resolved_once(host, monkeypatch):
    there = host(saying(page(b"yes")))
    real, asked = socket.getaddrinfo, []

    def changing(name, *rest, **more):
        if name != "changing.test":
            return real(name, *rest, **more)
        asked.append(name)
        return real("127.0.0.1" if len(asked) == 1 else "127.0.0.2", *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    allowed = frozenset(["changing.test"])

    port = there.server_address[1]
    reply = call(Call(url=f"http://changing.test:{port}/", ports=None, allowed=allowed))

    assert reply.body == b"yes"
    assert asked == ["changing.test"]
    assert f"Host: changing.test:{port}".encode() in there.heads[0]


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch):
    def both(_name, port, **_):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in ("1.1.1.1", "10.0.0.1")
        ]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    assert refusal("http://both.test/") == "not_public"


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "::1", "::ffff:192.168.0.1", "fd00::1"]
)
def test_a_public_name_of_a_private_address_is_not_called(monkeypatch, address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = [(family, socket.SOCK_STREAM, 6, "", (address, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda _name, _port, **_: found)

    assert refusal("https://hooks.example.org/", method="POST", body=b"{}") == "not_public"


def test_a_name_that_becomes_private_before_the_redirect_is_looked_at_again(host, monkeypatch):
    inside = host(saying(page(b"secret")))
    outside = host(
        saying(
            page(
                b"",
                f"Location: http://changing.test:{inside.server_address[1]}/",
                status="302 Found",
            )
        )
    )
    real = socket.getaddrinfo

    def private(name, *rest, **more):
        return real("127.0.0.1" if name == "changing.test" else name, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", private)
    how = {"ports": None, "allowed": frozenset([outside.place]), "redirects": 3}

    assert refusal(outside.url, **how) == "not_public"
    assert inside.heads == []


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See", "307 Temporary", "308 Always"]
)
def test_what_is_posted_is_not_sent_on_by_a_redirect(host, status):
    inside = host(saying(page(b"secret")))
    outside = host(saying(page(b"", f"Location: {inside.url}", status=status)))
    allowed = frozenset([outside.place, inside.place])

    reply = call(
        Call(url=outside.url, method="POST", body=b"{}", ports=None, allowed=allowed, redirects=3)
    )

    assert reply.status == int(status[:3])
    assert inside.heads == []


def test_a_redirect_to_a_private_address_is_not_followed(host):
    inside = host(saying(page(b"secret")))
    outside = host(saying(page(b"", f"Location: {inside.url}", status="302 Found")))
    how = {"ports": None, "allowed": frozenset([outside.place]), "redirects": 3}

    assert refusal(outside.url, **how) == "not_public"
    assert inside.heads == []


@pytest.mark.parametrize("location", ["file:///etc/passwd", "gopher://x/", "http://a:b@c/"])
def test_a_redirect_to_another_scheme_is_not_followed(host, location):
    there = host(saying(page(b"", f"Location: {location}", status="302 Found")))
    how = {"ports": None, "allowed": frozenset([there.place]), "redirects": 3}

    assert refusal(there.url, **how) == "bad_url"


def test_redirects_end(host):
    there = host(saying(page(b"", "Location: /page", status="302 Found")))
    how = {"ports": None, "allowed": frozenset([there.place]), "redirects": 3}

    assert refusal(there.url, **how) == "redirected"
    assert len(there.heads) == 4


def test_without_redirects_the_answer_is_the_redirect(host):
    there = host(saying(page(b"moved", "Location: http://10.0.0.1/", status="302 Found")))

    reply = call(Call(url=there.url, ports=None, allowed=frozenset([there.place])))

    assert (reply.status, reply.body) == (302, b"moved")


def trickle(connection, _):
    for byte in chain(b"HTTP/1.1 200 OK\r\n", repeat(ord("a"))):
        connection.sendall(bytes([byte]))
        time.sleep(0.01)


def trickle_body(connection, _):
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    trickle(connection, _)


def say_nothing(connection, _):
    while connection.recv(65536):  # until the other side has had enough
        continue


def go_on(connection, _):
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


def trickle_packed(connection, _):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
    for byte in BOMB:
        connection.sendall(bytes([byte]))
        time.sleep(0.01)


@pytest.mark.parametrize("slow", [trickle, trickle_body, trickle_packed, say_nothing, go_on])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_slow_answer_is_cut_off(host, slow, method):
    there = host(slow)
    how = {"ports": None, "allowed": frozenset([there.place]), "seconds": 0.4}

    assert refusal(there.url, method=method, body=b"{}", **how) == "timeout"


def test_a_host_that_says_nothing_where_tls_should_begin_is_cut_off(host):
    there = host(say_nothing)
    how = {"ports": None, "allowed": frozenset([there.place]), "seconds": 0.4}

    assert refusal(there.url.replace("http:", "https:"), **how) == "timeout"


def endless(connection, _):
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"a" * 65536)


def endless_chunks(connection, _):
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"1000\r\n" + b"a" * 0x1000 + b"\r\n")


BOMB_PAGE = page(BOMB, "Content-Encoding: gzip")
ZLIB_BOMB_PAGE = page(zlib.compress(b"\0" * (64 << 20)), "Content-Encoding: deflate")


@pytest.mark.parametrize(
    "huge", [endless, endless_chunks, saying(BOMB_PAGE), saying(ZLIB_BOMB_PAGE)]
)
def test_a_huge_answer_is_not_read_to_its_end(host, huge):
    there = host(huge)
    how = {"ports": None, "allowed": frozenset([there.place]), "max_bytes": 100_000}

    assert refusal(there.url, **how) == "too_big"
    beginning = call(Call(url=there.url, cut=True, **how)).body
    assert len(beginning) == 100_000


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\nshort",
        page(b"no gzip", "Content-Encoding: gzip"),
        page(b"x", "Content-Encoding: br"),
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 1000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"b" * 100_000 + b"\r\n\r\n",
    ],
)
def test_a_bad_answer_is_told_as_one(host, answer):
    there = host(saying(answer))
    how = {"ports": None, "allowed": frozenset([there.place])}

    assert refusal(there.url, **how) in {"bad_answer", "unreachable"}


def test_no_proxy_of_the_environment_is_used(host, monkeypatch):
    proxy = host(saying(page(b"proxied")))
    there = host(saying(page(b"direct")))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://{proxy.place}")

    reply = call(Call(url=there.url, ports=None, allowed=frozenset([there.place])))

    assert reply.body == b"direct"
    assert b"cookie" not in there.heads[0].lower()
    assert b"authorization" not in there.heads[0].lower()


def test_a_body_of_another_type_is_not_read(host):
    there = host(saying(page(b"x" * 1000, "Content-Type: application/zip")))
    allowed = frozenset([there.place])

    reply = call(Call(url=there.url, ports=None, allowed=allowed, types=("text/html",)))

    assert reply.body == b""


def test_a_certificate_must_be_trusted_and_of_the_host(host, monkeypatch):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)

    def say(connection, _):
        raise AssertionError("no request comes in the clear")

    there = host(say)
    plain = there.get_request
    there.get_request = lambda: _wrapped(context, *plain())
    there.say = saying(page(b"secret", "Content-Encoding: identity"))
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda name, *rest, **more: real("127.0.0.1", *rest, **more)
    )
    port = there.server_address[1]
    how = {"ports": None, "allowed": frozenset(["hooks.test", "other.test"])}
    trusting = GuardedHttp(ssl.create_default_context(cafile=str(CERTIFICATE))).call

    assert refusal(f"https://hooks.test:{port}/", **how) == "unreachable"
    with pytest.raises(OutboundError):
        trusting(Call(url=f"https://other.test:{port}/", **how))
    assert trusting(Call(url=f"https://hooks.test:{port}/", **how)).body == b"secret"


def _wrapped(context, connection, address):
    return context.wrap_socket(connection, server_side=True), address
