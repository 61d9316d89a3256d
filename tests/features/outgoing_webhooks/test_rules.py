"""Who makes webhooks, of which rooms, and what they hear."""

from base64 import b64decode
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from chatapp.domain.errors import (
    BadPayload,
    ChatError,
    NoSuchRoom,
    NotAllowed,
    NotFound,
    QuotaReached,
)
from chatapp.domain.model import SystemLine
from chatapp.features.outgoing_webhooks.manager import MAX_WEBHOOKS, WantedWebhook
from chatapp.features.outgoing_webhooks.payloads import EVENT_NAMES
from chatapp.features.outgoing_webhooks.rows import OutgoingWebhook, SigningKey
from chatapp.features.outgoing_webhooks.sending_rights import SECRET_LOST
from chatapp.features.outgoing_webhooks.signing import headers
from tests.features.outgoing_webhooks.conftest import ANA, BOSS, OTHER, ROBOT, URL, Chat


@pytest.mark.parametrize(
    "act",
    [
        lambda chat, id: chat.manager.add(ANA, WantedWebhook(title="CI", url=URL)),
        lambda chat, id: chat.manager.change(ANA, id, WantedWebhook(title="CI", url=URL)),
        lambda chat, id: chat.manager.pause(ANA, id),
        lambda chat, id: chat.manager.resume(ANA, id),
        lambda chat, id: chat.manager.skip(ANA, id),
        lambda chat, id: chat.manager.replay(ANA, id, 0, "2026-01-01T00:00:00.000Z"),
        lambda chat, id: chat.manager.rotate(ANA, id),
        lambda chat, id: chat.manager.remove(ANA, id),
        lambda chat, id: chat.by_hand.test(ANA, id),
        lambda chat, id: chat.by_hand.again(ANA, id, 1),
    ],
)
def test_only_admins_have_a_say(chat: Chat, act: Any) -> None:
    id = chat.add()
    before, notes = chat.webhook(id), list(chat.notes)

    with pytest.raises(NotAllowed):
        act(chat, id)

    assert dict(chat.rows.table.items()) == {id: before}
    assert chat.notes == notes
    assert chat.receiver.calls == []


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({"title": ""}, ChatError),
        ({"title": "x" * 200}, ChatError),
        ({"url": "ftp://example.org/"}, BadPayload),
        ({"url": "https://ana:secret@example.org/"}, BadPayload),
        ({"url": "https://example.org\\@127.0.0.1/"}, BadPayload),
        ({"url": "https://example.org/\r\nX: y"}, BadPayload),
        ({"url": "https://example.org:99999/"}, BadPayload),
        ({"url": "https://example.org/" + "a" * 2048}, BadPayload),
        ({"url": ""}, BadPayload),
        ({"url": "http://127.0.0.1:9000/"}, BadPayload),
        ({"url": "https://[::1]/"}, BadPayload),
        ({"url": "http://10.0.0.7/"}, BadPayload),
        ({"url": "http://localhost/"}, BadPayload),
        ({"url": "https://example.org:25/"}, BadPayload),
        ({"events": ()}, BadPayload),
        ({"events": ("message.posted", "everything")}, BadPayload),
        ({"rooms": ()}, BadPayload),
        ({"rooms": ("nowhere",)}, NoSuchRoom),
        ({"rooms": ["general"] * 101}, BadPayload),
        ({"rooms": ("two",)}, NotAllowed),
        ({"replies_as": ANA.id}, NotAllowed),
        ({"replies_as": "nobody"}, NotAllowed),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    chat: Chat, wanted: dict[str, Any], error: type[ChatError]
) -> None:
    id = chat.add()
    before = chat.webhook(id)

    with pytest.raises(error):
        chat.add(**wanted)
    with pytest.raises(error):
        chat.manager.change(BOSS, id, WantedWebhook(**{"title": "CI", "url": URL, **wanted}))

    assert dict(chat.rows.table.items()) == {id: before}


def test_a_host_inside_is_taken_if_whoever_runs_the_server_allows_it(chat: Chat) -> None:
    with pytest.raises(BadPayload, match=r"not a host on the internet.*CHATAPP_OUTBOUND_HOSTS"):
        chat.add(url="http://127.0.0.1/")
    chat.outbound_hosts = frozenset(["127.0.0.1"])

    chat.add(url="http://127.0.0.1:9000/")


def test_there_is_an_end_to_how_many(chat: Chat) -> None:
    for _ in range(MAX_WEBHOOKS):
        chat.add()

    with pytest.raises(QuotaReached):
        chat.add()


def test_an_unknown_one_is_not_found(chat: Chat) -> None:
    with pytest.raises(NotFound):
        chat.manager.pause(BOSS, "nothing")
    with pytest.raises(NotFound):
        chat.manager.skip(BOSS, chat.add())


def heard(chat: Chat) -> list[str]:
    chat.go()
    return chat.receiver.texts


def test_all_public_rooms_are_heard_and_no_private_ones(chat: Chat) -> None:
    chat.add()

    for room in ("general", "secret", "tea", "two"):
        chat.say(room, room=room)

    assert heard(chat) == ["general", "tea"]


def test_a_private_room_is_heard_if_who_named_it_sees_it(chat: Chat) -> None:
    other_admin = replace(BOSS, id="b2", name="other boss")
    with pytest.raises(NoSuchRoom):
        chat.add(rooms=["secret"], by=other_admin)
    id = chat.add(rooms=["secret", "tea"])

    for room in ("general", "secret", "tea"):
        chat.say(room, room=room)

    assert heard(chat) == ["secret", "tea"]
    with pytest.raises(NoSuchRoom):  # nor can they send it somewhere else
        chat.manager.change(
            other_admin, id, WantedWebhook(title="CI", url="https://x.org/", rooms=["secret"])
        )


def left(chat: Chat) -> None:
    chat.rooms["secret"] = replace(chat.rooms["secret"], members={"a1": "ana"})


@pytest.mark.parametrize(
    ("lose", "problem"),
    [
        (left, "Its maker, boss, can no longer see the room secret."),
        (
            lambda chat: chat.accounts.update({BOSS.id: replace(BOSS, role="member")}),
            "Its maker, boss, is no longer an admin.",
        ),
        (lambda chat: chat.accounts.pop(BOSS.id), "The account of its maker is gone."),
        (lambda chat: chat.banned.add(BOSS.id), "Its maker, boss, is banned."),
    ],
)
def test_a_webhook_ends_with_the_rights_of_its_maker(chat: Chat, lose: Any, problem: str) -> None:
    id = chat.add(rooms=["secret", "tea"])
    chat.add(by=None, rooms=["secret"], url="https://terminal.example.org/")
    chat.say("before", room="secret")
    assert heard(chat) == ["before", "before"]
    sent = chat.attempts(id)[0].id
    lose(chat)

    chat.say("after", room="secret")

    assert heard(chat) == ["before", "before", "after"]
    assert chat.receiver.calls[-1].url == "https://terminal.example.org/"
    off = chat.webhook(id).off
    assert off
    assert (off.why, off.problem) == ("maker", problem)
    assert chat.notes[-1] == ("the outgoing webhooks", "outgoing-webhook-off")
    with pytest.raises(NotAllowed, match=problem):
        chat.by_hand.again(None, id, sent)
    chat.go(60)
    assert len(chat.receiver.calls) == 3


def test_an_admin_who_sees_its_rooms_goes_on_with_it(chat: Chat) -> None:
    id = chat.add(rooms=["secret"])
    left(chat)
    chat.say("waits", room="secret")
    assert heard(chat) == []

    with pytest.raises(NoSuchRoom):
        chat.manager.resume(BOSS, id)
    ana = replace(ANA, role="admin")
    chat.accounts[ANA.id] = ana
    chat.manager.resume(ana, id)

    assert heard(chat) == ["waits"]
    assert chat.webhook(id).made_by == ANA.id


def test_whoever_changes_a_webhook_lends_it_their_rights(chat: Chat) -> None:
    id = chat.add()
    ana = chat.accounts[ANA.id] = replace(ANA, role="admin")
    chat.manager.change(ana, id, WantedWebhook(title="CI", url=URL))
    del chat.accounts[BOSS.id]

    chat.say("hello")

    assert heard(chat) == ["hello"]


def test_a_deleted_room_is_not_heard_any_more(chat: Chat) -> None:
    chat.add()
    chat.add(rooms=["tea"], url="https://other.example.org/")
    chat.say("before", room="tea")
    assert heard(chat) == ["before", "before"]
    chat.rooms["tea"] = replace(chat.rooms["tea"], deleted_at="2026-12-01T12:00:00.000Z")

    chat.say("after", room="tea")

    assert heard(chat) == ["before", "before"]


def test_a_public_room_that_became_private_before_it_is_sent_is_not_sent(chat: Chat) -> None:
    id = chat.add()
    chat.manager.pause(BOSS, id)
    chat.say("hello", room="tea")
    chat.rooms["tea"] = replace(chat.rooms["tea"], kind="private")
    chat.manager.resume(BOSS, id)

    assert heard(chat) == []


def test_each_kind_of_event_has_its_name_and_can_be_chosen(chat: Chat) -> None:
    chat.add(events=EVENT_NAMES)
    chat.add(events=["message.deleted"], url="https://deleted.example.org/")
    said = chat.say("hello")

    chat.change(said, "edit", text="hello!")
    chat.change(said, "react", emoji="👍", on=True)
    chat.say("ana joined", system=SystemLine(what="joined"))
    chat.change(said, "edit", text="hello!", previews=[])
    chat.change(said, "delete")
    chat.go()

    all_of_them = [call for call in chat.receiver.calls if call.url == URL]
    assert [
        b["type"]
        for b, call in zip(chat.receiver.bodies, chat.receiver.calls, strict=True)
        if call in all_of_them
    ] == [
        "message.posted",
        "message.edited",
        "reaction.changed",
        "room.changed",
        "message.deleted",
    ]
    others = len(chat.receiver.calls) - len(all_of_them)
    assert others == 1


def test_what_bots_write_is_sent_only_if_that_is_wanted(chat: Chat) -> None:
    chat.add()
    chat.say("beep", by=ROBOT)
    chat.say("hello")
    assert heard(chat) == ["hello"]

    chat.add(from_bots=True, url="https://all.example.org/")
    chat.say("boop", by=ROBOT)

    assert heard(chat) == ["hello", "boop"]


def test_nobody_answers_their_own_answers_or_those_of_other_webhooks(chat: Chat) -> None:
    chat.add(from_bots=True, replies_as=ROBOT.id)
    chat.add(from_bots=True, replies_as=OTHER.id, url="https://other.example.org/")
    chat.add(from_bots=True, url="https://archive.example.org/")

    chat.say("beep", by=ROBOT)
    chat.say("boop", by=OTHER)

    assert heard(chat) == ["beep", "boop"]
    assert {call.url for call in chat.receiver.calls} == {"https://archive.example.org/"}


def test_a_secret_is_shown_once_and_two_sign_for_a_day(chat: Chat) -> None:
    made = chat.make()
    assert made.secret.startswith("whsec_")
    fresh = chat.manager.rotate(BOSS, made.id).result()
    assert fresh != made.secret

    chat.say("one")
    chat.go()
    chat.go(timedelta(hours=24).total_seconds())
    chat.say("two")
    chat.go()

    first, second = (call.headers["webhook-signature"] for call in chat.receiver.calls)
    assert len(first.split(" ")) == 2
    assert len(second.split(" ")) == 1
    assert chat.manager.rotate(BOSS, made.id).result() != fresh
    assert len(chat.webhook(made.id).keys) == 2


def stored(chat: Chat) -> str:
    return msgspec.json.encode(dict(chat.rows.table.items())).decode()


def test_secrets_are_sealed_with_a_key_that_no_table_has(chat: Chat) -> None:
    made = chat.make()
    fresh = chat.manager.rotate(BOSS, made.id).result()
    keys = [secret.removeprefix("whsec_") for secret in (made.secret, fresh)]

    assert stored(chat).count('"sealed_') == 2
    assert not any(key in stored(chat) for key in keys)

    chat.server_secret = b"another"  # a backup that is started elsewhere
    chat.restart()
    chat.say("hello")

    assert heard(chat) == []
    off = chat.webhook(made.id).off
    assert off
    assert (off.why, off.problem) == ("secret", SECRET_LOST.problem)
    with pytest.raises(NotAllowed, match="Make a new secret"):
        chat.by_hand.test(BOSS, made.id)
    chat.manager.rotate(BOSS, made.id)
    chat.manager.resume(BOSS, made.id)
    assert heard(chat) == ["hello"]
    assert len(chat.receiver.calls[0].headers["webhook-signature"].split(" ")) == 1


def test_secrets_of_the_first_version_are_sealed_and_still_sign(chat: Chat) -> None:
    made = chat.make()
    clear = [SigningKey(secret=made.secret)]
    chat.rows.table.put(made.id, replace(chat.webhook(made.id), keys=clear))
    assert made.secret in stored(chat)

    chat.restart()
    chat.say("hello")

    assert made.secret not in stored(chat)
    assert heard(chat) == ["hello"]
    (call,) = chat.receiver.calls
    key = b64decode(made.secret.removeprefix("whsec_"))
    at = int(call.headers["webhook-timestamp"])
    signed = headers([key], call.headers["webhook-id"], at, call.body)
    assert call.headers["webhook-signature"] == signed["webhook-signature"]


def test_what_admins_do_is_in_the_audit_log(chat: Chat) -> None:
    id = chat.add()
    chat.manager.change(BOSS, id, WantedWebhook(title="CI", url=URL))
    chat.manager.pause(BOSS, id)
    chat.manager.resume(BOSS, id)
    chat.manager.rotate(BOSS, id)
    chat.by_hand.test(BOSS, id)
    chat.manager.remove(BOSS, id)

    did = ("add", "change", "change", "change", "change", "change", "remove")
    assert chat.notes == [("boss", f"{what}-outgoing-webhook") for what in did]


def test_rows_of_the_first_version_are_read(chat: Chat) -> None:
    row = (
        b'{"title":"CI","url":"https://hooks.example.org/chat","events":["message.posted"],'
        b'"keys":[{"secret":"whsec_AAAA"}],"made_by":"b1","made_at":"2026-12-01T12:00:00.000Z",'
        b'"start":{"serial":1,"n":3,"since":"2026-12-01T12:00:00.000Z"}}'
    )

    assert msgspec.json.decode(row, type=OutgoingWebhook).is_on
