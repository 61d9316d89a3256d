"""What somebody with bad intentions tries, against the real server, each beside its honest twin."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.raw_http import exchange, request, status_of
from tests.support.waiting import DEADLINE_SECONDS
from tests.test_way_of_a_message import call

SCRIPT = "<img src=x onerror=alert(1)>"


def cookies_of(visitor):
    return "; ".join(f"{one.name}={one.value}" for one in visitor.http.cookies).encode()


# Other sites


def websocket(server, cookie, *origin):
    """Asks for a WebSocket, as a page of `origin` would; what the server says to that."""
    headers = [
        (b"Upgrade", b"websocket"),
        (b"Connection", b"Upgrade"),
        (b"Sec-WebSocket-Version", b"13"),
        (b"Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ=="),
        (b"Cookie", cookie),
        *((b"Origin", one) for one in origin),
    ]
    path = b"/socket.io/?EIO=4&transport=websocket"
    lines = [b"GET %s HTTP/1.1" % path, b"Host: 127.0.0.1:%d" % server.port]
    sent = b"\r\n".join([*lines, *(b"%s: %s" % header for header in headers)]) + b"\r\n\r\n"
    return status_of(exchange(server, sent, enough=b"\r\n\r\n"))


@pytest.mark.parametrize(
    "origin", [b"https://evil.example", b"null", b"http://127.0.0.1:1", b"http://localhost.evil"]
)
def test_another_site_gets_no_websocket_with_a_members_cookie(server, visitors, origin):
    cookie = cookies_of(visitors["member"])

    assert websocket(server, cookie, server.url.encode()) == 101
    assert websocket(server, cookie, origin) in (400, 403)


def test_a_form_of_another_site_changes_nothing(server, visitors):
    owner = visitors["owner"]

    answer = owner.http.post(
        f"{server.url}/admin/invites",
        data={"role": "member", "uses": "1", "days": "1"},
        headers={"Origin": "https://evil.example"},
        timeout=DEADLINE_SECONDS,
    )

    assert answer.status_code == 403
    assert owner.submit("/admin/invites", role="member", uses="1", days="1").status_code == 200


# Sessions


def test_a_session_that_was_planted_is_not_signed_in_by_its_victim(sockets, new_visitor):
    attacker = new_visitor()
    planted, token = cookies_of(attacker), attacker.token
    victim = new_visitor()
    victim.http.cookies.update(attacker.http.cookies)

    victim.sign_in("Member Fox")

    assert victim.get("/account").ok
    assert attacker.get("/account", allow_redirects=False).status_code == 303
    assert cookies_of(victim) != planted
    assert victim.token != token


def test_a_cookie_that_was_copied_ends_with_the_session(server, sockets, new_visitor):
    visitor = new_visitor().sign_in("Member Fox")
    copy = [(b"Cookie", cookies_of(visitor))]
    account = request(server, "GET", b"/account", copy)
    assert status_of(exchange(server, account)) == 200

    visitor.submit("/logout")

    assert status_of(exchange(server, account)) == 303


# Headers, paths, sizes


@pytest.mark.parametrize("end", ["%0d%0a", "%0a", "%0d", "%e5%98%8a", "%00"])
def test_a_parameter_adds_no_header(sockets, new_visitor, end):
    visitor = new_visitor()
    wanted = f"/rooms/general{end}Set-Cookie:%20evil=1"

    page = visitor.get(f"/login?next={wanted}")
    fields = {"name": "Member Fox", "password": "correct horse battery"}
    answer = visitor.submit(f"/login?next={wanted}", **fields)

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"
    for one in (page, answer):
        assert "evil" not in "".join(one.headers.values())


@pytest.mark.parametrize(
    "path",
    [
        b"/static/../data/secret_key",
        b"/static/..%2f..%2fdata%2fsecret_key",
        b"/static/%2e%2e/%2e%2e/etc/passwd",
        b"/static//etc/passwd",
        b"/static/..\\..\\chatapp\\factory.py",
        b"/static/%c0%ae%c0%ae/pyproject.toml",
        b"/static/css/../../pyproject.toml",
        b"/static/",
        b"//admin/messages",
        b"/admin//messages",
        b"/./admin/messages",
        b"/%61dmin/messages",
        b"/ADMIN/messages",
        b"/admin/messages/",
        b"/admin/messages;x=1",
        b"/admin/messages%00",
    ],
)
def test_no_spelling_of_a_path_leads_where_it_should_not(server, path):
    answer = exchange(server, request(server, "GET", path))

    assert status_of(answer) in (301, 303, 307, 308, 400, 403, 404)
    assert b"root:" not in answer
    assert b"[project]" not in answer
    assert (server.data / "secret_key").read_bytes().strip() not in answer


def test_a_form_that_is_too_large_is_refused_before_it_is_looked_at(server, visitors):
    owner = visitors["owner"]

    fits = owner.submit("/admin/room", room="general", slow_seconds="x", reason="x" * 60_000)
    too_large = owner.submit("/admin/room", room="general", slow_seconds="x", reason="x" * 70_000)

    assert (fits.status_code, too_large.status_code) == (400, 413)


def test_a_form_with_a_great_many_fields_is_refused(server, visitors):
    owner = visitors["owner"]

    answer = owner.submit("/admin/room", **{f"field{n}": "" for n in range(3_000)})

    assert answer.status_code in (400, 404, 413)


# What people write is only ever shown


def test_script_in_titles_topics_texts_and_reasons_is_text_wherever_it_is_shown(
    server, sockets, visitors
):
    call(sockets["member"], "create", {"room": "scripted", "title": SCRIPT})
    call(sockets["member"], "update", {"room": "scripted", "topic": SCRIPT})
    sent = call(sockets["member"], "message", {"room": "scripted", "text": SCRIPT})
    mute = {"name": "Nobody", "seconds": 1, "reason": SCRIPT}
    assert call(sockets["admin"], "mute", mute)["ok"]
    changed = {"room": "scripted", "slow_seconds": "1", "reason": SCRIPT}
    assert visitors["admin"].submit("/admin/room", **changed).status_code == 303

    pages = ["/rooms/scripted", "/admin/rooms", "/admin/room?name=scripted", "/admin/audit"]
    pages += ["/admin/messages", "/admin/person?name=Member+Fox", f"/admin/rooms?q={SCRIPT}"]
    pages += [f"/admin/message?room=scripted&seq={sent['message']['seq']}"]
    for path in pages:
        page = visitors["admin"].get(path)
        assert page.ok, path
        assert "onerror=alert" in page.text, path
        assert "<img src=x" not in page.text, path


# Two at once


def test_two_admins_who_delete_one_message_at_once_both_succeed(server, sockets, visitors):
    seq = call(sockets["member"], "message", "buy pills")["message"]["seq"]
    fields = {"room": "general", "seq": seq, "reason": "spam"}

    answers = both(
        visitors["owner"],
        visitors["admin"],
        lambda one: one.submit("/admin/message/delete", **fields),
    )

    assert [answer.status_code for answer in answers] == [303, 303]
    (message,) = call(sockets["guest"], "history", {"room": "general", "around": seq, "limit": 1})[
        "messages"
    ]
    assert (message["seq"], message["text"]) == (seq, "")


def test_two_owners_who_demote_each_other_at_once_leave_an_owner(visitors, new_visitor):
    founder = new_visitor().sign_in("admin")
    people = {founder: "Owner Fox", visitors["owner"]: "admin"}

    answers = both(
        *people, lambda one: one.submit("/admin/person/role", name=people[one], role="member")
    )

    assert sorted(answer.status_code for answer in answers) in ([303, 303], [303, 403])
    left = [one for one in people if one.get("/admin", allow_redirects=True).ok]
    assert len(left) == 1


def both(first, second, step):
    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(step, (first, second)))
