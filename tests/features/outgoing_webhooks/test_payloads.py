"""What a receiver is told of an event: signed, short, and nothing that cannot be read any more."""

import json
from base64 import b64decode

import pytest
from msgspec.structs import replace

from chatapp.domain.model import FileInfo, LinkPreview, Poll, Votes
from chatapp.features.outgoing_webhooks.payloads import EVENT_NAMES, MAX_BODY_BYTES
from chatapp.features.outgoing_webhooks.signing import headers
from chatapp.protocol.pushes import ErasedTexts
from tests.features.outgoing_webhooks.conftest import Chat, said

FILE = FileInfo(id="f1", name="plan.pdf", type="application/pdf", bytes=3, sha256="0" * 64)


def test_a_message_is_sent_as_its_room_hears_it(chat: Chat) -> None:
    chat.add()
    event = chat.say("hello", files=[FILE])

    chat.go()

    assert chat.receiver.bodies == [
        {
            "type": "message.posted",
            "timestamp": event.at,
            "data": {
                "room": "general",
                "sender": "ana",
                "by": "a1",
                "text": "hello",
                "files": [
                    {
                        "id": "f1",
                        "name": "plan.pdf",
                        "type": "application/pdf",
                        "bytes": 3,
                        "sha256": "0" * 64,
                    }
                ],
                "seq": 1,
                "at": event.at,
            },
        }
    ]
    assert chat.receiver.calls[0].headers["Content-Type"] == "application/json"


def test_it_is_signed_as_the_standard_says() -> None:
    """The example that its libraries test themselves with."""
    key = b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    made = headers([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')

    assert made == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_every_attempt_is_signed_anew(chat: Chat) -> None:
    secret = chat.make().secret
    chat.receiver.answers = [said(500)]
    chat.say("hello")
    chat.go(10)

    for call in chat.receiver.calls:
        id, at = call.headers["webhook-id"], int(call.headers["webhook-timestamp"])
        key = b64decode(secret.removeprefix("whsec_"))
        assert call.headers.items() >= headers([key], id, at, call.body).items()
    first, second = (int(call.headers["webhook-timestamp"]) for call in chat.receiver.calls)
    assert second - first == 5


def test_a_retry_does_not_tell_what_was_deleted_meanwhile(chat: Chat) -> None:
    id = chat.add()
    chat.receiver.answers = [said(500)]
    event = chat.say("a secret", files=[FILE])
    chat.go()
    chat.change(event, "delete")

    chat.go(10)

    first, second = chat.receiver.bodies[:2]
    assert first["data"]["text"] == "a secret"
    assert (second["data"]["text"], second["data"]["deleted"]) == ("", True)
    assert "files" not in second["data"]
    assert len(set(chat.receiver.ids)) == 1
    assert [one.attempt for one in chat.attempts(id)] == [1, 2]


def test_an_edit_of_a_deleted_message_has_no_text_either(chat: Chat) -> None:
    id = chat.add(events=["message.edited"])
    chat.manager.pause(None, id)
    event = chat.say("hello")
    chat.change(event, "edit", text="a secret")
    chat.change(event, "delete")
    chat.manager.resume(None, id)

    chat.go()

    assert chat.receiver.texts == [""]


def test_what_was_erased_meanwhile_is_not_in_memory(chat: Chat) -> None:
    event = chat.say("a secret")
    kept = chat.payloads.of(1)
    assert kept
    assert b"a secret" in kept[1]
    real = chat.log.following
    erased = replace(event, text="", erased_at="2026-12-02T00:00:00.000Z")
    chat.payloads._log = type(
        "ErasedLog",
        (),
        {
            "following": lambda _self, n, limit: [(1, erased)] if n == 0 else real(n, limit=limit),
            "deleted": lambda _self, _room, _seqs: set(),
        },
    )()

    chat.payloads.hear_erased(ErasedTexts(room="general", epoch="e", at="", seqs=[1]))

    now = chat.payloads.of(1)
    assert now
    assert b"a secret" not in now[1]


def test_what_a_room_does_not_keep_any_more_is_not_sent(chat: Chat) -> None:
    id = chat.add()
    chat.manager.pause(None, id)
    chat.say("old")
    chat.say("new")
    chat.removed_to["general"] = 1
    chat.manager.resume(None, id)

    chat.go()

    assert chat.receiver.texts == ["new"]


def test_votes_are_told_as_the_room_hears_them(chat: Chat) -> None:
    chat.add(events=EVENT_NAMES)
    chat.told = lambda event: (
        replace(event, vote=None, by=None, votes=Votes(voters=1)) if event.vote else event
    )
    poll = Poll(question="Tea?", options=["yes", "no"], hidden=True)
    event = chat.say("Tea?", poll=poll)
    chat.change(event, "react", emoji="🗳️", on=True, vote=[1])

    chat.go()

    vote = chat.receiver.bodies[1]
    assert vote["type"] == "poll.voted"
    assert vote["data"]["votes"] == {"voters": 1}
    assert "vote" not in vote["data"]
    assert "by" not in vote["data"]


@pytest.mark.parametrize("text", ["a" * 16_000, "\x01" * 16_000, "ü\n" * 5_000, '"' * 16_000])
def test_a_body_has_less_than_20_kilobytes(chat: Chat, text: str) -> None:
    chat.add()
    files = [replace(FILE, alt="ü" * 1000) for _ in range(10)]
    previews = [LinkPreview(url="https://x.org/" + "a" * 2000, title="x", text="y" * 300)]

    chat.say(text, files=files, previews=previews)
    chat.go()

    body = chat.receiver.calls[0].body
    assert len(body) <= MAX_BODY_BYTES
    data = json.loads(body)["data"]
    assert data["truncated"]
    assert text.startswith(data["text"])
    assert data["text"]
