"""What a page says of itself becomes plain text, whatever it says, and in whatever encoding."""

import pytest

from chatapp.outbound.calls import OutboundError, PageCall
from chatapp.outbound.guarded_http import GuardedHttp
from chatapp.outbound.web_page import PAGE_BYTES, read_page
from tests.outbound.conftest import page, saying

HTML = "Content-Type: text/html"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


def read(there):
    return read_page(
        PageCall(url=there.url, seconds=30.0, allowed=frozenset([there.place])), GuardedHttp()
    )


def serving(html: str, encoding: str = "utf-8", header: str = HTML):
    return saying(page(html.encode(encoding), header))


def test_open_graph_comes_first(host):
    there = host(
        serving(
            "<title>Plain</title><meta name=description content=plain>"
            '<meta property="og:title" content="Tea &amp; <b>biscuits</b>">'
            '<meta property="og:description" content="Two\n\n lines\u202e and a \u0007bell">'
            '<meta property="og:site_name" content="The house">'
        )
    )

    found = read(there)

    assert (found.title, found.site) == ("Tea & <b>biscuits</b>", "The house")
    assert found.text == "Two lines and a bell"


def test_a_plain_page_has_its_title_and_description(host):
    there = host(serving("<title> A\n page </title><meta name=Description content='Of words'>"))

    found = read(there)

    assert (found.title, found.text, found.site) == ("A page", "Of words", "127.0.0.1")
    assert found.image == b""


@pytest.mark.parametrize(
    ("encoding", "header", "meta"),
    [
        ("latin-1", f"{HTML}; charset=ISO-8859-1", ""),
        ("latin-1", HTML, "<meta charset=latin1>"),
        (
            "shift_jis",
            HTML,
            "<meta http-equiv=content-type content='text/html; charset=shift_jis'>",
        ),
        ("utf-8", f"{HTML}; charset=no-such-thing", ""),
    ],
)
def test_the_encoding_is_the_pages_own(host, encoding, header, meta):
    title = "日本" if encoding == "shift_jis" else "Café"
    there = host(serving(f"{meta}<title>{title}</title>", encoding, header))

    assert read(there).title == title


def test_the_picture_comes_along_and_its_absence_hurts_nobody(host):
    def say(connection, head):
        if b"GET /picture" in head:
            connection.sendall(page(PNG, "Content-Type: image/png"))
        elif b"GET /secret" in head:
            connection.sendall(page(b"<svg/>", "Content-Type: image/svg+xml"))
        else:
            connection.sendall(page(html.encode(), HTML))

    there = host(say)
    html = '<title>T</title><meta property="og:image" content="/picture">'
    assert read(there).image == PNG
    for bad in ("http://10.0.0.1/x", "/secret", "data:image/png;base64,AAAA", "http://[/", "\x00"):
        html = f'<title>T</title><meta property="og:image" content="{bad}">'
        assert read(there).image == b""


def test_a_host_that_is_allowed_opens_no_port_of_others(host):
    there = host(saying(page(b"", "Location: http://8.8.8.8:22/", status="302 Found")))

    with pytest.raises(OutboundError, match="Port 22 is not called"):
        read(there)


@pytest.mark.parametrize(
    "answer",
    [
        page(b"<title></title>", HTML),
        page(b"<title>gone</title>", HTML, status="404 Not Found"),
        page(b"<title>no page</title>", "Content-Type: text/plain"),
        page(b"", HTML),
    ],
)
def test_a_page_that_says_nothing_has_no_preview(host, answer):
    with pytest.raises(OutboundError):
        read(host(saying(answer)))


@pytest.mark.parametrize(
    "html",
    [
        "<title>T</title>" + "<a" * PAGE_BYTES,
        "<title>T</title>" + "<!--" * PAGE_BYTES,
        "<title>T</title>" + "<div>" * PAGE_BYTES,
        "<title>" + "T" * PAGE_BYTES * 2,
        "<title>T</title><meta property='og:title' content='" + "T" * PAGE_BYTES,
    ],
)
def test_a_page_that_means_harm_is_read_no_further_than_the_limit(host, html):
    assert read(host(serving(html))).title.startswith("T")
