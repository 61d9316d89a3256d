"""When tokens expire, with a clock of the test's own."""

from datetime import UTC, datetime, timedelta

from chatapp.features.accounts.sign_in.token_ends import TokenEnds
from chatapp.features.accounts.sign_in.tokens import Tokens
from tests.support.accounts import MemoryDirectory

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


class Chat:
    """What ends tokens needs, in the test's hands. `go(days)` lets time pass."""

    def __init__(self) -> None:
        self.now = NOON
        self.expelled: list[str] = []
        self.tokens = Tokens(MemoryDirectory(), clock=lambda: self.now, secret=self._secret)
        self._made = 0
        self._step = lambda: None

    def start(self) -> None:
        TokenEnds(
            self.tokens, expel=self.expelled.append, clock=lambda: self.now, later=self._later
        ).start()

    def go(self, days: float) -> None:
        self.now += timedelta(days=days)
        self._step()

    def _secret(self) -> str:
        self._made += 1
        return f"secret {self._made}"

    def _later(self, _seconds, step) -> None:
        self._step = step


def test_connections_end_with_a_token_and_not_before():
    chat = Chat()
    chat.tokens.create("ana", "before the start", ("read",), 2)
    chat.start()
    chat.tokens.create("ben", "after it", ("read",), 3)
    chat.tokens.create("cy", "for ever", ("read",), None)

    chat.go(1.9)
    assert chat.expelled == []
    chat.go(0.2)
    assert chat.expelled == ["ana"]
    chat.go(100)

    assert chat.expelled == ["ana", "ben"]


def test_a_token_that_was_revoked_or_is_over_ends_nothing_more():
    chat = Chat()
    chat.tokens.create("ana", "over", ("read",), 1)
    chat.now += timedelta(days=1)
    chat.start()
    chat.tokens.create("ben", "revoked", ("read",), 1)
    chat.tokens.create("cy", "still there", ("read",), 2)
    revoked = next(id for id, token in chat.tokens.all("ben"))
    chat.tokens.revoke(revoked)

    chat.go(3)

    assert chat.expelled == ["cy"]
