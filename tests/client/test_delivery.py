"""Exactly once, in order: the rules, against every kind of loss that the network can think of."""

from hypothesis import given, settings
from hypothesis import strategies as st

from chatapp.client.delivery import Cursor
from chatapp.domain.model import Event, Message

PAGE = 3


def event(seq: int, **fields) -> Event:
    at = f"2026-11-22T09:30:00.{seq:03}Z"
    return Event(**{"room": "general", "seq": seq, "sender": "ana", "at": at, "text": "x"} | fields)


def message(seq: int, **fields) -> Message:
    at = f"2026-11-22T09:30:00.{seq:03}Z"
    values = {"room": "general", "seq": seq, "sender": "ana", "at": at, "text": "x"}
    return Message(**values | fields)


def cursor_after(seq: int, head: int | None = None, **fields) -> Cursor:
    return Cursor(epoch="e", seq=seq, head=seq if head is None else head, **fields)


def test_the_next_event_is_new():
    cursor = cursor_after(41)

    assert cursor.heard(event(42))
    assert not cursor.is_behind


def test_a_repetition_is_not_new():
    cursor = cursor_after(41)
    cursor.heard(event(42))

    assert not cursor.heard(event(42))
    assert not cursor.heard(event(7))
    assert not cursor.is_behind


def test_a_gap_leaves_the_cursor_behind_until_it_is_filled():
    cursor = cursor_after(41)

    assert not cursor.heard(event(44))
    assert cursor.is_behind
    assert cursor.recovered([event(42), event(43), event(44)], head=44) == [
        event(42),
        event(43),
        event(44),
    ]
    assert not cursor.is_behind


def test_a_lost_last_message_is_noticed_by_the_head():
    cursor = cursor_after(41)

    cursor.head_is(42)

    assert cursor.is_behind


def test_what_is_heard_before_the_room_is_joined_again_is_not_trusted():
    cursor = cursor_after(41)
    cursor.connection_lost()

    assert not cursor.heard(event(42, text="of another epoch"))
    assert not cursor.is_behind

    cursor.joined(head=42, epoch="another")

    assert cursor.is_behind


def test_whoever_comes_back_makes_sure_that_it_is_the_same_log():
    cursor = cursor_after(41, last=message(41))
    cursor.connection_lost()

    cursor.joined(head=41, epoch="e")

    assert cursor.is_behind
    assert cursor.after == 40
    assert cursor.recovered([event(41)], head=41) == []
    assert not cursor.is_behind
    assert cursor.heard(event(42))


def test_numbers_that_were_given_twice_are_noticed_though_the_epoch_is_the_same():
    cursor = cursor_after(41, last=message(41))
    cursor.connection_lost()
    cursor.joined(head=43, epoch="e")
    others = [event(seq, at=message(seq + 100).at) for seq in (41, 42, 43)]

    assert cursor.recovered(others, head=43) == []

    assert cursor.is_lost
    assert cursor.is_new(message(41, at=message(141).at), "e")


def test_a_page_that_brings_nothing_new_is_not_asked_for_for_ever():
    cursor = cursor_after(41, head=43)

    assert cursor.recovered([event(43)], head=43) == []

    assert cursor.is_lost
    cursor.reloaded([message(43)], head=43, epoch="e")
    assert not cursor.is_behind


def test_a_log_that_lost_its_end_is_noticed_though_its_epoch_is_the_same():
    cursor = cursor_after(41)
    cursor.heard(event(42))
    cursor.connection_lost()

    cursor.joined(head=41, epoch="e")

    assert cursor.is_behind
    assert not cursor.heard(event(43, text="a number given twice"))
    assert cursor.recovered([], head=41) == []
    assert cursor.is_lost
    assert not cursor.is_new(message(41), "e")
    assert cursor.is_new(message(42, at=message(50).at), "e")
    cursor.reloaded([message(42, at=message(50).at)], head=42, epoch="e")
    assert cursor.heard(event(43))


def test_an_old_head_does_no_harm():
    cursor = cursor_after(42)
    cursor.connection_lost()
    cursor.joined(head=41, epoch="e")

    assert cursor.recovered([], head=42) == []

    assert not cursor.is_behind
    assert cursor.heard(event(43))


def test_without_a_message_to_compare_with_all_is_new_to_who_began_at_the_beginning():
    assert cursor_after(0).is_new(message(1), "another")
    assert not cursor_after(41).is_new(message(1), "another")


def test_in_another_epoch_the_time_tells_what_is_new():
    cursor = cursor_after(41, last=message(41))

    assert not cursor.is_new(message(7, at=message(41).at), "another")
    assert not cursor.is_new(message(6, at=message(40).at), "another")
    assert cursor.is_new(message(8, at=message(42).at), "another")


def test_two_messages_of_one_millisecond_are_told_apart():
    cursor = cursor_after(41)
    cursor.heard(event(42, sender="ana", cid="1"))
    same_time = event(42).at

    assert not cursor.is_new(message(1, at=same_time, sender="ana", cid="1"), "another")
    assert cursor.is_new(message(2, at=same_time, sender="ben", cid="1"), "another")


def test_what_was_reloaded_is_not_new_again():
    cursor = cursor_after(41, last=message(41))

    cursor.reloaded([message(5, at=message(42).at)], head=5, epoch="another")

    assert not cursor.is_new(message(5, at=message(42).at), "another")
    assert not cursor.heard(event(5))
    assert cursor.heard(event(6))


STEPS = st.lists(
    st.sampled_from(["post", "post unheard", "repeat", "heads", "drop", "return", "catch up"]),
    max_size=60,
)


@settings(deadline=None, max_examples=300)
@given(STEPS, st.integers(min_value=0, max_value=5))
def test_whatever_gets_lost_every_event_is_delivered_once_and_in_order(steps, start):
    log = [event(seq) for seq in range(1, start + 1)]
    cursor = cursor_after(start)
    delivered: list[int] = []
    connected = True

    def catch_up() -> None:
        while cursor.is_behind:
            assert not cursor.is_lost
            page = log[cursor.after : cursor.after + PAGE]
            delivered.extend(e.seq for e in cursor.recovered(page, head=len(log)))

    for step in steps:
        if step in ("post", "post unheard"):
            log.append(event(len(log) + 1))
            if step == "post" and connected and cursor.heard(log[-1]):
                delivered.append(log[-1].seq)
        elif step == "repeat" and log and connected and cursor.heard(log[-1]):
            delivered.append(log[-1].seq)
        elif step == "heads" and connected:
            cursor.head_is(len(log))
        elif step == "drop":
            connected = False
            cursor.connection_lost()
        elif step == "return":
            connected = True
            cursor.joined(head=len(log), epoch="e")
        elif step == "catch up" and connected:
            catch_up()
    cursor.joined(head=len(log), epoch="e")
    catch_up()

    assert delivered == list(range(start + 1, len(log) + 1))


@settings(deadline=None, max_examples=300)
@given(
    heard=st.integers(min_value=0, max_value=8),
    lost_by_repair=st.sets(st.integers(min_value=1, max_value=8)),
    later=st.integers(min_value=0, max_value=8),
    at_once=st.booleans(),
)
def test_after_a_repair_that_renumbers_nothing_is_given_twice_and_nothing_later_is_missed(
    heard, lost_by_repair, later, at_once
):
    cursor = cursor_after(0)
    for seq in range(1, heard + 1):
        assert cursor.heard(event(seq, cid=str(seq)))
    kept = [seq for seq in range(1, heard + 1) if seq not in lost_by_repair]
    posted = list(range(heard + 1, heard + 1 + later))
    time = {seq: event(max(heard, 1) if at_once else seq).at for seq in posted}
    log = [
        message(place, cid=str(seq), at=time.get(seq, event(seq).at))
        for place, seq in enumerate(kept + posted, start=1)
    ]

    cursor.connection_lost()
    cursor.joined(head=len(log), epoch="repaired")
    new = [m for m in log if cursor.is_new(m, "repaired")]
    cursor.reloaded(new, head=len(log), epoch="repaired")

    assert cursor.is_behind is False
    assert [m.cid for m in new] == [str(seq) for seq in posted]
    assert not [m for m in log if cursor.is_new(m, "repaired")]
