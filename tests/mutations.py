"""Breaks the chat on purpose, one promise at a time: for each, some test has to turn red.

    python -m tests.mutations               all of them, some minutes
    python -m tests.mutations csrf origin   those with one of these words in their name

Each is made in a copy of the checkout, in a temporary folder. Only the tests are run that are
meant to notice; what none of them notices is listed, and the exit code is 1.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.support.checkout import ROOT, fresh_clone

BUILT = ("node_modules", "static/vendor")
"""What a clone does not have and the tests need."""
RED = 1
"""What pytest and Node end with if a test failed; anything above is no verdict."""
RED_LINES = ("FAILED", "ERROR ", "not ok")
"""How the lines begin that name it. A test that waits for ever is ended without one."""


class Mutation(NamedTuple):
    """`sound` stands once in `file`; with `broken` in its place, one of `tests` fails."""

    name: str
    file: str
    sound: str
    broken: str
    tests: str


MUTATIONS = [
    Mutation(
        "a cid that was seen is posted again",
        "chatapp/messages/manager.py",
        "sent_before = self._sent_before(draft)",
        "sent_before = None",
        "tests/messages tests/test_way_of_a_message.py",
    ),
    Mutation(
        "the sender hears its own message",
        "chatapp/messages/events.py",
        "room=message.room, skip=connection)",
        "room=message.room)",
        "tests/test_way_of_a_message.py",
    ),
    Mutation(
        "the fan-out skips nobody",
        "chatapp/realtime/fanout.py",
        "if skip in members:",
        "if False:",
        "tests/realtime/test_fanout.py",
    ),
    Mutation(
        "a batch counts before its fdatasync",
        "chatapp/storage/writer.py",
        'if self._durability == "fsync":',
        "if False:",
        "tests/storage/test_power.py tests/storage/test_faults.py",
    ),
    Mutation(
        "fdatasync does nothing",
        "chatapp/storage/disk.py",
        "os.fdatasync(fd)",
        "pass",
        "tests/storage/test_disk.py",
    ),
    Mutation(
        "rooms are found whoever asks",
        "chatapp/rooms/manager.py",
        "if room is None or not self.may_see(person, room):",
        "if room is None:",
        "tests/rooms tests/test_private_rooms.py",
    ),
    Mutation(
        "a message goes to every room",
        "chatapp/realtime/fanout.py",
        "members = self._rooms.get(room)\n        if not members:",
        "members = {c: p for all in self._rooms.values() for c, p in all.items()}\n"
        "        if not members:",
        "tests/realtime/test_fanout.py tests/test_way_of_a_message.py",
    ),
    Mutation(
        "a form without its csrf token is taken",
        "chatapp/web/csrf.py",
        "if not known or not hmac.compare_digest(_unmasked(brought), known.encode()):",
        "if False:",
        "tests/web/test_csrf.py tests/security/test_attacks.py",
    ),
    Mutation(
        "sockets of any origin are taken",
        "chatapp/realtime/admission.py",
        "return origin not in allowed",
        "return False",
        "tests/realtime/test_admission.py tests/security/test_attacks.py",
    ),
    Mutation(
        "messages have no rate limit",
        "chatapp/messages/manager.py",
        "if self._pace is not None:",
        "if False:",
        "tests/messages tests/test_serve.py",
    ),
    Mutation(
        "sign-ins have no rate limit",
        "chatapp/accounts/manager.py",
        "self._attempts.count(key, visitor.address)",
        "pass",
        "tests/accounts/test_manager.py",
    ),
    Mutation(
        "the backlog has no end",
        "chatapp/realtime/backlog.py",
        "return self.bytes > MAX_BYTES",
        "return False",
        "tests/realtime/test_backlog.py tests/realtime/test_holes.py",
    ),
    Mutation(
        "who reads nothing is waited for",
        "chatapp/realtime/backlog.py",
        "return not moved or len(self._frames) > MAX_PACKETS",
        "return False",
        "tests/realtime/test_backlog.py",
    ),
    Mutation(
        "verify does not check the chain",
        "chatapp/storage/chain.py",
        "if expected != line_hash(line):",
        "if False:",
        "tests/storage/test_verify.py",
    ),
    Mutation(
        "formulas stay formulas in the CSV",
        "chatapp/admin/exports.py",
        """return "'" + cell""",
        "return cell",
        "tests/admin/test_exports.py",
    ),
    Mutation(
        "a session outlives its sign-in",
        "chatapp/accounts/forms.py",
        "    session.clear()\n    session.update(identity)",
        "    session.update(identity)",
        "tests/accounts/test_views.py tests/security/test_attacks.py",
    ),
    Mutation(
        "an unknown name is answered at once",
        "chatapp/accounts/manager.py",
        "if not self._passwords.matches(hashed, hashable(password)) or account is None:",
        "if account is None or not self._passwords.matches(hashed, hashable(password)):",
        "tests/accounts/test_manager.py",
    ),
    Mutation(
        "an unknown name is told from a wrong password",
        "chatapp/accounts/manager.py",
        'raise Unauthorized("The name or the password is wrong.")',
        'raise Unauthorized("Wrong password." if account else "Nobody has this name.")',
        "tests/accounts/test_manager.py tests/accounts/test_views.py",
    ),
    Mutation(
        "a repaired log keeps its epoch",
        "chatapp/storage/repair.py",
        "Manifest.new(),",
        "load_manifest(disk, folder),",
        "tests/storage/test_recovery.py tests/storage/test_cli.py",
    ),
    Mutation(
        "two servers share a data folder",
        "chatapp/storage/folder.py",
        "disk.lock(fd)",
        "pass",
        "tests/storage/test_folder.py tests/test_serve.py",
    ),
    Mutation(
        "script in a room's title is script in the console",
        "templates/admin/room.html",
        '<h1 dir="auto">{{ room.title }}</h1>',
        '<h1 dir="auto">{{ room.title | safe }}</h1>',
        "tests/security/test_attacks.py",
    ),
    Mutation(
        "script in a text or a reason is script in the listing",
        "templates/admin/_record.html",
        "<p>{{ event.text }}</p>\n    {%- endif %}",
        "<p>{{ event.text | safe }}</p>\n    {%- endif %}",
        "tests/security/test_attacks.py",
    ),
    Mutation(
        "script in the name of the place is script on every page",
        "templates/chat.html",
        '<place-name class="brand-name" dir="auto">{{ place.name }}',
        '<place-name class="brand-name" dir="auto">{{ place.name | safe }}',
        "tests/admin/test_settings.py",
    ),
    Mutation(
        "script in a text is script in the chat",
        "static/js/lib/markdown.js",
        "globalThis.DOMPurify.sanitize(parser.render(text), ALLOWED)",
        "document.createRange().createContextualFragment(text)",
        "tests/page/test_markdown.py",
    ),
    Mutation(
        "a form may be as large as one likes",
        "chatapp/web/__init__.py",
        'app.config["MAX_CONTENT_LENGTH"] = MAX_FORM_BYTES',
        "pass",
        "tests/security/test_attacks.py",
    ),
    Mutation(
        "the way on after signing in may lead anywhere",
        "chatapp/web/paths.py",
        "return wanted if wanted and _LOCAL_PATH.fullmatch(wanted) else otherwise",
        "return wanted or otherwise",
        "tests/web/test_paths.py tests/security/test_attacks.py",
    ),
    Mutation(
        "a client may send an event called connect",
        "chatapp/realtime/packets.py",
        '_LIFECYCLE = ("connect", "disconnect")',
        "_LIFECYCLE = ()",
        "tests/realtime/test_packets.py tests/realtime/test_holes.py",
    ),
    Mutation(
        "a token does more than its scopes",
        "chatapp/doors.py",
        "if needs not in person.scopes:",
        "if False:",
        "tests/accounts/test_tokens.py",
    ),
    Mutation(
        "who is being removed may still look in",
        "chatapp/rooms/manager.py",
        "return all(_lets_in(known, person) for known in (room, latest))",
        "return _lets_in(room, person) or _lets_in(latest, person)",
        "tests/rooms/test_manager.py",
    ),
    Mutation(
        "who was removed still hears",
        "chatapp/rooms/events.py",
        "            elif room.name in connection.rooms:\n"
        "                self._attendance.leave(connection, room.name)\n",
        "            elif room.name in connection.rooms:\n",
        "tests/test_private_rooms.py",
    ),
    Mutation(
        "two owners who demote each other leave none",
        "chatapp/accounts/rights.py",
        "if registry.is_last_owner(account):",
        "if False:",
        "tests/accounts/test_people.py tests/security/test_attacks.py",
    ),
    Mutation(
        "an admin has power over an owner",
        "chatapp/accounts/rights.py",
        'if role in ("admin", "owner"):',
        "if False:",
        "tests/accounts/test_people.py tests/admin/test_erasures.py",
    ),
    Mutation(
        "the console is for everybody with an account",
        "chatapp/admin/views.py",
        "if account.role not in ADMINISTRATORS:",
        "if False:",
        "tests/admin/test_access.py",
    ),
    Mutation(
        "pages may be framed",
        "chatapp/web/headers.py",
        """        "frame-ancestors 'none'",\n""",
        "",
        "tests/web/test_headers.py",
    ),
    Mutation(
        "a name that an attacker points at loopback is one's own",
        "chatapp/web/hosts.py",
        "return is_loopback(name) or name in self._known",
        "return True",
        "tests/web/test_hosts.py",
    ),
    Mutation(
        "a cookie without an origin opens a socket",
        "chatapp/realtime/admission.py",
        'return can_change and "HTTP_COOKIE" in environ',
        "return False",
        "tests/realtime/test_admission.py tests/realtime/test_holes.py",
    ),
    Mutation(
        "refusals fill the disk",
        "chatapp/audit/refusals.py",
        "if self._records >= RECORDS_AN_HOUR:",
        "if False:",
        "tests/audit",
    ),
    Mutation(
        "refusals are not noted",
        "chatapp/parts/pages.py",
        "if response.status_code in REFUSED:",
        "if False:",
        "tests/security/test_refusals.py",
    ),
    Mutation(
        "the console changes what the environment says",
        "chatapp/settings/manager.py",
        "        if name in self.fixed:\n            raise",
        "        if False:\n            raise",
        "tests/settings tests/admin/test_settings.py",
    ),
    Mutation(
        "the console opens a server that others can reach",
        "chatapp/settings/manager.py",
        'if name == "access" and changed.access == "open" and self.is_exposed:',
        "if False:",
        "tests/settings",
    ),
    Mutation(
        "guests stay when the chat is for members",
        "chatapp/parts/care.py",
        'if settings.access == "members":',
        "if False:",
        "tests/admin/test_settings.py",
    ),
    Mutation(
        "another name confirms an erasing",
        "chatapp/admin/erasures.py",
        "if confirm != name:",
        "if not confirm:",
        "tests/admin/test_erasures.py",
    ),
    Mutation(
        "the search still knows what was erased",
        "chatapp/storage/log.py",
        "yield self._aside(lambda: indexing.erase_words(prepared_.gone))",
        "yield Pending.of(None)",
        "tests/storage/test_hot_erase.py",
    ),
    Mutation(
        "who was away keeps what was erased",
        "chatapp/storage/hot_erase.py",
        "manifest.revised(epoch=Manifest.new().epoch, segments=kept)",
        "manifest.revised(segments=kept)",
        "tests/storage/test_hot_erase.py",
    ),
    Mutation(
        "who was away keeps what was erased with the server stopped",
        "chatapp/storage/erase.py",
        "manifest.revised(epoch=epoch, segments=rewriting.sealed)",
        "manifest.revised(segments=rewriting.sealed)",
        "tests/storage/test_cli.py",
    ),
    Mutation(
        "a restore leaves a broken-off erasing beside the log",
        "chatapp/storage/backup.py",
        "            finish(disk, data / name)\n",
        "",
        "tests/storage/test_crash_steps.py",
    ),
    Mutation(
        "a start trusts an index of segments that are gone",
        "chatapp/storage/begin.py",
        "_size(disk, folder / sealed.file) == sealed.bytes",
        "True",
        "tests/storage/test_recovery.py",
    ),
    Mutation(
        "what a rewriting wrote is not made durable",
        "chatapp/storage/rewriting.py",
        "        self._disk.fsync(self._fd)\n        self._disk.close(self._fd)\n        save",
        "        self._disk.close(self._fd)\n        save",
        "tests/storage/test_power_in_rewriting.py",
    ),
    Mutation(
        "repair keeps a seq twice",
        "chatapp/storage/repair.py",
        "if not following <= record.seq <= following + gaps.missing:",
        "if record.seq > following + gaps.missing:",
        "tests/storage/test_repair.py",
    ),
    Mutation(
        "a connection from one address takes all seats",
        "chatapp/realtime/admission.py",
        "if self._most_per_address and self._taken[place] >= self._most_per_address:",
        "if False:",
        "tests/realtime/test_admission.py",
    ),
    Mutation(
        "visitors who say nothing take the log's files",
        "chatapp/realtime/handoff.py",
        "if self._open() < self._most:",
        "if True:",
        "tests/realtime/test_handoff.py",
    ),
    Mutation(
        "one address has any number of sockets",
        "chatapp/realtime/handoff.py",
        "if not self._visitors.take(host):",
        "if not self._visitors.take(host) and False:",
        "tests/realtime/test_handoff.py",
    ),
    Mutation(
        "a full house does not say when to come again",
        "chatapp/realtime/http_door.py",
        'b"Too many connections.", ("Retry-After", seconds)',
        'b"Too many connections."',
        "tests/realtime/test_admission.py",
    ),
    Mutation(
        "who never finishes connecting stays",
        "chatapp/realtime/heartbeat.py",
        "        self._drop_unfinished(now)\n",
        "",
        "tests/realtime/test_admission.py",
    ),
    Mutation(
        "who went silent stays",
        "chatapp/realtime/heartbeat.py",
        'self._lose(connection, "ping timeout")',
        "self._ping(connection)",
        "tests/realtime/test_websocket.py",
    ),
    Mutation(
        "a slow reader is not told why",
        "chatapp/realtime/engine.py",
        "        self.tell_closing(connection, SLOW_READER)\n",
        "",
        "tests/realtime/test_websocket.py",
    ),
    Mutation(
        "a frame that was begun is not ended",
        "chatapp/realtime/backlog.py",
        'kept = self._frames.popleft() if self._begun else b""',
        'kept = b""',
        "tests/realtime/test_backlog.py tests/realtime/test_websocket.py",
    ),
    Mutation(
        "what a socket did not take is sent from the beginning again",
        "chatapp/realtime/websocket.py",
        "self._keep(self._begin_backlog(), frames, sent)",
        "self._keep(self._begin_backlog(), frames, 0)",
        "tests/realtime/test_websocket.py",
    ),
    Mutation(
        "a message is measured after it was put together",
        "chatapp/realtime/frames.py",
        "return self._size + length > self._max or self._head is not None",
        "return False",
        "tests/realtime/test_frames.py tests/realtime/test_holes.py",
    ),
    Mutation(
        "fragments may go on for ever",
        "chatapp/realtime/frames.py",
        "if self._size + length > HARD_LIMIT:",
        "if length > HARD_LIMIT:",
        "tests/realtime/test_frames.py tests/realtime/test_holes.py",
    ),
    Mutation(
        "announced attachments are waited for",
        "chatapp/realtime/packets.py",
        "        return Rejected(Refusal.BINARY, id)\n",
        "        return _NOISE\n",
        "tests/realtime/test_packets.py tests/realtime/test_server.py",
    ),
    Mutation(
        "events of one client overtake each other",
        "chatapp/realtime/receiver.py",
        "        if not self._in_flight:\n            return True\n        return (",
        "        return True or (",
        "tests/realtime/test_receiver.py tests/realtime/test_holes.py",
    ),
    Mutation(
        "one client may have any number of posts under way",
        "chatapp/realtime/receiver.py",
        "and self._in_flight < MAX_IN_FLIGHT",
        "and True",
        "tests/realtime/test_receiver.py",
    ),
    Mutation(
        "a connect handler that fails lets in",
        "chatapp/realtime/flask_events.py",
        'raise ConnectionRefusedError("Something went wrong on the server.") from None',
        "return True",
        "tests/realtime/test_flask_socketio.py",
    ),
    Mutation(
        "a stop answers nothing more",
        "chatapp/realtime/server.py",
        "        _wait(lambda: all(connection.receiver.is_idle for connection in connections))\n",
        "",
        "tests/realtime/test_stop.py",
    ),
    Mutation(
        "a stop does not say why",
        "chatapp/realtime/server.py",
        "            self._engine.tell_closing(connection, reason)\n",
        "",
        "tests/realtime/test_stop.py tests/test_serve.py",
    ),
    Mutation(
        "an upgrade loses what waits",
        "chatapp/realtime/http_door.py",
        "following, polling.take_all())",
        "following)",
        "tests/realtime/test_polling.py",
    ),
    Mutation(
        "a broadcast of one turn leaves in two sends",
        "chatapp/realtime/fanout.py",
        "            self._flush_soon()\n        if skip in members:",
        "            self.flush()\n        if skip in members:",
        "tests/realtime/test_fanout.py",
    ),
    Mutation(
        "a message is heard before it is on the disk",
        "chatapp/messages/events.py",
        "        return posted.message.then(deliver)",
        "        realtime.broadcast('message', wanted, room=wanted.room, skip=connection)\n"
        "        return posted.message.then(deliver)",
        "tests/messages tests/test_way_of_a_message.py",
    ),
    Mutation(
        "the heads are not told",
        "chatapp/messages/heads.py",
        "            self._tell(room, {room: self._head(room)})\n",
        "            pass\n",
        "tests/messages",
    ),
    Mutation(
        "the heads are told once",
        "chatapp/messages/heads.py",
        "            self._tell(room, {room: self._head(room)})\n        self.start()",
        "            self._tell(room, {room: self._head(room)})",
        "tests/messages",
    ),
    Mutation(
        "a hole is recovered from",
        "chatapp/messages/manager.py",
        "if query.after < head and (not events or events[0].seq != query.after + 1):",
        "if False:",
        "tests/messages",
    ),
    Mutation(
        "another epoch is recovered from",
        "chatapp/messages/manager.py",
        "if query.epoch != epoch or query.after > head:",
        "if query.after > head:",
        "tests/messages tests/test_way_of_a_message.py",
    ),
    Mutation(
        "who is ahead of the log is recovered",
        "chatapp/messages/manager.py",
        "if query.epoch != epoch or query.after > head:",
        "if query.epoch != epoch:",
        "tests/messages tests/test_way_of_a_message.py",
    ),
    Mutation(
        "the library does not see a gap",
        "chatapp/client/delivery.py",
        "event.seq != self.seq + 1:\n            return False",
        "event.seq <= self.seq:\n            return False",
        "tests/client/test_delivery.py",
    ),
    Mutation(
        "the library does not listen to the heads",
        "chatapp/client/hearing.py",
        "                self._heads(msgspec.convert(payload, dict[str, int]))",
        "                pass",
        "tests/client/test_chat.py",
    ),
    Mutation(
        "the library trusts another epoch",
        "chatapp/client/messages.py",
        "if not resumed.recovered or self._cursor.is_lost:",
        "if False:",
        "tests/client/test_chat.py",
    ),
    Mutation(
        "the library sends again under another cid",
        "chatapp/client/outbox.py",
        "cid=cid, reply_to",
        "reply_to",
        "tests/client/test_chat.py tests/test_exactly_once.py",
    ),
    Mutation(
        "the library's messages overtake each other",
        "chatapp/client/outbox.py",
        "self._turn = Turns()",
        "self._turn = threading.Semaphore(1000)",
        "tests/client/test_outbox.py",
    ),
    Mutation(
        "the library's threads overtake each other",
        "chatapp/client/outbox.py",
        "self._waiting.append(mine)",
        "self._waiting.insert(1, mine)",
        "tests/client/test_outbox.py",
    ),
    Mutation(
        "the library comes back without jitter",
        "chatapp/client/link.py",
        "yield random.uniform(shortest, limit)",
        "yield limit",
        "tests/client/test_link.py",
    ),
    Mutation(
        "the library does not come back",
        "chatapp/client/link.py",
        "            connection = self._come_back()",
        "            connection = None",
        "tests/client/test_chat.py",
    ),
    Mutation(
        "the page does not fetch what is missing",
        "static/js/models/timeline.js",
        'if (this.#ahead.size > 0) this.tell("gap");',
        "",
        "tests/js/chat.test.js tests/js/timeline.test.js",
    ),
    Mutation(
        "the page shows what follows a gap",
        "static/js/models/timeline.js",
        "if (event.seq > this.head) this.#ahead.set(event.seq, event);",
        "this.head = Math.max(this.head, event.seq - 1), this.#ahead.set(event.seq, event);",
        "tests/js/timeline.test.js",
    ),
    Mutation(
        "the page does not listen to the heads",
        "static/js/models/hearing.js",
        "if (room?.timeline && head > room.timeline.head)",
        "if (false)",
        "tests/js/chat.test.js",
    ),
    Mutation(
        "the page hears Markdown",
        "static/js/elements/log-announcer.js",
        "  return spoken(node, {",
        "  return text || spoken(node, {",
        "tests/page/test_heard.py",
    ),
    Mutation(
        "the first visit keeps no page",
        "static/js/offline.js",
        "lacking: [location.href, ...new Set(files())]",
        "lacking: [...new Set(files())]",
        "tests/page/test_offline.py",
    ),
    Mutation(
        "the page sends two messages at once",
        "static/js/models/outbox.js",
        "if (this.#draining || !this.#online",
        "if (!this.#online",
        "tests/js/outbox.test.js",
    ),
    Mutation(
        "the page's messages overtake one that waits",
        "static/js/models/outbox.js",
        "await this.pause(error.retryAfter ?? ASK_AGAIN_SECONDS);",
        "void this.pause(error.retryAfter ?? ASK_AGAIN_SECONDS);",
        "tests/js/outbox.test.js",
    ),
    Mutation(
        "the page gives up a message whose answer was lost",
        "static/js/models/outbox.js",
        'if (error instanceof Lost) {\n        this.#set(item, "waiting");',
        "if (error instanceof Lost) {\n        await this.#remove(item);",
        "tests/js/outbox.test.js",
    ),
    Mutation(
        "tabs send at the same time",
        "static/js/models/outbox.js",
        "await this.alone(() => this.#sendAll());",
        "await this.#sendAll();",
        "tests/js/outbox.test.js",
    ),
    Mutation(
        "the library comes back sooner than it was told",
        "chatapp/client/link.py",
        "asked_to_wait = error.retry_after or 0.0",
        "asked_to_wait = 0.0",
        "tests/client/test_link.py",
    ),
    Mutation(
        "the library forgets what its inbox could not hold",
        "chatapp/client/messages.py",
        "            self._overflow = event.seq",
        "            pass",
        "tests/client/test_chat.py",
    ),
    Mutation(
        "the library waits for a line that was cut",
        "chatapp/client/connection.py",
        "            self._connect_event.set()",
        "            pass",
        "tests/client/test_connection.py",
    ),
    Mutation(
        "people are let in while the server stops",
        "chatapp/realtime/engine.py",
        "if self.stopping or not self.seats.take(address):",
        "if not self.seats.take(address):",
        "tests/realtime/test_stop.py",
    ),
    Mutation(
        "a server that stops says that it is ready",
        "chatapp/health/views.py",
        "if is_stopping():",
        "if False:",
        "tests/test_health.py",
    ),
    Mutation(
        "what waits for a poller has no end",
        "chatapp/realtime/polling.py",
        "if self._backlog.is_too_large:",
        "if False:",
        "tests/realtime/test_polling.py",
    ),
    Mutation(
        "a post may be of any size",
        "chatapp/realtime/http_door.py",
        " or int(length) > HARD_LIMIT",
        "",
        "tests/realtime/test_polling.py",
    ),
    Mutation(
        "who has gone stays in the rooms",
        "chatapp/realtime/engine.py",
        "        self.fan_out.leave_all(connection)\n",
        "",
        "tests/realtime/test_server.py",
    ),
    Mutation(
        "a farewell waits on the event loop",
        "chatapp/realtime/engine.py",
        "self.workers.run_soon(lambda: self._tell_disconnected(connection, reason))",
        "self._tell_disconnected(connection, reason)",
        "tests/realtime/test_server.py",
    ),
    Mutation(
        "the last words wait for a reader",
        "chatapp/realtime/websocket.py",
        "            take_all(self._socket)\n",
        "",
        "tests/realtime/test_websocket.py",
    ),
    Mutation(
        "pages that lost their line come back together",
        "static/js/connection.js",
        "randomizationFactor: 0.5,",
        "randomizationFactor: 0,",
        "tests/js/connection.test.js",
    ),
    Mutation(
        "pages that were refused for now come back together",
        "static/js/connection.js",
        "const jitter = 0.5 + Math.random();",
        "const jitter = 1;",
        "tests/js/connection.test.js",
    ),
    Mutation(
        "a stop waits for the disk as long as it takes",
        "chatapp/serve.py",
        "    too_late.start()\n",
        "",
        "tests/test_serve.py",
    ),
    Mutation(
        "a poller that has gone is looked after for ever",
        "chatapp/realtime/polling.py",
        "            self._engine.end_backlog(self._connection)  # if",
        "            # if",
        "tests/realtime/test_polling.py",
    ),
    Mutation(
        "a socket that is closed is watched again",
        "chatapp/realtime/websocket.py",
        "if self._paused and not self.is_closed:",
        "if self._paused:",
        "tests/realtime/test_websocket.py",
    ),
    Mutation(
        "the kernel takes megabytes in advance",
        "chatapp/realtime/listening.py",
        "sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MAX_KERNEL_BYTES)",
        "pass",
        "tests/realtime/test_websocket.py",
    ),
    Mutation(
        "whoever is on a socket that others reach comes in",
        "chatapp/serve.py",
        "config = config.listening_on(*handed_over.getsockname()[:2])",
        "pass",
        "tests/test_handed_over.py",
    ),
    Mutation(
        "any token reads the metrics",
        "chatapp/health/views.py",
        'if "metrics" not in bearer(shown.token).scopes:',
        "bearer(shown.token)\n    if False:",
        "tests/test_health.py",
    ),
    Mutation(
        "a token hears what it may not read",
        "chatapp/presence/events.py",
        '            check_scope(person, "read")\n',
        "",
        "tests/accounts/test_tokens.py tests/test_health.py",
    ),
]


def main() -> int:
    words = sys.argv[1:]
    chosen = [one for one in MUTATIONS if not words or any(word in one.name for word in words)]
    unnoticed = [one for one in chosen if not is_noticed(one)]
    print(f"{len(chosen) - len(unnoticed)} of {len(chosen)} noticed", flush=True)
    return 1 if unnoticed else 0


def is_noticed(mutation: Mutation) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        copy = fresh_clone(Path(folder))
        for name in BUILT:
            (copy / name).symlink_to(ROOT / name)
        mutate(copy / mutation.file, mutation)
        ran = subprocess.run(
            [sys.executable, *_runner(mutation.tests), *mutation.tests.split()],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy)},
            capture_output=True,
            text=True,
            check=False,
        )
    if ran.returncode > RED:
        raise SystemExit(f"{mutation.name}: no verdict\n{ran.stdout}{ran.stderr}")
    red = [line for line in ran.stdout.splitlines() if line.startswith(RED_LINES)]
    noticed = ran.returncode == RED
    said = red[0] if red else "some test did not end" if noticed else "NOBODY NOTICED"
    print(f"{mutation.name}: {said}", flush=True)
    return noticed


def _runner(tests: str) -> list[str]:
    if tests.endswith(".js"):
        return ["-m", "tools.node", "--test", "--test-reporter=tap"]
    return ["-m", "pytest", "-x", "-q", "--durations=0"]


def mutate(file: Path, mutation: Mutation) -> None:
    file.write_text(file.read_text().replace(mutation.sound, mutation.broken))


if __name__ == "__main__":
    sys.exit(main())
