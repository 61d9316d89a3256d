"""What is said of a connection that goes and comes back."""

from chatapp.client.news import Connected, Disconnected
from chatapp.client.terminal.outages import Outages


def test_a_loss_is_told_once_however_many_attempts_fail_and_so_is_the_return() -> None:
    said: list[str] = []
    outages = Outages(said.append)

    outages.hear(Connected())
    assert said == []
    for _ in range(3):
        outages.hear(Disconnected(retry_in=2.0))
    assert said == ["Connection lost; reconnecting."]
    assert outages.retry_at is not None
    outages.hear(Connected())
    outages.hear(Connected())
    assert said[1:] == ["Connected again."]
    assert outages.retry_at is None
    outages.hear(Disconnected(retry_in=2.0))

    assert len(said) == 3
