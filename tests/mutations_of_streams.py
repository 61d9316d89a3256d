"""What streams of events promise, broken on purpose."""

from tests.support.mutating import Mutation

OF_STREAMS = [
    Mutation(
        "a stream misses what is written between its last page and its room",
        "chatapp/features/streams/following.py",
        "            if after == self._messages.head(room):\n                break\n",
        "            if after == self._messages.head(room):\n"
        "                gevent.sleep(0.02)\n                break\n",
        "tests/features/streams/test_streams.py",
    ),
    Mutation(
        "a stream hears a room that its person was removed from while it began",
        "chatapp/features/streams/following.py",
        "        self._find_room(person, room)  # they may have been removed meanwhile\n",
        "",
        "tests/features/streams/test_following.py",
    ),
    Mutation(
        "who was removed while the log caught up is told what they missed",
        "chatapp/features/messages/manager.py",
        "            self._rooms.find(person, room)  # they may have been removed meanwhile\n",
        "",
        "tests/features/messages/test_manager.py",
    ),
    Mutation(
        "a chat ends no connections whose token expires",
        "chatapp/app/sockets.py",
        "    end_tokens(services)\n",
        "",
        "tests/features/api/test_requests.py",
    ),
    Mutation(
        "connections outlive the token by which they came",
        "chatapp/features/accounts/sign_in/token_ends.py",
        "            self._expel(token.account)\n",
        "            pass\n",
        "tests/features/accounts/test_token_ends.py",
    ),
    Mutation(
        "a gap in a stream is not told",
        "chatapp/features/streams/following.py",
        "            if not page.recovered:\n                return False\n",
        "            if not page.recovered:\n                return True\n",
        "tests/features/streams/test_streams.py",
    ),
    Mutation(
        "a stream goes on where its address says, and not where it was",
        "chatapp/features/streams/views.py",
        'said = request.header("Last-Event-ID") or ',
        "said = ",
        "tests/features/streams/test_streams.py",
    ),
    Mutation(
        "a stream of one room hears its person's other rooms",
        "chatapp/features/presence/events.py",
        " and not self._is_listening(connection):\n",
        ":\n",
        "tests/features/streams/test_streams.py",
    ),
    Mutation(
        "a stream stays open in a room that its person has left",
        "chatapp/features/presence/events.py",
        '            self._realtime.close(connection, "You are no longer in this room.")\n',
        "            pass\n",
        "tests/features/streams/test_streams.py",
    ),
    Mutation(
        "streams are told who types",
        "chatapp/features/streams/formats.py",
        '    else:\n        return b""\n',
        '    else:\n        fields = b""\n',
        "tests/features/streams/test_streams.py",
    ),
    Mutation(
        "a stream that says nothing is taken for one that has gone",
        "chatapp/transport/event_stream.py",
        "        self._connection.heard = True",
        "        pass",
        "tests/transport/test_event_stream.py",
    ),
    Mutation(
        "a stream takes input",
        "chatapp/transport/event_stream.py",
        "        self._engine.lost(self._connection, CLOSED_BY_CLIENT)\n",
        "        pass\n",
        "tests/transport/test_event_stream.py",
    ),
    Mutation(
        "a response in chunks has no end",
        "chatapp/transport/event_stream.py",
        "        return self._format.end\n",
        '        return b""\n',
        "tests/transport/test_event_stream.py",
    ),
    Mutation(
        "who waits for a slow reader waits for ever",
        "chatapp/transport/event_stream.py",
        "    def forget(self) -> None:\n        if self._sent is not None:\n",
        "    def forget(self) -> None:\n        if False:\n",
        "tests/transport/test_event_stream.py",
    ),
]
