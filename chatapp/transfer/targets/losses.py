"""What an export could not say in the format of another chat, counted."""

from collections import Counter

from chatapp.domain.model import Message


class Losses:
    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def count(self, what: str, times: int = 1) -> None:
        self._counts[what] += times

    def of_message(self, message: Message) -> None:
        """The parts that neither Slack nor Mattermost knows."""
        if message.poll:
            self.count("polls (the question and the results are in the text)")

    def lines(self) -> list[str]:
        """A line for each kind."""
        return [f"Not in this format: {n:,} {what}" for what, n in self._counts.items() if n]
