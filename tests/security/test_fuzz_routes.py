"""Whatever anybody of any role sends to any route, no answer is a 500 and no traceback is left."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.security.conftest import ACCOUNTS, ROLES
from tests.support.raw_http import exchange, request, status_of
from tests.test_routes import ROUTES

EXAMPLES = 300
"""For each role."""
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "get"]
ENDINGS = {"POST /logout", "POST /leave", "POST /account/sessions/end"}
"""What would end the session that the fuzz goes on with."""

odd_bytes = st.binary(max_size=40).map(lambda some: some.translate(None, b"\r\n \0"))
odd_text = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["..", "%00", "%ff", "%2e%2e%2f", "general", "admin", "1", "-1", "9" * 40]),
    st.sampled_from(["<script>", "'\"", "\u202e", "\ud7ff", "é" * 20, "=1+1", "a" * 3000]),
)
paths = st.one_of(
    st.sampled_from([route.split(" ")[1] for route in ROUTES if route not in ENDINGS]),
    odd_bytes.map(lambda some: "/" + some.decode("latin-1")),
)
fields = st.dictionaries(
    st.one_of(
        st.sampled_from(["name", "password", "room", "seq", "reason", "role", "uses", "days"]),
        st.sampled_from(["old", "new", "confirm", "slow_seconds", "text", "day", "before", "q"]),
        odd_text,
    ),
    odd_text,
    max_size=6,
)
header_names = [b"Accept", b"Accept-Language", b"Accept-Encoding", b"Cookie", b"Origin", b"Referer",
                b"X-Forwarded-For", b"X-Forwarded-Proto", b"Range", b"If-None-Match",
                b"If-Modified-Since", b"Content-Type", b"User-Agent", b"Authorization",
                b"X-Anything"]  # fmt: skip
headers = st.lists(st.tuples(st.sampled_from(header_names), odd_bytes), max_size=4)


@pytest.mark.parametrize("role", ROLES)
def test_no_request_makes_the_server_stumble(server, visitors, role):
    visitor = visitors[role]
    cookies = "; ".join(f"{one.name}={one.value}" for one in visitor.http.cookies)
    account = exchange(server, request(server, "GET", b"/account", [(b"Cookie", cookies.encode())]))
    assert (status_of(account) == 200) == (role in ACCOUNTS), "the fuzz is not who it says"
    known = [(b"X-CSRF-Token", visitor.token.encode()), (b"Cookie", cookies.encode())]

    @settings(
        max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(st.sampled_from(METHODS), paths, odd_text, fields, headers, st.data())
    def send(method, path, segment, form, more, data):
        path = re.sub(r"<[^>]+>", lambda _: quoted(segment), path)
        query = data.draw(st.one_of(st.just(""), fields.map(encoded)), "query")
        body, kind = data.draw(bodies(form), "body")
        sent = request(
            server,
            method,
            f"{path}?{query}".encode("latin-1", "replace"),
            [*known, (b"Content-Type", kind), *more],
            body,
        )

        status = status_of(exchange(server, sent))

        assert status is None or status < 500, sent

    send()
    assert exchange(server, request(server, "GET", b"/healthz")).endswith(b"ok")


def bodies(form):
    return st.one_of(
        st.just((encoded(form).encode(), b"application/x-www-form-urlencoded")),
        st.binary(max_size=300).map(lambda some: (some, b"application/x-www-form-urlencoded")),
        st.binary(max_size=300).map(lambda some: (some, b"multipart/form-data; boundary=x")),
        st.binary(max_size=300).map(
            lambda some: (b"--x\r\n" + some, b"multipart/form-data; boundary=x")
        ),
        st.just((b"a=" + b"x" * 70_000, b"application/x-www-form-urlencoded")),
        st.just((b"{", b"application/json")),
    )


def encoded(form):
    return "&".join(f"{quoted(name)}={quoted(value)}" for name, value in form.items())


def quoted(text):
    """As browsers quote it, but that what is quoted already stays as it is."""
    raw = text.encode("utf-8", "surrogatepass")
    return "".join(chr(b) if 32 < b < 127 and b not in b"#?&/" else f"%{b:02x}" for b in raw)
