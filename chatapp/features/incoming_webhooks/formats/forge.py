"""What messages about repositories have in common: a first line with links, commits, excerpts."""

from collections.abc import Iterable

from chatapp.features.incoming_webhooks.formats.payload import PayloadPart
from chatapp.features.incoming_webhooks.formats.writing import (
    bold,
    code,
    excerpt,
    line,
    link,
    linked,
    quoted,
)

MAX_COMMITS = 10
"""How many commits of a push are listed."""
MAX_READ = 2000
SHORT_HASH = 8
DONE, FAILED, STOPPED, RUNNING = "✅", "❌", "⏹️", "⏳"


def headline(
    repository: PayloadPart, *words: str, name: str = "full_name", url: str = "html_url"
) -> str:
    """`[owner/repo](…): ana opened …`."""
    where = bold(link(repository.text(name), repository.text(url)))
    said = " ".join(word for word in words if word)
    return f"{where}: {said}" if where else said


def said(body: str) -> str:
    """The beginning of what somebody wrote, as a quote."""
    text = excerpt(body)
    return quoted(text) if text else ""


def title_of(kind: str, number: str, title: str, url: str) -> str:
    """`issue [#12 Tea is cold](…)`."""
    return f"{kind} {link(f'{number} {title}'.strip(), url)}"


def short_ref(ref: str) -> str:
    """`main` of `refs/heads/main`."""
    return ref.removeprefix("refs/heads/").removeprefix("refs/tags/")


def commits_of(commits: list[PayloadPart], *, total: int, author: str = "name") -> str:
    """The first lines of the newest commits of a push, oldest first."""
    shown = commits[-MAX_COMMITS:]
    lines = [
        f"- {linked(code(commit.text('id')[:SHORT_HASH]), commit.text('url'))} "
        f"{line(commit.text('message').strip().split(chr(10))[0], 120)}"
        f" — {line(commit.part('author').text(author), 60)}".removesuffix(" — ")
        for commit in shown
    ]
    missing = max(total, len(commits)) - len(shown)
    if missing > 0:
        lines.insert(0, f"- … {counted(missing, 'earlier commit')}")
    return "\n".join(lines)


def counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def words(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def listed(names: Iterable[str]) -> str:
    return ", ".join(line(name, 60) for name in names if name)


def result(outcome: str) -> str:
    """A sign for how something ended."""
    if outcome in ("success", "passed", "neutral", "fixed"):
        return DONE
    if outcome in ("failure", "failed", "error", "timed_out", "startup_failure"):
        return FAILED
    return STOPPED if outcome in ("cancelled", "canceled", "skipped", "stale") else RUNNING
