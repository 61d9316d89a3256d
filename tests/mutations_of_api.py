"""Breaks what the API promises; see mutations.py."""

from tests.support.mutating import Mutation

REQUESTS = "tests/features/api/test_requests.py"
SOCKETS = "tests/features/api/test_beside_sockets.py"
DESCRIPTION = "tests/features/api/test_openapi.py"

OF_API = [
    Mutation(
        "a request needs no scope of its token",
        "chatapp/features/handlers.py",
        "        check_scope(connection.person, self.event.scope)\n",
        "",
        REQUESTS,
    ),
    Mutation(
        "a token without the scope to read is let into the API",
        "chatapp/features/api/authentication.py",
        "        check_scope(person, needed)\n",
        "",
        REQUESTS,
    ),
    Mutation(
        "a request of another site's page is taken with the session",
        "chatapp/features/api/authentication.py",
        '            check_forgery(session, environ.get("HTTP_X_CSRF_TOKEN", ""))\n',
        "            pass\n",
        REQUESTS,
    ),
    Mutation(
        "somebody who is banned uses the API",
        "chatapp/features/api/authentication.py",
        "            self._admit(person, address)\n",
        "            pass\n",
        REQUESTS,
    ),
    Mutation(
        "a request has the name of a guest who is online",
        "chatapp/features/api/authentication.py",
        "        if not self._is_free(person.name, person.id):\n",
        "        if False:\n",
        SOCKETS,
    ),
    Mutation(
        "unknown senders of requests pay nothing",
        "chatapp/features/api/authentication.py",
        "            if seconds := self._charge(nobody, UNKNOWN_WEIGHT):\n",
        "            if seconds := 0:\n",
        REQUESTS,
    ),
    Mutation(
        "a request costs nothing of the allowance",
        "chatapp/features/api/operations.py",
        "        if seconds := self._charge(caller, size):\n",
        "        if seconds := 0:\n",
        REQUESTS,
    ),
    Mutation(
        "rows are kept for guests who are not connected",
        "chatapp/features/api/operations.py",
        "            if event.kept and caller.person.is_guest:\n",
        "            if False:\n",
        REQUESTS,
    ),
    Mutation(
        "the same key makes two messages",
        "chatapp/features/api/operations.py",
        "    return msgspec.structs.replace(payload, cid=key)\n",
        "    return payload\n",
        REQUESTS,
    ),
    Mutation(
        "a read-only token joins rooms by a request",
        "chatapp/features/rooms/events.py",
        "    if not connection.open and only_reads(connection.person):\n",
        "    if False:\n",
        REQUESTS,
    ),
    Mutation(
        "a body is read whatever its size",
        "chatapp/features/api/exchange.py",
        "            if length > MAX_BODY_BYTES:\n",
        "            if False:\n",
        SOCKETS,
    ),
    Mutation(
        "unknown fields of a query are ignored",
        "chatapp/features/api/shapes.py",
        "forbid_unknown_fields=True",
        "forbid_unknown_fields=False",
        REQUESTS,
    ),
    Mutation(
        "an unchanged answer is sent again",
        "chatapp/features/api/exchange.py",
        "    if known and parse_etags(known).contains_weak(etag):\n",
        "    if False:\n",
        REQUESTS,
    ),
    Mutation(
        "the description leaves out a status",
        "chatapp/features/api/openapi.py",
        "OF_EVENTS = (400, 401, 403, 404, 406,",
        "OF_EVENTS = (400, 401, 403, 406,",
        DESCRIPTION,
    ),
]
