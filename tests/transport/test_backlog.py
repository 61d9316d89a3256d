from hypothesis import given
from hypothesis import strategies as st

from chatapp.transport.send_buffer import (
    MAX_BYTES,
    MAX_PACKETS,
    MEMORY_BYTES,
    PATIENCE_SECONDS,
    SendBuffer,
)

LATER = PATIENCE_SECONDS + 0.1


def test_frames_follow_from_where_the_sending_stopped() -> None:
    backlog = SendBuffer(0.0)

    backlog.add([b"one", b"two", b"three"], sent=4)

    assert [bytes(frame) for frame in backlog.first(10)] == [b"wo", b"three"]
    assert backlog.bytes == 7


@given(
    frames=st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=20),
    steps=st.lists(st.integers(1, 50), min_size=1),
    data=st.data(),
)
def test_however_little_is_taken_everything_arrives(
    frames: list[bytes], steps: list[int], data: st.DataObject
) -> None:
    stream = b"".join(frames)
    sent = data.draw(st.integers(0, len(stream) - 1))
    backlog = SendBuffer(0.0)
    backlog.add(frames, sent)
    arrived = stream[:sent]

    for step in steps * len(stream):
        if not backlog:
            break
        offered = b"".join(backlog.first(5))[:step]
        arrived += offered
        backlog.taken(len(offered))

    assert arrived == stream
    assert backlog.bytes == 0


def test_dropped_but_for_the_rest_of_a_frame_that_was_begun() -> None:
    begun, whole, begun_later = SendBuffer(0.0), SendBuffer(0.0), SendBuffer(0.0)

    begun.add([b"one", b"two"], sent=1)
    begun.drop()
    whole.add([b"one", b"two"], sent=3)
    whole.drop()
    begun_later.add([b"one", b"two", b"three"])
    begun_later.taken(4)
    begun_later.drop()

    assert [bytes(frame) for frame in begun.first(9)] == [b"ne"]
    assert len(whole) == whole.bytes == 0
    assert [bytes(frame) for frame in begun_later.first(9)] == [b"wo"]


def test_a_burst_is_given_time_but_not_all_memory() -> None:
    backlog = SendBuffer(0.0)

    backlog.add([b"x" * 1000] * (MEMORY_BYTES // 1000 + 1))
    assert not backlog.is_too_large
    backlog.add([b"x"])

    assert backlog.is_too_large


def test_who_is_still_far_behind_after_a_while_is_hopeless() -> None:
    backlog, caught_up = SendBuffer(0.0), SendBuffer(0.0)
    backlog.add([b"x" * 10_000] * (MAX_BYTES // 10_000 + 3))
    caught_up.add([b"x" * 10_000] * (MAX_BYTES // 10_000 + 3))

    backlog.taken(10_000)
    caught_up.taken(100_000)

    assert not backlog.is_stalled(PATIENCE_SECONDS - 0.1)
    backlog.taken(1)
    assert backlog.is_stalled(LATER)
    assert not caught_up.is_stalled(LATER)


def test_one_frame_may_be_as_large_as_it_likes() -> None:
    backlog = SendBuffer(0.0)

    backlog.add([b"x", b"y" * 5 * MEMORY_BYTES, b"z"])
    backlog.taken(1)

    assert not backlog.is_too_large
    assert not backlog.is_stalled(LATER)


def test_a_burst_may_take_a_moment() -> None:
    backlog = SendBuffer(0.0)
    backlog.add([b"x"] * 10 * MAX_PACKETS)

    assert not backlog.is_stalled(PATIENCE_SECONDS - 0.1)


def test_who_takes_nothing_is_hopeless_after_a_while() -> None:
    backlog = SendBuffer(0.0)
    backlog.add([b"x"] * 3)

    assert not backlog.is_stalled(1.0)
    assert backlog.is_stalled(LATER)


def test_who_takes_a_little_is_not_unless_far_behind() -> None:
    near, far = SendBuffer(0.0), SendBuffer(0.0)
    near.add([b"x"] * 10)
    far.add([b"x"] * (MAX_PACKETS + 10))

    for backlog in (near, far):
        backlog.taken(1)

    assert not near.is_stalled(LATER)
    assert far.is_stalled(LATER)
