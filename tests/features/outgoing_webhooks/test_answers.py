"""A receiver's answer is posted, as by Slack's outgoing webhooks: once, and where it may be."""

import json

import pytest

from chatapp.domain.errors import NotAllowed
from chatapp.domain.model import SystemLine
from tests.features.outgoing_webhooks.conftest import ROBOT, Chat, said

JSON = "application/json; charset=utf-8"


def answering(chat: Chat, body: bytes, type: str = JSON) -> str:
    chat.receiver.always = said(200, body, content_type=type)
    return chat.add(replies_as=ROBOT.id)


def replies(chat: Chat) -> list[str]:
    return [post.text for _, post in chat.posted]


@pytest.mark.parametrize(
    ("body", "type"),
    [
        (b'{"text": "built"}', JSON),
        (b'{"text": " built\\n", "username": "boss", "attachments": []}', "application/json"),
        (b"built", "text/plain"),
        (b"built\n", "Text/Plain; charset=utf-8"),
    ],
)
def test_the_text_of_an_answer_is_posted_in_answer_to_the_message(
    chat: Chat, body: bytes, type: str
) -> None:
    id = answering(chat, body, type)
    event = chat.say("build")

    chat.go()

    ((person, post),) = chat.posted
    assert (person, post.text, post.room) == (ROBOT, "built", "general")
    assert (post.reply_to, post.thread) == (event.seq, None)
    assert [one.reply for one in chat.attempts(id)] == ["posted"]


def test_an_answer_mentions_everybody_only_if_an_admin_wants_it(chat: Chat) -> None:
    answering(chat, b'{"text": "@all @room @boss `@all` built"}')
    chat.add(replies_as=ROBOT.id, calls_all=True, rooms=["tea"], url="https://loud.example.org/")
    chat.say("build")
    chat.go()
    chat.manager.remove(None, next(iter(chat.rows.all())))
    chat.say("build", room="tea")

    chat.go()

    quiet, *_, loud = replies(chat)
    assert quiet == "＠all ＠room @boss `@all` built"
    assert loud == "@all @room @boss `@all` built"


def test_what_is_said_in_a_thread_is_answered_there(chat: Chat) -> None:
    answering(chat, b'{"text": "built"}')
    root = chat.say("build")
    chat.go()
    chat.say("and again", thread=root.seq)

    chat.go()

    assert [post.thread for _, post in chat.posted] == [None, root.seq]


@pytest.mark.parametrize(
    ("body", "type"),
    [
        (b"", JSON.removesuffix("; charset=utf-8")),
        (b'{"text": 7}', JSON),
        (b'{"text": "\xff"}', JSON),
        (b"[" * 60_000, JSON),
        (b"null", JSON),
        (b"\xff\xfe", "text/plain"),
        (b'{"text": "' + b"a" * 64 * 1024 + b'"}', JSON),
    ],
)
def test_an_answer_that_is_none_is_noted_and_not_sent_again(
    chat: Chat, body: bytes, type: str
) -> None:
    id = answering(chat, body, type)
    chat.say("build")

    chat.go(60)

    assert chat.posted == []
    (attempt,) = chat.attempts(id)
    assert attempt.is_done
    assert attempt.reply not in {"", "posted"}


@pytest.mark.parametrize(
    ("body", "type"),
    [(b"<p>ok</p>", "text/html"), (b"{}", JSON), (b"  \n", "text/plain"), (b'{"text":" "}', JSON)],
)
def test_an_answer_without_a_text_posts_nothing(chat: Chat, body: bytes, type: str) -> None:
    id = answering(chat, body, type)
    chat.say("build")

    chat.go()

    assert chat.posted == []
    assert [one.reply for one in chat.attempts(id)] == [""]


def test_an_answer_is_ignored_unless_an_admin_wants_it(chat: Chat) -> None:
    chat.receiver.always = said(200, b'{"text": "built"}', content_type=JSON)
    id = chat.add()
    chat.say("build")

    chat.go()

    assert chat.posted == []
    assert [one.reply for one in chat.attempts(id)] == [""]


def test_only_what_people_post_is_answered(chat: Chat) -> None:
    answering(chat, b'{"text": "built"}')
    chat.manager.remove(None, next(iter(chat.rows.all())))
    chat.add(replies_as=ROBOT.id, events=["message.edited", "room.changed", "message.posted"])
    event = chat.say("build")
    chat.change(event, "edit", text="build!")
    chat.say("ana joined", system=SystemLine(what="joined"))

    chat.go()

    assert len(chat.receiver.calls) == 3
    assert replies(chat) == ["built"]


def test_after_a_crash_before_the_place_was_noted_the_answer_is_there_once(chat: Chat) -> None:
    answering(chat, b'{"text": "built"}')
    chat.say("build")
    chat.go(0.5)

    chat.restart()
    chat.go()

    assert replies(chat) == ["built", "built"]
    assert len({post.cid for _, post in chat.posted}) == 1
    assert [event.text for _, event in chat.log.following(0, limit=10)] == ["build", "built"]


def test_the_answer_of_a_refused_delivery_is_not_posted(chat: Chat) -> None:
    chat.receiver.answers = [said(500, b'{"text": "oh no"}', content_type=JSON)]
    answering(chat, b"{}")
    chat.say("build")

    chat.go(10)

    assert chat.posted == []


def test_an_answer_that_the_rules_refuse_is_noted(chat: Chat) -> None:
    chat.refusal = NotAllowed("You are muted.")
    id = answering(chat, b'{"text": "built"}')
    chat.say("build")

    chat.go()

    assert [one.reply for one in chat.attempts(id)] == ["You are muted."]
    assert [one.is_done for one in chat.attempts(id)] == [True]


def test_without_its_account_nothing_is_posted(chat: Chat) -> None:
    id = answering(chat, b'{"text": "built"}')
    del chat.accounts[ROBOT.id]
    chat.say("build")

    chat.go()

    assert chat.posted == []
    assert "no account" in chat.attempts(id)[0].reply


def test_how_an_answer_begins_is_kept_harmless(chat: Chat) -> None:
    id = answering(chat, b"\x1b[31mred\xff\n" + b"x" * 1000, "text/html")
    chat.say("build")

    chat.go()

    answer = chat.attempts(id)[0].answer
    assert answer.startswith("␛[31mred�")
    assert len(answer) == 200


def test_a_test_is_sent_by_hand_and_not_answered(chat: Chat) -> None:
    id = answering(chat, b'{"text": "built"}')

    chat.by_hand.test(None, id)
    chat.go()

    assert chat.receiver.bodies[0]["type"] == "webhook.test"
    (attempt,) = chat.attempts(id)
    assert (attempt.by_hand, attempt.is_done, attempt.status) == (True, True, 200)
    assert chat.posted == []


def test_an_event_is_sent_again_by_hand_as_it_can_be_read_now(chat: Chat) -> None:
    id = chat.add()
    event = chat.say("hello")
    chat.go()
    chat.change(event, "edit", text="hello!")
    chat.change(event, "delete")
    chat.go()

    chat.by_hand.again(None, id, chat.deliveries.of(id)[-1].id)
    chat.go()

    first, second = chat.receiver.calls
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert json.loads(second.body)["data"]["text"] == ""
    assert [one.by_hand for one in chat.attempts(id)] == [False, True]
