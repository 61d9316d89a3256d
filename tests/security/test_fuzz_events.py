"""Whatever anybody of any role emits, there is an answer, and no traceback is left."""

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.protocol.test_protocol import PAYLOADS
from tests.security.conftest import ROLES
from tests.test_way_of_a_message import call

EXAMPLES = 400
"""For each role, over all events."""

integers = st.one_of(st.integers(-2, 5), st.integers(), st.sampled_from([2**53, 2**64, -(2**63)]))
words = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["general", "GENERAL", "public", "private", "direct", "Nobody", "online"]),
    st.sampled_from(["from:x", "before:2026-13-01", '"', "* OR", "x" * 600, "\0", "\u202e", "1"]),
)
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), integers, st.floats(allow_nan=False), words),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def payloads(event):
    """The fields of the event, rightly named, with values of any kind; or something else."""
    names = [field.encode_name for field in msgspec.structs.fields(PAYLOADS[event])]
    named = st.fixed_dictionaries({}, optional=dict.fromkeys(names, st.one_of(words, anything)))
    return st.one_of(named, named, anything)


events = st.sampled_from(sorted(PAYLOADS)).flatmap(
    lambda event: st.tuples(st.just(event), payloads(event))
)


@pytest.mark.parametrize("role", ROLES[1:])
def test_no_event_makes_the_server_stumble(sockets, role):
    socket = sockets[role]

    @settings(
        max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(events)
    def emit(sent):
        event, payload = sent
        answer = call(socket, event, payload)

        assert answer is None or answer["ok"] or answer["error"]["code"] != "unavailable", sent

    emit()
    assert call(socket, "rooms", {})["ok"]
