"""A `ChatClient` against the real server."""

import gc
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import islice

import pytest

from chatapp.client import ChatClient, ClientClosed, ConnectionFailed, Messages, NotAcknowledged
from chatapp.client.connection import ServerConnection
from chatapp.client.news import (
    Changed,
    Connected,
    Disconnected,
    Reloaded,
    RoomChanged,
)
from chatapp.domain.errors import (
    BadName,
    Empty,
    NameTaken,
    NoSuchRoom,
    NotAMember,
    RateLimited,
    RoomExists,
    Unavailable,
)
from chatapp.protocol.pushes import PresenceChange, Typing
from tests.support.waiting import DEADLINE_SECONDS
from tests.transport.raw import RawClient

SOON = (0.05, 0.2)
"""Back-off for tests: they have no thousand clients that come back with them."""


@pytest.fixture
def client(server) -> Iterator[Callable[..., ChatClient]]:
    """Connects clients, and closes them."""
    clients = []

    def client(name: str, **options) -> ChatClient:
        chat = ChatClient(server.url, name=name, **{"reconnect_seconds": SOON} | options)
        chat.__enter__()
        clients.append(chat)
        return chat

    yield client
    for chat in clients:
        chat.close()


class Reading(threading.Thread):
    """Reads an iterator in a thread of its own; what it has read is in `texts`."""

    def __init__(self, messages: Messages) -> None:
        super().__init__(daemon=True)
        self.messages = messages
        self.texts: list[str] = []
        self.seqs: list[int] = []
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            for message in self.messages:
                self.texts.append(message.text)
                self.seqs.append(message.seq)
        except Exception as error:
            self.error = error


def test_what_one_sends_the_other_reads(client):
    ana, ben = client("ana"), client("ben")
    messages = ben.messages("general")

    sent = ana.send("general", "hola")

    assert next(messages) == sent
    assert (sent.sender, sent.text, sent.seq) == ("ana", "hola", 1)


def test_messages_begin_when_they_are_asked_for_not_when_they_are_read(client):
    ana, ben = client("ana"), client("ben")
    ana.send("general", "before")
    messages = ben.messages("general")

    ana.send("general", "after")

    assert next(messages).text == "after"


def test_since_brings_what_was_said_after_that_number(client):
    ana, ben = client("ana"), client("ben")
    for number in range(1, 8):
        ana.send("general", str(number))

    assert [m.text for m in islice(ben.messages("general", since=4), 3)] == ["5", "6", "7"]
    assert [m.seq for m in islice(ben.messages("general", since=0), 7)] == [1, 2, 3, 4, 5, 6, 7]


def test_since_a_number_that_is_not_there_yet_says_so_and_waits_for_the_next(client):
    news = []
    ana, ben = client("ana"), client("ben", on_event=news.append)
    ana.send("general", "one")
    messages = ben.messages("general", since=500)

    ana.send("general", "two")

    assert next(messages).text == "two"
    assert news.count(Reloaded("general")) == 1


def test_a_bot_does_not_hear_itself_also_not_when_it_catches_up(server, client, wait_until):
    ana, bot = client("ana"), client("bot")
    bot.send("general", "said before")
    other_bot = client("bot-reader")
    reading = Reading(bot.messages("general", since=0))
    outsider = Reading(other_bot.messages("general", since=0))

    bot.send("general", "said by the bot")
    server.kill9()
    server.start()
    bot.send("general", "said after the restart")
    ana.send("general", "said by ana")

    wait_until(lambda: len(outsider.texts) == 4, what="all messages")
    wait_until(lambda: reading.texts, what="ana's message")
    assert reading.texts == ["said by ana"]


def test_own_messages_are_there_in_order_when_they_are_wanted(client):
    ana, ben = client("ana"), client("ben")
    messages = ana.messages("general", own=True)

    ana.send("general", "1")
    ben.send("general", "2")
    ana.send("general", "3")

    assert [m.text for m in islice(messages, 3)] == ["1", "2", "3"]


def test_a_burst_arrives_in_order(client):
    ana, ben = client("ana"), client("ben")
    messages = ben.messages("general")

    senders = [threading.Thread(target=ana.send, args=("general", str(n))) for n in range(200)]
    for sender in senders:
        sender.start()
    received = [m.seq for m in islice(messages, 200)]
    for sender in senders:
        sender.join()

    assert received == list(range(1, 201))


def test_several_rooms_are_read_at_once_and_each_hears_its_own(client, wait_until):
    ana, ben = client("ana"), client("ben")
    ana.create("tea")
    ana.create("cake")
    readings = {room: Reading(ben.messages(room)) for room in ("general", "tea", "cake")}

    for room in ("tea", "general", "cake", "tea"):
        ana.send(room, f"in {room}")

    wait_until(lambda: sum(len(r.texts) for r in readings.values()) == 4, what="four messages")
    assert readings["tea"].texts == ["in tea", "in tea"]
    assert readings["cake"].texts == ["in cake"]
    assert readings["general"].texts == ["in general"]


def test_kill_9_in_the_middle_loses_and_doubles_nothing(server, client, wait_until):
    ana, ben = client("ana"), client("ben")
    reading = Reading(ben.messages("general"))
    later = Reading(ben.messages("general", since=0))
    said = [f"number {n}" for n in range(300)]
    sending = threading.Thread(target=lambda: [ana.send("general", text) for text in said])

    sending.start()
    for part in (40, 120, 200):
        wait_until(lambda part=part: len(reading.texts) >= part, what=f"{part} messages")
        server.kill9()
        server.start()
    sending.join(60)
    wait_until(lambda: len(reading.texts) >= 300 and len(later.texts) >= 300, what="the rest")

    assert reading.texts == said
    assert later.texts == said
    assert reading.seqs == list(range(1, 301))


@pytest.mark.parametrize("return_of_ben", [(0.01, 0.02), (1.5, 2.0)], ids=["before", "after"])
def test_a_log_that_lost_its_end_is_noticed_before_and_after_its_numbers_are_given_twice(
    server, client, wait_until, return_of_ben
):
    news = []
    ana = client("ana", reconnect_seconds=(0.3, 0.4))
    ben = client("ben", on_event=news.append, reconnect_seconds=return_of_ben)
    reading = Reading(ben.messages("general"))
    ana.send("general", "kept")
    wait_until(lambda: reading.texts == ["kept"], what="the first")
    server.kill9()
    copy = server.data.with_name("copy")
    shutil.copytree(server.data, copy, ignore=shutil.ignore_patterns("control"))
    server.start()
    ana.send("general", "lost")
    wait_until(lambda: reading.texts == ["kept", "lost"], what="the second")

    server.kill9()
    shutil.rmtree(server.data)
    copy.rename(server.data)
    server.start()
    ana.send("general", "said after the restore")
    ana.send("general", "and this")

    wait_until(lambda: len(reading.texts) >= 4, what="what is new")
    assert reading.texts == ["kept", "lost", "said after the restore", "and this"]
    assert reading.seqs == [1, 2, 2, 3]
    assert Reloaded("general") in news


def test_another_log_is_noticed_and_read_from_its_beginning(server, client, wait_until):
    news = []
    ana, ben = client("ana"), client("ben", on_event=news.append)
    reading = Reading(ben.messages("general"))
    for text in ("one", "two", "three"):
        ana.send("general", text)
    wait_until(lambda: len(reading.texts) == 3, what="the old log")

    server.kill9()
    shutil.rmtree(server.data)
    server.start()
    ana.send("general", "four")

    wait_until(lambda: len(reading.texts) >= 4, what="the new log")
    assert reading.texts == ["one", "two", "three", "four"]
    assert reading.seqs[-1] == 1
    assert Reloaded("general") in news


@pytest.mark.timeout(30)  # sooner than the heads, which would make it good
def test_a_slow_reader_misses_nothing_that_its_inbox_could_not_hold(client, monkeypatch):
    monkeypatch.setattr("chatapp.client.messages.INBOX_LIMIT", 10)
    ana, ben = client("ana"), client("ben")
    messages = ben.messages("general")
    ana.send("general", "first")
    assert next(messages).text == "first"

    for number in range(100):
        ana.send("general", str(number))

    assert [m.text for m in islice(messages, 100)] == [str(number) for number in range(100)]


def test_a_lost_last_message_is_fetched_when_the_heads_tell_of_it(client, monkeypatch, wait_until):
    ana, ben = client("ana"), client("ben")
    messages = ben.messages("general")
    ana.send("general", "heard")
    assert next(messages).text == "heard"
    lost = []
    with monkeypatch.context() as network:
        network.setattr(messages, "heard", lost.append)
        ana.send("general", "lost on the way")
        wait_until(lambda: len(lost) == 1)

    ben._router.heard("heads", {"general": 2})

    assert next(messages).text == "lost on the way"


def test_a_message_waits_for_the_server_to_come_back(server, client):
    ana = client("ana")
    server.kill9()
    sent = []
    sending = threading.Thread(target=lambda: sent.append(ana.send("general", "hola")))

    sending.start()
    server.start()
    sending.join(DEADLINE_SECONDS)

    assert sent[0].text == "hola"


def test_what_could_not_be_sent_in_time_is_a_failed_connection(server, client, wait_until):
    ana = client("ana")
    server.kill9()
    wait_until(lambda: not ana.is_connected, what="the loss to be noticed")

    with pytest.raises(ConnectionFailed) as failure:
        ana.send("general", "hola", timeout=0.3)

    assert not isinstance(failure.value, NotAcknowledged)


def test_what_was_sent_but_not_answered_is_not_acknowledged(server, client):
    ana = client("ana")
    os.kill(server.pid, signal.SIGSTOP)

    with pytest.raises(NotAcknowledged):
        ana.send("general", "hola", timeout=0.5)

    os.kill(server.pid, signal.SIGCONT)
    ana.send("general", "the next one")
    assert [m.text for m in ana.history("general").messages] == ["hola", "the next one"]


def test_the_news_of_the_connection(server, client, wait_until):
    news = []
    client("ana", on_event=news.append)

    server.kill9()
    wait_until(lambda: any(isinstance(item, Disconnected) for item in news), what="the loss")
    server.start()

    wait_until(lambda: isinstance(news[-1], Connected), what="the return")


def test_the_name_stays_ones_own_over_a_restart(server, client, wait_until):
    ana = client("ana")
    server.kill9()
    server.start()

    wait_until(lambda: ana.is_connected, what="ana to be back")
    assert ana.send("general", "still me").sender == "ana"
    with pytest.raises(NameTaken):
        client("Ana")


def test_who_has_the_same_key_is_the_same_person(client):
    key = "k" * 20
    first, second = client("ana", key=key), client("ana", key=key)
    messages = second.messages("general", own=True)

    first.send("general", "from my other window")

    assert next(messages).sender == "ana"


def test_a_name_taken_meanwhile_ends_the_client_with_that(server, client, wait_until, monkeypatch):
    ana = client("ana")
    reading = Reading(ana.messages("general"))
    thief_is_in = threading.Event()

    def connected_later(*arguments) -> ServerConnection:
        if threading.current_thread() is not threading.main_thread():
            assert thief_is_in.wait(DEADLINE_SECONDS)
        return ServerConnection(*arguments)

    monkeypatch.setattr("chatapp.client.reconnection.ServerConnection", connected_later)
    server.kill9()
    server.start()
    thief = client("ana")
    thief_is_in.set()

    wait_until(lambda: ana.ended is not None, what="the refusal")
    with pytest.raises(NameTaken):
        ana.send("general", "hola")
    reading.join(DEADLINE_SECONDS)
    assert isinstance(reading.error, NameTaken)
    assert thief.is_connected


def test_refusals_are_raised_by_their_code(client):
    ana = client("ana")

    with pytest.raises(Empty):
        ana.send("general", "  ")
    with pytest.raises(NoSuchRoom):
        ana.messages("nowhere")
    with pytest.raises(NoSuchRoom):
        ana.history("nowhere")
    with pytest.raises(BadName):
        ana.create("not a name")
    ana.create("tea")
    with pytest.raises(RoomExists):
        client("ben").create("tea")
    with pytest.raises(NotAMember):
        client("cleo").send("tea", "hola")
    assert ana.is_connected


def test_rooms_members_and_history(client):
    ana, ben = client("ana"), client("ben")
    created = ana.create("tea", "Tea time")
    ben.join("Tea")
    for number in range(1, 6):
        ben.send("tea", str(number))

    page = ana.history("tea", before=4, limit=2)

    assert (created.name, created.title) == ("tea", "Tea time")
    assert [room.name for room in ben.rooms()] == ["general", "tea"]
    assert ana.members("tea") == ["ana", "ben"]
    assert [m.text for m in page.messages] == ["2", "3"]
    assert (page.more_before, page.more_after) == (True, True)


def test_everybody_in_a_large_room_is_named(server, client, monkeypatch):
    monkeypatch.setattr("chatapp.client.chat.MAX_PEOPLE_AT_ONCE", 50)
    with ExitStack() as crowd:
        for number in range(120):
            guest = RawClient(("127.0.0.1", server.port))
            crowd.enter_context(closing(guest.join({"name": f"guest {number:03}"})))

        members = client("ana").members("general")

    assert members == ["ana", *(f"guest {number:03}" for number in range(120))]


def test_changes_of_messages_are_told_and_leave_no_gap(client, wait_until):
    news = []
    ana, ben = client("ana"), client("ben", on_event=news.append)
    bens, anas = ben.messages("general"), ana.messages("general")
    first = ana.send("general", "hloa")

    ana.edit("general", first.seq, "hola")
    ana.react("general", first.seq, "👍")
    ana.delete("general", first.seq)
    assert ana.delete("general", first.seq) is None
    ana.send("general", "after")
    ben.send("general", "and ben")

    wait_until(lambda: sum(isinstance(n, Changed) for n in news) == 3, what="the changes")
    assert [n.event.type for n in news if isinstance(n, Changed)] == ["edit", "react", "delete"]
    assert [m.seq for m in islice(bens, 2)] == [first.seq, first.seq + 4]
    assert next(anas).text == "and ben"
    shown = ben.history("general").messages[0]
    assert (shown.text, shown.deleted_by) == ("", "ana")


def test_leaving_a_room_ends_its_messages(client):
    ana, ben = client("ana"), client("ben")
    ana.create("tea")
    reading = Reading(ben.messages("tea"))

    ben.leave("tea")
    reading.join(DEADLINE_SECONDS)

    assert not reading.is_alive()
    assert reading.error is None


def test_typing_presence_and_new_rooms_are_told(client, wait_until):
    news = []
    client("ana", on_event=news.append)
    ben = client("ben")

    ben.typing("general")
    ben.create("tea", "Tea time")

    wait_until(lambda: Typing("general", "ben") in news, what="typing")
    wait_until(
        lambda: any(isinstance(n, PresenceChange) and "ben" in n.joined for n in news),
        what="presence",
    )
    wait_until(
        lambda: any(isinstance(n, RoomChanged) and n.room.name == "tea" for n in news),
        what="the room",
    )


def test_a_failing_on_event_harms_nobody(client):
    def fail(_news):
        raise ValueError("my mistake")

    ana, ben = client("ana", on_event=fail), client("ben")
    messages = ana.messages("general")

    ben.typing("general")
    ben.send("general", "hola")

    assert next(messages).text == "hola"


def test_on_event_may_not_wait_for_an_answer(client, wait_until):
    errors = []

    def ask(_news):
        for wait in (ana.rooms, ana.close):
            try:
                wait()
            except RuntimeError as error:
                errors.append(error)

    ana, ben = client("ana"), client("ben")
    ana.on_event = ask
    ben.typing("general")

    wait_until(lambda: len(errors) == 2, what="the errors")
    assert "on_event may neither" in str(errors[0])
    assert ana.send("general", "still here").seq == 1


def test_what_comes_too_fast_waits_or_is_told(new_server):
    server = new_server(CHATAPP_MESSAGE_RATE="2 burst, 2 per second").start()
    with ChatClient(server.url, name="ana") as ana:
        for number in range(4):
            ana.send("general", f"patient {number}")

        with pytest.raises(RateLimited) as refusal:
            [ana.send("general", f"{number}", patient=False) for number in range(100)]

        assert refusal.value.retry_after > 0
        texts = [m.text for m in ana.history("general").messages]
        assert texts[:4] == [f"patient {number}" for number in range(4)]


def test_nobody_there_is_a_failed_connection(free_port):
    with pytest.raises(ConnectionFailed, match="connection refused"):
        ChatClient(f"http://127.0.0.1:{free_port}", name="ana").__enter__()


@pytest.mark.parametrize("transport", ["polling", "websocket"])
def test_a_server_with_one_transport_only_is_enough(new_server, transport):
    server = new_server(CHATAPP_TRANSPORTS=transport).start()

    with ChatClient(server.url, name="ana") as ana, ChatClient(server.url, name="ben") as ben:
        messages = ben.messages("general")
        ana.send("general", "hola")

        assert next(messages).text == "hola"


def test_a_full_server_says_when_to_come_again(new_server):
    server = new_server(CHATAPP_CONNECTIONS="1").start()

    with (
        ChatClient(server.url, name="ana"),
        pytest.raises(Unavailable, match="no more connections") as refusal,
    ):
        ChatClient(server.url, name="ben").__enter__()

    assert refusal.value.retry_after > 0


def test_what_is_not_a_chat_is_said_so(server):
    with pytest.raises(ValueError, match="such as http://localhost:8080"):
        ChatClient("localhost:8080", name="ana")
    with pytest.raises(ValueError, match="Give a name or a token"):
        ChatClient(server.url)


def test_closing_ends_iterators_threads_and_sockets(server):
    before = set(threading.enumerate())
    with ChatClient(server.url, name="ana") as ana:
        reading = Reading(ana.messages("general"))
        assert set(threading.enumerate()) - before - {reading}
    reading.join(DEADLINE_SECONDS)

    gc.collect()
    assert not set(threading.enumerate()) - before
    assert reading.error is None
    with pytest.raises(ClientClosed):
        ana.send("general", "too late")
    ana.close()


def test_many_that_come_and_go_at_once_never_wait_for_a_goodbye(server):
    def visit(number: int) -> None:
        with ChatClient(server.url, name=f"visitor {number}") as visitor:
            visitor.rooms()

    visits = [threading.Thread(target=visit, args=(number,)) for number in range(60)]
    for visiting in visits:
        visiting.start()
    for visiting in visits:
        visiting.join(DEADLINE_SECONDS)

    assert not [visiting for visiting in visits if visiting.is_alive()]


def test_closing_while_the_server_is_away_does_not_wait_for_it(server, client, wait_until):
    ana = client("ana", reconnect_seconds=(2 * DEADLINE_SECONDS, 3 * DEADLINE_SECONDS))
    reading = Reading(ana.messages("general"))
    server.kill9()
    wait_until(lambda: not ana.is_connected, what="the loss to be noticed")

    closing = threading.Thread(target=ana.close)
    closing.start()
    closing.join(DEADLINE_SECONDS)

    assert not closing.is_alive()
    reading.join(DEADLINE_SECONDS)
    assert not reading.is_alive()


def test_it_imports_no_server():
    script = (
        "import sys, chatapp.client.chat, chatapp.client.terminal.chat; "
        "print([m for m in ('flask', 'gevent', 'werkzeug') if m in sys.modules])"
    )

    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "[]"


def test_the_commands_load_no_socket_library_to_say_what_they_do():
    script = (
        "import sys, chatapp.cli.chat; "
        "print([m for m in ('socketio', 'requests', 'prompt_toolkit') if m in sys.modules])"
    )

    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "[]"


def test_who_forgets_to_connect_is_told_so():
    with pytest.raises(RuntimeError, match="connect"):
        ChatClient("http://localhost:8080", name="ana").send("general", "hi")


def test_what_somebody_else_wrote_under_ones_name_is_not_ones_own(client):
    another = client("ana", key="the key of another ana")
    said = another.send("general", "of another")
    another.close()
    ana = client("ana", key="a key of sixteen characters")
    ana.rooms()
    own = ana.send("general", "of mine")

    assert ana.is_own(own)
    assert not ana.is_own(said)
    assert said.sender == own.sender


def test_a_room_that_another_device_leaves_is_left(client):
    key = "k" * 24
    desk, phone, ben = client("ana", key=key), client("ana", key=key), client("ben")
    ben.create("tea")
    desk.join("tea")
    reading = phone.messages("tea")
    ben.send("tea", "hello")
    assert next(reading).text == "hello"

    desk.leave("tea")

    with pytest.raises(NotAMember, match="on another device"):
        next(reading)
