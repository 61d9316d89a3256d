"""The rules of messages on a real log."""

from datetime import UTC, datetime

import msgspec
import pytest

from chatapp.domain.errors import (
    BadPayload,
    NoSuchRoom,
    NotAllowed,
    NotAMember,
    NotFound,
    RateLimited,
    ReadOnly,
)
from chatapp.domain.future import Future
from chatapp.domain.model import Appended, Draft, LinkPreview, Person, Room
from chatapp.domain.rates import PersonPace, Rate
from chatapp.features.messages.decisions import Decisions
from chatapp.features.messages.manager import MessageManager
from chatapp.protocol.requests import (
    Delete,
    Edit,
    HidePreviews,
    Post,
    React,
    ReadHistory,
    ReadVersions,
    Resume,
)

ANA = Person(name="ana", id="the key of ana")
BEN = Person(name="ben", id="the key of ben")
TEA = Room(name="tea", title="Tea")


class OneRoom:
    """All that there is to see is the room `tea`."""

    def visible_to(self, _person):
        return [TEA]

    def find(self, _person, _name):
        return TEA


class AllMayWrite:
    def check_post(self, _person, _room):
        pass

    check_change = check_post

    def is_slow(self, _person, _room):
        return False


def manager_of(log, pace=None, decisions=None):
    return MessageManager(
        log,
        rooms=OneRoom(),
        rules=AllMayWrite(),
        pace=pace,
        decisions=decisions or Decisions(),
        is_in=lambda id, room: id != BEN.id and room is TEA,
    )


class SlowLog:
    """A log whose disk lets one wait: what is appended gets there with `catch_up()`."""

    def __init__(self, log):
        self._log = log
        self._waiting = []

    def __getattr__(self, name):
        return getattr(self._log, name)

    def append(self, draft, check=lambda: None, again=None, rests_on=(), origin=None):
        check()
        coming: Future[Appended] = Future()
        self._waiting.append((draft, coming))
        return coming

    def catch_up(self, error=None):
        waiting, self._waiting = self._waiting, []
        for draft, coming in waiting:
            if error is None:
                coming.resolve(self._log.append(draft).result())
            else:
                coming.fail(error)


def say(manager, text, **more):
    return manager.post(ANA, Post(room="tea", text=text, **more)).result().event


def test_one_writes_only_where_one_is(log):
    with pytest.raises(NotAMember):
        manager_of(log).post(BEN, Post(room="tea", text="hi"))

    assert log.head("tea") == 0


def test_a_reply_is_to_a_message_that_is_there(log):
    manager = manager_of(log)
    say(manager, "one")

    assert say(manager, "two", reply_to=1).reply_to == 1
    with pytest.raises(NotFound):
        say(manager, "three", reply_to=9)


def test_a_retry_is_not_counted_against_ones_pace(log):
    manager = manager_of(log, PersonPace(Rate(burst=1, per_second=0.01), "messages"))
    say(manager, "once", cid="a")

    again = manager.post(ANA, Post(room="tea", text="once", cid="a"))
    with pytest.raises(RateLimited):
        say(manager, "twice", cid="b")

    assert again.result().duplicate
    assert again.result().event.seq == 1


ADMIN = Person(name="root", id="the key of root", role="admin")
DELETE = Delete(room="tea", seq=1)


def test_two_admins_who_delete_at_once_leave_one_tombstone(log):
    say(manager_of(log), "spam")
    slow, decisions = SlowLog(log), Decisions()
    chat, console = manager_of(slow, decisions=decisions), manager_of(slow, decisions=decisions)

    first = chat.delete(ANA, DELETE)
    second = console.delete(ADMIN, DELETE)
    slow.catch_up()

    assert first.result().type == "delete"
    assert second.result() is None
    assert [event.type for event in log.events("tea", after=0, limit=9)] == ["message", "delete"]


def test_a_deletion_that_waits_for_one_that_failed_is_made(log):
    say(manager_of(log), "spam")
    slow = SlowLog(log)
    manager = manager_of(slow)

    failed, second = manager.delete(ANA, DELETE), manager.delete(ADMIN, DELETE)
    slow.catch_up(ReadOnly("The disk is full."))
    slow.catch_up()

    with pytest.raises(ReadOnly):
        failed.result()
    assert second.result().type == "delete"


def test_a_reaction_that_two_devices_send_at_once_is_in_the_log_once(log):
    say(manager_of(log), "tea?")
    slow = SlowLog(log)
    manager = manager_of(slow)
    react = React(room="tea", seq=1, emoji="🎉", on=True)

    first, second = manager.react(ANA, react), manager.react(ANA, react)
    slow.catch_up()

    assert first.result().type == "react"
    assert second.result() is None
    assert log.head("tea") == 2


def test_what_is_about_to_be_deleted_is_not_changed_any_more(log):
    say(manager_of(log), "spam")
    slow = SlowLog(log)
    manager = manager_of(slow)

    manager.delete(ADMIN, DELETE)
    edited = manager.edit(ANA, Edit(room="tea", seq=1, text="more spam"))
    slow.catch_up()

    with pytest.raises(NotFound):
        edited.result()


def resume(manager, after):
    return manager.resume(ANA, Resume(room="tea", epoch=manager.epoch, after=after)).result()


def test_who_has_everything_resumes_with_nothing(log):
    manager = manager_of(log)
    say(manager, "one")

    resumed = resume(manager, 1)

    assert (resumed.recovered, resumed.events, resumed.more) == (True, [], False)


@pytest.mark.parametrize("left", [[3], []])
def test_a_hole_before_what_is_left_of_a_log_is_never_a_recovery(log, monkeypatch, left):
    manager = manager_of(log)
    for text in ("one", "two", "three"):
        say(manager, text)
    kept = [event for event in log.events("tea", after=0, limit=9) if event.seq in left]
    monkeypatch.setattr(log, "events", lambda *_, **__: kept)  # as after `log retain`

    resumed = resume(manager, 1)

    assert (resumed.recovered, resumed.events, resumed.head) == (False, [], 3)


@pytest.mark.parametrize("is_indexed", [False, True])
def test_what_was_deleted_meanwhile_has_no_text_and_no_message_is_read_for_it(
    log, monkeypatch, is_indexed
):
    manager = manager_of(log)
    for text in ("stays", "goes", "is edited, then goes"):
        say(manager, text)
    for change in (
        {"type": "edit", "target": 3, "text": "again"},
        {"type": "delete", "target": 2},
        {"type": "delete", "target": 3},
        {"type": "edit", "target": 1, "text": "still here"},
    ):
        log.append(Draft(room="tea", sender="ana", **change)).result()
    if is_indexed:
        log.search("stays").result()
    monkeypatch.setattr(log, "message", None)

    resumed = resume(manager, 0)

    assert [event.text for event in resumed.events] == [
        "stays",
        "",
        "",
        "",
        None,
        None,
        "still here",
    ]


def test_who_is_removed_while_the_log_catches_up_gets_nothing(log, monkeypatch):
    manager, reached = manager_of(log), Future()
    say(manager, "for members")
    monkeypatch.setattr(log, "reach", lambda _room, _seq: reached)
    asked = Resume(room="tea", epoch=log.epoch, after=0)

    in_time, too_late = manager.resume(ANA, asked), manager.resume(ANA, asked)
    in_time.add_done_callback(lambda _: monkeypatch.setattr(OneRoom, "find", removed))
    reached.resolve(None)

    assert [event.text for event in in_time.result().events] == ["for members"]
    assert isinstance(too_late.error, NoSuchRoom)


def removed(*_):
    raise NoSuchRoom("There is no such room.")


def versions(manager, seq):
    return [version.text for version in manager.versions(ANA, ReadVersions(room="tea", seq=seq))]


def test_an_edited_message_keeps_what_it_said_before(log):
    manager = manager_of(log)
    say(manager, "one")
    say(manager, "another")
    for text in ("two", "three"):
        manager.edit(ANA, Edit(room="tea", seq=1, text=text)).result()

    assert versions(manager, 1) == ["one", "two", "three"]
    assert versions(manager, 2) == ["another"]
    (_, second, _) = manager.versions(ANA, ReadVersions(room="tea", seq=1))
    assert second.at == log.events("tea", after=2, limit=1)[0].at


def test_what_was_deleted_or_erased_does_not_come_back(log, monkeypatch):
    manager = manager_of(log)
    say(manager, "secret")
    manager.edit(ANA, Edit(room="tea", seq=1, text="harmless")).result()
    raw = log.events("tea", after=0, limit=1)
    with monkeypatch.context() as patch:
        erased = [msgspec.structs.replace(event, text="") for event in raw]
        patch.setattr(log, "events", lambda *_, **__: erased)  # as after `log erase`
        assert versions(manager, 1) == ["harmless"]

    manager.delete(ANA, Delete(room="tea", seq=1)).result()

    with pytest.raises(NotFound):
        versions(manager, 1)
    with pytest.raises(NotFound):
        versions(manager, 2)


@pytest.fixture
def days(log):
    """A message at noon of each day of November but the 10th to the 19th, a reaction after each."""
    for day in [*range(1, 10), *range(20, 31)]:
        at = f"2026-11-{day:02}T12:00:00.000Z"
        said = log.append(Draft(room="tea", sender="ana", text=f"on the {day}."), at=at).result()
        target = said.event.seq
        more = Draft(room="tea", sender="bo", type="react", target=target, emoji="+", on=True)
        log.append(more, at=at).result()
    return log


@pytest.mark.parametrize(
    ("since", "first"),
    [
        (datetime(2026, 11, 5, tzinfo=UTC), "on the 5."),
        (datetime(2026, 11, 5, 12, tzinfo=UTC), "on the 5."),
        (datetime(2026, 11, 5, 12, 0, 1, tzinfo=UTC), "on the 6."),
        (datetime(2026, 11, 12, tzinfo=UTC), "on the 20."),
        (datetime(1999, 1, 1, tzinfo=UTC), "on the 1."),
        (datetime(2026, 12, 1, tzinfo=UTC), None),
    ],
)
def test_a_day_is_found_by_its_first_message(days, since, first):
    page = manager_of(days).history(ANA, ReadHistory(room="tea", since=since, limit=4)).result()

    texts = {message.seq: message.text for message in page.messages}
    assert texts.get(page.found) == first
    assert len(texts) == (2 if first == "on the 1." else 4)


@pytest.mark.parametrize(
    ("since", "first"),
    [
        (datetime(2022, 5, 1, tzinfo=UTC), "old, of the 3."),
        (datetime(2022, 5, 5, tzinfo=UTC), "old, of the 5."),
        (datetime(2022, 6, 1, tzinfo=UTC), "on the 1."),
        (datetime(2026, 11, 20, tzinfo=UTC), "on the 20."),
        (datetime(2026, 11, 30, tzinfo=UTC), "on the 30."),
        (datetime(2026, 12, 1, tzinfo=UTC), "new."),
    ],
)
def test_a_day_is_found_where_older_messages_were_imported_later(days, since, first):
    for room in ("tea", "milk"):
        for day in (3, 5):
            at = f"2022-05-0{day}T12:00:00.000Z"
            for what in ("old", "more"):
                draft = Draft(room=room, sender="ana", text=f"{what}, of the {day}.")
                days.append(draft, at=at).result()
    draft = Draft(room="tea", sender="ana", text="new.")
    days.append(draft, at="2026-12-02T12:00:00.000Z").result()

    query = ReadHistory(room="tea", since=since, limit=4)
    page = manager_of(days).history(ANA, query).result()

    texts = {message.seq: message.text for message in page.messages}
    assert texts.get(page.found) == first


def test_one_asks_for_one_place_at_a_time_and_for_a_year_that_there_is(log):
    now = datetime(2026, 11, 22, tzinfo=UTC)
    for query in (
        ReadHistory(room="tea", since=now, around=1),
        ReadHistory(room="tea", since=now.replace(year=1)),
        ReadHistory(room="tea", since=now.replace(year=9999)),
    ):
        with pytest.raises(BadPayload):
            manager_of(log).history(ANA, query)


def test_a_message_takes_so_many_edits_and_reactions(log, monkeypatch):
    monkeypatch.setattr("chatapp.features.messages.manager.MAX_EDITS", 2)
    monkeypatch.setattr("chatapp.features.messages.manager.MAX_EMOJI", 2)
    monkeypatch.setattr("chatapp.features.messages.manager.MAX_REACTION_CHANGES", 4)
    manager = manager_of(log)
    seq = say(manager, "hello").seq

    def edit(text):
        return manager.edit(ANA, Edit(room="tea", seq=seq, text=text)).result()

    def react(emoji, on=True):
        wanted = React(room="tea", seq=seq, emoji=emoji, on=on)
        return manager.react(ANA, wanted).result()

    assert edit("one")
    assert edit("two")
    with pytest.raises(NotAllowed, match="edited 2 times"):
        edit("three")
    assert react("👍")
    assert react("🎉")
    with pytest.raises(NotAllowed, match="at most 2 different"):
        react("🙂")
    assert react("👍", on=False)
    assert react("👍")
    assert react("👍", on=False)
    with pytest.raises(NotAllowed, match="too often"):
        react("👍")


def test_a_page_of_long_messages_has_fewer(log):
    manager = manager_of(log)
    for number in range(40):
        say(manager, f"{number} " + "x" * 16_000)

    def page(**bounds):
        return manager.history(ANA, ReadHistory(room="tea", limit=200, **bounds)).result()

    newest = page()
    assert len(newest.messages) < 20
    assert newest.messages[-1].seq == 40
    assert (newest.more_before, newest.more_after) == (True, False)
    older = page(before=newest.messages[0].seq)
    assert older.messages[-1].seq == newest.messages[0].seq - 1
    oldest = page(after=0)
    assert oldest.messages[0].seq == 1
    assert oldest.more_after
    around = page(around=20)
    assert {20, 19} <= {message.seq for message in around.messages}
    assert around.more_before
    assert around.more_after
    missed = manager.resume(ANA, Resume(room="tea", epoch=log.epoch, after=3)).result()
    assert [event.seq for event in missed.events] == list(range(4, 4 + len(missed.events)))
    assert missed.more
    assert len(missed.events) < 20


def test_authors_and_admins_hide_previews_and_nobody_else(log):
    manager = manager_of(log)
    chidi = Person(name="chidi", id="the key of chidi")
    message = manager.post(ANA, Post(room="tea", text="http://a.example")).result().event
    preview = LinkPreview(url="http://a.example", title="A")
    draft = Draft(room="tea", sender="ana", by=ANA.id, type="edit", target=1, text=message.text)
    log.append(msgspec.structs.replace(draft, previews=[preview]))
    assert log.message("tea", 1).previews == [preview]

    hide = HidePreviews(room="tea", seq=1)
    with pytest.raises(NotAllowed):
        manager.hide_previews(chidi, hide)
    with pytest.raises(NotAMember):
        manager.hide_previews(BEN, hide)
    hidden = manager.hide_previews(ANA, hide).result()

    assert (hidden.previews, log.message("tea", 1).previews) == ([], None)
    assert (log.message("tea", 1).text, log.message("tea", 1).edited_at) == (message.text, None)
    assert manager.hide_previews(ANA, hide).result() is None
    assert [version.text for version in manager.versions(ANA, ReadVersions(room="tea", seq=1))] == [
        message.text
    ]
    with pytest.raises(NotFound):
        manager.hide_previews(ANA, HidePreviews(room="tea", seq=99))
