"""Messages in threads, on a real log: where they go, and what each page shows."""

from collections.abc import Callable

import msgspec
import pytest

from chatapp.domain.errors import BadPayload, NotAllowed, NotFound
from chatapp.domain.model import Draft, Event, Message, Room, SystemLine, ThreadsMode
from chatapp.features.messages.decisions import Decisions
from chatapp.features.messages.manager import MessageManager
from chatapp.protocol.requests import Delete, Post, ReadHistory
from tests.features.messages.test_manager import ANA, AllMayWrite

Say = Callable[..., Event | Message]


class Tea:
    """All that there is to see is the room `tea`, whose setting a test changes."""

    room = Room(name="tea", title="Tea")

    def threads(self, mode: ThreadsMode) -> None:
        self.room = msgspec.structs.replace(self.room, threads=mode)

    def visible_to(self, _person):
        return [self.room]

    def find(self, _person, _name):
        return self.room


@pytest.fixture
def tea() -> Tea:
    return Tea()


@pytest.fixture
def manager(log, tea) -> MessageManager:
    return MessageManager(
        log,
        rooms=tea,
        rules=AllMayWrite(),
        pace=None,
        decisions=Decisions(),
        is_in=lambda _id, _room: True,
    )


@pytest.fixture
def say(manager) -> Say:
    def say(text: str, **more: object) -> Event | Message:
        post = msgspec.convert({"room": "tea", "text": text, **more}, Post)
        return manager.post(ANA, post).result().event

    return say


def shown(manager: MessageManager, **query: object) -> list[int]:
    page = manager.history(ANA, msgspec.convert({"room": "tea", **query}, ReadHistory)).result()
    return [message.seq for message in page.messages]


def test_a_reply_is_in_its_thread_and_in_the_room_only_if_it_says_so(manager, say):
    root = say("who brings cups?").seq
    say("I do", thread=root)
    told = say("done!", thread=root, also_to_room=True)
    say("soup?")

    assert (told.thread, told.also_to_room) == (1, True)
    assert shown(manager) == [1, 2, 3, 4], "clients that know no threads see everything"
    assert shown(manager, folded=True) == [1, 3, 4]
    assert shown(manager, thread=root) == [2, 3]
    (first, *_) = manager.history(ANA, ReadHistory(room="tea", folded=True)).result().messages
    replies = first.replies
    assert replies is not None
    assert (replies.count, replies.last_seq, replies.by) == (2, 3, ["ana"])


def test_what_cannot_be_the_root_of_a_thread_is_refused_with_a_reason(manager, say, log):
    root = say("cups?").seq
    reply = say("I do", thread=root).seq
    line = Draft(room="tea", sender="ana", text="ana left", system=SystemLine(what="left"))
    left = log.append(line).result().event.seq
    gone = say("oops").seq
    manager.delete(ANA, Delete(room="tea", seq=gone)).result()
    head = log.head("tea")

    for thread, refusal, reason in (
        (reply, BadPayload, "itself in the thread of message 1"),
        (left, NotAllowed, "The chat wrote this line"),
        (gone, NotFound, "has been deleted"),
        (99, NotFound, "no message 99"),
    ):
        with pytest.raises(refusal, match=reason):
            say("well", thread=thread)
    with pytest.raises(BadPayload, match="in a thread"):
        say("well", also_to_room=True)

    assert log.head("tea") == head


def test_a_retry_of_a_reply_gets_it_even_if_its_thread_has_gone(manager, say):
    root = say("cups?").seq
    reply = say("I do", thread=root, cid="mine")
    manager.delete(ANA, Delete(room="tea", seq=root)).result()

    assert say("I do", thread=root, cid="mine").seq == reply.seq


def test_a_room_can_be_without_threads(manager, say, tea):
    root = say("cups?").seq
    say("I do", thread=root)
    tea.threads("off")

    with pytest.raises(NotAllowed, match="has no threads"):
        say("me too", thread=root)
    assert shown(manager, thread=root) == [2], "what was said can be read"
    assert say("me too", reply_to=root).thread is None


def test_in_a_room_that_requires_threads_an_answer_goes_into_the_thread_of_its_message(say, tea):
    tea.threads("required")
    root = say("cups?").seq
    first = say("I do", reply_to=root)
    second = say("not you", reply_to=first.seq)

    assert (first.thread, second.thread, second.reply_to) == (root, root, first.seq)


def test_a_page_is_of_a_thread_or_folded_and_of_a_message_that_is_there(manager, say):
    root = say("cups?").seq

    with pytest.raises(BadPayload):
        shown(manager, thread=root, folded=True)
    with pytest.raises(NotFound):
        shown(manager, thread=99)
