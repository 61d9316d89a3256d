"""Who may open what: every route, for every role; and no form without its token.

The table is the whole truth: a route that is not in it fails the test.
"""

import re

import pytest

from chatapp.app.factory import create_app
from chatapp.config import Config
from chatapp.domain.rights import MAY as MAY_HAVE
from chatapp.web.waiting import wait
from tests.support.accounts import PASSWORD
from tests.support.pages import quick_pages

ROLES = ["nobody", "guest", "member", "bot", "admin", "owner"]
ANYONE, PERSON, ACCOUNT, ADMIN = "anyone", "person", "account", "admin"
MAY = {
    ANYONE: set(ROLES),
    PERSON: set(ROLES) - {"nobody"},
    ACCOUNT: MAY_HAVE["have a profile"],
    ADMIN: MAY_HAVE["administer"],
}
ROUTES = {
    "GET /": PERSON,
    "GET /rooms/<room>": PERSON,
    "GET /inbox": PERSON,
    "GET /api/rooms/<room>/messages": PERSON,
    "GET /healthz": ANYONE,
    "GET /readyz": ANYONE,
    "GET /metrics": ANYONE,
    "GET /worker.js": ANYONE,
    "GET /static/<path:filename>": ANYONE,
    "GET /static/sheets/<names>.css": ANYONE,
    "GET /static/js/joined/<name>.js": ANYONE,
    "GET /name": ANYONE,
    "POST /name": ANYONE,
    "POST /leave": ANYONE,
    "GET /login": ANYONE,
    "POST /login": ANYONE,
    "POST /logout": ANYONE,
    "GET /invite/<secret>": ANYONE,
    "POST /invite/<secret>": ANYONE,
    "GET /reset/<secret>": ANYONE,
    "POST /reset/<secret>": ANYONE,
    "GET /setup/<secret>": ANYONE,
    "POST /setup/<secret>": ANYONE,
    "GET /account": ACCOUNT,
    "POST /account/first-invite/done": ANYONE,
    "POST /account/password": ACCOUNT,
    "POST /account/profile": ACCOUNT,
    "POST /account/sessions/<id>/end": ACCOUNT,
    "POST /account/sessions/end": ACCOUNT,
    "GET /admin": ADMIN,
    "GET /admin/audit": ADMIN,
    "GET /admin/audit.csv": ADMIN,
    "GET /admin/audit.jsonl": ADMIN,
    "GET /admin/bots": ADMIN,
    "POST /admin/bots": ADMIN,
    "POST /admin/bots/revoke": ADMIN,
    "GET /admin/help": ADMIN,
    "POST /admin/invites": ADMIN,
    "POST /admin/invites/<id>/revoke": ADMIN,
    "GET /admin/erasures": ADMIN,
    "POST /admin/erasures/message": ADMIN,
    "POST /admin/erasures/person": ADMIN,
    "GET /admin/message": ADMIN,
    "POST /admin/message/ban": ADMIN,
    "POST /admin/message/delete": ADMIN,
    "GET /admin/messages": ADMIN,
    "GET /admin/messages.csv": ADMIN,
    "GET /admin/messages.jsonl": ADMIN,
    "GET /admin/overview": ADMIN,
    "POST /admin/overview/check": ADMIN,
    "GET /admin/people": ADMIN,
    "GET /admin/person": ADMIN,
    "POST /admin/person/ban": ADMIN,
    "POST /admin/person/end-sessions": ADMIN,
    "POST /admin/person/profile": ADMIN,
    "POST /admin/person/remove": ADMIN,
    "POST /admin/person/reset": ADMIN,
    "POST /admin/person/role": ADMIN,
    "POST /admin/person/unban": ADMIN,
    "GET /admin/room": ADMIN,
    "POST /admin/room": ADMIN,
    "POST /admin/room/delete": ADMIN,
    "POST /admin/room/members": ADMIN,
    "GET /admin/rooms": ADMIN,
    "POST /admin/rooms/view": ADMIN,
    "GET /admin/settings": ADMIN,
    "POST /admin/settings": ADMIN,
}
DOORS = ("/login", "/name")
"""Where those are sent who are not known yet."""


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with quick_pages():
        app = create_app(Config(data=tmp_path_factory.mktemp("data")))
    for role in ROLES[2:]:
        wait(app.extensions["accounts"].create(role.title(), PASSWORD, role=role))
    yield app
    app.extensions["resources"].close()


def token_in(client):
    page = client.get("/login?next=/account", follow_redirects=True).text
    return re.search('name="csrf_token" value="([^"]+)"', page)[1]


@pytest.fixture(scope="module")
def clients(app):
    clients = {role: app.test_client() for role in ROLES}
    for role, client in clients.items():
        if role == "guest":
            form = {"name": "Gus", "csrf_token": token_in(client)}
            assert client.post("/name", data=form).status_code == 303
        elif role != "nobody":
            form = {"name": role, "password": PASSWORD, "csrf_token": token_in(client)}
            assert client.post("/login", data=form).status_code == 303
    return clients


def opened(client, route, **form):
    method, path = route.split(" ")
    path = re.sub(r"<(?:path:)?(\w+)>", r"some-\1", path).replace("some-room", "general")
    return client.open(path, method=method, data=form or None, buffered=True)


def is_turned_away(answer):
    to_a_door = answer.status_code == 303 and answer.location.startswith(DOORS)
    return to_a_door or answer.status_code in (401, 403)


def test_the_table_has_every_route(app):
    there = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    assert set(ROUTES) == there


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", [route for route in ROUTES if route.startswith("GET")])
def test_who_may_open_a_page(clients, role, route):
    answer = opened(clients[role], route)

    assert is_turned_away(answer) == (role not in MAY[ROUTES[route]])
    assert answer.status_code < 500


@pytest.mark.parametrize("path", ["/login/", "/name/", "/admin/", "/admin/people/"])
def test_a_slash_too_many_changes_nothing(clients, path):
    for client in clients.values():
        assert client.get(path).status_code == client.get(path.rstrip("/")).status_code


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.startswith("POST") and ROUTES[route] != ANYONE]
)
def test_who_may_send_a_form(clients, role, route):
    answer = opened(clients[role], route, csrf_token=token_in(clients[role]), name="Nobody at all")

    assert is_turned_away(answer) == (role not in MAY[ROUTES[route]])
    assert answer.status_code < 500


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", [route for route in ROUTES if route.startswith("POST")])
@pytest.mark.parametrize("form", [{}, {"csrf_token": ""}, {"csrf_token": "made up"}])
def test_no_form_is_taken_without_its_token(clients, role, route, form):
    answer = opened(clients[role], route, **form)

    assert answer.status_code == 403
