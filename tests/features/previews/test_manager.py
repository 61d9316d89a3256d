"""Previews on a real log, from the pages of a real host."""

import threading

import gevent
import pytest

from chatapp.domain.model import Draft, Person, Room
from chatapp.domain.rates import Rate
from chatapp.features.messages.decisions import Decisions
from chatapp.features.previews.links import links_to_preview
from chatapp.features.previews.manager import PreviewManager
from chatapp.outbound.outbound import Outbound
from chatapp.store.feed import ELSEWHERE
from chatapp.web.waiting import wait
from tests.outbound.conftest import host, page, saying

ANA = Person(name="ana", id="the key of ana")
BEN = Person(name="ben", id="the key of ben")
HTML = page(
    b"<title>Tea</title><meta name=description content='All of it'>", "Content-Type: text/html"
)

BURST = 6

__all__ = ["host"]


class Chat:
    def __init__(self, log, outbound):
        self.log = log
        self.room = Room(name="tea", title="Tea")
        self.is_on = True
        self.hosts = set()
        self.previews = PreviewManager(
            log,
            outbound.page,
            is_on=lambda: self.is_on,
            room=lambda _: self.room,
            decisions=Decisions(),
            allowed=lambda: frozenset(self.hosts),
            pace=Rate(burst=BURST, per_second=0.001),
            seconds=30.0,
        )
        log.feed.subscribe(self.previews.hear)

    def post(self, text, person=ANA, origin=None):
        draft = Draft(room="tea", sender=person.name, by=person.id, text=text)
        return wait(self.log.append(draft, origin=origin)).event.seq

    def edit(self, seq, text):
        draft = Draft(room="tea", sender="ana", by=ANA.id, type="edit", target=seq, text=text)
        wait(self.log.append(draft))

    def message(self, seq):
        return self.log.message("tea", seq)

    def previewed(self, seq):
        with gevent.Timeout(30):
            while not self.message(seq).previews:
                gevent.sleep(0.01)
        return self.message(seq)

    def settled(self, *hosts, calls):
        """Waits until the hosts were called so often, and one more page has been read after."""
        with gevent.Timeout(30):
            while sum(len(each.heads) for each in hosts) < calls:
                gevent.sleep(0.01)


@pytest.fixture
def chat(log):
    outbound = Outbound()
    yield Chat(log, outbound)
    outbound.close()


@pytest.fixture
def tea(chat, host):
    there = host(saying(HTML))
    chat.hosts.add(there.place)
    return there


def test_a_link_gets_what_its_page_says_of_itself(chat, tea):
    seq = chat.post(f"look: {tea.url}.")

    message = chat.previewed(seq)

    (preview,) = message.previews
    assert (preview.url, preview.title, preview.text) == (tea.url, "Tea", "All of it")
    assert (message.text, message.edited_at) == (f"look: {tea.url}.", None)


def test_a_page_is_read_once_for_many_messages(chat, tea):
    seqs = [chat.post(f"{tea.url} {number}") for number in range(5)]

    assert all(chat.previewed(seq).previews for seq in seqs)
    assert len(tea.heads) == 1


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (
            "see http://a.example/x, and https://b.example",
            ["http://a.example/x", "https://b.example"],
        ),
        ("<https://a.example> is held", []),
        ("`https://a.example` is code", []),
        ("mail ana@example.org or www.example.org", []),
        ("[here](https://a.example/y)", ["https://a.example/y"]),
        ("http://a.example http://a.example", ["http://a.example"]),
        (
            " ".join(f"http://{n}.example" for n in range(9)),
            [f"http://{n}.example" for n in range(3)],
        ),
    ],
)
def test_which_links_get_a_preview(text, links):
    assert links_to_preview(text) == links


def test_nothing_is_called_where_previews_are_off(chat, tea):
    chat.is_on = False
    chat.post(tea.url)
    chat.is_on, chat.room = True, Room(name="tea", title="Tea", previews=False)
    chat.post(tea.url)
    chat.room = Room(name="tea", title="Tea")
    chat.post(tea.url, origin=ELSEWHERE)

    seq = chat.post(f"now {tea.url}")

    assert chat.previewed(seq).previews
    assert len(tea.heads) == 1
    assert [chat.message(earlier).previews for earlier in (1, 2, 3)] == [None] * 3


def test_a_host_in_the_lan_is_called_only_if_an_admin_allows_it(chat, host, tea):
    inside = host(saying(HTML))
    silent = chat.post(inside.url)
    seq = chat.post(f"{tea.url} {inside.url}")

    assert [preview.url for preview in chat.previewed(seq).previews] == [tea.url]
    assert chat.message(silent).previews is None
    assert inside.heads == []


def test_a_preview_does_not_come_to_a_message_that_was_changed_or_deleted(chat, host):
    goes_on = threading.Event()

    def say(connection, _):
        goes_on.wait(30)
        connection.sendall(HTML)

    slow = host(say)
    chat.hosts.add(slow.place)
    edited, deleted = chat.post(f"{slow.url} 1"), chat.post(f"{slow.url} 2")
    seq = chat.post(f"{slow.url} 3")
    chat.edit(edited, "nothing")
    draft = Draft(room="tea", sender="ana", by=ANA.id, type="delete", target=deleted)
    wait(chat.log.append(draft))

    goes_on.set()

    assert chat.previewed(seq).previews
    assert chat.message(edited).text == "nothing"
    assert chat.message(edited).previews is None
    assert chat.message(deleted).previews is None


def test_an_edit_keeps_the_previews_of_links_that_stay(chat, tea):
    seq = chat.post(tea.url)
    chat.previewed(seq)

    chat.edit(seq, f"{tea.url} is good")
    assert chat.message(seq).previews
    chat.edit(seq, "no more")
    assert chat.message(seq).previews is None


def test_a_person_cannot_make_the_chat_call_without_end(chat, tea, host):
    others = [host(saying(HTML)) for _ in range(BURST + 2)]
    chat.hosts |= {each.place for each in others}
    for each in others:
        chat.post(each.url)

    seq = chat.post(tea.url, person=BEN)

    chat.previewed(seq)
    chat.settled(*others, calls=BURST)
    assert sum(len(each.heads) for each in others) == BURST
