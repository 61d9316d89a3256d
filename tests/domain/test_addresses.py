import pytest

from chatapp.domain.addresses import network_of, normal_address, normal_host, normal_origin


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("198.51.100.9", "198.51.100.9"),
        (" 198.51.100.9:61234 ", "198.51.100.9"),
        ("198.51.100.9:", "198.51.100.9"),
        ("::ffff:198.51.100.9", "198.51.100.9"),
        ("[::FFFF:198.51.100.9]:80", "198.51.100.9"),
        ("2001:DB8:0:0::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ('"[2001:db8::7]:6123"', "2001:db8::7"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%25eth0]:443", "fe80::1"),
        *((nothing, None) for nothing in ("", "unknown", "_hidden", "198.51.100", "1:2:3", "[]")),
        *((nothing, None) for nothing in ("198.51.100.9:80:80", "198.51.100.9:x", "a.example:80")),
        ("198.51.100.9:" + "1" * 100, None),
    ],
)
def test_an_address_has_one_spelling(text: str, address: str | None) -> None:
    assert normal_address(text) == address


def test_a_place_is_the_same_however_its_address_is_written() -> None:
    assert (
        network_of("[2001:DB8:1:2::9%eth0]:6123")
        == network_of("2001:db8:1:2:3::")
        != network_of("::")
    )
    assert network_of("198.51.100.9:1") == network_of("::ffff:198.51.100.9") == "198.51.100.9"
    assert network_of("unknown") == "unknown"


@pytest.mark.parametrize(
    ("host", "scheme", "normal"),
    [
        ("CHAT.example.org:443", "https", "chat.example.org"),
        ("chat.example.org:80", "http", "chat.example.org"),
        ("chat.example.org:80", "https", "chat.example.org:80"),
        ("chat.example.org:8443", "https", "chat.example.org:8443"),
        ("[2001:DB8::7]:443", "https", "[2001:db8::7]"),
        ("Bücher.example", "https", "xn--bcher-kva.example"),
        ("", "https", ""),
    ],
)
def test_a_host_has_one_spelling(host: str, scheme: str, normal: str) -> None:
    assert normal_host(host, scheme) == normal
    assert normal_origin(f"{scheme.upper()}://{host}") == f"{scheme}://{normal}"


def test_the_origin_of_no_page_stays_what_it_is() -> None:
    assert normal_origin("null") == "null"
