"""What the message says that shows a draft to the bot's owner, and what it says afterwards.

The draft's text stands in a code block: exactly as it is, with every link to be read, and nobody is
mentioned and nothing fetched by it. Characters that could change how it looks are named.
"""

import re
from datetime import datetime

from chatapp.domain.visible import visible_lines
from chatapp.features.agents.rows import AgentDraftRow

APPROVE, REFUSE = "✅", "❌"
FRAME_BYTES = 1024
"""What the message may have besides the draft's text."""


def shown_text(row: AgentDraftRow) -> str:
    """The message for a draft in its present state."""
    return f"**Draft** · {_what(row)}\n{_quoted(row)}\n{_state(row)}"


def _what(row: AgentDraftRow) -> str:
    where = f"#{row.room}"
    if row.emoji is not None:
        return f"a reaction to message {row.react_to} in {where}"
    if row.thread is not None:
        return f"a reply in the thread of message {row.thread} in {where}"
    if row.reply_to is not None:
        return f"a reply to message {row.reply_to} in {where}"
    return f"a message in {where}"


def _quoted(row: AgentDraftRow) -> str:
    text = "\n".join(visible_lines((row.emoji if row.text is None else row.text) or ""))
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _state(row: AgentDraftRow) -> str:
    if row.state == "posted":
        return f"{APPROVE} Approved by {row.who}: message {row.seq} in #{row.room}."
    if row.state == "refused":
        return f"{REFUSE} Refused by {row.who}."
    if row.state == "expired":
        return "Expired: nobody approved it within a day."
    if row.state == "failed":
        return f"Approved by {row.who}, but it could not be posted: {row.reason}"
    until = datetime.fromisoformat(row.expires_at).strftime("%Y-%m-%d %H:%M UTC")
    ask = f"React with {APPROVE} to post it, or with {REFUSE} to refuse it, until {until}."
    return f"{ask}\nNot approved yet: {row.reason}" if row.reason else ask
